import { isObject, type Json, type JsonObject, type JsonSchema } from '../../runtime/contract/json.ts'

/** One schema of many in a document: itself, and the definitions it brought along, each under a name of the document. */
export interface Embedded {
  readonly schema: JsonSchema
  readonly definitions: Readonly<Record<string, JsonSchema>>
}

const nameMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const values = new Set(['const', 'enum', 'default', 'examples'])
const holders = ['$defs', 'definitions'] as const
const root = '#/components/schemas/'

/**
 * A schema that was a document of its own, as `components.schemas[name]` of another. What it defines becomes `<name>.<definition>`, and every reference into itself leads to where
 * its target is now. A schema that names places in itself by `$id` or an anchor keeps its references and becomes a resource of its own, since such names would mean the whole document.
 */
export function embed(schema: JsonSchema, name: string): Embedded {
  if (!isObject(schema)) return { schema, definitions: {} }
  const before = embedded.get(schema)
  if (before?.name === name) return before.value
  const value = embedAnew(schema, name)
  embedded.set(schema, { name, value })
  return value
}

// A tool that did not change brings the same schema again, to the document of every caller and every edit.
const embedded = new WeakMap<JsonObject, { readonly name: string; readonly value: Embedded }>()

function embedAnew(schema: JsonObject, name: string): Embedded {
  const { $schema: _dialect, ...plain } = schema
  if (namesPlaces(plain, false)) return { schema: { $id: `schemas/${name}`, ...plain }, definitions: {} }
  const moved = placesOf(plain, name)
  const rewritten = rewrite(plain, false, (reference) => moveReference(reference, name, moved)) as JsonObject
  const { $defs, definitions, ...rest } = rewritten
  const kept: Record<string, JsonSchema> = {}
  for (const [holder, held] of [
    ['$defs', $defs],
    ['definitions', definitions],
  ] as const)
    for (const [key, inner] of Object.entries(isObject(held) ? held : {})) kept[moved.get(`${holder}/${key}`) as string] = inner as JsonSchema
  return { schema: rest, definitions: kept }
}

function namesPlaces(value: Json, isNameMap: boolean): boolean {
  if (Array.isArray(value)) return value.some((inner: Json) => namesPlaces(inner, false))
  if (!isObject(value)) return false
  return Object.entries(value).some(([key, inner]) => {
    if (isNameMap) return namesPlaces(inner, false)
    if (key === '$id' || key === '$anchor' || key === '$dynamicAnchor' || key === '$dynamicRef') return true
    if (key === '$ref') return typeof inner === 'string' && inner !== '#' && !inner.startsWith('#/')
    return !values.has(key) && namesPlaces(inner, nameMaps.has(key))
  })
}

/** The document's name of each definition, by `<holder>/<key>`. Keys may hold anything, and a component's name may not. */
function placesOf(schema: JsonObject, name: string): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  const taken = new Set<string>()
  for (const holder of holders) {
    const held = schema[holder]
    for (const key of Object.keys(isObject(held) ? held : {}).toSorted()) {
      const base = `${name}.${key.replace(/[^a-zA-Z0-9_-]+/g, '_')}`
      let free = base
      for (let number = 2; taken.has(free); number += 1) free = `${base}.${number}`
      taken.add(free)
      places.set(`${holder}/${key}`, free)
    }
  }
  return places
}

function rewrite(value: Json, isNameMap: boolean, move: (reference: string) => string): Json {
  if (Array.isArray(value)) return value.map((inner: Json) => rewrite(inner, false, move))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (!isNameMap && key === '$ref' && typeof inner === 'string') return [key, move(inner)]
      if (!isNameMap && values.has(key)) return [key, inner]
      return [key, rewrite(inner, !isNameMap && nameMaps.has(key), move)]
    }),
  )
}

function moveReference(reference: string, name: string, moved: ReadonlyMap<string, string>): string {
  const [, holder, key, ...rest] = reference.split('/')
  const place = holder === undefined || key === undefined ? undefined : moved.get(`${decoded(holder)}/${decoded(key)}`)
  if (place === undefined) return `${root}${name}${reference.slice(1)}`
  return [`${root}${place}`, ...rest].join('/')
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return part.replaceAll('~1', '/').replaceAll('~0', '~')
  }
}
