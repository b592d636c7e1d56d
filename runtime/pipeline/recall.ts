import type { CacheEntry, CacheStore } from '../contract/store.ts'
import type { Flights, Follow } from '../cache/flight.ts'
import { cacheKey } from '../cache/key.ts'
import { callerGone } from './deadline.ts'
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
    const key = cacheKey({ tool: tool.spec, viewKey: view?.key ?? 'inner', principal, args: walk.args, perCaller: isPerCaller(walk) })
    walk.cacheKey = key
    const found = cache.get(key)
    if (found instanceof Promise) return found.then((entry) => serve(walk, key, entry))
    return serve(walk, key, found)
  }
}

// An upstream with a session for each caller may answer each of them differently.
const isPerCaller = ({ request }: Walk): boolean => request.tool.connector.spec.config['session'] === 'caller'

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
  try {
    const turn = await Promise.race([flight.wait, gone])
    if (turn.leader) walk.settle = turn.settle
    else if (turn.value !== 'unshared') give(walk, turn.value.remembered, turn.value.storedAt, 'miss')
  } finally {
    signal.removeEventListener('abort', onAbort)
    flight.leave()
  }
}
