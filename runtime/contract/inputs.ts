import { isObject, type JsonObject, type JsonSchema } from './json.ts'

/** What the input schema says of one property. */
export interface Input {
  readonly name: string
  /** A call always has a value for it: it is required, or has a default. */
  readonly isSure: boolean
}

/** The properties an input may have, those of its `allOf`, `anyOf` and `oneOf` included. */
export function inputsOf(input: JsonSchema): ReadonlyMap<string, Input> {
  const found: Found = { names: new Set(), sure: new Set() }
  if (isObject(input)) gather(input, input, true, 0, found)
  return new Map([...found.names].map((name) => [name, { name, isSure: found.sure.has(name) }]))
}

interface Found {
  readonly names: Set<string>
  /** Required, or with a default, wherever that is said of every call. */
  readonly sure: Set<string>
}

function gather(schema: JsonObject, root: JsonObject, isOfEveryCall: boolean, depth: number, found: Found): void {
  if (depth > 8) return
  const { properties, required, $ref, allOf, anyOf, oneOf } = schema
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
    found.names.add(name)
    if (isOfEveryCall && isObject(property) && property['default'] !== undefined) found.sure.add(name)
  }
  if (isOfEveryCall && Array.isArray(required)) for (const name of required) found.sure.add(String(name))
  const members = (list: unknown): readonly JsonObject[] => (Array.isArray(list) ? list.filter(isObject) : [])
  const target = typeof $ref === 'string' ? pointed(root, $ref) : undefined
  for (const member of [...members(allOf), ...(target ? [target] : [])]) gather(member, root, isOfEveryCall, depth + 1, found)
  for (const member of [...members(anyOf), ...members(oneOf)]) gather(member, root, false, depth + 1, found)
}

function pointed(root: JsonObject, reference: string): JsonObject | undefined {
  if (!reference.startsWith('#/')) return undefined
  let value: unknown = root
  for (const key of reference.slice(2).split('/')) value = isObject(value) ? value[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return isObject(value) ? value : undefined
}
