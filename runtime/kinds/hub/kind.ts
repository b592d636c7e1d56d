import { defineKind } from '../../contract/kind.ts'
import type { StandardTool } from '../../contract/tool.ts'

const nothing = { type: 'object', properties: {}, additionalProperties: false } as const

const health = {
  type: 'object',
  required: ['state'],
  properties: {
    name: { type: 'string' },
    state: { type: 'string', enum: ['up', 'degraded', 'down', 'off', 'unknown'] },
    detail: { type: 'string', description: 'What was seen, and what to do.' },
    latencyMs: { type: 'number', description: 'How long the last probe took, in milliseconds.' },
    version: { type: 'string' },
    checkedAt: { type: 'string', description: 'When it was last probed, ISO 8601.' },
  },
} as const

const standardTools: readonly StandardTool[] = [
  {
    name: 'health',
    summary: 'Health of the hub and of every system behind it.',
    effect: 'read',
    role: 'observer',
    input: nothing,
    output: {
      type: 'object',
      required: ['status', 'connectors'],
      properties: { status: { type: 'string', enum: ['up', 'degraded'] }, uptimeSeconds: { type: 'integer' }, connectors: { type: 'array', items: health } },
    },
    operation: { ask: 'health' },
  },
  {
    name: 'list_connectors',
    summary: 'The systems this hub is connected to: kind, purpose, state, and how many of their tools you may use.',
    effect: 'read',
    role: 'observer',
    input: nothing,
    output: {
      type: 'object',
      required: ['connectors'],
      properties: {
        connectors: {
          type: 'array',
          items: {
            type: 'object',
            required: ['name', 'kind', 'summary', 'state', 'tools'],
            properties: {
              name: { type: 'string' },
              kind: { type: 'string' },
              summary: { type: 'string' },
              state: health.properties.state,
              detail: { type: 'string' },
              tools: { type: 'integer' },
            },
          },
        },
      },
    },
    operation: { ask: 'connectors' },
  },
  {
    name: 'describe_tool',
    summary: 'Everything about one tool: schemas, effect, role, limits, cache, and the health of the system behind it.',
    effect: 'read',
    role: 'observer',
    input: {
      type: 'object',
      required: ['tool'],
      properties: {
        tool: { type: 'string', maxLength: 200, description: 'The full name, with its connector: market_latest_candles', examples: ['market_latest_candles'] },
      },
      additionalProperties: false,
    },
    output: { type: 'object', required: ['name', 'connector', 'summary', 'effect', 'input'] },
    operation: { ask: 'tool' },
  },
]

/** The hub itself: what it is connected to, how that is, and what a tool takes. */
export const hub = defineKind({
  kind: 'hub',
  summary: 'The hub itself: health, connectors and the description of any tool.',
  config: { type: 'object', properties: {}, additionalProperties: false },
  operation: {
    type: 'object',
    required: ['ask'],
    properties: { ask: { type: 'string', enum: ['health', 'connectors', 'tool'], description: 'Which of the hub’s own questions the tool answers.' } },
    additionalProperties: false,
  },
  standardTools,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
