import { LRUCache } from 'lru-cache'
import { HubError } from '../contract/errors.ts'
import { parseJson } from '../contract/json.ts'
import type { KeyedStore } from '../contract/store.ts'

const overheadBytes = 128

interface Kept {
  readonly text: string
  readonly until: number
}

/** Small values by key in this process, for every connector: bounded over all (the least used go first), each with its lifetime. `namespace` gives one connector its own keys. */
export function createKeyedStores(options: { readonly maxBytes: number; readonly now?: () => number }): { namespace(name: string): KeyedStore } {
  const now = options.now ?? Date.now
  const kept = new LRUCache<string, Kept>({
    maxSize: options.maxBytes,
    sizeCalculation: (value, key) => (value.text.length + key.length) * 2 + overheadBytes,
  })
  return {
    namespace(name) {
      // The length first, so that no name and key together read as another pair.
      const prefix = `${name.length}:${name}:`
      return {
        async get(key) {
          const found = kept.get(prefix + key)
          if (found === undefined) return undefined
          // Values are kept as text: what a kind changes in its copy must not change the store.
          if (found.until > now()) return parseJson(found.text)
          kept.delete(prefix + key)
          return undefined
        },
        async set(key, value, ttlMs) {
          const text = JSON.stringify(value)
          kept.set(prefix + key, { text, until: ttlMs === undefined ? Infinity : now() + ttlMs })
          if (!kept.has(prefix + key))
            throw new HubError('HUB_STORE_DOWN', `a value of ${text.length} characters is larger than the whole store; keep less, or less at once`)
        },
        async delete(key) {
          kept.delete(prefix + key)
        },
      }
    },
  }
}
