import type { JsonObject } from '../../contract/json.ts'
import { durationPattern } from '../../contract/duration.ts'

const symbols: JsonObject = {
  type: 'array',
  minItems: 1,
  maxItems: 500,
  uniqueItems: true,
  items: { type: 'string', minLength: 1, maxLength: 100 },
  description: 'Markets as BASE/QUOTE.',
  examples: [['BTC/USDT', 'ETH/USDT']],
}
const timeframe: JsonObject = {
  type: 'string',
  pattern: '^\\d+[smhdwMy]$',
  default: '1m',
  description: 'How much time one candle covers.',
  examples: ['1m', '1h'],
}

/** The schema of what a flow reads from a connector of this kind. */
export const sourceSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  oneOf: [{ required: ['watch', 'exchange', 'symbols'] }, { required: ['candles'] }],
  properties: {
    watch: {
      enum: ['trades', 'ticker', 'tickers', 'orderbook', 'ohlcv'],
      description:
        'What is streamed over WebSocket. trades: each once, also over a lost connection. ticker, tickers: each change. orderbook: the best levels at each change. ohlcv: the open candle at each change; write it by its key.',
    },
    exchange: { type: 'string', minLength: 1, description: 'The exchange that is watched.' },
    symbols,
    timeframe,
    depth: { type: 'integer', minimum: 1, maximum: 1_000, default: 25, description: 'Levels of each side of an order book.' },
    candles: {
      type: 'object',
      additionalProperties: false,
      required: ['symbols'],
      description: 'Closed candles, each once, asked for again and again: for exchanges without such a stream, and for the past.',
      properties: {
        exchanges: {
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { type: 'string', minLength: 1 },
          description: 'Those that are asked; without it all of the connector.',
        },
        symbols,
        timeframe,
        every: { type: 'string', pattern: durationPattern, default: '5s', description: 'How often is asked.' },
        since: {
          type: 'string',
          description: 'Where to begin when there is no position: ISO 8601 or a day. Without it at the last closed candle.',
          examples: ['2024-01-01'],
        },
      },
    },
  },
}
