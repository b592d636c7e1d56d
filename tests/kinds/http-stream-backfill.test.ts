import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Batch, Position } from '../../runtime/contract/flow.ts'
import { until } from './conformance.ts'
import { json } from './http-service.ts'
import { backfill, messageOf } from './http-stream-service.ts'
import { startTrial, trials, type StreamTrial } from './http-stream-trial.ts'
import { runWith } from './lent.ts'

let trial: StreamTrial
const { extras, open, read, subscribed } = trials(() => trial)
beforeEach(async () => {
  trial = await startTrial()
})
afterEach(() => trial.end())

const start = 1_700_000_000_000
const positionOf = (batches: readonly Batch[]): Position | undefined => batches.at(-1)?.position

/** Subscribes, and reads a first row of each key. */
async function begin(keys: readonly string[], at = start): Promise<ReturnType<typeof read>> {
  const reading = read(keys)
  for (const key of keys) await subscribed(key)
  for (const key of keys) trial.service.tick(key, at, 0)
  await until(async () => reading.rows().length === keys.length)
  return reading
}

/** Cuts the connection, lets rows happen meanwhile, and waits for the next one. */
async function outage(key: string, happen: () => void): Promise<void> {
  trial.service.cut()
  happen()
  await subscribed(key)
}

test('a reader goes on where an earlier one stood: nothing is missing, nothing comes twice, even within one millisecond', async () => {
  await open({ backfill })
  const first = await begin(['BTC/USD', 'ETH/USD'])
  trial.service.tick('BTC/USD', start + 5, 1)
  await until(async () => first.rows().length === 3)
  first.stop()
  await first.ended
  await until(async () => trial.service.clients.size === 0)
  trial.service.tick('BTC/USD', start + 5, 2)
  trial.service.tick('ETH/USD', start + 6, 3)
  const second = read(['BTC/USD', 'ETH/USD'], JSON.parse(JSON.stringify(positionOf(first.batches))) as Position)
  await subscribed('BTC/USD')
  trial.service.tick('BTC/USD', start + 7, 4)
  await until(async () => second.rows().length === 3)
  expect(new Set(second.prices())).toEqual(new Set([2, 3, 4]))
  expect(second.lost()).toBe(0)
  await expect(read(['BTC/USD'], { keys: { 'BTC/USD': 'yesterday' } }).ended).rejects.toMatchObject({ code: 'HUB_CONFIG_VALUE' })
})

test('a gap that cannot be filled counts as lost, and reading goes on', async () => {
  await open()
  const reading = await begin(['BTC/USD'])
  await outage('BTC/USD', () => trial.service.tick('BTC/USD', start + 1, 1))
  trial.service.tick('BTC/USD', start + 2, 2)
  await until(async () => reading.rows().length === 2)
  expect([reading.prices(), reading.lost()]).toEqual([[0, 2], 1])
})

test('a past that is refused counts as lost; one that is busy is asked again after the time it asks for', async () => {
  let asked = 0
  trial.service.manners.history = (_url, response) => {
    asked += 1
    if (asked === 1) json(response, {}, 429, { 'retry-after': '1' })
    if (asked === 3) json(response, { message: 'not in this plan' }, 403)
    return asked === 1 || asked === 3
  }
  await open({ backfill })
  const reading = await begin(['BTC/USD'])
  await outage('BTC/USD', () => trial.service.tick('BTC/USD', start + 1, 1))
  await until(async () => reading.rows().length === 2)
  expect(reading.lost()).toBe(0)
  await outage('BTC/USD', () => trial.service.tick('BTC/USD', start + 2, 2))
  trial.service.tick('BTC/USD', start + 3, 3)
  await until(async () => reading.rows().length === 3)
  expect([reading.prices(), reading.lost(), asked]).toEqual([[0, 1, 3], 1, 3])
  expect(trial.lent.logged.join('\n')).toContain('rows of a gap could not be fetched')
})

test('a long gap is fetched page by page', async () => {
  trial.service.manners.history = (url, response) => {
    const since = Number(url.searchParams.get('since'))
    const found = trial.service.ticks.filter(({ at }) => at >= since).slice(0, 10)
    json(response, { values: found.map(messageOf) })
    return true
  }
  await open({ backfill: { ...backfill, pageRows: 10 } })
  const reading = await begin(['BTC/USD'])
  await outage('BTC/USD', () => {
    for (let n = 1; n <= 55; n++) trial.service.tick('BTC/USD', start + n, n)
  })
  await until(async () => reading.rows().length === 56)
  expect(reading.prices()).toEqual(Array.from({ length: 56 }, (_item, index) => index))
  expect(trial.service.asked).toHaveLength(7)
  expect(reading.lost()).toBe(0)
})

