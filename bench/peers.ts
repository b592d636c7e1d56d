import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { peersFolder } from './folders.ts'

/** The servers the hub is measured against, each in one pinned version. */
export const peers = { '@toolbox-sdk/server': '1.12.0', 'mcp-hub': '4.2.1', 'mcp-proxy': '6.7.19' } as const

/** Installs what is missing into the bench's own folder. */
export async function installPeers(say: (line: string) => void): Promise<void> {
  const missing: string[] = []
  for (const [name, version] of Object.entries(peers)) {
    if ((await installedVersion(name)) !== version) missing.push(`${name}@${version}`)
  }
  if (missing.length === 0) return
  say(`installing ${missing.join(', ')}`)
  await mkdir(peersFolder, { recursive: true })
  await writeFile(join(peersFolder, 'package.json'), '{ "private": true }\n', { flag: 'wx' }).catch(() => undefined)
  const npm = spawn('npm', ['install', '--prefix', peersFolder, '--save-exact', '--no-audit', '--no-fund', '--loglevel', 'error', ...missing], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = (await once(npm, 'exit')) as [number]
  if (code !== 0) throw new Error(`npm could not install ${missing.join(', ')}`)
}

/** A file of an installed peer. */
export const peerFile = (...path: readonly string[]): string => join(peersFolder, 'node_modules', ...path)

async function installedVersion(name: string): Promise<string | undefined> {
  const text = await readFile(peerFile(name, 'package.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as { version: string }).version
}
