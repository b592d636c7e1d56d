import { HubError } from '../contract/errors.ts'

/** How a leader's work ended. */
export type Landing<Value> = { readonly value: Value } | { readonly error: unknown }

/** The one that does the work for all who asked the same. `settle` must be called exactly once, however the work ends; later calls do nothing. */
export interface Lead<Value> {
  readonly leader: true
  settle(landing: Landing<Value>): void
}

/** One that waits for another's work. */
export interface Follow<Value> {
  readonly leader: false
  /** The leader's value; its error as a rejection; or the lead, when the leader gave up (cancelled, out of time) and this one is next. */
  readonly wait: Promise<{ readonly leader: false; readonly value: Value } | Lead<Value>>
  /** Stops waiting, so that the lead is not handed to one who is gone. Must be called when the caller goes away; harmless afterwards. */
  leave(): void
}

/** Single flight: equal questions asked at one time are worked on once. */
export interface Flights<Value> {
  join(key: string): Lead<Value> | Follow<Value>
  /** How many keys are in the air. */
  readonly size: number
}

const maxKeys = 10_000
const maxFollowers = 10_000

type Waiter<Value> = {
  readonly resolve: (turn: { readonly leader: false; readonly value: Value } | Lead<Value>) => void
  readonly reject: (error: unknown) => void
}

/** Single flight in this process. Beyond 10,000 keys, or followers of one key, each does its own work. */
export function createFlights<Value>(): Flights<Value> {
  const air = new Map<string, Set<Waiter<Value>>>()

  const lead = (key: string, waiters: Set<Waiter<Value>>): Lead<Value> => {
    let settled = false
    return {
      leader: true,
      settle(landing) {
        if (settled) return
        settled = true
        if ('error' in landing && isGivenUp(landing.error) && handOver(key, waiters)) return
        air.delete(key)
        for (const waiter of waiters) {
          if ('value' in landing) waiter.resolve({ leader: false, value: landing.value })
          else waiter.reject(landing.error)
        }
      },
    }
  }

  const handOver = (key: string, waiters: Set<Waiter<Value>>): boolean => {
    const [next] = waiters
    if (next === undefined) return false
    waiters.delete(next)
    next.resolve(lead(key, waiters))
    return true
  }

  return {
    join(key) {
      const waiters = air.get(key)
      if (waiters === undefined) {
        if (air.size >= maxKeys) return alone()
        const fresh = new Set<Waiter<Value>>()
        air.set(key, fresh)
        return lead(key, fresh)
      }
      if (waiters.size >= maxFollowers) return alone()
      const { promise, resolve, reject } = Promise.withResolvers<{ readonly leader: false; readonly value: Value } | Lead<Value>>()
      // Whoever left does not look any more; a late rejection is not a fault of the process.
      promise.catch(() => undefined)
      const waiter = { resolve, reject }
      waiters.add(waiter)
      return { leader: false, wait: promise, leave: () => void waiters.delete(waiter) }
    },
    get size() {
      return air.size
    },
  }
}

const alone = <Value>(): Lead<Value> => ({ leader: true, settle: () => undefined })

/** The leader's own end, which says nothing of the question. */
const isGivenUp = (error: unknown): boolean =>
  error instanceof HubError && (error.code === 'HUB_CANCELLED' || error.code === 'HUB_TIMEOUT' || error.code === 'HUB_STOPPING')
