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

/** Tools every connector of this kind has without writing them. */
export const standardTools: readonly StandardTool[] = [request]
