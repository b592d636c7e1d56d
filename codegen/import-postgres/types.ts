import type { Json, JsonObject } from '../../runtime/contract/json.ts'
import type { Column } from './catalogue.ts'

const integer = { type: 'integer' }
const digits = { type: 'string', description: 'As digits.' }

/** How the kind answers values of a type; a type that is not here is a text. */
const answers: Readonly<Record<string, Json>> = {
  bool: { type: 'boolean' },
  int2: integer,
  int4: integer,
  oid: integer,
  int8: digits,
  numeric: digits,
  float4: { type: ['number', 'string'] },
  float8: { type: ['number', 'string'] },
  json: {},
  jsonb: {},
  date: { type: 'string', format: 'date' },
  timestamp: { type: 'string', format: 'date-time' },
  timestamptz: { type: 'string', format: 'date-time' },
  uuid: { type: 'string', format: 'uuid' },
  bytea: { type: 'string', contentEncoding: 'base64' },
}

/** How values of a type are asked for. */
const questions: Readonly<Record<string, Json>> = {
  bool: { type: 'boolean' },
  int2: { type: 'integer', minimum: -32_768, maximum: 32_767 },
  int4: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
  int8: { type: ['integer', 'string'], pattern: '^-?\\d{1,19}$' },
  numeric: { type: ['number', 'string'], pattern: '^-?\\d+(\\.\\d+)?$' },
  float4: { type: 'number' },
  float8: { type: 'number' },
  date: { type: 'string', format: 'date', examples: ['2024-01-31'] },
  timestamp: { type: 'string', format: 'date-time', examples: ['2024-01-31T00:00:00Z'] },
  timestamptz: { type: 'string', format: 'date-time', examples: ['2024-01-31T00:00:00Z'] },
  uuid: { type: 'string', format: 'uuid' },
}

/** The schema of a column in an answer. */
export function answerSchema(column: Column): JsonObject {
  const element = elementSchema(column, answers)
  const schema: JsonObject = column.isArray ? { type: 'array', items: itemOf(element) } : element
  return { ...(column.nullable ? orNull(schema) : schema), ...described(column, schema) }
}

/** The schema of a value that a column is compared with. */
export function questionSchema(column: Column): JsonObject {
  const schema = elementSchema(column, questions)
  return { ...schema, ...(schema['type'] === 'string' && column.maxLength !== null && { maxLength: column.maxLength }), ...described(column, schema) }
}

function elementSchema({ type, labels }: Column, known: Readonly<Record<string, Json>>): JsonObject {
  if (labels !== null) return { enum: [...labels] }
  return (known[type] ?? { type: 'string' }) as JsonObject
}

function orNull(schema: JsonObject): JsonObject {
  if (Array.isArray(schema['enum'])) return { ...schema, enum: [...(schema['enum'] as readonly Json[]), null] }
  return schema['type'] === undefined ? schema : { ...schema, type: [...([schema['type']].flat() as readonly string[]), 'null'] }
}

/** What an array may hold: its element or null, and further arrays, since PostgreSQL does not say how deep one is. */
function itemOf(element: JsonObject): JsonObject {
  const { description: _description, ...schema } = orNull(element)
  return schema['type'] === undefined ? {} : { ...schema, type: [...([schema['type']].flat() as readonly string[]), 'array'] }
}

function described({ comment }: Column, { description }: JsonObject): JsonObject {
  const words = [comment?.trim() ?? '', typeof description === 'string' ? description : ''].filter((text) => text !== '').join(' ')
  return words === '' ? {} : { description: words }
}

const comparable = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'numeric',
  'float4',
  'float8',
  'text',
  'varchar',
  'bpchar',
  'name',
  'citext',
  'uuid',
  'date',
  'timestamp',
  'timestamptz',
  'inet',
])

/** True for a column whose values a caller can name. */
export const isComparable = ({ type, isArray, labels }: Column): boolean => !isArray && (labels !== null || comparable.has(type))

/** True for a column that says when. */
export const isTime = ({ type, isArray }: Column): boolean => !isArray && (type === 'timestamptz' || type === 'timestamp' || type === 'date')

/** True for a column with quantities in it. */
export const isNumeric = ({ type, isArray }: Column): boolean => !isArray && /^(int[248]|float[48]|numeric)$/.test(type)

/** True for a column that may hold what no model should see. */
export const isSensitive = ({ name }: Column): boolean => /passw|pwd|secret|token|api_?key|private_?key|credential|salt|hash$|ssn$/i.test(name)
