import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { ccxt } from '../../runtime/kinds/ccxt/kind.ts'
import { candleAt } from '../fixtures/exchanges/market.ts'
import { startTest, type TestExchanges } from './ccxt-connector.ts'
import { failureOf } from './conformance.ts'
import { runWith } from './lent.ts'

let exchanges: TestExchanges

beforeAll(async () => {
  exchanges = await startTest()
})
beforeEach(() => {
  exchanges.meddle()
  exchanges.seen.length = 0
})
afterAll(() => exchanges?.end())

const rows = (answer: { data: JsonObject }): JsonObject[] => answer.data['rows'] as JsonObject[]
const asked = (path: string): number => exchanges.seen.filter((seen) => seen.path === path).length

test('exchanges are listed without asking any of them', async () => {
  const found = rows(await exchanges.call('list_exchanges'))
  expect(found).toMatchObject([
    { exchange: 'kraken', isDefault: true, hasAccount: true, hasStreams: true },
    { exchange: 'binance', isDefault: false },
  ])
  expect(found[0]?.['can']).not.toContain('funding_rates')
  expect(found[1]?.['can']).toContain('funding_rates')
  expect(exchanges.seen).toEqual([])
})

test('markets are searched, narrowed and paged, and their list is fetched once', async () => {
  const { data } = await exchanges.call('list_markets', { limit: 3 })
  expect(data).toMatchObject({ exchange: 'kraken', total: 4, next: 3 })
  expect(rows({ data }).map(({ symbol }) => symbol)).toEqual(['BTC/USD', 'BTC/USDT', 'ETH/USD'])
  expect((await exchanges.call('list_markets', { limit: 3, offset: 3 })).data).toEqual({
    exchange: 'kraken',
    total: 4,
    rows: [expect.objectContaining({ symbol: 'PEPE/USD', quote: 'USD', precision: { amount: '0.00000001', price: '0.1' } })],
  })
  expect(rows(await exchanges.call('list_markets', { search: 'xbt usdt' })).map(({ symbol }) => symbol)).toEqual(['BTC/USDT'])
  expect(rows(await exchanges.call('list_markets', { exchange: 'binance', type: 'swap' })).map(({ symbol }) => symbol)).toEqual(['BTC/USDT:USDT'])
  expect(rows(await exchanges.call('list_markets', { exchange: 'binance', base: 'dead' }))).toEqual([])
  expect(rows(await exchanges.call('list_markets', { exchange: 'binance', base: 'DEAD', inactive: true }))).toHaveLength(1)
  expect(asked('/0/public/AssetPairs')).toBe(1)
})

test('decimals go from the exchange to the answer digit by digit', async () => {
  const { data } = await exchanges.call('ticker', { symbol: 'PEPE/USD' })
  expect(data).toMatchObject({ last: '0.000001234567890123', baseVolume: '9007199254740993.123456789012345678' })
  expect(rows(await exchanges.call('balances'))).toEqual([
    { currency: 'USD', free: '9007199254740992.1234', used: '1.0000', total: '9007199254740993.1234' },
    { currency: 'BTC', free: '0.123456789012345678', used: '0.0000000000', total: '0.123456789012345678' },
  ])
  expect(rows(await exchanges.call('open_interest', { exchange: 'binance', symbols: ['BTC/USDT:USDT'] }))).toMatchObject([
    { openInterestAmount: '9007199254740993.123' },
  ])
})

test('a book is sorted by number, not by letter', async () => {
  const { data } = await exchanges.call('order_book', { symbol: 'BTC/USD', limit: 2 })
  expect(data).toMatchObject({
    bids: [
      ['10.25', '2.000'],
      ['9.5', '1.500'],
    ],
    asks: [
      ['10.5', '3.000'],
      ['100.5', '0.123456789012345678'],
    ],
  })
})

test('tickers of several markets, and of all', async () => {
  expect(rows(await exchanges.call('tickers', { symbols: ['BTC/USD', 'ETH/USD'] })).map(({ symbol }) => symbol)).toEqual(['BTC/USD', 'ETH/USD'])
  expect(rows(await exchanges.call('tickers', {}))).toHaveLength(4)
  const { asOf, data } = await exchanges.call('ticker', { symbol: 'BTC/USDT', exchange: 'binance' })
  expect(data['timestamp']).toBe(asOf)
})

test('trades are told with ISO times', async () => {
  exchanges.kraken.trade('ETH/USD', '2000.10', '9007199254740993.5', Date.parse('2024-01-31T12:00:00.123Z'))
  expect(rows(await exchanges.call('trades', { symbol: 'ETH/USD' }))).toMatchObject([
    { timestamp: '2024-01-31T12:00:00.123Z', price: '2000.10', amount: '9007199254740993.5', side: 'buy' },
  ])
})

