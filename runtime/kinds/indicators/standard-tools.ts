import type { JsonObject } from '../../contract/json.ts'
import type { StandardTool } from '../../contract/tool.ts'
import { priceNames } from './candles/candles.ts'
import { families } from './catalogue/types.ts'

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

const origin: JsonObject = {
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

const last = (usual: number, description: string): JsonObject => ({ type: 'integer', minimum: 1, maximum: 10_000, default: usual, description })

const request: JsonObject = {
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

const rows = (properties: JsonObject, required: readonly string[], more: JsonObject = {}): JsonObject => ({
  type: 'object',
  required: ['rows', ...Object.keys(more)],
  properties: { rows: { type: 'array', items: { type: 'object', required: [...required], properties } }, ...more },
})

const timestamp: JsonObject = { type: 'string', description: 'Of the candle, UTC.' }
const close: JsonObject = { type: ['number', 'null'] }
const direction: JsonObject = { enum: ['bullish', 'bearish', 'neutral'] }

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

const listIndicators: StandardTool = {
  name: 'list_indicators',
  summary: 'Finds technical indicators by words and family: what each tells, its parameters and outputs.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    properties: {
      search: {
        type: 'string',
        maxLength: 200,
        description: 'Words that must all be in it: overbought, trend strength, volume.',
        examples: ['trend strength', 'bollinger'],
      },
      family: { enum: [...families], description: 'Only this family.' },
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 25 },
      offset: { type: 'integer', minimum: 0, default: 0 },
    },
    examples: [{ search: 'volatility stop' }],
  },
  output: rows(
    {
      id: { type: 'string' },
      name: { type: 'string' },
      family: { enum: [...families] },
      tells: { type: 'string' },
      parameters: { type: 'array', items: { type: 'string' } },
      outputs: { type: 'array', items: { type: 'string' } },
    },
    ['id', 'name', 'family', 'tells', 'parameters', 'outputs'],
    { total: { type: 'integer' } },
  ),
  operation: { standard: 'list' },
}

const describeIndicator: StandardTool = {
  name: 'describe_indicator',
  summary: 'All there is to know of one indicator or candle pattern: formula, source, parameters, outputs with their ranges, warm-up, and how to read it.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['indicator'],
    properties: { indicator: { type: 'string', minLength: 1, maxLength: 60, description: 'Id of an indicator or a pattern.', examples: ['rsi', 'hammer'] } },
  },
  output: {
    type: 'object',
    required: ['type', 'id', 'name', 'tells', 'source'],
    properties: {
      type: { enum: ['indicator', 'pattern'] },
      id: { type: 'string' },
      name: { type: 'string' },
      tells: { type: 'string' },
      source: { type: 'string' },
    },
  },
  operation: { standard: 'describe' },
}

const compute: StandardTool = {
  name: 'compute',
  summary: 'Computes indicators over candles given or over another tool’s answer: several in one call, aligned by timestamp, oldest first.',
  description: 'A value is null during warm-up and where it does not exist; notes say why and how many candles are missing. Values have 15 significant digits.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['indicators'],
    properties: {
      indicators: { type: 'array', minItems: 1, maxItems: 100, items: request },
      ...origin,
      last: last(20, 'How many of the newest rows to answer.'),
    },
    examples: [
      {
        indicators: [{ indicator: 'rsi' }, { indicator: 'sma', period: 50 }],
        from: { tool: 'market_latest_candles', args: { symbol: '^GSPC', limit: 300 } },
        last: 5,
      },
    ],
  },
  output: outputs.compute,
  operation: { standard: 'compute' },
}

const patterns: StandardTool = {
  name: 'patterns',
  summary: 'Which candle patterns end where in the newest candles, which way they point and how strongly.',
  description: 'Sixty-one patterns as TA-Lib defines them. The trend before a pattern is not checked: tells says where one is needed.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...origin,
      last: last(20, 'How many of the newest candles to look at.'),
      patterns: {
        type: 'array',
        maxItems: 100,
        items: { type: 'string', maxLength: 60 },
        description: 'Only these, by id; all where left out.',
        examples: [['hammer', 'engulfing']],
      },
      direction: { ...direction, description: 'Only those that point this way.' },
    },
  },
  output: outputs.patterns,
  operation: { standard: 'patterns' },
}

const rule: JsonObject = {
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

const signals: StandardTool = {
  name: 'signals',
  summary: 'When indicators crossed each other or a level, entered or left a zone, or diverged from price: with the timestamps and the values that made it.',
  description:
    'Without rules: MACD and its signal line, 50 and 200 average, RSI 70 and 30, divergences of RSI. Every event is known at its candle: nothing looks ahead.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    properties: {
      rules: { type: 'array', minItems: 1, maxItems: 100, items: rule },
      ...origin,
      last: last(100, 'How many of the newest candles to look at for events.'),
    },
    examples: [
      {
        rules: [{ type: 'threshold', of: { indicator: 'rsi' }, above: 70, below: 30 }],
        from: { tool: 'market_latest_candles', args: { symbol: '^GSPC', limit: 300 } },
      },
    ],
  },
  output: outputs.signals,
  operation: { standard: 'signals' },
}

/** Tools every connector of this kind has without writing them. */
export const standardTools: readonly StandardTool[] = [listIndicators, describeIndicator, compute, patterns, signals]
