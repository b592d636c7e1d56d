import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'

/** input: what a caller sends; output: what the API answers. */
export type Direction = 'input' | 'output'

/** How references are written in the result. */
export interface Cleaning {
  readonly direction: Direction
  readonly refer: (reference: string) => string
}

const types = new Set(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'])
const inSchema = new Set(['not', 'if', 'then', 'else', 'contains', 'propertyNames', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems'])
const inList = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const inMap = new Set(['properties', 'patternProperties', 'dependentSchemas'])
const numbers = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'])
const counts = new Set(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'minContains', 'maxContains'])
const sentences = new Set(['title', 'description', 'format', 'contentEncoding', 'contentMediaType'])
const flags = new Set(['uniqueItems', 'deprecated', 'readOnly', 'writeOnly'])

// An API that sends one digit more than it said must not make every client refuse its whole answer.
const tooStrictForAnswers = new Set([...numbers, ...counts, 'pattern', 'format', 'multipleOf', 'uniqueItems', 'unevaluatedProperties', 'propertyNames'])
// And what helps to ask is only words in an answer.
const idleInAnswers = new Set(['default', 'examples', 'readOnly', 'writeOnly', 'contentEncoding', 'contentMediaType'])

/**
 * One schema of OpenAPI 3.1 as plain JSON Schema 2020-12: words of other vocabularies and values that are not what a keyword takes are left out, what 3.0 wrote otherwise is
 * put right, answers lose their bounds.
 */
export function cleanSchema(schema: Json, cleaning: Cleaning): Json {
  if (typeof schema === 'boolean') return schema
  if (!isObject(schema)) return {}
  const cleaned: Record<string, Json> = {}
  for (const [key, value] of Object.entries(schema)) {
    if (cleaning.direction === 'output' && (tooStrictForAnswers.has(key) || idleInAnswers.has(key))) continue
    const kept = keyword(key, value, cleaning)
    if (kept !== undefined) cleaned[key] = kept
  }
  if (cleaning.direction === 'output' && cleaned['additionalProperties'] === false) delete cleaned['additionalProperties']
  return settle(cleaned, schema, cleaning)
}

function keyword(key: string, value: Json, cleaning: Cleaning): Json | undefined {
  const clean = (inner: Json): Json => cleanSchema(inner, cleaning)
  if (key === '$ref') return typeof value === 'string' ? cleaning.refer(value) : undefined
  if (key === 'items') return Array.isArray(value) ? undefined : clean(value)
  if (inSchema.has(key)) return isObject(value) || typeof value === 'boolean' ? clean(value) : undefined
  if (inList.has(key)) return Array.isArray(value) && value.length > 0 ? (value as readonly Json[]).map(clean) : undefined
  if (inMap.has(key)) return isObject(value) ? membersOf(value, key, cleaning) : undefined
  if (numbers.has(key)) return typeof value === 'number' ? value : undefined
  if (counts.has(key)) return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined
  if (sentences.has(key)) return typeof value === 'string' && value !== '' ? value : undefined
  if (flags.has(key)) return value === true ? true : undefined
  return scalarKeyword(key, value)
}

function scalarKeyword(key: string, value: Json): Json | undefined {
  switch (key) {
    case 'type':
      return typeOf(value)
    case 'enum':
      return Array.isArray(value) && value.length > 0 ? [...new Set(value as readonly Json[])] : undefined
    case 'const':
    case 'default':
      return value
    case 'examples':
      return Array.isArray(value) && value.length > 0 ? value : undefined
    case 'required':
      return Array.isArray(value) ? textsOf(value) : undefined
    case 'multipleOf':
      return typeof value === 'number' && value > 0 ? value : undefined
    case 'pattern':
      return typeof value === 'string' && isRegular(value) ? value : undefined
    default:
      return undefined
  }
}

function textsOf(value: readonly Json[]): Json | undefined {
  const names = new Set(value.filter((name) => typeof name === 'string'))
  return names.size > 0 ? [...names] : undefined
}

function typeOf(value: Json): Json | undefined {
  const named = [value].flat().filter((type) => typeof type === 'string' && types.has(type)) as string[]
  const [first, second] = new Set(named)
  return second === undefined ? first : [...new Set(named)]
}

function isRegular(pattern: string): boolean {
  try {
    return RegExp(pattern, 'u') instanceof RegExp
  } catch {
    return false
  }
}

function membersOf(value: JsonObject, key: string, cleaning: Cleaning): JsonObject {
  const hidden = cleaning.direction === 'input' ? 'readOnly' : 'writeOnly'
  const entries = Object.entries(value)
    .filter(([name, member]) => (key === 'patternProperties' ? isRegular(name) : key !== 'properties' || !isObject(member) || member[hidden] !== true))
    .map(([name, member]) => [name, cleanSchema(member, cleaning)] as const)
  return Object.fromEntries(entries)
}

/** Keywords that depend on others. */
function settle(cleaned: Record<string, Json>, written: JsonObject, cleaning: Cleaning): JsonObject {
  const { properties, required, enum: allowed, type } = cleaned
  if (cleaning.direction === 'input' && written['example'] !== undefined && cleaned['examples'] === undefined) cleaned['examples'] = [written['example']]
  if (Array.isArray(written['items']) && written['items'].length > 0)
    cleaned['prefixItems'] = (written['items'] as readonly Json[]).map((item) => cleanSchema(item, cleaning))
  if (written['nullable'] === true && typeof type === 'string') cleaned['type'] = [type, 'null']
  if (Array.isArray(cleaned['type']) && cleaned['type'].includes('null') && Array.isArray(allowed) && !allowed.includes(null))
    cleaned['enum'] = [...allowed, null]
  // Members that were left out because of their direction cannot be required.
  if (isObject(written['properties']) && isObject(properties) && Array.isArray(required)) {
    const hidden = new Set(Object.keys(written['properties']).filter((name) => !Object.hasOwn(properties, name)))
    const kept = required.filter((name) => !hidden.has(name as string))
    if (kept.length === 0) delete cleaned['required']
    else cleaned['required'] = kept
  }
  return cleaned
}
