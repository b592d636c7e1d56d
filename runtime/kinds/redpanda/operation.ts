import type { JsonObject } from '../../contract/json.ts'
import { durationPattern } from '../../contract/duration.ts'

/** How the bytes of a message are written. */
export const writtenFormats = ['json', 'text', 'base64', 'registry'] as const
/** One of them. */
export type WrittenFormat = (typeof writtenFormats)[number]

/** How the bytes of a message are read. */
export const readFormats = ['auto', 'json', 'text', 'base64', 'registry'] as const
/** One of them. */
export type ReadFormat = (typeof readFormats)[number]

/** One message a call. */
export interface ProduceOperation {
  readonly produce: {
    readonly topic: string
    readonly key?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly partition?: number | string
    readonly value?: string
    readonly format?: WrittenFormat
    readonly subject?: string
    readonly createMissing?: boolean
  }
}

/** Messages that are there already. */
export interface ReadOperation {
  readonly read: {
    readonly topic: string
    readonly partition?: number | string
    readonly from?: number | string
    readonly limit?: number | string
    readonly key?: string
    readonly format?: ReadFormat
  }
}

/** The latest value of each key, waited for. */
export interface CollectOperation {
  readonly collect: {
    readonly topic: string
    readonly by?: string
    readonly want?: string
    readonly atMost?: string
    readonly limit?: number
    readonly lookBack?: number
    readonly format?: ReadFormat
  }
}

/** What the standard tools do. */
export const standards = [
  'list_topics',
  'describe_topic',
  'describe_configs',
  'list_groups',
  'describe_group',
  'consumer_lag',
  'read_messages',
  'collect_latest',
  'produce',
  'create_topic',
  'add_partitions',
  'delete_topic',
  'reset_offsets',
] as const
/** One of them. */
export type Standard = (typeof standards)[number]

/** One of the standard tools. */
export interface StandardOperation {
  readonly standard: Standard
}

/** `operation:` of a tool of this kind. */
export type RedpandaOperation = ProduceOperation | ReadOperation | CollectOperation | StandardOperation

const topic = (description: string, example: string): JsonObject => ({ type: 'string', minLength: 1, description, examples: [example] })
const format: JsonObject = {
  enum: [...readFormats],
  default: 'auto',
  description:
    'How values are read. auto: what the schema registry knows, else JSON, else text, else base64. A message that cannot be read that way is answered as such, with its offset and the reason.',
}

/** The words of a message to write; the same in a tool's `produce` and in a flow's sink. */
export const producedFields: JsonObject = {
  topic: topic(
    'The topic. {name} is one part of its name, filled with that value; a slash in it becomes a dash, and a value that would leave its part is refused.',
    'crypto.signals.{agent}',
  ),
  key: {
    type: 'string',
    minLength: 1,
    description: 'The key; {name} is filled with that value. Messages of one key keep their order and share a partition.',
    examples: ['{symbol}'],
  },
  headers: {
    type: 'object',
    maxProperties: 50,
    additionalProperties: { type: 'string' },
    description: 'Headers by name; {name} is filled with that value.',
    examples: [{ source: '{agent}' }],
  },
  format: {
    enum: [...writtenFormats],
    default: 'json',
    description: 'How the value is written. registry: as the latest schema of the subject says (Avro, Protobuf or JSON Schema), with its id before it.',
  },
  subject: { type: 'string', minLength: 1, description: 'The subject of the schema registry, for format: registry; absent: the topic’s name and "-value".' },
  createMissing: {
    type: 'boolean',
    default: false,
    description: 'Create a topic that is not there, with as many partitions and replicas as the cluster gives by itself. Absent: that is an error.',
  },
}

/** The schema of `operation:`. */
export const operationSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    produce: {
      type: 'object',
      additionalProperties: false,
      required: ['topic'],
      description: 'Writes one message. Its value is all arguments, unless value names one of them; config.schemas is checked besides the input schema.',
      properties: {
        ...producedFields,
        partition: { type: ['integer', 'string'], minimum: 0, description: 'The partition, or {name} of the input that says it; absent: by the key.' },
        value: {
          type: 'string',
          pattern: '^[A-Za-z_][\\w-]*$',
          description: 'The input that is the message’s value; null writes a tombstone. Absent: all arguments, as one object.',
        },
      },
    },
    read: {
      type: 'object',
      additionalProperties: false,
      required: ['topic'],
      description: 'Reads messages that are there, without a consumer group: nothing is left behind on the broker.',
      properties: {
        topic: topic('The topic; {name} is one part of its name.', 'crypto.analysis.{timeframe}'),
        partition: { type: ['integer', 'string'], minimum: 0, description: 'Only this partition, or {name} of the input that says it; absent: all, by time.' },
        from: {
          type: ['integer', 'string'],
          default: 'latest',
          description: 'latest (the last ones), earliest, an offset, a time in ISO 8601, or so long ago (15m); or {name} of the input that says it.',
          examples: ['latest', 'earliest', '15m', '{since}'],
        },
        limit: { type: ['integer', 'string'], minimum: 1, default: 100, description: 'Messages at most, or {name} of the input that says it.' },
        key: { type: 'string', minLength: 1, description: 'Only messages of this key; {name} is filled with that value.', examples: ['{symbol}'] },
        format,
      },
    },
    collect: {
      type: 'object',
      additionalProperties: false,
      required: ['topic'],
      description: 'The latest value of each key: looks back a little, then waits for what is still missing until all wanted keys came or the time is up.',
      properties: {
        topic: topic('A topic or a glob: * stands for anything, {name} for one part of the name.', 'crypto.market.data.*'),
        by: {
          type: 'string',
          minLength: 1,
          description: 'The field of the value that is the key, parts of a path joined by dots; absent: the key of the message.',
          examples: ['symbol'],
        },
        want: {
          type: 'string',
          pattern: '^[A-Za-z_][\\w-]*$',
          description: 'The input that lists the wanted keys; absent: every key that comes.',
          examples: ['symbols'],
        },
        atMost: { type: 'string', pattern: durationPattern, default: '5s', description: 'How long to wait for keys that are missing.' },
        limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 500, description: 'Keys at most.' },
        lookBack: {
          type: 'integer',
          minimum: 0,
          maximum: 100_000,
          default: 1_000,
          description: 'How many of the last messages of each partition are looked through first; 0: only what comes from now on.',
        },
        format,
      },
    },
    standard: { enum: [...standards], description: 'What a standard tool does; for those this kind brings along.' },
  },
  oneOf: [{ required: ['produce'] }, { required: ['read'] }, { required: ['collect'] }, { required: ['standard'] }],
}
