import type { Json } from '../../../contract/json.ts'
import type { Secret } from '../../../contract/secret.ts'
import type { AuthConfig, TextOrSecret } from '../auth.ts'
import type { RequestOperation } from '../operation.ts'
import type { Match } from './match.ts'
import type { Unit } from './times.ts'

/** Which messages answer a subscription. */
export interface Answering extends Match {
  /** Where the keys are that it speaks of; absent: it is about the message that waits longest for its answer. */
  readonly keys?: string
  /** Where the key is in each of them. */
  readonly key?: string
  readonly message?: string
}

/** What says that the service refuses the hub itself. */
export interface Denial {
  readonly pointer?: string
  readonly equals?: Match['equals']
  readonly message?: string
  /** Close codes of the service that say so. */
  readonly codes?: readonly number[]
}

/** Where the time of a row is. */
export interface TimeConfig {
  readonly pointer: string
  readonly unit: Unit
}

/** How rows that were missed are fetched. */
export interface BackfillConfig extends Pick<RequestOperation, 'request' | 'headers' | 'body' | 'form' | 'data' | 'failure' | 'paginate'> {
  /** How {since} and {until} are written. */
  readonly unit?: Unit
  readonly as?: Readonly<Record<string, Json>>
  readonly time?: TimeConfig
  readonly pageRows?: number
}

/** One stream of `config.streams`, as the compiler hands it over. */
export interface StreamConfig {
  readonly summary?: string
  readonly url: string
  readonly secrets?: Readonly<Record<string, Secret | null>>
  readonly headers?: Readonly<Record<string, TextOrSecret | null>>
  readonly auth?: AuthConfig
  readonly protocols?: readonly string[]
  readonly login?: { readonly send?: Json; readonly done?: Match }
  readonly subscribe?: Json
  readonly unsubscribe?: Json
  readonly accepted?: Answering
  readonly refused?: Answering
  readonly denied?: Denial
  readonly heartbeat?: { readonly send?: Json; readonly every?: string; readonly silence?: string }
  readonly rows: { readonly where?: Match; readonly pointer?: string }
  readonly key: string
  readonly time?: TimeConfig
  readonly id?: string
  readonly backfill?: BackfillConfig
  readonly reconnect?: { readonly first?: string; readonly most?: string }
  readonly keep?: number
  readonly mostKeys?: number
  readonly buffer?: number
  readonly idle?: string
  readonly maxMessage?: string
}

/** What is used where a stream says nothing. */
export const streamDefaults = {
  every: '20s',
  silence: '60s',
  first: '500ms',
  most: '60s',
  keep: 100,
  mostKeys: 100,
  buffer: 10_000,
  idle: '10s',
  maxMessage: '1mb',
  pageRows: 1_000,
  codes: [1008, 3000, 3003],
} as const

/** Holes of messages that the hub fills itself. */
export const messageHoles: readonly string[] = ['keys', 'key', 'id']
/** Holes of a backfill's request. */
export const backfillHoles: readonly string[] = ['key', 'since', 'until', 'minutes']

/** What a stream's name looks like: a part of the addresses of its resources. */
export const streamName = /^[a-zA-Z][a-zA-Z0-9_-]{0,39}$/

/** `config.streams`. */
export type StreamsConfig = Readonly<Record<string, StreamConfig>>
