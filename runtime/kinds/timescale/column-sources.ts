import { isObject, type JsonObject, type JsonSchema } from '../../contract/json.ts'
import type { InsertOperation } from './operation.ts'

/** Where the value of one column comes from: a property of each row, or an input of the whole call. */
export interface ColumnSource {
  readonly column: string
  readonly from: 'row' | 'call'
  readonly name: string
}

/** The columns a tool writes: those its manifest names, else every property of a row and every other input. */
export function columnSources({ rows, columns }: InsertOperation['insert'], input: JsonSchema): readonly ColumnSource[] {
  if (columns) return Object.entries(columns).map(([column, name]) => sourceOf(column, name))
  const inputs = Object.keys(propertiesOf(input, input)).filter((name) => name !== rows)
  const properties = Object.keys(propertiesOf(rowSchemaOf(input, rows), input))
  return [
    ...properties.map((name): ColumnSource => ({ column: name, from: 'row', name })),
    ...inputs.map((name): ColumnSource => ({ column: name, from: 'call', name })),
  ]
}

const sourceOf = (column: string, name: string): ColumnSource =>
  name.startsWith(':') ? { column, from: 'call', name: name.slice(1) } : { column, from: 'row', name }

/** The schema of the list of rows, references followed; undefined when there is no such input. */
export const listSchemaOf = (input: JsonSchema, rows: string): JsonObject | undefined => followed(propertiesOf(input, input)[rows], input)

/** The schema of one row, references followed; undefined when the input is no list of objects. */
export function rowSchemaOf(input: JsonSchema, rows: string): JsonObject | undefined {
  const list = listSchemaOf(input, rows)
  const row = followed(list?.['items'], input)
  return list?.['type'] === 'array' && row?.['type'] === 'object' ? row : undefined
}

/** The properties a schema names, references followed. */
export function propertiesOf(schema: unknown, root: JsonSchema): JsonObject {
  const properties = followed(schema, root)?.['properties']
  return isObject(properties) ? properties : {}
}

/** The properties a schema cannot do without. */
export function requiredOf(schema: unknown, root: JsonSchema): readonly string[] {
  const required = followed(schema, root)?.['required']
  return Array.isArray(required) ? required.map(String) : []
}

function followed(schema: unknown, root: JsonSchema, depth = 0): JsonObject | undefined {
  if (!isObject(schema) || depth > 8) return undefined
  const { $ref } = schema
  if (typeof $ref !== 'string') return schema
  return followed($ref.startsWith('#') ? pointed(root, $ref.slice(1)) : undefined, root, depth + 1)
}

function pointed(root: JsonSchema, pointer: string): unknown {
  let value: unknown = root
  for (const key of pointer.split('/').slice(1)) value = isObject(value) ? value[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return value
}
