import type { CacheEntry, CacheStore } from '../contract/store.ts'
import type { Flights, Follow, Lead } from '../cache/flight.ts'
import { cacheKey } from '../cache/key.ts'
import { callerGone, tooLate } from './deadline.ts'
import type { Flown, Remembered, Stage, Walk } from './walk.ts'

/** What stage 5 leans on. */
export interface RecallParts {
  readonly cache: CacheStore<Remembered>
  readonly flights: Flights<Flown>
  readonly now: () => number
}

/** Stage 5: a fresh answer is given at once; a stale one too, while a detached call fetches the next; else one caller flies and the rest wait for it. */
export function recall(parts: RecallParts, refresh: (walk: Walk) => void): Stage {
  const { cache, flights, now } = parts

  function serve(walk: Walk, key: string, entry: CacheEntry<Remembered> | undefined): void | Promise<void> {
    const at = now()
    if (entry && at < entry.staleUntil) {
      walk.recalled = entry
      const fresh = at < entry.freshUntil
      give(walk, entry.value, entry.storedAt, fresh ? 'hit' : 'stale')
      if (!fresh) refreshOnce(walk, key)
      return
    }
    const flight = flights.join(key)
    if (!flight.leader) return follow(walk, flight)
    walk.settle = flight.settle
  }

  function refreshOnce(walk: Walk, key: string): void {
    const flight = flights.join(key)
    if (flight.leader) {
      walk.settle = flight.settle
      refresh(walk)
      return
    }
    flight.wait.catch(() => undefined)
    flight.leave()
  }

  return (walk) => {
    const { tool, principal, view, resumed } = walk.request
    if (!tool.spec.policy.cache || resumed) return
    const key = cacheKey({ tool: tool.spec, viewKey: view?.key ?? 'inner', principal, args: walk.args, perCaller: tool.connector.perCaller })
    walk.cacheKey = key
    const found = cache.get(key)
    if (found instanceof Promise) return found.then((entry) => serve(walk, key, entry))
    return serve(walk, key, found)
  }
}

function give(walk: Walk, { polished, asOf, source }: Remembered, storedAt: number, cache: 'hit' | 'stale' | 'miss'): void {
  walk.polished = polished
  walk.freshness = { cache, storedAt, asOf, source }
}

async function follow(walk: Walk, flight: Follow<Flown>): Promise<void> {
  const { signal } = walk.request
  const { promise: gone, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(callerGone(signal))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  // Its time runs while it waits: else those behind a source that hangs would lead and time out one after another.
  const latest = Math.min(walk.latest, Date.now() + walk.request.tool.spec.policy.timeoutMs)
  const timer = setTimeout(() => reject(tooLate(walk.request.tool.spec)), latest - Date.now())
  walk.latest = latest
  try {
    const turn = await Promise.race([flight.wait, gone])
    if (turn.leader) lead(walk, turn, latest)
    else if (turn.value !== 'unshared') give(walk, turn.value.remembered, turn.value.storedAt, 'miss')
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    flight.leave()
  }
}

/** The lead passes to one who waited; whose time is over with that of the one before passes it on. */
function lead(walk: Walk, { settle }: Lead<Flown>, latest: number): void {
  if (Date.now() < latest) {
    walk.settle = settle
    return
  }
  const error = tooLate(walk.request.tool.spec)
  settle({ error })
  throw error
}
