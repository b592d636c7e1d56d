import { LRUCache } from 'lru-cache'
import type { RatePolicy } from '../contract/tool.ts'

/** The span of time a key is in, and how many calls it has used of it. Add to `used` to count one. */
export interface Window {
  used: number
  endsAt: number
  /** Milliseconds until a call is possible again; 0: now. */
  waitMs: number
}

/**
 * Fixed windows that begin with a key's first call, the same rule rate-limiter-flexible has on Redis.
 * Its own memory limiter is not used: it keeps a timer for every key and any number of keys, its timers wrap after 24 days (a limit per month would last a millisecond), and it answers by promise only.
 */
export function createWindows(maxKeys: number, now: () => number): { peek(key: string, policy: RatePolicy): Window } {
  const windows = new LRUCache<string, Window>({ max: maxKeys })
  return {
    peek(key, policy) {
      const at = now()
      const found = windows.get(key)
      if (found === undefined) {
        const fresh = { used: 0, endsAt: at + policy.perMs, waitMs: policy.calls > 0 ? 0 : policy.perMs }
        windows.set(key, fresh)
        return fresh
      }
      if (at >= found.endsAt) {
        found.used = 0
        found.endsAt = at + policy.perMs
      }
      found.waitMs = found.used < policy.calls ? 0 : found.endsAt - at
      return found
    },
  }
}