describe('candles', () => {
  test('a range longer than a page is read page by page, each candle once', async () => {
    const newest = Math.floor(Date.now() / 60_000) * 60_000
    const since = newest - 2_399 * 60_000
    const progress: number[] = []
    const run = { ...runWith(), progress: (done: number) => void progress.push(done) }
    const { data } = await exchanges.call(
      'candles',
      { exchange: 'binance', symbol: 'BTC/USDT', timeframe: '1m', since: new Date(since).toISOString(), until: new Date(newest - 60_000).toISOString() },
      run,
      { policy: { result: { rows: 5_000, bytes: 9_000_000 } } },
    )
    const found = rows({ data })
    expect(found).toHaveLength(2_399)
    expect(new Set(found.map(({ timestamp }) => timestamp)).size).toBe(2_399)
    expect(found[1_500]).toEqual({ timestamp: new Date(since + 1_500 * 60_000).toISOString(), ...candleAt(since + 1_500 * 60_000) })
    expect(asked('/api/v3/klines')).toBe(3)
    expect(progress).toEqual([1_000, 2_000, 2_399])
    expect(data).not.toHaveProperty('next')
  })

  test('what is more than an answer may have is cut, and next says where to go on', async () => {
    const since = Math.floor(Date.now() / 60_000) * 60_000 - 99 * 60_000
    const over = { policy: { result: { rows: 30, bytes: 256_000 } } }
    const first = await exchanges.call(
      'candles',
      { exchange: 'binance', symbol: 'BTC/USDT', timeframe: '1m', since: new Date(since).toISOString() },
      runWith(),
      over,
    )
    expect(first).toMatchObject({ truncated: { by: 'rows', kept: 30, limit: 30 }, data: { next: new Date(since + 30 * 60_000).toISOString() } })
    const second = await exchanges.call(
      'candles',
      { exchange: 'binance', symbol: 'BTC/USDT', timeframe: '1m', since: String(first.data['next']) },
      runWith(),
      over,
    )
    expect(rows(second)[0]).toMatchObject({ timestamp: first.data['next'] })
  })

  test('the newest ones, with what is missing and what is still open', async () => {
    const newest = Math.floor(Date.now() / 60_000) * 60_000
    exchanges.kraken.quiet.add(newest - 2 * 60_000)
    const answer = await exchanges.call('candles', { symbol: 'BTC/USD', timeframe: '1m', limit: 5 })
    exchanges.kraken.quiet.clear()
    expect(rows(answer)).toHaveLength(4)
    expect(answer.notes).toEqual([
      'the last candle is still open',
      '1 candles between the first and the last are not there: nobody traded, or kraken does not have them',
    ])
  })

  test('an exchange that goes back less far than was asked says where it begins', async () => {
    exchanges.kraken.page = 10
    const answer = await exchanges.call('candles', { symbol: 'BTC/USD', timeframe: '1m', since: new Date(Date.now() - 3_600_000).toISOString() })
    exchanges.kraken.page = 720
    expect(rows(answer)).toHaveLength(10)
    expect(answer.notes?.join()).toContain(`the first candle that kraken has in this range is of ${String(rows(answer)[0]?.['timestamp'])}`)
  })

  test('pages that are shorter than they were asked for are put together', async () => {
    exchanges.meddle((seen) => {
      if (seen.path !== '/api/v3/klines') return undefined
      seen.query.set('limit', '7')
      return undefined
    })
    const since = Math.floor(Date.now() / 60_000) * 60_000 - 29 * 60_000
    expect(
      rows(await exchanges.call('candles', { exchange: 'binance', symbol: 'BTC/USDT', timeframe: '1m', since: new Date(since).toISOString() })),
    ).toHaveLength(30)
  })
})

test('funding rates, now and in the past', async () => {
  const now = rows(await exchanges.call('funding_rates', { exchange: 'binance', symbols: ['BTC/USDT:USDT'] }))
  expect(now).toMatchObject([{ symbol: 'BTC/USDT:USDT', fundingRate: '0.00010000', fundingTimestamp: '2023-11-15T00:00:00.000Z', markPrice: '40010.12345678' }])
  const past = rows(await exchanges.call('funding_rates', { exchange: 'binance', symbols: ['BTC/USDT:USDT'], since: '2023-11-01' }))
  expect(past).toMatchObject([{ timestamp: '2023-11-15T00:00:00.000Z', fundingRate: '0.00010000' }])
})

test('an account is read with requests that are signed as the exchange asks', async () => {
  expect(rows(await exchanges.call('open_orders', { symbol: 'BTC/USD' }))).toMatchObject([
    { id: 'OQCLML-BW3P3-BUCMWZ', price: '30010.0', amount: '1.25000000', remaining: '0.875', status: 'open' },
  ])
  expect(rows(await exchanges.call('my_trades', {}))).toMatchObject([
    { id: 'THVRQM-33VKH-UCI7BS', price: '30010.00000', fee: { cost: '0.00000', currency: 'USD' } },
  ])
  expect(rows(await exchanges.call('positions', {}))).toEqual([])
  expect(rows(await exchanges.call('balances', { exchange: 'binance' }))).toEqual([
    { currency: 'BTC', free: '0.123456789012345678', used: '1.00000000', total: '1.123456789012345678' },
  ])
})

