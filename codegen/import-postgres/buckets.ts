import type { JsonObject } from '../../runtime/contract/json.ts'
import { oneLine } from '../import-source/text.ts'
import type { Column, Table } from './catalogue.ts'
import type { Order } from './order.ts'
import { about, bound, conditionsOf, inputOf, label, limits, rangeSchema, whereOf, type Query } from './parts.ts'
import { answerSchema, isNumeric } from './types.ts'

const buckets = ['1 minute', '5 minutes', '15 minutes', '1 hour', '4 hours', '1 day', '7 days']

/** Numbers of a table in steps of time. */
export function bucketQuery(table: Table, name: string, order: Order, time: Column, timescale: boolean): Query {
  const isHypertable = timescale && table.timeColumn === time.name
  const { where, properties, required } = conditionsOf(table, order, ['bucket', 'from', 'to', 'limit'])
  const aggregates = aggregatesOf(table, time, new Set([...table.primaryKey, ...order.needed.map((column) => column.name)]))
  const width = 'CAST(:bucket AS interval)'
  const when = time.type === 'date' ? `${time.quoted}::timestamp` : time.quoted
  const origin = time.type === 'timestamptz' ? "TIMESTAMPTZ '2001-01-01 00:00:00+00'" : "TIMESTAMP '2001-01-01 00:00:00'"
  const bucket = isHypertable && time.type !== 'date' ? `time_bucket(${width}, ${when})` : `date_bin(${width}, ${when}, ${origin})`
  const range = [`${time.quoted} >= ${bound(time, 'from')}`, `(${bound(time, 'to')} IS NULL OR ${time.quoted} < ${bound(time, 'to')})`]
  return {
    name,
    notes: [],
    fields: {
      summary: `${label(table)} in steps of time, newest first: ${aggregates.map(({ says }) => says).join(', ')}.`,
      ...(about(table) !== '' && { description: about(table).trim() }),
      effect: 'read',
      input: inputOf([...required, 'bucket', 'from'], {
        ...properties,
        bucket: { enum: time.type === 'date' ? ['1 day', '7 days'] : buckets, description: 'The length of a step.' },
        ...rangeSchema(time),
        limit: { type: 'integer', minimum: 1, maximum: limits.most, default: limits.usual, description: 'How many steps at most.' },
      }),
      output: {
        type: 'object',
        required: ['rows'],
        properties: {
          rows: {
            type: 'array',
            items: {
              type: 'object',
              required: ['bucket', ...aggregates.map(({ as }) => as)],
              properties: {
                bucket: { type: 'string', format: 'date-time', description: 'When the step begins.' },
                ...Object.fromEntries(aggregates.map(({ as, schema }) => [as, schema])),
              },
            },
          },
        },
      },
      operation: {
        sql: [
          `SELECT ${bucket} AS bucket,`,
          `  ${aggregates.map(({ sql, as }) => `${sql} AS ${quoted(as)}`).join(', ')}`,
          `FROM ${table.quoted}`,
          `${whereOf([...where, ...range])}GROUP BY 1`,
          'ORDER BY 1 DESC',
          'LIMIT :limit\n',
        ].join('\n'),
        ...(isHypertable && time.type !== 'date' && { needs: 'timescaledb' }),
        whenEmpty: `${label(table)} has no row in this time`,
      },
    },
  }
}

const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)

interface Aggregate {
  readonly as: string
  readonly sql: string
  readonly says: string
  readonly schema: JsonObject
}

/** Candles become longer candles; other numbers their mean and extremes. */
function aggregatesOf(table: Table, time: Column, keys: ReadonlySet<string>): readonly Aggregate[] {
  const count: Aggregate = { as: 'rows_in_step', sql: 'count(*)::integer', says: 'how many rows', schema: { type: 'integer' } }
  const numbers = table.columns.filter((column) => isNumeric(column) && !keys.has(column.name) && !/(^|_)id$/.test(column.name))
  const find = (name: string): Column | undefined => numbers.find((column) => column.name === name)
  const [open, high, low, close, volume] = [find('open'), find('high'), find('low'), find('close'), find('volume')]
  if (open !== undefined && high !== undefined && low !== undefined && close !== undefined) {
    const edge = (column: Column, way: 'ASC' | 'DESC'): string => `(array_agg(${column.quoted} ORDER BY ${time.quoted} ${way}))[1]`
    return [
      { as: 'open', sql: edge(open, 'ASC'), says: 'the first open', schema: answerOf(open) },
      { as: 'high', sql: `max(${high.quoted})`, says: 'the highest high', schema: answerOf(high) },
      { as: 'low', sql: `min(${low.quoted})`, says: 'the lowest low', schema: answerOf(low) },
      { as: 'close', sql: edge(close, 'DESC'), says: 'the last close', schema: answerOf(close) },
      ...(volume === undefined
        ? []
        : [{ as: 'volume', sql: `sum(${volume.quoted})`, says: 'the volume', schema: { type: ['string', 'number', 'null'], description: 'The sum.' } }]),
      count,
    ]
  }
  return [
    count,
    ...numbers.slice(0, 6).flatMap((column): readonly Aggregate[] => [
      { as: `avg_${column.name}`, sql: `avg(${column.quoted})`, says: `the mean ${oneLine(column.name)}`, schema: { type: ['string', 'number', 'null'] } },
      { as: `min_${column.name}`, sql: `min(${column.quoted})`, says: 'its least', schema: answerOf(column) },
      { as: `max_${column.name}`, sql: `max(${column.quoted})`, says: 'and its most', schema: answerOf(column) },
    ]),
  ]
}

/** Of a group without a value the answer is null. */
const answerOf = (column: Column): JsonObject => answerSchema({ ...column, nullable: true, comment: null })
