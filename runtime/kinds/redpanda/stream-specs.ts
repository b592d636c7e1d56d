import type { JsonObject } from '../../contract/json.ts'
import { producedFields, readFormats, type ReadFormat, type WrittenFormat } from './operation.ts'

/** What a flow reads from. */
export interface SourceSpec {
  readonly topic?: string
  readonly topics?: readonly string[]
  readonly from?: string
  readonly group?: string
  readonly format?: ReadFormat
  readonly envelope?: boolean
  readonly onPoison?: 'keep' | 'skip' | 'fail'
}

/** What a flow writes to. */
export interface SinkSpec {
  readonly topic: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly format?: WrittenFormat
  readonly subject?: string
  readonly createMissing?: boolean
}

const glob: JsonObject = { type: 'string', pattern: '^[A-Za-z0-9._*-]{1,249}$', title: 'a topic or a glob' }

/** The schema of `from: { connector: …, … }` of a flow. */
export const sourceSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    topic: {
      ...glob,
      description: 'The topic to read, or a glob; topics that come to be while it runs are read from their beginning.',
      examples: ['crypto.market.data.*'],
    },
    topics: { type: 'array', minItems: 1, maxItems: 1_000, items: glob, description: 'More than one of them.' },
    from: {
      type: 'string',
      default: 'latest',
      description: 'Where to begin the first time: earliest, latest, a time in ISO 8601, or so long ago. A flow goes on where it stood.',
      examples: ['earliest', '1h'],
    },
    group: {
      type: 'string',
      minLength: 1,
      maxLength: 255,
      description:
        'Commit what was read to this consumer group, so that consumer_lag shows it; without a position of its own, the flow begins where the group stands. It is in no group otherwise.',
    },
    format: { enum: [...readFormats], default: 'auto', description: 'How values are decoded; auto finds out.' },
    envelope: {
      type: 'boolean',
      default: false,
      description: 'A row is the whole message (topic, partition, offset, timestamp, key, value, headers) and not its value alone.',
    },
    onPoison: {
      enum: ['keep', 'skip', 'fail'],
      default: 'keep',
      description:
        'What becomes of a message that cannot be decoded: a row { poison: … } for the flow’s own checks, nothing but a count, or the end of the flow.',
    },
  },
  oneOf: [{ required: ['topic'] }, { required: ['topics'] }],
}

const { topic, key, headers, format, subject, createMissing } = producedFields

/** The schema of one `to: { connector: …, … }` of a flow. */
export const sinkSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['topic'],
  description: 'A row is the value of a message; {name} in topic, key and headers is filled from it.',
  properties: { topic, key, headers, format, subject, createMissing } as JsonObject,
}
