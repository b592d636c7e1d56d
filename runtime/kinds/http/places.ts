import { HubError } from '../../contract/errors.ts'

const mostWaiting = 1_024

/** How many requests may be under way at one time; further ones wait in order. */
export class Places {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(places: number) {
    this.#free = places
  }

  /** Takes a place; resolves when there is one. Rejects HUB_LIMITED when too many wait already, and with the signal's reason. */
  take(signal: AbortSignal): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free -= 1
      return undefined
    }
    if (this.#waiting.size >= mostWaiting) return Promise.reject(new HubError('HUB_LIMITED', 'too many calls wait for this service', { retryAfterMs: 1_000 }))
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(enter)
        reject(signal.reason as Error)
      }
      const enter = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      this.#waiting.add(enter)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Gives a place back, to the one who waits longest. */
  leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
