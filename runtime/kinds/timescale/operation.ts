import type { JsonObject } from '../../contract/json.ts'
import { columnPattern, tablePattern } from './identifiers.ts'

/** A statement the manifest wrote. */
export interface StatementOperation {
  readonly sql: string
  readonly whenEmpty?: string
  readonly needs?: 'timescaledb'
}

/** A statement the caller writes. */
export interface AdHocOperation {
  readonly adHoc: 'query' | 'explain'
}

/** What becomes of a row whose key is there already. */
export type OnConflict = 'update' | 'ignore' | 'error'

/** Rows of the caller's, written by one statement. */
export interface InsertOperation {
  readonly insert: {
    readonly table: string
    readonly rows: string
    readonly key?: readonly string[]
    readonly onConflict?: OnConflict
    readonly columns?: Readonly<Record<string, string>>
  }
}

/** What an operator does to hypertables, by name. */
export const managements = ['refresh_continuous_aggregate', 'compress_chunks', 'decompress_chunks', 'drop_chunks', 'set_retention', 'set_compression'] as const
/** One of them. */
export type Management = (typeof managements)[number]

/** Work on hypertables, for the standard tools of operators. */
export interface ManageOperation {
  readonly manage: Management
}

/** `operation:` of a tool of this kind. */
export type TimescaleOperation = StatementOperation | AdHocOperation | InsertOperation | ManageOperation

const column: JsonObject = { type: 'string', pattern: columnPattern, title: 'column name' }

/** Where rows go; the same words in a tool's `insert` and in a flow's sink. */
export const targetFields: JsonObject = {
  table: {
    type: 'string',
    pattern: tablePattern,
    title: 'table name',
    description: 'The table, exactly as the database has it; schema.table where it is not on the search path.',
    examples: ['ohlcv'],
  },
  key: {
    type: 'array',
    items: column,
    minItems: 1,
    uniqueItems: true,
    description: 'The columns that name one row. The table needs a unique index on exactly these.',
    examples: [['symbol', 'exchange', 'timeframe', 'timestamp']],
  },
  onConflict: {
    enum: ['update', 'ignore', 'error'],
    description:
      'A row whose key is there already: update writes over it (the default with a key), ignore leaves it, error refuses all (the default without a key).',
  },
}

/** The schema of `operation:`. `adHoc` is for the standard tools query and explain, `manage` for those of operators. */
export const operationSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    sql: {
      type: 'string',
      minLength: 1,
      description: 'One SQL statement. :name is bound to the input property of that name and never pasted; a property the caller leaves out is NULL.',
      examples: ['SELECT * FROM ohlcv WHERE symbol = :symbol ORDER BY timestamp DESC LIMIT :limit'],
    },
    whenEmpty: { type: 'string', description: 'What to tell the model when there are no rows.' },
    needs: { enum: ['timescaledb'], description: 'The extension the statement stands on; a database without it is told apart from a wrong statement.' },
    adHoc: { enum: ['query', 'explain'], description: 'The statement comes from the caller, in its argument sql.' },
    insert: {
      type: 'object',
      additionalProperties: false,
      required: ['table', 'rows'],
      description: 'Writes many rows by one statement, all or none. Values are bound, never pasted; types are the table’s own.',
      properties: {
        ...targetFields,
        rows: {
          type: 'string',
          minLength: 1,
          description:
            'The input that holds the rows: a list of objects. Each of their properties, and every other input for all rows, is the column of its name.',
          examples: ['candles'],
        },
        columns: {
          type: 'object',
          minProperties: 1,
          propertyNames: { pattern: columnPattern },
          additionalProperties: { type: 'string', minLength: 1 },
          description:
            'Where columns have other names: column: property of a row, or column: ":input" for one value of the whole call. Only these are then written.',
          examples: [{ timestamp: 'openedAt', exchange: ':venue' }],
        },
      },
    },
    manage: { enum: [...managements], description: 'Work on hypertables; for the standard tools that manage: true switches on.' },
  },
  oneOf: [{ required: ['sql'] }, { required: ['adHoc'] }, { required: ['insert'] }, { required: ['manage'] }],
}

/** How conflicts are met where the manifest does not say. */
export const onConflictOf = ({ key, onConflict }: { readonly key?: readonly string[]; readonly onConflict?: OnConflict }): OnConflict =>
  onConflict ?? (key === undefined ? 'error' : 'update')
