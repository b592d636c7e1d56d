import type { StandardTool } from '../../contract/tool.ts'
import { families } from './catalogue/types.ts'
import { direction, last, origin, outputs, request, rows, rule } from './tool-schemas.ts'

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
