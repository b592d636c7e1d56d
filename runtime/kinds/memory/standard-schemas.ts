import type { JsonObject } from '../../contract/json.ts'

/** A text of a caller's. */
export const text = (description: string, maxLength: number, ...examples: readonly string[]): JsonObject => ({
  type: 'string',
  minLength: 1,
  maxLength,
  description,
  ...(examples.length > 0 && { examples }),
})

/** A whole number with a default. */
export const count = (description: string, value: number, maximum: number): JsonObject => ({
  type: 'integer',
  minimum: 1,
  maximum,
  default: value,
  description,
})

/** A moment in an answer. */
export const moment = (description: string): JsonObject => ({ type: 'string', format: 'date-time', description })

/** A closed map of arguments. */
export const input = (properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  ...(required.length > 0 && { required }),
  properties,
})

/** A map of an answer. */
export const fields = (properties: JsonObject, required: readonly string[]): JsonObject => ({ type: 'object', required, properties })

/** Rows of an answer, and what stands beside them. */
export const rows = (columns: JsonObject, required: readonly string[], beside: JsonObject = {}): JsonObject => ({
  type: 'object',
  required: ['rows'],
  properties: { rows: { type: 'array', items: fields(columns, required) }, ...beside },
})

/** The argument of nearly every tool. */
export const namespace: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 80,
  default: 'own',
  description: 'own: private to you, no other agent can read it. shared/<name>: shared with all agents of your organisation, for the names this hub shares.',
  examples: ['own', 'shared/desk'],
}

/** How long something is kept. */
export const ttl: JsonObject = {
  type: 'string',
  pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$',
  maxLength: 20,
  description: 'How long it is kept, a number and a unit of ms, s, m, h or d; without it as long as this hub’s default.',
  examples: ['30m', '7d'],
}

/** The version of a value. */
export const version: JsonObject = { type: 'integer', minimum: 1, description: 'Grows with every write; never used twice in a namespace.' }

/** Where the next page begins. */
export const next: JsonObject = { type: 'string', description: 'There is more: pass this as after. Not there: this is the end.' }
