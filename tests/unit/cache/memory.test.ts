import { expect, test } from 'vitest'
import type { CacheEntry } from '../../../runtime/contract/store.ts'
import { createMemoryCache } from '../../../runtime/cache/memory.ts'

const entry = (value: string, more: Partial<CacheEntry<string>> = {}): CacheEntry<string> => ({
  value,
  storedAt: 0,
  freshUntil: 10,
  staleUntil: 100,
  bytes: 100,
  tags: [],
  ...more,
})

test('an entry is there until it is too stale to give', () => {
  let now = 0
  const cache = createMemoryCache<string>({ maxBytes: 10_000, now: () => now })
  cache.set('a', entry('one'))
  now = 99
  expect(cache.get('a')).toMatchObject({ value: 'one', freshUntil: 10 })
  now = 100
  expect(cache.get('a')).toBeUndefined()
})

test('a tag drops its entries and no others, whatever became of them', () => {
  const cache = createMemoryCache<string>({ maxBytes: 10_000, now: () => 0 })
  cache.set('a', entry('one', { tags: ['candles', 'btc'] }))
  cache.set('b', entry('two', { tags: ['candles'] }))
  cache.set('c', entry('three', { tags: ['btc'] }))
  cache.set('b', entry('two again', { tags: ['other'] }))
  cache.dropTag('candles')
  cache.dropTag('never seen')
  expect(['a', 'b', 'c'].map((key) => cache.get(key)).map((found) => found?.value)).toEqual([undefined, 'two again', 'three'])
})

test('the whole stays within its bytes: the longest unused goes, and what never fits is not kept', () => {
  const cache = createMemoryCache<string>({ maxBytes: 3_000, now: () => 0 })
  for (const key of ['a', 'b', 'c']) cache.set(key, entry(key, { bytes: 500, tags: ['t'] }))
  cache.get('a')
  cache.set('d', entry('d', { bytes: 500, tags: ['t'] }))
  expect([cache.get('a'), cache.get('b')]).toMatchObject([{ value: 'a' }, undefined])
  cache.set('huge', entry('huge', { bytes: 5_000, tags: ['t'] }))
  expect(cache.get('huge')).toBeUndefined()
  cache.dropTag('t')
  expect(['a', 'c', 'd'].map((key) => cache.get(key))).toEqual([undefined, undefined, undefined])
})

test('clearing leaves nothing', () => {
  const cache = createMemoryCache<string>({ maxBytes: 3_000 })
  cache.set('a', entry('one', { staleUntil: Infinity }))
  cache.clear()
  expect(cache.get('a')).toBeUndefined()
})
