import { isObject, type Json, type JsonObject } from '../contract/json.ts'

const single = new Set(['items', 'additionalProperties', 'unevaluatedProperties', 'propertyNames', 'not', 'if', 'then', 'else', 'contains'])
const lists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])
const maps = new Set(['properties', 'patternProperties', '$defs'])

/** The same schema with each schema directly inside it changed. */
export function mapSubschemas(schema: JsonObject, change: (inner: Json) => Json): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (single.has(key)) return [key, change(value)]
      if (lists.has(key) && Array.isArray(value)) return [key, value.map(change)]
      if (maps.has(key) && isObject(value)) return [key, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner)]))]
      return [key, value]
    }),
  )
}

const leastLength = 250

/** The same schema with what stands in it more than once under `$defs`, so that it is compiled, and written, once. What has a default stays where it is: a validator lays defaults of properties only. */
export function shareRepeated(schema: JsonObject): JsonObject {
  const counts = new Map<string, number>()
  const count = (inner: Json): Json => {
    if (!isObject(inner)) return inner
    const text = JSON.stringify(inner)
    const seen = counts.get(text) ?? 0
    if (text.length >= leastLength && !('default' in inner)) counts.set(text, seen + 1)
    return seen > 0 ? inner : mapSubschemas(inner, count)
  }
  mapSubschemas(schema, count)

  const names = new Map<string, string>()
  const definitions: Record<string, Json> = {}
  const share = (inner: Json): Json => {
    if (!isObject(inner)) return inner
    const text = JSON.stringify(inner)
    if ((counts.get(text) ?? 0) < 2) return mapSubschemas(inner, share)
    const known = names.get(text)
    if (known !== undefined) return reference(known, inner)
    const name = freeName(inner, definitions)
    names.set(text, name)
    definitions[name] = {}
    definitions[name] = mapSubschemas(inner, share)
    return reference(name, inner)
  }
  const shared = mapSubschemas(schema, share)
  return { ...shared, $defs: definitions }
}

/** Title and description stand beside a reference too: editors and problems show them. */
const reference = (name: string, { title, description }: JsonObject): JsonObject => ({
  $ref: `#/$defs/${name}`,
  ...(title !== undefined && { title }),
  ...(description !== undefined && { description }),
})

function freeName({ title, description }: JsonObject, taken: JsonObject): string {
  const words = String(title ?? description ?? 'schema')
    .toLowerCase()
    .replace(/’/g, '')
    .match(/[a-z0-9]+/g) ?? ['schema']
  const base = words.slice(0, 4).join('-')
  let name = base
  for (let number = 2; Object.hasOwn(taken, name); number++) name = `${base}-${number}`
  return name
}
