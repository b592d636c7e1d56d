import type { JsonObject } from '../../contract/json.ts'

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

/** `operation:` of a tool of this kind. */
export type TimescaleOperation = StatementOperation | AdHocOperation

/** The schema of `operation:`. `adHoc` is for the standard tools query and explain. */
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
  },
  oneOf: [{ required: ['sql'] }, { required: ['adHoc'] }],
}
