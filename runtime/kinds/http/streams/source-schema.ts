import type { JsonObject } from '../../../contract/json.ts'

/** What `Connector.source` takes. */
export interface SourceSpec {
  readonly stream: string
  readonly keys: readonly string[]
}

/** The schema of `source:`. */
export const sourceSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['stream', 'keys'],
  properties: {
    stream: { type: 'string', minLength: 1, description: 'Its name under config.streams.', examples: ['prices'] },
    keys: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      uniqueItems: true,
      items: { type: 'string', minLength: 1, maxLength: 256 },
      description: 'What to read: symbols, pairs, channels, as the service writes them.',
      examples: [['BTC/USD', 'ETH/USD']],
    },
  },
}
