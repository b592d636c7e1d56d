import { expect, test } from 'vitest'
import { entryOf } from '../../../../../runtime/kinds/http/streams/rows.ts'
import { Window } from '../../../../../runtime/kinds/http/streams/window.ts'

test('a window keeps the latest by time, each once, and forgets what is long past', () => {
  const window = new Window(3)
  const add = (ms: number | undefined, price = 0): boolean => window.add(entryOf('a', { ms: ms ?? null, price }, ms, undefined))
  expect([add(5), add(3), add(4), add(5), add(5, 1), add(9)]).toEqual([true, true, true, false, true, true])
  expect(window.entries.map(({ row }) => [row['ms'], row['price']])).toEqual([
    [9, 0],
    [5, 1],
    [5, 0],
  ])
  expect(window.latest?.ms).toBe(9)
  for (let n = 10; n < 10 + 600; n++) add(n)
  expect(add(5)).toBe(true)
  expect(window.entries).toHaveLength(3)
})

test('rows with a number of their own are known by it, and those without times stay in the order they came', () => {
  const window = new Window(10)
  for (const [id, text] of [
    [1, 'a'],
    [2, 'b'],
    [1, 'c'],
  ] as const)
    window.add(entryOf('a', { id, text }, undefined, ['id']))
  expect(window.entries.map(({ row }) => row['text'])).toEqual(['b', 'a'])
})