test('what is fetched may be of another shape, and takes its place before what came live', async () => {
  let answer: (() => void) | undefined
  trial.service.manners.history = (_url, response) => {
    const candle = (minute: string, price: string) => ({ datetime: `2023-11-14 22:${minute}:00`, open: price })
    const values = [candle('16', '16.5'), candle('15', '15.5'), candle('14', '14.5'), candle('13', '13.5'), candle('18', '18.5')]
    answer = () => json(response, { values })
    return true
  }
  await open({
    backfill: {
      request: 'GET /candles?symbol={key}&start={since}&end={until}&limit={minutes}',
      data: '/values',
      unit: 'plain',
      time: { pointer: '/datetime', unit: 'plain' },
      as: { event: 'candle', symbol: '{key}', at: '/datetime', price: '/open', nothing: '/nothing' },
    },
  })
  // 22:13:20
  const reading = await begin(['BTC/USD'])
  await outage('BTC/USD', () => undefined)
  trial.service.tick('BTC/USD', start + 220_000, 17)
  const isHere = async () => JSON.stringify(await extras().readResource('service://streams/prices/BTC%2FUSD', runWith())).includes('22:17:00')
  await until(async () => answer !== undefined && (await isHere()))
  answer?.()
  await until(async () => reading.rows().length === 5)
  expect(reading.rows().map(({ at, price }) => [at, price])).toEqual([
    ['2023-11-14T22:13:20.000Z', 0],
    ['2023-11-14T22:14:00.000Z', '14.5'],
    ['2023-11-14T22:15:00.000Z', '15.5'],
    ['2023-11-14T22:16:00.000Z', '16.5'],
    ['2023-11-14T22:17:00.000Z', 17],
  ])
  expect(reading.rows()[1]).toEqual({ event: 'candle', symbol: 'BTC/USD', at: '2023-11-14T22:14:00.000Z', price: '14.5' })
})

test.each([
  ['years behind', Date.parse('2001-02-03T04:05:06Z')],
  ['years ahead', Date.parse('2099-02-03T04:05:06Z')],
])('a clock of the service that is %s changes nothing', async (_name, then) => {
  await open({ backfill: { request: 'GET /history?symbol={key}&since={since}&until={until}&minutes={minutes}', data: '/values' } })
  const reading = await begin(['BTC/USD'], then)
  await outage('BTC/USD', () => trial.service.tick('BTC/USD', then + 1, 1))
  await until(async () => reading.rows().length === 2)
  expect(reading.prices()).toEqual([0, 1])
  const asked = new URL(trial.service.asked[0] ?? '', 'http://service').searchParams
  expect(Number(asked.get('since'))).toBe(then)
  expect(Number(asked.get('until')) - then).toBeLessThan(60_000)
  expect(asked.get('minutes')).toBe('2')
})

test('a reader that goes on asks up to the time of the service, as its handshake tells it', async () => {
  const then = Date.parse('2099-02-03T04:05:06Z')
  trial.service.manners.date = new Date(then + 90_000)
  await open({ backfill: { request: 'GET /history?symbol={key}&since={since}&until={until}&minutes={minutes}', data: '/values' } })
  trial.service.tick('BTC/USD', then + 60_000, 1)
  const reading = read(['BTC/USD'], { keys: { 'BTC/USD': { ms: then, seen: [] } } })
  await until(async () => reading.rows().length === 1)
  const asked = new URL(trial.service.asked[0] ?? '', 'http://service').searchParams
  expect(Number(asked.get('until'))).toBeGreaterThanOrEqual(then + 90_000)
  expect(asked.get('minutes')).toBe('3')
})

test('a connection that is lost again while a gap is filled loses nothing', async () => {
  let held: (() => void) | undefined
  trial.service.manners.history = (_url, response) => {
    if (held !== undefined) return false
    held = () => response.destroy()
    return true
  }
  await open({ backfill })
  const reading = await begin(['BTC/USD'])
  await outage('BTC/USD', () => trial.service.tick('BTC/USD', start + 1, 1))
  await until(async () => held !== undefined)
  trial.service.tick('BTC/USD', start + 2, 2)
  await outage('BTC/USD', () => trial.service.tick('BTC/USD', start + 3, 3))
  trial.service.tick('BTC/USD', start + 4, 4)
  await until(async () => reading.rows().length === 5)
  expect([reading.prices(), reading.lost()]).toEqual([[0, 1, 2, 3, 4], 0])
})
