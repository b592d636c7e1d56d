import type { JsonObject } from '../../contract/json.ts'
import { durationPattern } from '../../contract/duration.ts'
import { columnPattern, tablePattern } from './identifiers.ts'
import { targetFields, type OnConflict } from './operation.ts'

/** What a flow writes to. */
export interface SinkSpec {
  readonly table: string
  readonly key?: readonly string[]
  readonly onConflict?: OnConflict
  readonly columns?: Readonly<Record<string, string>>
}

/** What a flow reads from. */
export interface SourceSpec {
  readonly table: string
  readonly orderBy: string
  readonly key?: readonly string[]
  readonly from?: string
  readonly columns?: readonly string[]
  readonly every?: string
  readonly batch?: number
}

/** Schema of a flow's `to:`. */
export const sinkSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['table'],
  properties: {
    ...targetFields,
    columns: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: columnPattern },
      additionalProperties: { type: 'string', minLength: 1 },
      description:
        'column: property of a row. Only these are written; without it every property of a row is the column of its name, and one that is none refuses the row.',
      examples: [{ timestamp: 'openedAt' }],
    },
  },
}

const column: JsonObject = { type: 'string', pattern: columnPattern, title: 'column name' }

/** Schema of a flow's `from:`. */
export const sourceSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['table', 'orderBy'],
  properties: {
    table: { type: 'string', pattern: tablePattern, title: 'table name', description: 'The table or view; schema.table where it is not on the search path.' },
    orderBy: {
      ...column,
      description: 'The column that grows with time. A row that comes later with an earlier value is not read; rows without a value neither.',
      examples: ['timestamp'],
    },
    key: {
      type: 'array',
      items: column,
      uniqueItems: true,
      description: 'Columns that tell rows of one time apart; none may be null. The primary key unless given; needed where the table has none.',
      examples: [['symbol', 'exchange', 'timeframe']],
    },
    from: {
      type: 'string',
      description: 'The value of orderBy to begin at, itself included; from the first row unless given.',
      examples: ['2024-01-01T00:00:00Z'],
    },
    columns: { type: 'array', items: column, minItems: 1, uniqueItems: true, description: 'The columns to read; all unless given.' },
    every: {
      type: 'string',
      pattern: durationPattern,
      description: 'How often to look for new rows; without it reading ends at the last row.',
      examples: ['1s'],
    },
    batch: { type: 'integer', minimum: 1, maximum: 10_000, default: 1_000, description: 'Rows read together at most.' },
  },
}
