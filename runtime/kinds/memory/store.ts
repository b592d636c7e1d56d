import type { Bounds } from './config.ts'
import type { Space } from './names.ts'

/** How long a call is waited for. Times are epoch milliseconds. */
export interface Waiting {
  readonly signal: AbortSignal
  readonly deadline: number
}

/** One value of state. `json` is its text, digits unchanged; times are epoch milliseconds of the store's clock. */
export interface Entry {
  readonly json: string
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly expiresAt: number | undefined
}

/** One key of state as lists tell it. */
export interface Listed {
  readonly key: string
  readonly version: number
  /** Of key and value. */
  readonly bytes: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly expiresAt: number | undefined
}

/** Keys in order of their UTF-8 bytes, and whether more follow. */
export interface ListPage {
  readonly entries: readonly Listed[]
  readonly more: boolean
  /** Of the whole namespace. */
  readonly keys: number
  readonly bytes: number
}

/** What to write. */
export interface Write {
  readonly key: string
  readonly json: string
  /** keep: as long as what is there; undefined: until it is deleted. */
  readonly ttlMs: number | 'keep' | undefined
  /** Only over this version; 0: only where nothing is. */
  readonly ifVersion: number | undefined
  readonly topic: string
}

/** What became of a write. */
export type Written =
  | { readonly type: 'done'; readonly version: number; readonly updatedAt: number; readonly expiresAt: number | undefined }
  /** Another version is there; 0: none. */
  | { readonly type: 'conflict'; readonly version: number }
  | Full

/** A bound was met: how much is there. */
export interface Full {
  readonly type: 'full'
  readonly by: 'keys' | 'bytes' | 'channels' | 'process'
  readonly keys: number
  readonly bytes: number
}

/** An analysis as it is written. */
export interface NewAnalysis {
  readonly symbol: string
  /** Empty: none. */
  readonly timeframe: string
  readonly kind: string
  readonly json: string
  readonly by: string
  /** Epoch milliseconds of what it speaks of; undefined: now. */
  readonly at: number | undefined
}

/** An analysis as it is kept. */
export interface Analysis extends Omit<NewAnalysis, 'at'> {
  readonly id: number
  readonly at: number
  readonly recordedAt: number
  readonly expiresAt: number
}

/** Which analyses, newest first. */
export interface AnalysisQuery {
  readonly symbol: string | undefined
  readonly timeframe: string | undefined
  readonly kind: string | undefined
  /** Included. */
  readonly from: number | undefined
  /** Not included. */
  readonly to: number | undefined
  /** The last one of the page before. */
  readonly after: { readonly at: number; readonly id: number } | undefined
  readonly limit: number
  /** Of bodies; one is always answered. */
  readonly bytes: number
}

/** A signal as it is kept. */
export interface Signal {
  readonly id: number
  readonly json: string
  readonly by: string
  readonly publishedAt: number
  readonly expiresAt: number
}

/** What to publish. */
export interface NewSignal {
  readonly channel: string
  readonly json: string
  readonly by: string
  readonly ttlMs: number
  readonly topic: string
}

/** Signals of one channel. */
export interface SignalPage {
  /** In the order they were published. */
  readonly signals: readonly Signal[]
  readonly more: boolean
  /** Where to go on: the last signal here, else the newest there ever was. */
  readonly cursor: number
  /** Signals after the cursor asked with gave way to newer ones before they were read. */
  readonly missed: boolean
}

/** Which signals: those after a cursor, oldest first; those after the reader's own mark; or the newest. */
export type SignalsWanted =
  | { readonly type: 'after'; readonly cursor: number; readonly limit: number; readonly bytes: number }
  | { readonly type: 'unread'; readonly reader: string; readonly limit: number; readonly bytes: number }
  | { readonly type: 'newest'; readonly limit: number; readonly bytes: number }

/** A channel as lists tell it. */
export interface Channel {
  readonly channel: string
  readonly signals: number
  readonly newest: number
  readonly expiresAt: number
}

/** Where memory is kept. Every act is one step of the store: whole or not at all. Rejects with HubErrors. */
export interface MemoryStore {
  /** What of this store a user must know; absent: nothing. */
  readonly note?: string
  get(space: Space, key: string, waiting: Waiting): Promise<Entry | undefined>
  set(space: Space, write: Write, waiting: Waiting): Promise<Written>
  /** The version that was there, 0 for none, and whether it is gone now. */
  delete(
    space: Space,
    key: string,
    ifVersion: number | undefined,
    topic: string,
    waiting: Waiting,
  ): Promise<{ readonly version: number; readonly deleted: boolean }>
  list(space: Space, prefix: string, after: string | undefined, limit: number, waiting: Waiting): Promise<ListPage>
  /** `dropped`: how many of the oldest gave way. */
  append(space: Space, analysis: NewAnalysis, waiting: Waiting): Promise<{ readonly analysis: Analysis; readonly dropped: number }>
  query(space: Space, query: AnalysisQuery, waiting: Waiting): Promise<{ readonly analyses: readonly Analysis[]; readonly more: boolean }>
  publish(space: Space, signal: NewSignal, waiting: Waiting): Promise<{ readonly type: 'done'; readonly signal: Signal } | Full>
  read(space: Space, channel: string, wanted: SignalsWanted, waiting: Waiting): Promise<SignalPage>
  /** Sets a reader's mark; it never goes back, and never beyond what was published. Resolves with where it is. */
  mark(space: Space, channel: string, reader: string, cursor: number, waiting: Waiting): Promise<number>
  /** Those whose signals live longest first. */
  channels(space: Space, limit: number, waiting: Waiting): Promise<readonly Channel[]>
  /** Calls `changed` when something under a topic changed, and after every loss of the store. Resolves with how to end it. */
  watch(topic: string, changed: () => void): Promise<() => void>
  /** Product and version, and what is wrong with it although it answers. */
  version(waiting: Waiting): Promise<{ readonly version: string; readonly degraded?: string }>
  close(): Promise<void>
}

/** What a store is made with. */
export interface StoreParts {
  readonly bounds: Bounds
  readonly prefix: string
  /** Epoch milliseconds; absent: the store's own clock, which all hubs share. */
  readonly clock: (() => number) | undefined
}

/** How long a reader's mark is kept after it was last set. */
export const markMs = 90 * 86_400_000
