import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import { bytesOf } from './config.ts'
import { pathFault } from './names.ts'

type Path = readonly string[]

/** What is wrong with `config:` as it is written: folders nobody could use, or that say two things. */
export function lintConfig(config: JsonObject): readonly Finding[] {
  const { root, folders } = config
  return [
    ...(typeof root === 'string' ? placeFaults(root, ['root']) : []),
    ...(isObject(folders) ? Object.entries(folders).flatMap(([name, folder]) => (isObject(folder) ? folderFaults(name, folder, ['folders', name]) : [])) : []),
  ]
}

const value = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_VALUE', message, hint, path })

function placeFaults(text: string, path: Path): readonly Finding[] {
  if (text.includes('\0')) return [value(`${path.at(-1)} holds a NUL`, 'write the path of a folder', path)]
  return text.startsWith('~') ? [value('~ is not unfolded here', 'write the path in full, or from the manifest on', path)] : []
}

function folderFaults(name: string, { shared, write, path, quota }: JsonObject, at: Path): readonly Finding[] {
  const fault = pathFault(name)
  return [
    ...(fault === undefined ? [] : [value(`the folder "${name}" ${fault}`, 'choose another name', at)]),
    ...(shared === 'hub' && write === true
      ? [value('a folder of the hub is the same for everybody, so nobody writes to it', 'remove write, or say shared: organisation', [...at, 'write'])]
      : []),
    ...(shared === 'hub' && quota !== undefined ? [value('a folder that nobody writes to has no quota', 'remove quota', [...at, 'quota'])] : []),
    ...(shared !== 'hub' && path !== undefined
      ? [value('path is for folders of the hub: each organisation has its own below root', 'remove path, or say shared: hub', [...at, 'path'])]
      : []),
    ...(typeof path === 'string' ? placeFaults(path, [...at, 'path']) : []),
    ...(isObject(quota) ? quotaFaults(quota, [...at, 'quota']) : []),
  ]
}

function quotaFaults({ bytes, file }: JsonObject, at: Path): readonly Finding[] {
  const [all, one] = [sizeOf(bytes), sizeOf(file)]
  return [
    ...(all === 0 ? [value('bytes of nothing holds nothing', 'give a size such as 10mb', [...at, 'bytes'])] : []),
    ...(one === 0 ? [value('a file of nothing holds nothing', 'give a size such as 1mb', [...at, 'file'])] : []),
    ...(all !== undefined && one !== undefined && one > all
      ? [value('one file may be larger than all of them', 'make file at most bytes', [...at, 'file'])]
      : []),
  ]
}

const sizeOf = (text: Json | undefined): number | undefined => (typeof text === 'string' && /^\d+(\.\d+)?(b|kb|mb|gb)$/.test(text) ? bytesOf(text) : undefined)
