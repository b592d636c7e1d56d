import { AsyncLocalStorage } from 'node:async_hooks'

/** What a call waits under. */
export interface Waiting {
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal
  /** Epoch milliseconds. */
  readonly deadline: number
}

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

/** Resolves after so long; rejects with the signal's reason when it aborts first. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** The same as the work, until the signal aborts: the work goes on then, for others who wait for it. */
export function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
