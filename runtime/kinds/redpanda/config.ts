import type { JsonObject, JsonSchema } from '../../contract/json.ts'
import type { Secret } from '../../contract/secret.ts'
import { durationMs, durationPattern, timerMs } from '../../contract/duration.ts'

/** How the hub logs in. */
export const mechanisms = ['none', 'plain', 'scram-sha-256', 'scram-sha-512'] as const
/** One of them. */
export type Mechanism = (typeof mechanisms)[number]

/** Codecs the hub writes with; it reads snappy and lz4 besides. */
export const compressions = ['none', 'gzip', 'zstd'] as const
/** One of them. */
export type Compression = (typeof compressions)[number]

type Optional<Value> = Value | null | undefined

/** `config:` of a connector of this kind, as the compiler hands it over. */
export interface RedpandaConfig {
  readonly brokers: readonly string[]
  readonly clientId?: string
  readonly sasl?: { readonly mechanism: Mechanism; readonly username?: Optional<string>; readonly password?: Optional<Secret> }
  readonly tls?: {
    readonly enabled?: boolean
    readonly ca?: Optional<Secret>
    readonly certificate?: Optional<Secret>
    readonly key?: Optional<Secret>
    readonly serverName?: string
  }
  readonly topics?: readonly string[]
  readonly schemas?: Readonly<Record<string, JsonSchema>>
  readonly registry?: { readonly url: string; readonly username?: Optional<string>; readonly password?: Optional<Secret> }
  readonly produce?: boolean
  readonly manage?: boolean
  readonly compression?: Compression
  readonly connectTimeout?: string
  readonly requestTimeout?: string
}

/** The config with its defaults, in milliseconds. */
export interface Settings {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly topics: readonly string[]
  readonly compression: Compression
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
}

const defaults = { clientId: 'mcp-integration-hub', topics: ['*'], compression: 'gzip', connectTimeout: '3s', requestTimeout: '10s' } as const

const duration = (description: string, value: string): JsonObject => ({
  type: 'string',
  pattern: durationPattern,
  default: value,
  description,
  examples: [value],
})
const secret = (description: string): JsonObject => ({ type: ['string', 'null'], 'x-secret': true, description })

/** The schema of `config:`. */
export const configSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['brokers'],
  properties: {
    brokers: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', minLength: 1 },
      description: 'Where the cluster is first asked: host:port, or several in one text with commas between. One that answers is enough.',
      examples: [['${KAFKA_BROKERS}'], ['redpanda-0:9092', 'redpanda-1:9092']],
    },
    clientId: { type: 'string', minLength: 1, maxLength: 100, default: defaults.clientId, description: 'What the brokers’ logs and quotas know the hub by.' },
    sasl: {
      type: 'object',
      additionalProperties: false,
      required: ['mechanism'],
      description: 'Who the hub is to the brokers. Best a user that may do no more than this connector should.',
      properties: {
        mechanism: { enum: [...mechanisms], description: 'How it logs in. plain sends the password as it is: with tls only.' },
        username: { type: ['string', 'null'], description: 'The user.' },
        password: secret('Its password.'),
      },
    },
    tls: {
      type: 'object',
      additionalProperties: false,
      description: 'Speak TLS to the brokers, and check that they are who they say.',
      properties: {
        enabled: { type: 'boolean', default: true, description: 'False: no TLS after all; for a variable of the environment.' },
        ca: secret('Certificates of who vouches for the brokers, PEM; absent: those Node.js trusts.'),
        certificate: secret('The hub’s own certificate, PEM, for brokers that ask for one.'),
        key: secret('The key of that certificate, PEM.'),
        serverName: { type: 'string', minLength: 1, description: 'The name the certificates must bear, where it is not the host’s.' },
      },
    },
    topics: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', pattern: '^[A-Za-z0-9._*-]{1,249}$' },
      default: [...defaults.topics],
      description:
        'Topics this connector may touch, as globs; no tool sees another. Topics of the cluster itself begin with an underscore and must be named by a glob that does.',
      examples: [['crypto.*']],
    },
    schemas: {
      type: 'object',
      propertyNames: { pattern: '^[A-Za-z0-9._*-]{1,249}$' },
      additionalProperties: { type: ['object', 'boolean'] },
      description:
        'JSON Schemas by topic glob. A value that does not fit is not written; one that was written by others is answered with the reason. The first glob that fits decides.',
    },
    registry: {
      type: 'object',
      additionalProperties: false,
      required: ['url'],
      description: 'The schema registry (Confluent’s REST API, which Redpanda speaks too), for Avro, Protobuf and JSON Schema.',
      properties: {
        url: {
          type: 'string',
          description:
            'Its address; empty: there is none, for a variable of the environment. A private one must be among the addresses the hub may reach (egress.allow).',
          examples: ['http://redpanda:8081'],
        },
        username: { type: ['string', 'null'], description: 'The user, for basic authentication.' },
        password: secret('Its password.'),
      },
    },
    produce: { type: 'boolean', default: false, description: 'Offer the standard tool produce: any message to any topic of this connector.' },
    manage: { type: 'boolean', default: false, description: 'Offer the standard tools create_topic, add_partitions, delete_topic and reset_offsets.' },
    compression: {
      enum: [...compressions],
      default: defaults.compression,
      description: 'How batches of four kilobytes and more are written. Reading takes every codec of Kafka’s.',
    },
    connectTimeout: duration('How long a new connection to a broker may take.', defaults.connectTimeout),
    requestTimeout: duration('How long a broker may take to answer one request.', defaults.requestTimeout),
  },
}

/** Config as it is used. */
export function settingsOf(config: RedpandaConfig): Settings {
  return {
    brokers: addressesOf(config.brokers),
    clientId: config.clientId ?? defaults.clientId,
    topics: config.topics ?? defaults.topics,
    compression: config.compression ?? defaults.compression,
    connectTimeoutMs: timerMs(durationMs(config.connectTimeout ?? defaults.connectTimeout)),
    requestTimeoutMs: timerMs(durationMs(config.requestTimeout ?? defaults.requestTimeout)),
  }
}

/** One address each, whether written in a list or with commas. */
export const addressesOf = (brokers: readonly string[]): readonly string[] =>
  brokers
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '')

/** Why an address cannot be one of a broker; undefined when it can. */
export function addressFault(address: string): string | undefined {
  const [, port] = /^[^\s:/@[\]]+:(\d{1,5})$/.exec(address) ?? []
  if (port === undefined) return 'a broker is written as host:port, for example localhost:9092'
  return Number(port) > 0 && Number(port) < 65_536 ? undefined : `${port} is not a port`
}
