import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HubError } from '../../../../runtime/contract/errors.ts'
import { Pace } from '../../../../runtime/kinds/ccxt/pace.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const patient = () => ({ signal: new AbortController().signal, deadline: Date.now() + 3_600_000 })
const pace = (queue = 10) => new Pace({ exchange: 'kraken', msPerWeight: 100, queue, now: () => Date.now() })

test('requests go in their order, each after the weight of those before', async () => {
  const one = pace()
  const sent: [string, number][] = []
  const start = Date.now()
  const send = (name: string, weight: number) => void Promise.resolve(one.take(weight, patient())).then(() => sent.push([name, Date.now() - start]))
  send('heavy', 5)
  send('light', 1)
  send('last', 2)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent).toEqual([
    ['heavy', 0],
    ['light', 400],
    ['last', 500],
  ])
})

test('who cannot wait so long is refused with the time, and holds nobody up', async () => {
  const one = pace()
  void one.take(50, patient())
  expect(() => one.take(1, { ...patient(), deadline: Date.now() + 1_000 })).toThrow(
    expect.objectContaining({ code: 'HUB_LIMITED', details: expect.objectContaining({ retryAfterMs: 4_900 }) as object }) as HubError,
  )
  expect(one.waiting).toBe(0)
})

test('a queue that is full refuses, and one who leaves makes room', async () => {
  const one = pace(1)
  void one.take(2, patient())
  const leaving = new AbortController()
  const waits = one.take(1, { ...patient(), signal: leaving.signal })
  expect(() => one.take(1, patient())).toThrow('1 requests wait for the rate limit of kraken')
  leaving.abort(new HubError('HUB_CANCELLED', 'gone'))
  await expect(waits).rejects.toThrow('gone')
  expect(one.waiting).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('rest holds all back, and refuses those who cannot wait for its end', async () => {
  const one = pace()
  void one.take(5, patient())
  const short = one.take(1, { ...patient(), deadline: Date.now() + 5_000 }) as Promise<void>
  const long = one.take(1, patient()) as Promise<void>
  const refused = expect(short).rejects.toThrow(/kraken asked to be left alone until .*; try again in 60 s/)
  one.rest(60_000)
  await refused
  expect(one.restMs).toBe(60_000)
  expect(() => one.admit({ ...patient(), deadline: Date.now() + 1_000 })).toThrow('left alone')
  one.admit(patient())
  let isSent = false
  void long.then(() => (isSent = true))
  await vi.advanceTimersByTimeAsync(59_000)
  expect(isSent).toBe(false)
  await vi.advanceTimersByTimeAsync(1_100)
  expect(isSent).toBe(true)
})

test('a rest of years lasts a day', () => {
  const one = pace()
  one.rest(1e12)
  expect(one.restMs).toBe(86_400_000)
})

test('closing refuses all who wait, and leaves no timer', async () => {
  const one = pace()
  void one.take(5, patient())
  const waits = one.take(1, patient())
  one.close(new HubError('HUB_CONNECTOR_DOWN', 'closed'))
  await expect(waits).rejects.toThrow('closed')
  expect(vi.getTimerCount()).toBe(0)
})

test('a caller who is gone already takes no place', () => {
  const one = pace()
  expect(() => one.take(1, { ...patient(), signal: AbortSignal.abort(new HubError('HUB_CANCELLED', 'gone')) })).toThrow('gone')
  expect(one.take(1, patient())).toBeUndefined()
})
