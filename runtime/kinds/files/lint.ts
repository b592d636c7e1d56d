import { closest, distance } from 'fastest-levenshtein'
import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import type { Effect } from '../../contract/principal.ts'
import type { ToolDraft } from '../../contract/tool.ts'
import { inputsOf, type Input } from '../../contract/inputs.ts'
import { pathFault } from './names.ts'
import { holesOf, type Hole } from './template.ts'

type Path = readonly (string | number)[]

interface Placed {
  readonly hole: Hole
  readonly path: Path
  readonly isInPath: boolean
}

const ways = ['read', 'write', 'append', 'list'] as const
const effects: Readonly<Record<string, Effect>> = { read: 'read', list: 'read', write: 'write', append: 'write' }

/** What an operation is without its files: it does no more than its effect says, its path can be one, its folder is there (where `config` is known), and its holes and inputs agree. */
export function lint(draft: ToolDraft, config?: JsonObject): readonly Finding[] {
  const { operation } = draft
  if (!isObject(operation)) return []
  const way = ways.find((one) => operation[one] !== undefined)
  const said = way === undefined ? undefined : operation[way]
  if (way === undefined || !isObject(said)) return []
  const at = ['operation', way]
  const placed = holesIn(said, at)
  const inputs = inputsOf(draft.input)
  return [
    ...effectFaults(draft.effect, way),
    ...folderFaults(said['folder'] ?? null, config, way, at),
    ...pathFaults(said['path'] ?? null, at),
    ...contentFaults(said, way, at),
    ...missing(placed, inputs),
    ...unused(placed, inputs),
  ]
}

const wrong = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_OPERATION', message, hint, path })

function effectFaults(effect: Effect, way: string): readonly Finding[] {
  const needed = effects[way] as Effect
  if (needed === 'read' && effect !== 'read') return [wrong(`${way} changes nothing, and the tool says effect: ${effect}`, 'say effect: read', ['effect'])]
  return needed === 'write' && effect === 'read' ? [wrong(`${way} under effect: read`, 'say effect: write', ['operation', way])] : []
}

function folderFaults(folder: Json, config: JsonObject | undefined, way: string, at: Path): readonly Finding[] {
  const folders = config?.['folders']
  if (typeof folder !== 'string' || !isObject(folders)) return []
  const found = folders[folder]
  const path = [...at, 'folder']
  if (!isObject(found)) {
    const names = Object.keys(folders)
    return [
      { code: 'HUB_CONFIG_REFERENCE', message: `there is no folder "${folder}" in config`, hint: near(folder, names) ?? `there are ${names.join(', ')}`, path },
    ]
  }
  const isWritten = effects[way] === 'write'
  if (isWritten && found['shared'] === 'hub') return [wrong(`${folder} is a folder of the hub, and nobody writes to it`, 'choose another folder', path)]
  return isWritten && found['write'] === false ? [wrong(`${folder} says write: false`, 'choose another folder, or let it be written', path)] : []
}

function pathFaults(path: Json, at: Path): readonly Finding[] {
  if (typeof path !== 'string') return []
  const fault = pathFault(path.replaceAll(/\{\+?[A-Za-z_$][\w.$-]*\}/g, 'x'))
  if (fault === undefined) return []
  return [
    {
      ...wrong(`the path ${fault}`, 'a path is names with slashes between them: {symbol}/{day}.md', [...at, 'path']),
      within: { offset: 0, length: path.length },
    },
  ]
}

function contentFaults(said: JsonObject, way: string, at: Path): readonly Finding[] {
  if (way !== 'write' && way !== 'append') return []
  const given = ['text', 'json', 'base64'].filter((name) => said[name] !== undefined)
  if (given.length === 1) return []
  if (given.length === 0) return [wrong(`${way} does not say what to write`, "add text: '{text}', with an input of that name", at)]
  return [wrong(`${given.join(' and ')} both say what to write`, 'keep one of them', [...at, given[1] as string])]
}

function holesIn(value: Json, path: Path): readonly Placed[] {
  if (typeof value === 'string') {
    const isInPath = path.at(-1) === 'path' && path.length === 3
    return holesOf(value).map((hole) => ({ hole, path, isInPath }))
  }
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => holesIn(item, [...path, index]))
  return isObject(value) ? Object.entries(value).flatMap(([key, inner]) => holesIn(inner, [...path, key])) : []
}

function missing(placed: readonly Placed[], inputs: ReadonlyMap<string, Input>): readonly Finding[] {
  return placed.flatMap(({ hole, path, isInPath }): readonly Finding[] => {
    const within = { offset: hole.offset, length: hole.length }
    const input = inputs.get(hole.name)
    const code = 'HUB_CONFIG_PLACEHOLDER'
    if (input === undefined) {
      const hint = near(hole.name, [...inputs.keys()]) ?? `add ${hole.name} to the properties of input`
      return [{ code, message: `{${hole.name}} has no input`, hint, path, within }]
    }
    if (!isInPath || input.isSure) return []
    const hint = `put ${hole.name} among the required ones, or give it a default`
    return [{ code, message: `{${hole.name}} stands in the path, and its input may be left out`, hint, path, within }]
  })
}

function unused(placed: readonly Placed[], inputs: ReadonlyMap<string, Input>): readonly Finding[] {
  const used = new Set(placed.map(({ hole }) => hole.name))
  return [...inputs.keys()]
    .filter((name) => !used.has(name))
    .map((name) => ({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `no {${name}} in the operation uses this input`,
      hint: `put {${name}} into it, or remove the input`,
      path: ['input', 'properties', name],
    }))
}

function near(name: string, known: readonly string[]): string | undefined {
  const found = known.length === 0 ? undefined : closest(name, [...known])
  return found !== undefined && distance(name, found) <= Math.max(2, name.length / 3) ? `did you mean "${found}"?` : undefined
}
