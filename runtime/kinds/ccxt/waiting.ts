import { AsyncLocalStorage } from 'node:async_hooks'
import type { Waiting } from '../../contract/waiting.ts'

/** What of an answer's head this kind goes by. */
export interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** A call under way at an exchange. */
export interface Call extends Waiting {
  /** Of the last answer that came for it. */
  head?: Head
  /** Nobody’s own: the markets are loaded, for all. */
  readonly isLoading?: boolean
}

/** The call that a request belongs to: ccxt hands neither signal nor deadline on, and this goes with its promises. */
export const calls = new AsyncLocalStorage<Call>()
