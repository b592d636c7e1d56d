import { effects, roles } from '../contract/principal.ts'
import type { JsonObject } from '../contract/json.ts'
import { durationPattern } from '../contract/duration.ts'
import { ratePattern, sizePattern } from './scalars.ts'

/** A duration, as a field of the language. A schema's `title` is the noun that problems use. */
export const duration = (description: string): JsonObject => ({
  type: 'string',
  pattern: durationPattern,
  title: 'duration such as 250ms, 5s or 30m',
  description,
  examples: ['5s'],
})
/** See `duration`. */
export const size = (description: string): JsonObject => ({
  type: 'string',
  pattern: sizePattern,
  title: 'size such as 256kb or 1mb',
  description,
  examples: ['256kb'],
})
/** See `duration`. */
export const rate = (description: string): JsonObject => ({
  type: 'string',
  pattern: ratePattern,
  title: 'rate such as 60/min or 10/s',
  description,
  examples: ['60/min'],
})
/** A list of texts, each once. */
export const texts = (description: string): JsonObject => ({ type: 'array', items: { type: 'string', minLength: 1 }, uniqueItems: true, description })
/** A whole number within bounds. */
export const count = (minimum: number, maximum: number, description: string): JsonObject => ({ type: 'integer', minimum, maximum, description })

/** A text that is not empty. */
export const sentence = (description: string): JsonObject => ({ type: 'string', minLength: 1, description })
/** A map with names of the author's. */
export const mapOf = (items: JsonObject, description: string, rest: JsonObject = {}): JsonObject => ({
  type: 'object',
  description,
  additionalProperties: items,
  ...rest,
})

/** A closed map of named fields. */
export const fields = (title: string, properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  title,
  additionalProperties: false,
  ...(required.length > 0 && { required }),
  properties,
})

const lifetime: JsonObject = { type: 'string', minLength: 1, description: 'A named lifetime of hub.config.yaml, or a duration.', examples: ['schema', '5s'] }

/** How answers are kept: a lifetime, or a lifetime with its stale time and tags, or not at all. */
export const cacheField: JsonObject = {
  title: 'lifetime, a map of ttl, stale and tags, or false',
  description: 'How long an answer may be given again. For reads only.',
  anyOf: [
    { ...lifetime, title: 'lifetime such as schema or 5s' },
    fields(
      'cache policy',
      {
        ttl: { ...lifetime, description: 'How long an answer is fresh: a named lifetime or a duration.' },
        stale: duration('How long after that it may still be given while a fresh one is fetched.'),
        tags: texts('Names under which its answers can be dropped together.'),
      },
      ['ttl'],
    ),
    { const: false, title: 'false', description: 'Not cached, whatever the defaults say.' },
  ],
}

/** What hub, tier and connector may lay under the policies of their tools. */
export const defaultPolicyFields: JsonObject = {
  timeout: duration('How long a call may take before it is cancelled.'),
  cache: cacheField,
  limit: rate('Calls of one tool by one principal.'),
  concurrency: count(1, 10_000, 'Calls of one tool at one time, over all callers.'),
  retry: count(0, 10, 'Further attempts after the first. Reads, and writes with an idempotencyKey, only.'),
  breaker: fields('breaker', {
    failures: count(1, 1_000, 'Failures in a row after which the system is left alone.'),
    reset: duration('How long it is left alone before one call may try again.'),
  }),
  result: fields('result bound', { rows: count(1, 1_000_000, 'Rows an answer may have.'), bytes: size('Bytes an answer may have.') }),
}

/** The rules of one tool. */
export const policyField: JsonObject = {
  ...fields('policy', {
    ...defaultPolicyFields,
    arguments: {
      type: 'object',
      description: 'What arguments may be, beyond their schema. Names of inputs, dotted where they are nested.',
      additionalProperties: fields('argument policy', {
        allow: { type: 'array', minItems: 1, description: 'Values it may have; in texts * stands for anything.', examples: [['BTC/*', '^GSPC']] },
        max: { type: 'number', description: 'Its largest value, or its greatest length for texts and lists.' },
      }),
    },
    scopes: texts('Scopes a token must have besides the role.'),
    idempotencyKey: { type: 'string', minLength: 1, description: 'The input that makes a repeated write harmless.' },
  }),
  description: 'The rules this tool lives under; they lie over those of connector, tier and hub.',
}

/** What a tool does to the world. */
export const effectField: JsonObject = {
  enum: [...effects],
  description: 'read changes nothing; write adds or changes; destroy removes or cannot be undone. Picks the role, the annotations and the retry rules.',
}
/** The weakest role that may use something. */
export const roleField: JsonObject = { enum: [...roles], description: 'The weakest role that may use it; otherwise it follows from the effect.' }
/** MCP annotations an operator lays over those that follow from the effect. */
export const annotationsField: JsonObject = {
  ...fields('annotation', {
    title: { type: 'string', description: 'A short name for people.' },
    readOnlyHint: { type: 'boolean', description: 'true: it changes nothing.' },
    destructiveHint: { type: 'boolean', description: 'true: what it does may not be undone.' },
    idempotentHint: { type: 'boolean', description: 'true: doing it twice is the same as doing it once.' },
    openWorldHint: { type: 'boolean', description: 'true: it reaches systems beyond this one, such as the web.' },
  }),
  description: 'MCP annotations, over those that follow from the effect.',
}
