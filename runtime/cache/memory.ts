import { LRUCache } from 'lru-cache'
import type { CacheEntry, CacheStore } from '../contract/store.ts'

/** What an entry costs besides its value: the entry, its key's and tags' places. A rounded measurement. */
const overheadBytes = 400

/** A cache that answers at once. */
export interface MemoryCache<Value> extends CacheStore<Value> {
  get(key: string): CacheEntry<Value> | undefined
  set(key: string, entry: CacheEntry<Value>): void
  dropTag(tag: string): void
  clear(): void
}

/** Answers in this process, at most `maxBytes` of them; the longest unused go first. */
export function createMemoryCache<Value>(options: { readonly maxBytes: number; readonly now?: () => number }): MemoryCache<Value> {
  const now = options.now ?? Date.now
  const keysByTag = new Map<string, Set<string>>()

  const forget = (entry: CacheEntry<Value>, key: string): void => {
    for (const tag of entry.tags) {
      const keys = keysByTag.get(tag)
      keys?.delete(key)
      if (keys?.size === 0) keysByTag.delete(tag)
    }
  }

  const entries = new LRUCache<string, CacheEntry<Value>>({
    maxSize: options.maxBytes,
    sizeCalculation: (entry, key) => Math.ceil(entry.bytes) + key.length + overheadBytes,
    dispose: forget,
  })

  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined || entry.staleUntil > now()) return entry
      entries.delete(key)
      return undefined
    },
    set(key, entry) {
      entries.set(key, entry)
      // An entry larger than the whole cache is not kept.
      if (!entries.has(key)) return
      for (const tag of entry.tags) {
        const keys = keysByTag.get(tag)
        if (keys === undefined) keysByTag.set(tag, new Set([key]))
        else keys.add(key)
      }
    },
    dropTag(tag) {
      for (const key of [...(keysByTag.get(tag) ?? [])]) entries.delete(key)
    },
    clear: () => entries.clear(),
  }
}
