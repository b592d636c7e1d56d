import { isObject, type Json, type JsonObject, type JsonSchema } from '../../runtime/contract/json.ts'
import { resolve, typeWords } from './type-words.ts'

/** One line of a table of arguments. */
export interface Argument {
  /** Dotted where it lies inside another: `filter.symbol`, `orders[].price`. */
  readonly path: string
  readonly type: string
  readonly isRequired: boolean
  /** JSON. */
  readonly fallback?: string
  readonly description: string
}

const deepest = 3
const most = 200

/** The fields of a schema and of the objects in it, to a depth that people still read. */
export function argumentsOf(schema: JsonSchema): readonly Argument[] {
  const rows: Argument[] = []
  collect(schema, schema, '', 0, rows)
  return rows
}

function collect(schema: Json | JsonSchema, root: JsonSchema, prefix: string, depth: number, rows: Argument[]): void {
  const properties = propertiesOf(schema, root)
  for (const [name, { field, isRequired }] of properties) {
    if (rows.length >= most) return
    const whole = followed(field, root)
    const description = textOf(field, 'description') ?? textOf(whole, 'description') ?? textOf(field, 'title') ?? ''
    const fallback = isObject(field) && field['default'] !== undefined ? field['default'] : isObject(whole) ? whole['default'] : undefined
    rows.push({
      path: `${prefix}${name}`,
      type: typeWords(field, root),
      isRequired,
      ...(fallback !== undefined && { fallback: JSON.stringify(fallback) }),
      description,
    })
    if (depth >= deepest) continue
    const items = isObject(whole) ? whole['items'] : undefined
    if (items !== undefined) collect(followed(items, root), root, `${prefix}${name}[].`, depth + 1, rows)
    else collect(whole, root, `${prefix}${name}.`, depth + 1, rows)
  }
}

/** Properties of a schema and of what it is joined from. */
function propertiesOf(schema: Json | JsonSchema, root: JsonSchema, depth = 0): ReadonlyMap<string, { readonly field: Json; readonly isRequired: boolean }> {
  const found = new Map<string, { readonly field: Json; readonly isRequired: boolean }>()
  if (!isObject(schema) || depth > deepest) return found
  const joined = Array.isArray(schema['allOf']) ? (schema['allOf'] as readonly Json[]) : []
  for (const part of joined) for (const [name, one] of propertiesOf(followed(part, root), root, depth + 1)) found.set(name, one)
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly Json[]) : []
  for (const [name, field] of Object.entries(isObject(schema['properties']) ? schema['properties'] : {}))
    found.set(name, { field, isRequired: required.includes(name) })
  return found
}

/** What a reference stands for, a few steps far; the field itself where it is none. */
function followed(field: Json, root: JsonSchema): Json {
  let found = field
  for (let step = 0; step < deepest; step++) {
    const reference: Json | undefined = isObject(found) ? found['$ref'] : undefined
    const next = typeof reference === 'string' ? resolve(reference, root) : undefined
    if (next === undefined) return found
    found = next
  }
  return found
}

const textOf = (field: Json, key: 'description' | 'title'): string | undefined => {
  const text = isObject(field) ? (field as JsonObject)[key] : undefined
  return typeof text === 'string' && text !== '' ? text : undefined
}
