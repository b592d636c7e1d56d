import type { CacheStore } from '../contract/store.ts'
import type { Remembered, Stage } from './walk.ts'

/** Stage 9: keeps a fresh answer, and tells those who waited for the same one. */
export function remember(cache: CacheStore<Remembered>, now: () => number): Stage {
  return (walk) => {
    const { settle } = walk
    const { connector } = walk.request.tool
    walk.settle = undefined
    if (walk.error) {
      settle?.({ error: walk.error })
      return
    }
    const policy = walk.request.tool.spec.policy.cache
    // Made of what was meant for this caller alone, under a key that is not his alone.
    const isForeign = walk.personal && connector.perCaller !== true
    if (!policy || isForeign || walk.cacheKey === undefined || !walk.answer || !walk.polished || !walk.freshness) {
      settle?.({ value: 'unshared' })
      return
    }
    const remembered: Remembered = { polished: walk.polished, asOf: walk.freshness.asOf, source: walk.freshness.source }
    const storedAt = now()
    settle?.({ value: { remembered, storedAt } })
    const { answer } = walk.polished
    const keepable = answer.type === 'data' || (answer.type === 'content' && answer.isError !== true)
    // A stand-in's answer is not the tool's own: it is given once, and not kept.
    if (!keepable || walk.freshness.source !== walk.request.tool.spec.connector) return
    return cache.set(walk.cacheKey, {
      value: remembered,
      storedAt,
      freshUntil: storedAt + policy.ttlMs,
      staleUntil: storedAt + policy.ttlMs + policy.staleMs,
      bytes: walk.polished.bytes,
      tags: policy.tags,
    })
  }
}
