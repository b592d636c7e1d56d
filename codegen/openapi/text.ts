import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'

// Words that are ours are written in ASCII there and in TOOLS.md: one other character makes V8 keep five megabytes as ten, and hash and compare them several times as slowly.

/** A document as `JSON.stringify(document, null, 2)` writes it, and a line end. Paths and schemas that are the same objects as before are not written anew: of 1,000 tools, an edit changes one. */
export function documentText(document: JsonObject): string {
  const { paths, components, ...rest } = document
  if (!isObject(paths) || !isObject(components) || !isObject(components['schemas'])) return `${JSON.stringify(document, null, 2)}\n`
  const { schemas, ...others } = components
  // The order of the keys is the document's own: paths and components are its last, schemas the first of these.
  const head = JSON.stringify(rest, null, 2).slice(0, -2)
  const tail = JSON.stringify(others, null, 2).replaceAll('\n', '\n  ').slice(1)
  return `${head},\n  "paths": ${members(paths, 1)},\n  "components": {\n    "schemas": ${members(schemas as JsonObject, 2)},${tail}\n}\n`
}

const written = new WeakMap<JsonObject, string>()

/** An object whose members are kept as texts; `depth` is how deep it stands. */
function members(object: JsonObject, depth: number): string {
  const indent = '  '.repeat(depth + 1)
  const entries = Object.entries(object).map(([key, value]) => `${indent}${JSON.stringify(key)}: ${textOf(value, indent)}`)
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${'  '.repeat(depth)}}`
}

function textOf(value: Json, indent: string): string {
  const known = isObject(value) ? written.get(value) : undefined
  if (known !== undefined) return known
  const text = JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`)
  if (isObject(value)) written.set(value, text)
  return text
}
