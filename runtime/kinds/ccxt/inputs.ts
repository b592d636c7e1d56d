import type { JsonObject } from '../../contract/json.ts'

/** An input of named properties, nothing beside them. */
export const input = (properties: JsonObject, required: readonly string[] = [], examples: readonly JsonObject[] = []): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  ...(required.length > 0 && { required }),
  properties,
  ...(examples.length > 0 && { examples }),
})

/** Which exchange is asked. */
export const exchange: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 40,
  description: 'Which exchange is asked, by its id in list_exchanges; without it the first one.',
  examples: ['kraken'],
}
/** One market. */
export const symbol: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 100,
  description: 'The market as list_markets writes it: BTC/USDT is spot, BTC/USDT:USDT the perpetual contract.',
  examples: ['BTC/USDT'],
}
/** Several markets. */
export const symbols = (description: string, more: JsonObject = {}): JsonObject => ({
  type: 'array',
  maxItems: 100,
  items: symbol,
  description,
  examples: [['BTC/USDT', 'ETH/USDT']],
  ...more,
})
/** A moment. */
export const since = (description: string): JsonObject => ({
  type: 'string',
  minLength: 4,
  maxLength: 40,
  description: `${description} ISO 8601, or a day.`,
  examples: ['2024-01-31T12:00:00Z'],
})
/** How many at most. */
export const limit = (most: number, fallback: number, description: string): JsonObject => ({
  type: 'integer',
  minimum: 1,
  maximum: most,
  default: fallback,
  description,
})
/** Where a page begins. */
export const offset: JsonObject = { type: 'integer', minimum: 0, default: 0, description: 'Where the page begins: next of the page before.' }
/** Words to search by. */
export const search = (description: string): JsonObject => ({ type: 'string', maxLength: 100, description })
/** A timeframe. */
export const frame: JsonObject = {
  type: 'string',
  pattern: '^\\d+[smhdwMy]$',
  description: 'How much time one candle covers: 1m, 5m, 1h, 1d, 1w.',
  examples: ['1h', '1d'],
}

/** A timeframe, an hour unless said. */
export const timeframe: JsonObject = { ...frame, default: '1h' }

// The first call of an exchange loads its markets, which takes some of them several seconds.
/** The policy of tools that ask exchanges. */
export const patient = { timeout: '30s' }
