import type { JsonObject } from '../../contract/json.ts'
import { durationPattern } from '../../contract/duration.ts'
import { methods } from './methods.ts'

/** The lists and joined answers that the standard tools are made of. */
export const views = ['exchanges', 'markets', 'currencies', 'tickers', 'funding_rates', 'open_interest', 'status'] as const
/** One of them. */
export type View = (typeof views)[number]

/** How far answers of venues may lie apart. */
export interface Divergence {
  /** `0.5%`. */
  readonly spread: string
  /** How far apart in time two prices may be and still be compared. */
  readonly within?: string
}

/** One unified method: its arguments by name, and who is asked. */
export interface MethodOperation {
  readonly method: string
  readonly exchange?: string
  /** Arguments that callers do not give. */
  readonly with?: JsonObject
  readonly fallback?: readonly string[]
  readonly divergence?: string | Divergence
}

/** `operation:` of a tool. */
export type CcxtOperation = MethodOperation | { readonly view: View }

const spread: JsonObject = { type: 'string', pattern: '^\\d+(\\.\\d+)?%$', title: 'share such as 0.5%', examples: ['0.5%'] }

/** The schema of `operation:`. */
export const operationSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  oneOf: [{ required: ['method'] }, { required: ['view'] }],
  properties: {
    method: {
      type: 'string',
      minLength: 1,
      description: 'A unified method of ccxt that reads. The inputs symbol, symbols, code, timeframe, since, limit, id and params are its arguments by name.',
      examples: Object.keys(methods).slice(0, 12),
    },
    exchange: {
      type: 'string',
      minLength: 1,
      description: 'The exchange that is asked; without it the input exchange, else the first of fallback or of config.',
    },
    with: {
      type: 'object',
      additionalProperties: false,
      description: 'Arguments that callers do not give.',
      properties: {
        symbol: { type: 'string', minLength: 1, description: 'A market.' },
        symbols: { type: 'array', items: { type: 'string', minLength: 1 }, description: 'Markets.' },
        code: { type: 'string', minLength: 1, description: 'A currency.' },
        timeframe: { type: 'string', minLength: 1, description: 'How much time one candle covers.' },
        since: { type: ['string', 'integer'], description: 'The oldest moment that is wanted.' },
        limit: { type: 'integer', minimum: 1, description: 'How many at most.' },
        id: { type: 'string', minLength: 1, description: 'An id.' },
        params: { type: 'object', description: 'What only this exchange knows, as ccxt’s manual names it.' },
      },
    },
    fallback: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', minLength: 1 },
      description:
        'Exchanges in the order they are asked. The next one is asked only when the one before is down or over its rate limit, and only for the very same market; the answer says who gave it and why.',
      examples: [['kraken', 'coinbase']],
    },
    divergence: {
      description:
        'Ask the other exchanges of fallback too, and say whether their prices lie within this share of the answer’s. What cannot be compared (another quote currency, another moment) is not, and that is said.',
      oneOf: [
        spread,
        {
          type: 'object',
          additionalProperties: false,
          required: ['spread'],
          properties: {
            spread: { ...spread, description: 'How far apart prices may be.' },
            within: { type: 'string', pattern: durationPattern, default: '1m', description: 'How far apart in time two prices may be and still be compared.' },
          },
        },
      ],
    },
    view: { enum: [...views], description: 'One of the lists and joined answers that the standard tools are made of.' },
  },
}
