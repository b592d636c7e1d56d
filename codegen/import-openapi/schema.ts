import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { cleanSchema, type Direction } from './clean.ts'
import type { References } from './pointer.ts'

/** Bytes of JSON that the `$defs` of one schema may take: a model reads them at every list of tools. */
const mostBytes: Readonly<Record<Direction, number>> = { input: 48 * 1024, output: 16 * 1024 }

/** Collects the schemas of one input or one output, and their `$defs`. */
export interface Schemas {
  /** The schema in 2020-12, references into `$defs`. */
  take(schema: Json): Json
  /** The whole, with what was referred to: put in place where it is used once, in `$defs` where it is used more often or in a circle. */
  finish(root: JsonObject): JsonObject
  /** Names of schemas that were left open because the whole became too large. */
  readonly left: ReadonlySet<string>
}

/** Schemas for one direction: what may be sent has no read-only members, what comes back no write-only ones. */
export function schemasOf(references: References, direction: Direction): Schemas {
  const names = new Map<string, string>()
  const left = new Set<string>()

  const nameOf = (reference: string): string => {
    const known = names.get(reference)
    if (known !== undefined) return known
    const taken = new Set(names.values())
    const wanted =
      (reference.split('/').at(-1) ?? '')
        .replaceAll('~1', '_')
        .replace(/[^A-Za-z0-9_.-]+/g, '_')
        .replace(/^_+|_+$/g, '') || 'schema'
    let name = wanted
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`
    names.set(reference, name)
    return name
  }
  const take = (schema: Json): Json => cleanSchema(schema, { direction, refer: (reference) => `#/$defs/${nameOf(reference)}` })

  function finish(root: JsonObject): JsonObject {
    const definitions: Record<string, Json> = {}
    let bytes = 0
    // The map grows while it is walked: breadth first, so that what is left open lies deepest.
    for (const [reference, name] of names) {
      const target = bytes > mostBytes[direction] ? undefined : references.lead(reference)
      if (bytes > mostBytes[direction]) left.add(name)
      const schema = target === undefined ? {} : take(target)
      bytes += JSON.stringify(schema).length
      definitions[name] = schema
    }
    return withDefinitions(root, definitions)
  }

  return { take, finish, left }
}

const prefix = '#/$defs/'

function withDefinitions(root: JsonObject, definitions: JsonObject): JsonObject {
  const uses = new Map<string, number>()
  for (const schema of [root, ...Object.values(definitions)]) countUses(schema, uses)
  const single = new Set(Object.keys(definitions).filter((name) => uses.get(name) === 1 && !inCircle(name, definitions)))
  const put = (schema: Json): Json => inPlace(schema, definitions, single)
  const kept = Object.entries(definitions).filter(([name]) => !single.has(name) && uses.has(name))
  return {
    ...(put(root) as JsonObject),
    ...(kept.length > 0 && { $defs: Object.fromEntries(kept.map(([name, schema]) => [name, put(schema)])) }),
  }
}

function countUses(value: Json, uses: Map<string, number>): void {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) countUses(item, uses)
  if (!isObject(value)) return
  const name = targetOf(value)
  if (name !== undefined) uses.set(name, (uses.get(name) ?? 0) + 1)
  for (const inner of Object.values(value)) countUses(inner, uses)
}

function inCircle(start: string, definitions: JsonObject): boolean {
  const seen = new Set<string>()
  const open = [start]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const uses = new Map<string, number>()
    countUses(definitions[name] as Json, uses)
    if (uses.has(start)) return true
    for (const next of uses.keys()) if (!seen.has(next) && seen.add(next)) open.push(next)
  }
  return false
}

const annotations = new Set(['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', '$comment'])

function inPlace(value: Json, definitions: JsonObject, single: ReadonlySet<string>): Json {
  if (Array.isArray(value)) return value.map((item: Json) => inPlace(item, definitions, single))
  if (!isObject(value)) return value
  const name = targetOf(value)
  const target = name !== undefined && single.has(name) ? definitions[name] : undefined
  if (name !== undefined && target !== undefined) {
    const { $ref: _reference, ...beside } = value
    const schema = inPlace(target, definitions, single)
    if (!isObject(schema)) return Object.keys(beside).length === 0 ? schema : { ...beside, ...(schema === false && { not: {} }) }
    if (Object.keys(beside).every((key) => annotations.has(key))) return { ...schema, ...beside }
    return { ...(inPlace(beside, definitions, single) as JsonObject), allOf: [...((beside['allOf'] as readonly Json[] | undefined) ?? []), schema] }
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inPlace(inner, definitions, single)]))
}

function targetOf({ $ref: reference }: JsonObject): string | undefined {
  return typeof reference === 'string' && reference.startsWith(prefix) ? reference.slice(prefix.length) : undefined
}
