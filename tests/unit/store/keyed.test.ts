import { expect, test } from 'vitest'
import { parseJson } from '../../../runtime/contract/json.ts'
import { createKeyedStores } from '../../../runtime/store/keyed.ts'

test('each connector has its own keys', async () => {
  const stores = createKeyedStores({ maxBytes: 10_000 })
  const [market, bus] = [stores.namespace('market'), stores.namespace('bus')]
  await market.set('a', 1)
  await bus.set('a', { two: [2] })
  expect([await market.get('a'), await bus.get('a'), await bus.get('b')]).toEqual([1, { two: [2] }, undefined])
  await market.delete('a')
  expect([await market.get('a'), await bus.get('a')]).toEqual([undefined, { two: [2] }])
})

test('no name and key together read as another pair', async () => {
  const stores = createKeyedStores({ maxBytes: 10_000 })
  await stores.namespace('a:1').set('b', 1)
  expect(await stores.namespace('a').get('1:b')).toBeUndefined()
})

test('a value ends with its lifetime', async () => {
  let now = 1_000
  const store = createKeyedStores({ maxBytes: 10_000, now: () => now }).namespace('market')
  await store.set('short', 1, 50)
  await store.set('long', 2)
  now += 50
  expect([await store.get('short'), await store.get('long')]).toEqual([undefined, 2])
})

test('what is kept is a copy, exact to the digit', async () => {
  const store = createKeyedStores({ maxBytes: 10_000 }).namespace('market')
  const list = [1]
  await store.set('list', list)
  list.push(2)
  await store.set('big', parseJson('9007199254740995'))
  expect(await store.get('list')).toEqual([1])
  expect(JSON.stringify(await store.get('big'))).toBe('9007199254740995')
})

test('the whole is bounded: the longest unused goes first, and what never fits is refused', async () => {
  const store = createKeyedStores({ maxBytes: 2_000 }).namespace('m')
  for (const key of ['a', 'b', 'c']) await store.set(key, 'x'.repeat(300))
  expect(await store.get('a')).toBeUndefined()
  expect(await store.get('c')).toHaveLength(300)
  await expect(store.set('d', 'x'.repeat(3_000))).rejects.toMatchObject({ code: 'HUB_STORE_DOWN' })
})
