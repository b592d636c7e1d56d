import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { startTest, type TestExchanges } from './ccxt-connector.ts'
import { failureOf, until } from './conformance.ts'
import { runWith } from './lent.ts'

let exchanges: TestExchanges

beforeEach(async () => {
  exchanges = await startTest()
  for (const exchange of ['kraken', 'binance']) await exchanges.call('list_markets', { exchange })
  exchanges.seen.length = 0
})
afterEach(() => exchanges.end())

const order = { method: 'fetchTicker', fallback: ['kraken', 'binance'] }
const away = (host: string, said: { status: number; body: string; headers?: Record<string, string> } | 'silence' = { status: 503, body: '{}' }) =>
  exchanges.meddle((seen) => (seen.host.includes(host) ? said : undefined))
const divergence = ({ data }: { data: JsonObject }) => data['divergence'] as { isBeyond: boolean; compared: JsonObject[]; refused: JsonObject[] }

describe('who answers', () => {
  test('is the first, who is well: nobody else is asked', async () => {
    const answer = await exchanges.call(order, { symbol: 'BTC/USDT' })
    expect(answer).toMatchObject({ data: { exchange: 'kraken', last: '40000.10' }, notes: ['answered by kraken, of unknown age'] })
    expect(exchanges.seen.every(({ host }) => host.includes('kraken'))).toBe(true)
  })

  test.each([
    ['is down', { status: 503, body: '{}' }],
    ['is over its rate limit', { status: 429, body: '{}', headers: { 'retry-after': '30' } }],
    ['sends garbage', { status: 200, body: '<html>' }],
  ])('is the next one when the first %s, and that is said', async (_name, said) => {
    away('kraken', said)
    const { data, notes, asOf } = await exchanges.call(order, { symbol: 'BTC/USDT' })
    expect(data).toMatchObject({ exchange: 'binance', last: '40010.50000000', passedOver: [{ exchange: 'kraken', because: expect.any(String) as string }] })
    expect(data['ageMs']).toBeLessThan(10_000)
    expect(notes?.at(-1)).toMatch(/^answered by binance, \d+ ms old, because kraken /)
    expect(asOf).toBe(data['timestamp'])
  })

  test('is the next one when the first says nothing, within its share of the time', async () => {
    away('kraken', 'silence')
    const { data } = await exchanges.call(order, { symbol: 'BTC/USDT' }, runWith(undefined, Date.now() + 1_000))
    expect(data).toMatchObject({ exchange: 'binance', passedOver: [{ because: expect.stringMatching(/did not answer within \d+ ms/) as string }] })
    await until(async () => exchanges.open() === 0)
  })

  test('is nobody who has another market: dollars are not what follows the dollar', async () => {
    away('kraken')
    const error = await failureOf(exchanges.call(order, { symbol: 'BTC/USD' }))
    expect(error).toMatchObject({
      code: 'HUB_CONNECTOR_DOWN',
      message: expect.stringContaining('then binance has no BTC/USD; BTC/USDT is in another currency and does not stand for it') as string,
    })
    expect(error.details.retryAfterMs).toBeGreaterThan(0)
    expect(exchanges.seen.filter(({ host }) => host.includes('binance'))).toEqual([])
  })

  test('does not change for a market the first one does not have', async () => {
    const error = await failureOf(exchanges.call(order, { symbol: 'ETH/USDT' }))
    expect(error).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringContaining('kraken has no market "ETH/USDT"') as string })
    expect(exchanges.seen).toEqual([])
  })

  test('is who the caller names, first', async () => {
    expect((await exchanges.call(order, { symbol: 'BTC/USDT', exchange: 'binance' })).data['exchange']).toBe('binance')
  })
})

describe('prices of two exchanges', () => {
  const compared = { ...order, divergence: '0.5%' }

  test('that agree say how far they are apart', async () => {
    const answer = await exchanges.call(compared, { symbol: 'BTC/USDT' })
    expect(divergence(answer)).toMatchObject({
      limit: '0.5%',
      isBeyond: false,
      compared: [{ exchange: 'binance', own: '40000.10', price: '40010.50000000', apart: '0.025999%', isBeyond: false, undated: ['kraken'] }],
      refused: [],
    })
  })

  test('that lie further apart than allowed are flagged', async () => {
    exchanges.binance.last = '40400.00'
    const answer = await exchanges.call(compared, { symbol: 'BTC/USDT' })
    expect(divergence(answer)).toMatchObject({ isBeyond: true, compared: [{ apart: '0.999747%', isBeyond: true }] })
    expect(answer.notes?.join('\n')).toContain('prices diverge: binance says 40400.00, 0.999747% from kraken’s 40000.10, more than 0.5%')
  })

  test('of another moment are not compared', async () => {
    exchanges.binance.tickerAt = Date.now() - 120_000
    const answer = await exchanges.call(compared, { symbol: 'BTC/USDT' })
    expect(divergence(answer)).toMatchObject({
      isBeyond: false,
      compared: [],
      refused: [{ exchange: 'binance', because: expect.stringMatching(/^its price is 1[12]\d s away from kraken’s/) as string }],
    })
  })

  test('in another currency are not compared', async () => {
    const answer = await exchanges.call(compared, { symbol: 'BTC/USD' })
    expect(divergence(answer).refused).toEqual([
      { exchange: 'binance', because: 'binance has no BTC/USD; BTC/USDT is in another currency and does not stand for it' },
    ])
    expect(answer.notes?.join('\n')).toContain('not compared with binance')
  })

  test('are not waited for by the answer, when one of them says nothing', async () => {
    away('binance', 'silence')
    const answer = await exchanges.call(compared, { symbol: 'BTC/USDT' }, runWith(undefined, Date.now() + 2_000))
    expect(answer.data['exchange']).toBe('kraken')
    expect(divergence(answer).refused).toEqual([{ exchange: 'binance', because: expect.any(String) as string }])
    await until(async () => exchanges.open() === 0)
  })

  test('of candles are compared at the newest moment both have', async () => {
    const answer = await exchanges.call({ ...compared, method: 'fetchOHLCV' }, { symbol: 'BTC/USDT', timeframe: '1m', limit: 3 })
    const rows = answer.data['rows'] as JsonObject[]
    expect(divergence(answer).compared).toEqual([
      { exchange: 'binance', own: rows.at(-1)?.['close'], price: rows.at(-1)?.['close'], at: rows.at(-1)?.['timestamp'], apart: '0%', isBeyond: false },
    ])
  })

  test('of books are compared in their middle', async () => {
    const answer = await exchanges.call({ ...compared, method: 'fetchOrderBook' }, { symbol: 'BTC/USDT', limit: 5 })
    expect(divergence(answer).compared).toMatchObject([{ own: '10.375', price: '10.375', apart: '0%' }])
  })
})

test('when nobody answers, all of them are told, with the shortest time to retry', async () => {
  exchanges.meddle(({ host }) => (host.includes('kraken') ? { status: 429, body: '{}', headers: { 'retry-after': '60' } } : { status: 502, body: '' }))
  const error = await failureOf(exchanges.call(order, { symbol: 'BTC/USDT' }))
  expect(error.message).toMatch(/^kraken is asked too often .*; then binance does not answer \(status 502\)/)
  expect(error.details.retryAfterMs).toBeLessThanOrEqual(2_000)
})