test('without credentials an account cannot be read, and that says what is missing', async () => {
  const connector = await exchanges.another({ credentials: {} })
  const spec = { name: 'x', operation: { method: 'fetchBalance' }, policy: { result: { rows: 10, bytes: 1_000 } } }
  const error = await failureOf(connector.bind(spec as never)({}, runWith()))
  expect(error).toMatchObject({ code: 'HUB_DENIED', message: expect.stringContaining('credentials.kraken') as string })
  expect(exchanges.seen.filter(({ path }) => path.includes('private'))).toEqual([])
})

test.each([
  ['an exchange that is not there', { symbol: 'BTC/USD', exchange: 'krakn' }, 'did you mean "kraken"?'],
  ['another quote currency', { symbol: 'BTC/EUR' }, 'with BTC it has BTC/USD, BTC/USDT'],
  ['the exchange’s own id', { symbol: 'XXBTZUSD' }, 'its own id XXBTZUSD is written BTC/USD here'],
  ['a misspelt market', { symbol: 'PEPA/USD' }, 'did you mean PEPE/USD?'],
])('%s is refused with what there is', async (_name, args, words) => {
  const error = await failureOf(exchanges.call('ticker', args))
  expect(error).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringContaining(words) as string })
})

test('a timeframe, a moment and a method an exchange does not have are refused with those that are', async () => {
  expect((await failureOf(exchanges.call('candles', { symbol: 'BTC/USD', timeframe: '7m' }))).message).toContain('it has 1m, 5m, 15m')
  expect((await failureOf(exchanges.call('candles', { symbol: 'BTC/USD', since: 'yesterday' }))).message).toContain('is not a moment')
  expect((await failureOf(exchanges.call('candles', { symbol: 'BTC/USD', since: '2024-02-01', until: '2024-01-01' }))).message).toBe('until is before since')
  expect((await failureOf(exchanges.call('funding_rates', { symbols: ['BTC/USD'] }))).message).toBe('kraken has no fetchFundingRate; binance can')
  expect(
    (await failureOf(exchanges.call('funding_rates', { exchange: 'binance', symbols: ['BTC/USDT:USDT', 'BTC/USDT'], since: '2024-01-01' }))).message,
  ).toContain('one market at a time')
})

test('a declared tool maps its inputs to the method, and callers cannot choose the endpoint behind it', async () => {
  const { data } = await exchanges.call(
    { method: 'fetchOHLCV', exchange: 'binance', with: { timeframe: '5m' } },
    { symbol: 'BTC/USDT', limit: 2, params: { method: 'privatePostOrder' } },
  )
  expect(data).toMatchObject({ exchange: 'binance', timeframe: '5m', rows: [{}, {}] })
  expect(exchanges.seen.at(-1)?.query.get('interval')).toBe('5m')
  expect(exchanges.seen.at(-1)?.query.has('method')).toBe(false)
  expect((await exchanges.call({ method: 'fetchTime' })).data).toMatchObject({ exchange: 'kraken', value: expect.any(String) as string })
  await expect(exchanges.call({ method: 'fetchTicker', fallback: ['coinbase'] })).rejects.toThrow('not among exchanges of this connector')
})

test('how each exchange is, a sick one as a row', async () => {
  exchanges.meddle(({ host }) => (host.includes('binance') ? { status: 503, body: 'Service Unavailable', headers: { 'retry-after': '0' } } : undefined))
  expect(rows(await exchanges.call('status'))).toMatchObject([
    { exchange: 'kraken', status: 'ok' },
    { exchange: 'binance', status: 'down', because: expect.stringContaining('503') as string },
  ])
  expect(await exchanges.connector.check(AbortSignal.timeout(1_000))).toMatchObject({
    state: 'degraded',
    version: 'ccxt 4.5.84',
    detail: expect.stringContaining('kraken answered last') as string,
  })
})

test('answers fit the schemas the tools declare', async () => {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  const calls: Record<string, JsonObject> = {
    list_exchanges: {},
    list_markets: {},
    ticker: { symbol: 'BTC/USD' },
    tickers: {},
    order_book: { symbol: 'BTC/USD' },
    candles: { symbol: 'BTC/USD', timeframe: '1h', limit: 3 },
    trades: { symbol: 'ETH/USD' },
    funding_rates: { exchange: 'binance', symbols: ['BTC/USDT:USDT'] },
    open_interest: { exchange: 'binance', symbols: ['BTC/USDT:USDT'] },
    currencies: {},
    status: {},
    balances: {},
    positions: {},
    open_orders: {},
    my_trades: {},
  }
  expect(Object.keys(calls)).toEqual(ccxt.standardTools?.map(({ name }) => name))
  for (const [name, args] of Object.entries(calls)) {
    const found = ccxt.standardTools?.find((one) => one.name === name)
    const { data } = await exchanges.call(name, args)
    expect({ name, fits: ajv.validate(found?.output as object, data), errors: ajv.errors }).toEqual({ name, fits: true, errors: null })
    expect({ name, fits: ajv.validate(found?.input as object, args) }).toEqual({ name, fits: true })
  }
})
