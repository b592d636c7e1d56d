import type { JsonObject } from '../../runtime/contract/json.ts'
import { oneLine } from '../import-source/text.ts'
import type { Column, Table } from './catalogue.ts'
import type { Order } from './order.ts'
import { answerSchema, isComparable, questionSchema } from './types.ts'

/** A tool before it has its final name. */
export interface Query {
  /** `get_orders`; may have characters and a length that no tool can have. */
  readonly name: string
  readonly fields: JsonObject
  readonly notes: readonly string[]
}

/** Rows or steps at most, and where nobody says how many. */
export const limits = { most: 1_000, usual: 100 }

/** The name of a table, with its schema where that is not public. */
export const label = ({ schema, name }: Table): string => oneLine(schema === 'public' ? name : `${schema}.${name}`)
/** What the database says of a table, after a space. */
export const about = ({ comment }: Table): string => (comment === null || comment.trim() === '' ? '' : ` ${oneLine(comment)}`)

/** `:name` of a column: what a placeholder may be called, each once and none of the query's own. */
export function placeholders(columns: readonly Column[], taken: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const used = new Set(taken)
  for (const { name } of columns) {
    const cleaned = name.replace(/[^A-Za-z0-9_]+/g, '_')
    const wanted = /^[A-Za-z_]/.test(cleaned) ? cleaned : `c_${cleaned}`
    let free = wanted
    for (let number = 2; used.has(free); number += 1) free = `${wanted}_${number}`
    used.add(free)
    names.set(name, free)
  }
  return names
}

/** A placeholder of the type of its column. */
export const bound = (column: Column, placeholder: string): string => `CAST(:${placeholder} AS ${column.sqlType})`

/** The schema of rows of these columns. */
export function rowsOf(columns: readonly Column[]): JsonObject {
  return {
    type: 'object',
    required: ['rows'],
    properties: {
      rows: {
        type: 'array',
        items: {
          type: 'object',
          required: columns.map(({ name }) => name),
          properties: Object.fromEntries(columns.map((column) => [column.name, answerSchema(column)])),
        },
      },
    },
  }
}

/** The schema of an input. */
export function inputOf(required: readonly string[], properties: JsonObject): JsonObject {
  return { type: 'object', ...(required.length > 0 && { required: [...required] }), additionalProperties: false, properties }
}

/** Columns that an index can find rows by. */
function filtersOf(table: Table, order: Order | undefined): readonly Column[] {
  const indexed = new Set(table.indexes.flatMap(({ columns }) => columns))
  const needed = new Set(order?.needed.map(({ name }) => name))
  return table.columns.filter((column) => indexed.has(column.name) && column !== order?.time && isComparable(column) && !needed.has(column.name))
}

/** Filters of a query: its conditions, and the inputs they take. */
export interface Conditions {
  readonly where: readonly string[]
  readonly properties: JsonObject
  readonly required: readonly string[]
}

/** Filters by equality: those the order's index begins with must be given, the others may be. */
export function conditionsOf(table: Table, order: Order | undefined, taken: readonly string[]): Conditions {
  const needed = order?.needed ?? []
  const optional = filtersOf(table, order)
  const names = placeholders([...needed, ...optional], taken)
  const at = (column: Column): string => names.get(column.name) as string
  return {
    where: [
      ...needed.map((column) => `${column.quoted} = ${bound(column, at(column))}`),
      ...optional.map((column) => `(${bound(column, at(column))} IS NULL OR ${column.quoted} = ${bound(column, at(column))})`),
    ],
    properties: Object.fromEntries([...needed, ...optional].map((column) => [at(column), questionSchema(column)])),
    required: needed.map(at),
  }
}

/** A WHERE clause, or nothing. */
export const whereOf = (conditions: readonly string[]): string => (conditions.length === 0 ? '' : `WHERE ${conditions.join('\n  AND ')}\n`)

/** The inputs from and to of a time. */
export function rangeSchema(time: Column): JsonObject {
  const { description: _description, ...schema } = questionSchema(time)
  return { from: { ...schema, description: 'The earliest, included.' }, to: { ...schema, description: 'The latest, not included.' } }
}
