import type { JsonObject } from '../../contract/json.ts'

/** A statement the manifest wrote. */
export interface StatementOperation {
  readonly sql: string
  readonly whenEmpty?: string
}

/** Rows of the caller's for a table. */
export interface InsertOperation {
  readonly insert: {
    readonly table: string
    readonly columns?: readonly string[]
    /** The input that holds the rows. */
    readonly rows: string
  }
}

/** A statement the caller writes. */
export interface AdHocOperation {
  readonly adHoc: 'query' | 'explain'
}

/** `operation:` of a tool of this kind. */
export type ClickHouseOperation = StatementOperation | InsertOperation | AdHocOperation

/** What `Connector.sink` takes. */
export interface SinkSpec {
  readonly table: string
  readonly batch?: number
}

const table: JsonObject = {
  type: 'string',
  pattern: '^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)?$',
  description: 'The table, after its database and a dot where it is not the one of the URL.',
  examples: ['ohlcv'],
}

/** The schema of `operation:`. `adHoc` is for the standard tools query and explain. */
export const operationSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    sql: {
      type: 'string',
      minLength: 1,
      description:
        'One statement. {name:Type} is bound to the input property of that name and never pasted; Type is one of ClickHouse’s. A property the caller may leave out is {name:Nullable(Type)}.',
      examples: ['SELECT timestamp, close FROM ohlcv FINAL WHERE symbol = {symbol:String} ORDER BY timestamp DESC LIMIT {limit:UInt32}'],
    },
    whenEmpty: { type: 'string', description: 'What to tell the model when there are no rows.' },
    insert: {
      type: 'object',
      additionalProperties: false,
      required: ['table', 'rows'],
      description:
        'Rows of an input, written into a table. Each is checked against the columns first; those that do not fit are told one by one and the others written.',
      properties: {
        table,
        columns: {
          type: 'array',
          items: { type: 'string', minLength: 1 },
          minItems: 1,
          uniqueItems: true,
          description: 'The only columns a caller may give; absent: every column of the table that can be written.',
        },
        rows: { type: 'string', minLength: 1, description: 'The input property, an array of objects, that holds the rows.', examples: ['rows'] },
      },
    },
    adHoc: { enum: ['query', 'explain'], description: 'The statement comes from the caller, in its argument sql.' },
  },
  oneOf: [{ required: ['sql'] }, { required: ['insert'] }, { required: ['adHoc'] }],
}

/** The schema of what a flow writes to. */
export const sinkSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['table'],
  properties: {
    table,
    batch: { type: 'integer', minimum: 1, maximum: 100_000, default: 10_000, description: 'Rows of one insert at most.' },
  },
}
