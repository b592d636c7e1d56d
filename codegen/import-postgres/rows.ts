import { oneLine } from '../import-source/text.ts'
import type { Column, Table } from './catalogue.ts'
import type { Order } from './order.ts'
import { about, bound, conditionsOf, inputOf, label, limits, placeholders, rangeSchema, rowsOf, whereOf, type Query } from './parts.ts'
import { isComparable, questionSchema } from './types.ts'

/** One row by its primary key; nothing for a table without one. */
export function getQuery(table: Table, name: string, notes: readonly string[]): readonly Query[] {
  const key = table.primaryKey.map((column) => table.columns.find(({ name: own }) => own === column))
  if (key.length === 0 || !key.every((column) => column !== undefined && isComparable(column))) return []
  const columns = key as readonly Column[]
  const names = placeholders(columns, [])
  const at = (column: Column): string => names.get(column.name) as string
  return [
    {
      name,
      notes,
      fields: {
        summary: `One row of ${label(table)} by its ${columns.map((column) => oneLine(column.name)).join(', ')}.${about(table)}`,
        effect: 'read',
        input: inputOf(columns.map(at), Object.fromEntries(columns.map((column) => [at(column), questionSchema(column)]))),
        output: rowsOf(table.columns),
        operation: {
          sql: `SELECT ${selected(table.columns)}\nFROM ${table.quoted}\nWHERE ${columns.map((column) => `${column.quoted} = ${bound(column, at(column))}`).join(' AND ')}\n`,
          whenEmpty: `no row of ${label(table)} has this key`,
        },
      },
    },
  ]
}

const selected = (columns: readonly Column[]): string => columns.map(({ quoted }) => quoted).join(', ')

/** Rows in order of an index, by what indexes can find, page after page. */
export function listQuery(table: Table, name: string, order: Order | undefined, notes: readonly string[]): Query {
  const keys = order === undefined ? [] : order.columns
  const before = placeholders(
    keys.map((column) => ({ ...column, name: `before_${column.name}` })),
    ['limit'],
  )
  const beforeOf = (column: Column): string => before.get(`before_${column.name}`) as string
  const time = order?.time
  const ranges =
    time === undefined
      ? []
      : [
          `(${bound(time, 'from')} IS NULL OR ${time.quoted} >= ${bound(time, 'from')})`,
          `(${bound(time, 'to')} IS NULL OR ${time.quoted} < ${bound(time, 'to')})`,
        ]
  const { where, properties, required } = conditionsOf(table, order, ['limit', 'from', 'to', ...before.values()])
  const [first] = keys
  const keyset =
    first === undefined
      ? []
      : [
          `(${bound(first, beforeOf(first))} IS NULL OR ${tuple(keys.map(({ quoted }) => quoted))} < ${tuple(keys.map((column) => bound(column, beforeOf(column))))})`,
        ]
  const page = keys.map((column) => oneLine(column.name)).join(', ')
  return {
    name,
    notes: [
      ...notes,
      ...(order === undefined
        ? ['it has no index to go through it in order: it answers any rows']
        : order.exact
          ? []
          : ['its table has no primary key: pages may leave out rows of the same time']),
    ],
    fields: {
      summary: `Rows of ${label(table)}${order === undefined ? '' : time === undefined ? ', highest key first' : ', newest first'}.${about(table)}`,
      ...(keys.length > 0 && {
        description: `For the rows after these, ask again with ${keys.map(beforeOf).join(' and ')} of the last row.${order?.exact === false ? ` Rows of the very same ${page} as the last one are left out then.` : ''}`,
      }),
      effect: 'read',
      input: inputOf(required, {
        ...properties,
        ...(time !== undefined && rangeSchema(time)),
        ...Object.fromEntries(
          keys.map((column) => [beforeOf(column), { ...questionSchema(column), description: `Only rows before this ${oneLine(column.name)}.` }]),
        ),
        limit: { type: 'integer', minimum: 1, maximum: limits.most, default: limits.usual, description: 'How many rows at most.' },
      }),
      output: rowsOf(table.columns),
      operation: {
        sql: [
          `SELECT ${selected(table.columns)}`,
          `FROM ${table.quoted}`,
          `${whereOf([...where, ...ranges, ...keyset])}${keys.length === 0 ? '' : `ORDER BY ${keys.map(({ quoted }) => `${quoted} DESC`).join(', ')}\n`}LIMIT :limit\n`,
        ].join('\n'),
        whenEmpty: `no row of ${label(table)} fits${page === '' ? '' : '; ask with fewer filters'}`,
      },
    },
  }
}

const tuple = (parts: readonly string[]): string => (parts.length === 1 ? (parts[0] as string) : `(${parts.join(', ')})`)
