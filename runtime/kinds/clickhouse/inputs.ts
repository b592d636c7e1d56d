import { isObject, type Json, type JsonObject, type JsonSchema } from '../../contract/json.ts'

/** A property an input may have. */
export interface Input {
  readonly schema: JsonSchema
  /** A call always has a value: the caller must give one, or there is a default. */
  readonly isAlwaysThere: boolean
}

const deepest = 8

/** The properties an input may have, those of its `$ref`, `allOf`, `anyOf` and `oneOf` included. */
export function inputsOf(input: JsonSchema): ReadonlyMap<string, Input> {
  const found = new Map<string, Input>()
  if (isObject(input)) collect(input, input, true, 0, found)
  return found
}

function collect(schema: JsonObject, root: JsonObject, isCertain: boolean, depth: number, found: Map<string, Input>): void {
  if (depth > deepest) return
  const { properties, required, $ref, allOf } = schema
  const needed = Array.isArray(required) ? required : []
  for (const [name, own] of isObject(properties) ? Object.entries(properties) : []) {
    const resolved = isObject(own) ? resolve(own, root) : true
    const hasDefault = isObject(resolved) && 'default' in resolved && resolved['default'] !== null
    const isAlwaysThere = isCertain && (needed.includes(name) || hasDefault)
    const before = found.get(name)
    found.set(name, { schema: resolved, isAlwaysThere: isAlwaysThere || before?.isAlwaysThere === true })
  }
  const target = typeof $ref === 'string' ? pointed(root, $ref) : undefined
  for (const part of [...(Array.isArray(allOf) ? allOf : []), target]) if (isObject(part)) collect(part, root, isCertain, depth + 1, found)
  for (const name of ['anyOf', 'oneOf']) {
    const parts = schema[name]
    for (const part of Array.isArray(parts) ? parts : []) if (isObject(part)) collect(part, root, false, depth + 1, found)
  }
  // required may stand beside the properties of a part.
  if (isCertain) for (const [name, input] of found) if (needed.includes(name)) found.set(name, { ...input, isAlwaysThere: true })
}

function resolve(schema: JsonObject, root: JsonObject): JsonObject {
  const { $ref } = schema
  const target = typeof $ref === 'string' ? pointed(root, $ref) : undefined
  return target ? { ...target, ...schema } : schema
}

function pointed(root: JsonObject, reference: string): JsonObject | undefined {
  if (!reference.startsWith('#/')) return undefined
  let value: unknown = root
  for (const key of reference.slice(2).split('/')) value = isObject(value) ? value[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return isObject(value) ? value : undefined
}

/** The JSON types a schema lets through, as far as it says; undefined: it does not say. */
export function jsonTypesOf(schema: JsonSchema): ReadonlySet<string> | undefined {
  if (!isObject(schema)) return undefined
  const { type, enum: values } = schema
  if (typeof type === 'string') return new Set([type])
  if (Array.isArray(type)) return new Set(type.map(String))
  if (Array.isArray(values)) return new Set(values.map(nameOf))
  return 'const' in schema ? new Set([nameOf(schema['const'] as Json)]) : undefined
}

function nameOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}
