import type { JsonObject } from '../../contract/json.ts'
import type { Secret } from '../../contract/secret.ts'
import { durationMs, durationPattern, timerMs } from '../../contract/duration.ts'

/** `config:` of a connector of this kind, as the compiler hands it over. */
export interface MemoryConfig {
  readonly url?: Secret
  readonly cluster?: boolean
  readonly prefix?: string
  readonly shared?: readonly string[]
  readonly maxValue?: string
  readonly maxKeys?: number
  readonly maxBytes?: string
  readonly maxAnalyses?: number
  readonly maxSignals?: number
  readonly maxBacklog?: string
  readonly maxChannels?: number
  readonly stateTtl?: string
  readonly signalTtl?: string
  readonly historyRetention?: string
  readonly pool?: number
  readonly connectTimeout?: string
}

/** How much may be kept. */
export interface Bounds {
  /** Of one value, analysis or signal, as JSON. */
  readonly valueBytes: number
  /** Of state in one namespace. */
  readonly keys: number
  /** Of state, and again of history, in one namespace. */
  readonly bytes: number
  readonly analyses: number
  /** Of one channel. */
  readonly signals: number
  readonly backlogBytes: number
  /** Of one organisation, and of each principal's private ones. */
  readonly channels: number
  readonly retentionMs: number
}

/** The config with its defaults, in bytes and milliseconds. */
export interface Settings {
  readonly prefix: string
  readonly shared: readonly string[]
  readonly bounds: Bounds
  /** Absent: state stays until it is deleted. */
  readonly stateTtlMs: number | undefined
  readonly signalTtlMs: number
  readonly cluster: boolean
  readonly pool: number
  readonly connectTimeoutMs: number
}

const defaults = {
  prefix: 'agent_memory',
  maxValue: '256kb',
  maxKeys: 10_000,
  maxBytes: '64mb',
  maxAnalyses: 10_000,
  maxSignals: 1_000,
  maxBacklog: '4mb',
  maxChannels: 1_000,
  signalTtl: '7d',
  historyRetention: '30d',
  pool: 10,
  connectTimeout: '5s',
}
/** The largest `maxValue` there may be: the standard tools answer one such value whole. */
export const largestValue = 1_048_576

const size = (description: string, value: string): JsonObject => ({
  type: 'string',
  pattern: '^\\d+(\\.\\d+)?(b|kb|mb)$',
  title: 'size such as 256kb',
  default: value,
  description,
})
const duration = (description: string, value?: string): JsonObject => ({
  type: 'string',
  pattern: durationPattern,
  title: 'duration such as 30m or 7d',
  ...(value === undefined ? { examples: ['30d'] } : { default: value }),
  description,
})
const count = (description: string, value: number, maximum: number): JsonObject => ({ type: 'integer', minimum: 1, maximum, default: value, description })

/** The schema of `config:`. */
export const configSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    url: {
      type: 'string',
      minLength: 1,
      'x-secret': true,
      description:
        'Where memory is kept: redis:// or rediss:// (Redis 6.2 and later, Valkey), or postgres://. Without it memory is kept in this process and forgotten at its end.',
    },
    cluster: { type: 'boolean', default: false, description: 'The url leads to one node of a Redis Cluster, and the others are found through it.' },
    prefix: {
      type: 'string',
      pattern: '^[a-z][a-z0-9_]{0,39}$',
      title: 'lower-case name such as agent_memory',
      default: defaults.prefix,
      description:
        'What every Redis key begins with, and the PostgreSQL schema of the tables, which are made at first use. Connectors with the same store and prefix share their memory.',
    },
    shared: {
      type: 'array',
      maxItems: 100,
      uniqueItems: true,
      default: [],
      items: { type: 'string', minLength: 1, maxLength: 64 },
      description: 'Namespaces that all agents of one organisation share, as globs: tools reach them as shared/<name>. Never shared between organisations.',
      examples: [['desk', 'team-*']],
    },
    maxValue: size('The largest value, analysis or signal, as JSON; at most 1mb.', defaults.maxValue),
    maxKeys: count('Keys of state in one namespace.', defaults.maxKeys, 1_000_000),
    maxBytes: size('Bytes of state in one namespace, and as many of history.', defaults.maxBytes),
    maxAnalyses: count('Analyses in one namespace; the oldest give way to new ones.', defaults.maxAnalyses, 100_000),
    maxSignals: count('Signals a channel keeps; the oldest give way to new ones.', defaults.maxSignals, 100_000),
    maxBacklog: size('Bytes of signals a channel keeps.', defaults.maxBacklog),
    maxChannels: count('Channels with signals in one organisation, and private ones of one agent.', defaults.maxChannels, 100_000),
    stateTtl: duration('How long state is kept where its writer does not say; without it until it is deleted.'),
    signalTtl: duration('How long a signal is kept where its writer does not say.', defaults.signalTtl),
    historyRetention: duration('How long an analysis is kept.', defaults.historyRetention),
    pool: {
      type: 'integer',
      minimum: 1,
      maximum: 50,
      default: defaults.pool,
      description: 'PostgreSQL connections at most. Redis needs one, and one more while resources are watched.',
    },
    connectTimeout: duration('How long a new connection may take.', defaults.connectTimeout),
  },
}

const units: Readonly<Record<string, number>> = { b: 1, kb: 1_024, mb: 1_048_576 }

/** Bytes of a size as manifests write it; NaN for anything else. */
export function sizeBytes(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(b|kb|mb)$/.exec(text) ?? []
  return Math.round(Number(amount) * (units[unit] ?? Number.NaN))
}

/** Config as it is used. */
export function settingsOf(given: MemoryConfig): Settings {
  const config = { ...defaults, ...given }
  return {
    prefix: config.prefix,
    shared: config.shared ?? [],
    bounds: {
      valueBytes: sizeBytes(config.maxValue),
      keys: config.maxKeys,
      bytes: sizeBytes(config.maxBytes),
      analyses: config.maxAnalyses,
      signals: config.maxSignals,
      backlogBytes: sizeBytes(config.maxBacklog),
      channels: config.maxChannels,
      retentionMs: durationMs(config.historyRetention),
    },
    stateTtlMs: config.stateTtl === undefined ? undefined : durationMs(config.stateTtl),
    signalTtlMs: durationMs(config.signalTtl),
    cluster: config.cluster ?? false,
    pool: config.pool,
    connectTimeoutMs: timerMs(durationMs(config.connectTimeout)),
  }
}
