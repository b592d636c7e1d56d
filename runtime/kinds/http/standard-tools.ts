import type { StandardTool } from '../../contract/tool.ts'
import { pointer } from './operation.ts'

const scalar = { type: ['string', 'number', 'boolean'] }

const request: StandardTool = {
  name: 'request',
  summary: 'Any GET below this service’s base address.',
  description: 'For what no other tool of this service answers. Say data where the whole answer would be too long.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: { type: 'string', pattern: '^/', maxLength: 2_000, description: 'From the base address on, not encoded, without a query.', examples: ['/status'] },
      query: {
        type: 'object',
        maxProperties: 50,
        additionalProperties: { anyOf: [scalar, { type: 'array', items: scalar, maxItems: 200 }] },
        description: 'The pairs of the query, not encoded; a list repeats its pair.',
      },
      data: pointer('JSON pointer to the part of the answer that is wanted.', '/data/items'),
    },
  },
  operation: { adHoc: 'request' },
  optIn: 'adHoc',
}

const streamLatest: StandardTool = {
  name: 'stream_latest',
  summary: 'The latest row of each wanted key of a live stream of this service.',
  description:
    'Waits until every key has a row, or the time is up; missing says which have none and why. Keys that were asked for a moment ago answer at once. Use it where a resource cannot be watched; ask for all keys in one call.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['stream', 'keys'],
    properties: {
      stream: {
        type: 'string',
        minLength: 1,
        maxLength: 40,
        description: 'The name of the stream, as the resource templates of this service show it.',
        examples: ['prices'],
      },
      keys: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        items: { type: 'string', minLength: 1, maxLength: 256 },
        description: 'Symbols, pairs or channels, as the service writes them.',
        examples: [['BTC/USD', 'ETH/USD']],
      },
      atMost: { type: 'number', exclusiveMinimum: 0, maximum: 60, default: 5, description: 'How many seconds to wait for keys of which nothing came yet.' },
    },
    examples: [{ stream: 'prices', keys: ['BTC/USD'] }],
  },
  output: {
    type: 'object',
    required: ['rows', 'missing'],
    properties: {
      rows: { type: 'array', items: { type: 'object' }, description: 'One row for each key that has one, in the order of keys; times as ISO 8601.' },
      missing: {
        type: 'array',
        items: { type: 'object', required: ['key', 'reason'], properties: { key: { type: 'string' }, reason: { type: 'string' } } },
        description: 'Keys without a row, and why.',
      },
      truncated: { type: 'boolean' },
    },
  },
  operation: { adHoc: 'latest' },
  optIn: 'streamLatest',
  policy: { timeout: '65s' },
}

/** Tools every connector of this kind has without writing them. */
export const standardTools: readonly StandardTool[] = [request, streamLatest]
