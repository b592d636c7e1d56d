import { expect, test } from 'vitest'
import { Places } from '../../../../runtime/kinds/http/places.ts'

const stay = new AbortController().signal

test('places are given in order, and to nobody who left', async () => {
  const places = new Places(1)
  const order: string[] = []
  expect(places.take(stay)).toBeUndefined()
  const leaving = new AbortController()
  const left = places.take(leaving.signal)?.then(
    () => order.push('left'),
    () => order.push('gone'),
  )
  const second = places.take(stay)?.then(() => order.push('second'))
  const third = places.take(stay)?.then(() => order.push('third'))
  leaving.abort()
  await left
  places.leave()
  await second
  places.leave()
  await third
  places.leave()
  expect(order).toEqual(['gone', 'second', 'third'])
  expect(places.take(stay)).toBeUndefined()
})

test('not more wait than can be kept', async () => {
  const places = new Places(1)
  expect(places.take(stay)).toBeUndefined()
  const waiting = Array.from({ length: 1_024 }, async () => places.take(stay))
  await expect(places.take(stay)).rejects.toMatchObject({ code: 'HUB_LIMITED', details: { retryAfterMs: 1_000 } })
  for (const _one of waiting) places.leave()
  await Promise.all(waiting)
})
