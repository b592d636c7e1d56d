import type { Answer } from '../contract/answer.ts'
import type { Args } from '../contract/call.ts'
import type { HubError } from '../contract/errors.ts'
import type { CacheEntry } from '../contract/store.ts'
import type { Landing } from '../cache/flight.ts'
import type { Deadline } from './deadline.ts'
import type { CallRequest, Freshness, Polished } from './call.ts'

/** One call on its way through the stages. Each stage owns the fields named after it; the one mutable object of the hub. */
export interface Walk {
  readonly request: CallRequest
  readonly callId: string
  /** Tools that called each other down to this one, outermost first, this one last. */
  readonly chain: readonly string[]
  /** performance.now() at the door. */
  readonly startedAt: number
  /** True for the refresh behind a stale answer: nobody waits for it. */
  readonly detached: boolean
  /** limit */
  leave?: (() => void) | undefined
  /** validate */
  args: Args
  /** recall */
  cacheKey?: string | undefined
  recalled?: CacheEntry<Remembered> | undefined
  settle?: ((landing: Landing<Flown>) => void) | undefined
  /** Epoch milliseconds no deadline of this call can pass: an outer call's own. */
  latest: number
  /** An inner call was answered for its caller alone. */
  personal: boolean
  /** place */
  deadline?: Deadline | undefined
  /** execute */
  answer?: Answer | undefined
  source?: string | undefined
  /** polish, or recall on a hit */
  polished?: Polished | undefined
  freshness?: Freshness | undefined
  /** any */
  error?: HubError | undefined
}

/** What the cache keeps of an answer. */
export interface Remembered {
  readonly polished: Polished
  readonly asOf: string
  readonly source: string
}

/** How a flight ended, as told to those who waited for it; 'unshared' when its answer was a question to its own caller. */
export type Flown = { readonly remembered: Remembered; readonly storedAt: number } | 'unshared'

/** One stage of the corridor. Throws a HubError to refuse; returns a promise only where it must wait. */
export type Stage = (walk: Walk) => void | Promise<void>
