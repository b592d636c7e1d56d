import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import { isObject, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { ConnectorSpec } from '../../runtime/contract/manifest.ts'
import { kinds } from '../../runtime/kinds/index.ts'
import { compile } from '../../runtime/manifest/compile.ts'
import { createValidate } from '../../runtime/registry/arguments.ts'
import { failureOf } from './conformance.ts'
import { json, lendHttp, openHttp, startService, type HttpLent, type TestService } from './http-service.ts'
import { runWith } from './lent.ts'

const configFile = join(import.meta.dirname, '..', '..', 'hub.config.yaml')

/** What a service was asked by one call, and what of its documented answer reached the caller. */
interface Case {
  readonly tool: string
  readonly args: JsonObject
  readonly target: string
  readonly body: unknown
  readonly answer: unknown
}

const candle = { datetime: '2021-09-16 15:59:00', open: '148.73500', high: '148.86000', low: '148.73000', close: '148.85001', volume: '624277' }
const apple = {
  symbol: 'AAPL',
  name: 'Apple Inc',
  exchange: 'NASDAQ',
  currency: 'USD',
  datetime: '2021-09-16',
  timestamp: 1_631_772_000,
  open: '148.44000',
  high: '148.96840',
  low: '147.22099',
  close: '148.85001',
  volume: '67903927',
  previous_close: '149.09000',
  change: '-0.23999',
  percent_change: '-0.16097',
  is_market_open: false,
  fifty_two_week: { low: '103.10000', high: '157.25999' },
}
const tesla = {
  symbol: 'TSLA',
  instrument_name: 'Tesla, Inc.',
  exchange: 'NASDAQ',
  mic_code: 'XNGS',
  exchange_timezone: 'America/New_York',
  instrument_type: 'Common Stock',
  country: 'United States',
  currency: 'USD',
}

const twelveData: readonly Case[] = [
  {
    tool: 'search',
    args: { query: 'Tesla & co', limit: 5 },
    target: '/symbol_search?symbol=Tesla%20%26%20co&outputsize=5',
    body: { data: [tesla], status: 'ok' },
    answer: { rows: [tesla] },
  },
  { tool: 'price', args: { symbol: 'BTC/USD' }, target: '/price?symbol=BTC%2FUSD', body: { price: '200.99001' }, answer: { price: '200.99001' } },
  { tool: 'quote', args: { symbol: 'AAPL', exchange: 'NASDAQ' }, target: '/quote?symbol=AAPL&exchange=NASDAQ', body: apple, answer: apple },
  {
    tool: 'candles',
    args: { symbol: 'AAPL', interval: '1min', from: '2021-09-16 09:30:00', limit: 1 },
    target: '/time_series?symbol=AAPL&interval=1min&outputsize=1&start_date=2021-09-16%2009%3A30%3A00&order=desc&timezone=UTC',
    body: {
      meta: { symbol: 'AAPL', interval: '1min', currency: 'USD', exchange_timezone: 'UTC', exchange: 'NASDAQ', type: 'Common Stock' },
      values: [candle],
      status: 'ok',
    },
    answer: { rows: [candle] },
  },
  {
    tool: 'exchange_rate',
    args: { pair: 'USD/JPY' },
    target: '/exchange_rate?symbol=USD%2FJPY',
    body: { symbol: 'USD/JPY', rate: 105.12, timestamp: 1_602_714_051 },
    answer: { symbol: 'USD/JPY', rate: 105.12, timestamp: 1_602_714_051 },
  },
  {
    tool: 'usage',
    args: {},
    target: '/api_usage',
    body: { timestamp: '2025-05-07 11:10:12', current_usage: 4, plan_limit: 8 },
    answer: { timestamp: '2025-05-07 11:10:12', current_usage: 4, plan_limit: 8 },
  },
]

const tick = {
  TYPE: '266',
  MARKET: 'cadli',
  INSTRUMENT: 'BTC-USD',
  CCSEQ: 1_320_983_773,
  VALUE: 73_838.87,
  VALUE_FLAG: 'DOWN',
  VALUE_LAST_UPDATE_TS: 1_780_159_779,
  CURRENT_DAY_OPEN: 73_370.02,
  MOVING_24_HOUR_CHANGE_PERCENTAGE: -0.18,
}
const day = {
  UNIT: 'DAY',
  TIMESTAMP: 1_780_099_200,
  TYPE: '267',
  MARKET: 'kraken',
  INSTRUMENT: 'BTC-USD',
  OPEN: 73_370.02,
  HIGH: 73_999.77,
  LOW: 73_133.8,
  CLOSE: 73_838.87,
  VOLUME: 1_234.5,
  QUOTE_VOLUME: 91_000_000,
}
const spot = { TYPE: '952', MARKET: 'kraken', INSTRUMENT: 'BTC-USD', PRICE: 73_841.1, PRICE_LAST_UPDATE_TS: 1_780_159_780 }
const top = { TYPE: '961', MARKET: 'kraken', INSTRUMENT: 'BTC-USD', BEST_BID: 73_841, BEST_ASK: 73_841.1 }
const article = { TYPE: '121', ID: 1, TITLE: 'A title', URL: 'https://example.com/1', PUBLISHED_ON: 1_780_159_000, SENTIMENT: 'NEUTRAL' }

const cryptocompare: readonly Case[] = [
  {
    tool: 'index_prices',
    args: { instruments: ['BTC-USD', 'ETH-USD'] },
    target: '/index/cc/v1/latest/tick?market=cadli&instruments=BTC-USD,ETH-USD&groups=VALUE,CURRENT_DAY,MOVING_24_HOUR',
    body: { Data: { 'BTC-USD': tick }, Err: {} },
    answer: { 'BTC-USD': tick },
  },
  {
    tool: 'spot_prices',
    args: { market: 'kraken', instruments: ['BTC-USD'] },
    target: '/spot/v1/latest/tick?market=kraken&instruments=BTC-USD&groups=ID,VALUE,CURRENT_DAY,MOVING_24_HOUR',
    body: { Data: { 'BTC-USD': spot }, Err: {} },
    answer: { 'BTC-USD': spot },
  },
  {
    tool: 'candles',
    args: { market: 'kraken', instrument: 'BTC-USD', limit: 1, before: 1_780_100_000 },
    target: '/spot/v1/historical/days?market=kraken&instrument=BTC-USD&limit=1&to_ts=1780100000&groups=OHLC,VOLUME',
    body: { Data: [day], Err: {} },
    answer: { rows: [day] },
  },
  {
    tool: 'index_candles',
    args: { instrument: 'BTC-USD', unit: 'hours', limit: 2 },
    target: '/index/cc/v1/historical/hours?market=cadli&instrument=BTC-USD&limit=2&groups=OHLC,VOLUME',
    body: { Data: [day], Err: {} },
    answer: { rows: [day] },
  },
  {
    tool: 'order_book_top',
    args: { market: 'kraken', instruments: ['BTC-USD'] },
    target: '/spot/v1/latest/orderbook/l1/top?market=kraken&instruments=BTC-USD',
    body: { Data: { 'BTC-USD': top }, Err: {} },
    answer: { 'BTC-USD': top },
  },
  {
    tool: 'news',
    args: { categories: ['BTC', 'ETH'], limit: 1 },
    target: '/news/v1/article/list?lang=EN&categories=BTC,ETH&limit=1',
    body: { Data: [article], Err: {} },
    answer: { rows: [article] },
  },
]

const coin = {
  id: 'bitcoin',
  symbol: 'btc',
  name: 'Bitcoin',
  current_price: 64_671,
  market_cap: 1_297_846_869_995,
  market_cap_rank: 1,
  total_volume: 17_135_990_479,
  price_change_percentage_24h: -0.6,
  last_updated: '2026-08-10T14:25:20.000Z',
}
const price = { usd: 64_671.123_456, usd_market_cap: 1_297_846_869_995.5, usd_24h_vol: 1.5, usd_24h_change: -0.6, last_updated_at: 1_780_159_779 }
const whole = { id: 'bitcoin', symbol: 'btc', name: 'Bitcoin', market_data: { current_price: { usd: 64_671 } } }

const coingecko: readonly Case[] = [
  {
    tool: 'search',
    args: { query: 'btc' },
    target: '/api/v3/search?query=btc',
    body: { coins: [{ id: 'bitcoin', name: 'Bitcoin', symbol: 'BTC', market_cap_rank: 1 }], exchanges: [] },
    answer: { rows: [{ id: 'bitcoin', name: 'Bitcoin', symbol: 'BTC', market_cap_rank: 1 }] },
  },
  {
    tool: 'prices',
    args: { ids: ['bitcoin', 'a&b'] },
    target:
      '/api/v3/simple/price?ids=bitcoin,a%26b&vs_currencies=usd&include_market_cap=true&include_24hr_vol=true&include_24hr_change=true&include_last_updated_at=true&precision=full',
    body: { bitcoin: price },
    answer: { bitcoin: price },
  },
  {
    tool: 'markets',
    args: { limit: 1 },
    target: '/api/v3/coins/markets?vs_currency=usd&order=market_cap_desc&per_page=1&page=1&sparkline=false',
    body: [coin],
    answer: { rows: [coin] },
  },
  {
    tool: 'coin',
    args: { id: 'bitcoin' },
    target: '/api/v3/coins/bitcoin?localization=false&tickers=false&market_data=true&community_data=false&developer_data=false&sparkline=false',
    body: whole,
    answer: whole,
  },
  {
    tool: 'candles',
    args: { id: 'bitcoin', days: 7 },
    target: '/api/v3/coins/bitcoin/ohlc?vs_currency=usd&days=7&precision=full',
    body: [[1_709_395_200_000, 61_942, 62_211, 61_721, 61_845]],
    answer: { rows: [[1_709_395_200_000, 61_942, 62_211, 61_721, 61_845]] },
  },
  {
    tool: 'history',
    args: { id: 'bitcoin' },
    target: '/api/v3/coins/bitcoin/market_chart?vs_currency=usd&days=30',
    body: { prices: [[1_711_843_200_000, 69_702.3]], market_caps: [], total_volumes: [] },
    answer: { prices: [[1_711_843_200_000, 69_702.3]], market_caps: [], total_volumes: [] },
  },
  {
    tool: 'global',
    args: {},
    target: '/api/v3/global',
    body: { data: { total_market_cap: { usd: 2_721_226_850_772 } } },
    answer: { total_market_cap: { usd: 2_721_226_850_772 } },
  },
]

const shipped: readonly { readonly name: string; readonly cases: readonly Case[]; readonly header: string; readonly said: string | undefined }[] = [
  { name: 'twelve_data', cases: twelveData, header: 'authorization', said: 'apikey key-twelve' },
  { name: 'cryptocompare', cases: cryptocompare, header: 'authorization', said: 'Apikey key-crypto' },
  { name: 'coingecko', cases: coingecko, header: 'x-cg-demo-api-key', said: undefined },
]

async function specs(env: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, ConnectorSpec>> {
  const { plan, problems } = await compile({ configFile, kinds, env: { MARKET_DATABASE_URL: 'postgres://localhost/market', ...env } })
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return new Map(plan?.connectors.map((spec) => [spec.name, spec]))
}

test('without keys what needs one is off and says so, and the rest sends nothing by itself', async () => {
  const found = await specs({})
  expect(found.get('twelve_data')?.off).toEqual({ reason: 'TWELVE_DATA_API_KEY is not set', needs: ['TWELVE_DATA_API_KEY'] })
  expect(found.get('cryptocompare')?.off).toEqual({ reason: 'CRYPTOCOMPARE_API_KEY is not set', needs: ['CRYPTOCOMPARE_API_KEY'] })
  const spec = found.get('coingecko') as ConnectorSpec
  expect(spec.off).toBeUndefined()
  const unreachable = lendHttp([], { start: spec.start })
  const connector = await openHttp(spec.config, unreachable)
  expect(await connector.check(AbortSignal.timeout(1_000))).toMatchObject({ state: 'unknown' })
  await connector.close()
  await unreachable.close()
})

describe.each(shipped)('$name', ({ name, cases, header, said }) => {
  let service: TestService
  let lent: HttpLent
  let spec: ConnectorSpec
  let connector: Connector

  beforeAll(async () => {
    service = await startService()
    lent = lendHttp()
    const env = {
      TWELVE_DATA_URL: service.url,
      CRYPTOCOMPARE_URL: service.url,
      COINGECKO_URL: `${service.url}/api/v3`,
      TWELVE_DATA_API_KEY: 'key-twelve',
      CRYPTOCOMPARE_API_KEY: 'key-crypto',
    }
    spec = (await specs(env)).get(name) as ConnectorSpec
    connector = await openHttp(spec.config, lent)
  })
  beforeEach(() => {
    service.seen.length = 0
  })
  afterAll(async () => {
    await connector?.close()
    await lent?.close()
    await service?.stop()
  })

  function call(local: string, args: JsonObject): Promise<Answer> {
    const found = spec.tools.find((tool) => tool.local === local)
    if (!found) throw new Error(`no tool ${local}`)
    const checked = createValidate(found.input)(args)
    if (checked.faults) throw new Error(JSON.stringify(checked.faults))
    return connector.bind(found)(checked.args, runWith())
  }

  test('every tool is tried here', () => {
    expect(cases.map(({ tool }) => tool).sort()).toEqual(spec.tools.map(({ local }) => local).sort())
  })

  test.each(cases)('$tool asks as documented and answers what came', async ({ tool, args, target, body, answer }) => {
    service.answer((_seen, response) => json(response, body))
    expect(await call(tool, args)).toEqual({ type: 'data', data: answer })
    expect(service.seen.map((seen) => seen.target)).toEqual([target])
    expect(service.seen[0]?.headers[header]).toBe(said)
  })

  test('the examples of every tool fit its input', () => {
    for (const { local, input } of spec.tools) {
      const examples = isObject(input) && Array.isArray(input['examples']) ? (input['examples'] as JsonObject[]) : []
      for (const example of examples) expect({ local, faults: createValidate(input)(structuredClone(example)).faults }).toEqual({ local, faults: undefined })
    }
  })
})

describe('the errors of the three services', () => {
  let service: TestService
  let lent: HttpLent
  let found: ReadonlyMap<string, ConnectorSpec>

  beforeAll(async () => {
    service = await startService()
    lent = lendHttp()
    found = await specs({
      TWELVE_DATA_URL: service.url,
      CRYPTOCOMPARE_URL: service.url,
      COINGECKO_URL: service.url,
      TWELVE_DATA_API_KEY: 'key-twelve',
      CRYPTOCOMPARE_API_KEY: 'key-crypto',
      COINGECKO_API_KEY: 'key-gecko',
    })
  })
  afterAll(async () => {
    await lent.close()
    await service.stop()
  })

  const errors: readonly (readonly [string, string, JsonObject, number, unknown, string, RegExp])[] = [
    [
      'twelve_data',
      'price',
      { symbol: 'NOPE' },
      200,
      { code: 404, message: '**symbol** not found: NOPE', status: 'error' },
      'HUB_UPSTREAM_FAILED',
      /no such thing \(status 404\).*NOPE/,
    ],
    [
      'twelve_data',
      'price',
      { symbol: 'AAPL' },
      401,
      { code: 401, message: '**apikey** parameter is incorrect: key-twelve', status: 'error' },
      'HUB_UPSTREAM_FAILED',
      /refuses the hub \(status 401\).*\[secret\]/,
    ],
    [
      'twelve_data',
      'price',
      { symbol: 'AAPL' },
      429,
      { code: 429, message: 'You have run out of API credits for the current minute.', status: 'error' },
      'HUB_LIMITED',
      /run out of API credits/,
    ],
    [
      'cryptocompare',
      'news',
      {},
      401,
      { Data: {}, Err: { type: 2, message: 'API key required', http_status_code: 401 } },
      'HUB_UPSTREAM_FAILED',
      /refuses the hub.*API key required/,
    ],
    [
      'cryptocompare',
      'news',
      {},
      200,
      { Data: [], Err: { type: 1, message: 'bad market', http_status_code: 404 } },
      'HUB_UPSTREAM_FAILED',
      /no such thing.*bad market/,
    ],
    [
      'coingecko',
      'global',
      {},
      429,
      { status: { error_code: 429, error_message: 'You have exceeded the Rate Limit' } },
      'HUB_LIMITED',
      /exceeded the Rate Limit/,
    ],
    ['coingecko', 'coin', { id: 'nope' }, 404, { error: 'coin not found' }, 'HUB_UPSTREAM_FAILED', /no such thing \(status 404\): coin not found/],
  ]
  test.each(errors)('%s, %s: %j with %i', async (name, local, args, code, body, expected, words) => {
    service.answer((_seen, response) => json(response, body, code))
    const spec = found.get(name) as ConnectorSpec
    const connector = await openHttp({ ...spec.config, retries: 0 }, lent)
    const error = await failureOf(connector.bind(spec.tools.find((tool) => tool.local === local)!)(args, runWith()))
    expect(error).toMatchObject({ code: expected, message: expect.stringMatching(words) as string })
    expect(error.message).not.toMatch(/key-twelve|key-crypto|key-gecko/)
    await connector.close()
  })

  test('all coins that are wanted are gathered page by page, with the demo key', async () => {
    service.seen.length = 0
    service.answer(({ url }, response) => {
      const [page, size] = [Number(url.searchParams.get('page')), Number(url.searchParams.get('per_page'))]
      json(
        response,
        Array.from({ length: size }, (_item, index) => ({ id: `coin-${(page - 1) * size + index}`, symbol: 'x', current_price: null })),
      )
    })
    const spec = found.get('coingecko') as ConnectorSpec
    const connector = await openHttp(spec.config, lent)
    const answer = await connector.bind(spec.tools.find((tool) => tool.local === 'markets')!)({ currency: 'usd', limit: 600 }, runWith())
    expect(answer).toMatchObject({ type: 'data', data: { rows: expect.objectContaining({ length: 600 }) as unknown } })
    expect(service.seen.map(({ url }) => url.searchParams.get('page'))).toEqual(['1', '2', '3'])
    expect(service.seen.every(({ headers }) => headers['x-cg-demo-api-key'] === 'key-gecko')).toBe(true)
    await connector.close()
  })

  test('a resource is a GET like any other', async () => {
    service.answer((_seen, response) => json(response, ['usd', 'eur']))
    const spec = found.get('coingecko') as ConnectorSpec
    const connector = await openHttp(spec.config, lent)
    const read = spec.resources.find(({ uri }) => uri === 'coingecko://currencies')!
    expect(await connector.bind(read.tool)({}, runWith())).toEqual({ type: 'data', data: { rows: ['usd', 'eur'] } })
    const one = spec.resources.find(({ template }) => template)!
    service.answer((_seen, response) => json(response, whole))
    await connector.bind(one.tool)({ id: 'bit/coin' }, runWith())
    expect(service.seen.at(-1)?.url.pathname).toBe('/coins/bit%2Fcoin')
    await connector.close()
  })
})
