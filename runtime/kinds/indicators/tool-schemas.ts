import type { JsonObject } from '../../contract/json.ts'
import { priceNames } from './candles/candles.ts'

const number: JsonObject = { type: ['number', 'string', 'null'] }

const candle: JsonObject = {
  type: ['object', 'array'],
  properties: {
    timestamp: { type: ['string', 'number'], description: 'ISO 8601, or milliseconds since 1970.' },
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
  },
}

/** Where candles come from: given, or another tool’s answer. */
export const origin: JsonObject = {
  candles: {
    type: 'array',
    maxItems: 50_000,
    items: candle,
    description:
      'Candles, newest or oldest first: objects as other tools answer them, or exchange arrays [timestamp, open, high, low, close, volume]. Prefer from: then they need not pass through you.',
  },
  from: {
    type: 'object',
    additionalProperties: false,
    required: ['tool'],
    properties: {
      tool: {
        type: 'string',
        minLength: 1,
        maxLength: 200,
        description: 'Full name of a tool that answers rows of candles.',
        examples: ['market_latest_candles', 'exchanges_candles'],
      },
      args: {
        type: 'object',
        description: 'Its arguments. Ask for enough candles: warm-up and what you want to see.',
        examples: [{ symbol: '^GSPC', limit: 300 }],
      },
    },
    description: 'Take the candles from this tool’s answer, called with your rights. Give this or candles.',
  },
}

/** How much of the newest is answered. */
export const last = (usual: number, description: string): JsonObject => ({ type: 'integer', minimum: 1, maximum: 10_000, default: usual, description })

/** One indicator with its parameters. */
export const request: JsonObject = {
  type: 'object',
  required: ['indicator'],
  properties: {
    indicator: { type: 'string', maxLength: 60, description: 'Its id; list_indicators finds it.' },
    alias: { type: 'string', maxLength: 40, description: 'Name of its column, where the id is not enough.' },
    of: { enum: [...priceNames], description: 'Another price for indicators of the close.' },
  },
  additionalProperties: { type: ['number', 'string'] },
  description: 'Its parameters stand beside these fields: { indicator: sma, period: 50, alias: fast }.',
}

const operand: JsonObject = {
  anyOf: [
    {
      ...request,
      properties: { ...(request['properties'] as JsonObject), output: { type: 'string', description: 'Which of its outputs; the first one where left out.' } },
    },
    { enum: [...priceNames] },
    { type: 'number' },
  ],
  description: 'An indicator with its parameters and output, a price of the candles, or (in with) a number.',
}

const series: JsonObject = {
  type: 'object',
  required: ['candles', 'from', 'to'],
  properties: { candles: { type: 'integer' }, given: { type: 'integer' }, from: { type: ['string', 'null'] }, to: { type: ['string', 'null'] } },
  description: 'Which candles were used.',
}

/** An answer of rows. */
export const rows = (properties: JsonObject, required: readonly string[], more: JsonObject = {}): JsonObject => ({
  type: 'object',
  required: ['rows', ...Object.keys(more)],
  properties: { rows: { type: 'array', items: { type: 'object', required: [...required], properties } }, ...more },
})

const timestamp: JsonObject = { type: 'string', description: 'Of the candle, UTC.' }
const close: JsonObject = { type: ['number', 'null'] }
/** Which way a pattern points. */
export const direction: JsonObject = { enum: ['bullish', 'bearish', 'neutral'] }

/** The schemas declared tools answer with too. */
export const outputs = {
  compute: rows({ timestamp, close }, ['timestamp', 'close'], {
    indicators: {
      type: 'array',
      description: 'What each column is, its warm-up in candles, and how many candles are missing for a first value of every column.',
      items: {
        type: 'object',
        required: ['indicator', 'alias', 'columns', 'warmup', 'missing'],
        properties: {
          indicator: { type: 'string' },
          alias: { type: 'string' },
          parameters: { type: 'object' },
          columns: { type: 'object' },
          warmup: { type: 'integer' },
          missing: { type: 'integer' },
        },
      },
    },
    series,
  }),
  patterns: rows(
    {
      timestamp,
      close,
      pattern: { type: 'string' },
      name: { type: 'string' },
      direction,
      strength: { enum: [80, 100, 200], description: '100: by the book; 80: one end shared; 200: confirmed.' },
      candles: { type: 'integer' },
      tells: { type: 'string' },
    },
    ['timestamp', 'pattern', 'direction', 'strength'],
    { series, searched: { type: 'object' } },
  ),
  signals: rows(
    {
      timestamp,
      rule: { type: 'string' },
      type: { enum: ['cross', 'threshold', 'divergence'] },
      event: { type: 'string' },
      direction: { enum: ['up', 'down', 'bullish', 'bearish'] },
      close,
      values: { type: 'object', description: 'The values that made it.' },
    },
    ['timestamp', 'rule', 'type', 'event', 'direction', 'values'],
    { now: { type: 'array', items: { type: 'object' }, description: 'The values at the newest candle, rule by rule.' }, series },
  ),
} as const

/** What makes an event. */
export const rule: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['type', 'of'],
  properties: {
    type: {
      enum: ['cross', 'threshold', 'divergence'],
      description: 'cross: of crosses with; threshold: of enters or leaves what lies above or below a level; divergence: swings of price and of disagree.',
    },
    name: { type: 'string', maxLength: 100, description: 'What to call it in the answer.' },
    of: operand,
    with: operand,
    direction: { enum: ['up', 'down', 'both'], description: 'Only crossings this way; both unless said.' },
    above: { type: 'number' },
    below: { type: 'number' },
    side: {
      type: 'integer',
      minimum: 1,
      maximum: 50,
      description: 'Divergence: candles on either side of a swing, 3 where left out; the event comes so many candles after the swing.',
    },
    within: { type: 'integer', minimum: 5, maximum: 1_000, description: 'Divergence: candles between two swings at most, 60 where left out.' },
    hidden: { type: 'boolean', description: 'Divergence: hidden ones too.' },
  },
}
