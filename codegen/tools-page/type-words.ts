import { isObject, type Json, type JsonObject, type JsonSchema } from '../../runtime/contract/json.ts'

const mostChoices = 12

/** What a schema takes, in a few words: `integer, 1 to 1000`, `"asc" or "desc"`, `list of string`. */
export function typeWords(schema: Json | JsonSchema, root: Json | JsonSchema, depth = 0): string {
  if (!isObject(schema)) return schema === false ? 'nothing' : 'anything'
  const { const: only, enum: choices, $ref: reference } = schema
  if (only !== undefined) return JSON.stringify(only)
  if (Array.isArray(choices)) return among(choices.map((choice) => JSON.stringify(choice)))
  if (typeof reference === 'string') return referred(reference, root, depth)
  const branches = [schema['anyOf'], schema['oneOf']].find(Array.isArray) as readonly Json[] | undefined
  if (branches !== undefined && schema['type'] === undefined) {
    return depth > 3 ? 'anything of several kinds' : among([...new Set(branches.map((branch) => typeWords(branch, root, depth + 1)))])
  }
  const types = [schema['type']].flat().filter((type): type is string => typeof type === 'string')
  if (types.length === 0) return isObject(schema['properties']) ? 'object' : 'anything'
  return among(types.map((type) => `${typeWord(type, schema, root, depth)}${boundsOf(type, schema)}`))
}

function typeWord(type: string, schema: JsonObject, root: Json | JsonSchema, depth: number): string {
  if (type === 'array') return schema['items'] === undefined || depth > 3 ? 'list' : `list of ${typeWords(schema['items'], root, depth + 1)}`
  if (type === 'string' && typeof schema['format'] === 'string') return `string (${schema['format']})`
  return type
}

function boundsOf(type: string, schema: JsonObject): string {
  if (type === 'integer' || type === 'number') {
    const [least, most] = [schema['minimum'], schema['maximum']].map((bound) => (bound === undefined ? undefined : JSON.stringify(bound)))
    if (least !== undefined && most !== undefined) return `, ${least} to ${most}`
    return least !== undefined ? `, ${least} or more` : most !== undefined ? `, ${most} or less` : ''
  }
  if (type === 'string' && typeof schema['maxLength'] === 'number') return `, at most ${schema['maxLength']} characters`
  if (type === 'array' && typeof schema['maxItems'] === 'number') return `, at most ${schema['maxItems']}`
  return ''
}

function referred(reference: string, root: Json | JsonSchema, depth: number): string {
  const found = depth > 3 ? undefined : resolve(reference, root)
  if (found !== undefined) return typeWords(found, root, depth + 1)
  return reference.split('/').at(-1) || 'anything'
}

/** What a reference within one schema leads to; undefined for any other. */
export function resolve(reference: string, root: Json | JsonSchema): Json | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined
  let found: Json | undefined = root
  for (const step of reference.split('/').slice(1)) {
    const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(found)) found = found[Number(key)] as Json | undefined
    else found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined
  }
  return found
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

function among(words: readonly string[]): string {
  const shown = words.length > mostChoices ? [...words.slice(0, mostChoices), `${words.length - mostChoices} more`] : words
  const last = shown.at(-1) ?? 'nothing'
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} or ${last}`
}
