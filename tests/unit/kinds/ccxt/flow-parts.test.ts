import { describe, expect, test } from 'vitest'
import { HubError } from '../../../../runtime/contract/errors.ts'
import type { JsonObject } from '../../../../runtime/contract/json.ts'
import { Backlog } from '../../../../runtime/kinds/ccxt/backlog.ts'
import { Once } from '../../../../runtime/kinds/ccxt/once.ts'
import { restOf } from '../../../../runtime/kinds/ccxt/retry-after.ts'

const row = (n: number): JsonObject => ({ n })

describe('a backlog', () => {
  test('hands on what came together, and ends with its reader', async () => {
    const backlog = new Backlog()
    const ending = new AbortController()
    backlog.push([row(1), row(2)])
    const reading = backlog.read(ending.signal)
    expect((await reading.next()).value).toEqual({ rows: [row(1), row(2)], lost: 0 })
    const next = reading.next()
    ending.abort()
    expect(await next).toEqual({ done: true, value: undefined })
  })

  test('drops the oldest beyond its bound, and counts them', async () => {
    const backlog = new Backlog()
    backlog.push(Array.from({ length: 10_003 }, (_, n) => row(n)))
    const { value } = await backlog.read(new AbortController().signal).next()
    expect(value).toMatchObject({ lost: 3, rows: expect.objectContaining({ length: 1_000, 0: row(3) }) as object })
  })

  test('puts what was missed before what came meanwhile', async () => {
    const backlog = new Backlog()
    let bring!: (rows: JsonObject[]) => void
    backlog.hold(new Promise((resolve) => (bring = resolve)))
    backlog.push([row(2)])
    bring([row(1)])
    const rows: JsonObject[] = []
    for await (const batch of backlog.read(new AbortController().signal)) {
      rows.push(...batch.rows)
      if (rows.length === 2) break
    }
    expect(rows).toEqual([row(1), row(2)])
  })

  test('ends with an error after the rows that are there', async () => {
    const backlog = new Backlog()
    backlog.push([row(1)])
    backlog.hold(Promise.reject(new HubError('HUB_ARGS_INVALID', 'gone')))
    const reading = backlog.read(new AbortController().signal)
    expect((await reading.next()).value).toMatchObject({ rows: [row(1)] })
    await expect(reading.next()).rejects.toThrow('gone')
  })
})

describe('trades, each once', () => {
  const trade = (id: string | undefined, timestamp: number): JsonObject => ({
    timestamp,
    price: '1',
    amount: '1',
    side: 'buy',
    ...(id !== undefined && { id }),
  })
  const as = ({ id = null }: JsonObject): JsonObject => ({ id })

  test('by their id, in the order they were made', () => {
    const once = new Once(undefined)
    expect(once.fresh([trade('b', 2), trade('a', 1)], as)).toEqual([{ id: 'a' }, { id: 'b' }])
    expect(once.fresh([trade('b', 2), trade('c', 2)], as)).toEqual([{ id: 'c' }])
    expect(once.at).toBe(2)
    expect(once.position).toBeUndefined()
  })

  test('by what they are, where they have none', () => {
    const once = new Once(undefined)
    expect(once.fresh([trade(undefined, 1)], as)).toHaveLength(1)
    expect(once.fresh([trade(undefined, 1), trade(undefined, 2)], as)).toHaveLength(1)
  })

  test('the position is of what was handed on, not of what was taken', () => {
    const once = new Once(undefined)
    const [first] = once.fresh([trade('a', 1_000), trade('b', 2_000)], as)
    once.passed(first as JsonObject)
    once.passed({ id: 'of somebody else' })
    expect(once.position).toEqual({ at: '1970-01-01T00:00:01.000Z', ids: ['a'] })
    expect(new Once(once.position).fresh([trade('a', 1_000), trade('b', 2_000)], as)).toEqual([{ id: 'b' }])
  })

  test('ids are kept up to a bound', () => {
    const once = new Once(undefined)
    for (let n = 0; n < 12; n++)
      for (const made of once.fresh(
        Array.from({ length: 1_000 }, (_, index) => trade(`${n}-${index}`, n)),
        as,
      ))
        once.passed(made)
    expect((once.position as { ids: string[] }).ids).toHaveLength(500)
  })
})

test.each([
  [{ status: 429, headers: { 'retry-after': '7' } }, 7_000],
  [{ status: 429, headers: {} }, 10_000],
  [{ status: 418, headers: {} }, 120_000],
  [{ status: 503, headers: { 'retry-after': ['3'] } }, 3_000],
  [{ status: 503, headers: {} }, undefined],
  [{ status: 200, headers: { 'retry-after': '7' } }, undefined],
  [{ status: 429, headers: { 'retry-after': 'soon' } }, 10_000],
  [{ status: 429, headers: { 'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT' } }, 30_000],
  [{ status: 429, headers: { 'retry-after': 'Thu, 01 Jan 1970 00:00:10 GMT', date: 'Thu, 01 Jan 1970 00:00:30 GMT' } }, 0],
])('%j asks for %s ms of rest', (head, expected) => expect(restOf(head as never, 30_000)).toBe(expected))
