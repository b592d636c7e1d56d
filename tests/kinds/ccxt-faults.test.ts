import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HubError } from '../../runtime/contract/errors.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { startTest, standard, type TestExchanges } from './ccxt-connector.ts'
import { failureOf, until } from './conformance.ts'
import { runWith } from './lent.ts'

let exchanges: TestExchanges

beforeEach(async () => {
  exchanges = await startTest()
  // Markets are at hand, so that a fault meets the call itself.
  for (const exchange of ['kraken', 'binance']) await exchanges.call('list_markets', { exchange })
  exchanges.seen.length = 0
})
afterEach(() => exchanges.end())

const ticker = (exchange: string, run = runWith()) => exchanges.call('ticker', { symbol: 'BTC/USDT', exchange }, run)
const faulty = (status: number, body = '{"code":-1003,"msg":"Way too much request weight used"}', headers: Record<string, string> = {}) =>
  exchanges.meddle(() => ({ status, body, headers }))
/** A call that cannot wait. */
const hasty = (ms = 2_000) => runWith(undefined, Date.now() + ms)

describe('an exchange that is asked too often', () => {
  test.each([
    ['429 with Retry-After', 429, { 'retry-after': '30' }, 30],
    ['418 with Retry-After', 418, { 'retry-after': '600' }, 600],
    ['418 without', 418, {}, 120],
    ['429 with a date by its own clock', 429, { 'retry-after': 'Wed, 21 Oct 2015 07:28:40 GMT', date: 'Wed, 21 Oct 2015 07:28:00 GMT' }, 40],
  ])('%s is left alone by every caller, and says until when', async (_name, status, headers, seconds) => {
    faulty(status, undefined, headers as Record<string, string>)
    const error = await failureOf(ticker('binance', hasty()))
    expect(error).toMatchObject({ code: 'HUB_LIMITED', details: { exchange: 'binance', retryAfterMs: expect.any(Number) as number } })
    expect(error.details.retryAfterMs).toBeGreaterThan((seconds - 5) * 1_000)
    expect(error.details.retryAfterMs).toBeLessThanOrEqual(seconds * 1_000)
    expect(Date.parse(String(error.details['retryAt']))).toBeGreaterThan(Date.now() + (seconds - 5) * 1_000)
    exchanges.meddle()
    const next = await failureOf(exchanges.call('order_book', { symbol: 'BTC/USDT', exchange: 'binance' }, hasty()))
    expect(next).toMatchObject({ code: 'HUB_LIMITED', message: expect.stringContaining('binance asked to be left alone until') as string })
    expect(exchanges.seen).toHaveLength(1)
    expect((await ticker('kraken')).data['exchange']).toBe('kraken')
    expect(await exchanges.connector.check(AbortSignal.timeout(1_000))).toMatchObject({ state: 'degraded' })
  })

  test('is left alone by a connector that opens later, too', async () => {
    faulty(429, undefined, { 'retry-after': '30' })
    await failureOf(ticker('binance', hasty()))
    exchanges.meddle()
    const later = await exchanges.another()
    expect(await failureOf(later.bind(standard('ticker'))({ symbol: 'BTC/USDT', exchange: 'binance' }, hasty()))).toMatchObject({ code: 'HUB_LIMITED' })
    expect(exchanges.seen).toHaveLength(1)
  })

  test('is asked again when it allows, by those who can wait', async () => {
    exchanges.meddle(() => {
      exchanges.meddle()
      return { status: 429, body: '{}', headers: { 'retry-after': '1' } }
    })
    expect((await failureOf(ticker('binance'))).details.retryAfterMs).toBeLessThanOrEqual(1_000)
    const startedAt = performance.now()
    expect((await ticker('binance')).data['last']).toBe('40010.50000000')
    expect(performance.now() - startedAt).toBeGreaterThan(700)
  })

  test('may say so with status 200', async () => {
    exchanges.meddle(() => ({ body: '{"error":["EAPI:Rate limit exceeded"]}' }))
    expect(await failureOf(ticker('kraken', hasty()))).toMatchObject({ code: 'HUB_LIMITED' })
    exchanges.meddle()
    expect(await failureOf(ticker('kraken', hasty()))).toMatchObject({ code: 'HUB_LIMITED', message: expect.stringContaining('left alone') as string })
    expect(exchanges.seen).toHaveLength(1)
  })
})

describe('the rate limit of an exchange', () => {
  const venue = (rateLimit: string) => ({ venues: { kraken: { urls: exchanges.url, rateLimit } }, exchanges: ['kraken'], credentials: {}, account: false })
  const bound = (connector: Connector, run = runWith()) => connector.bind(standard('ticker'))({ symbol: 'BTC/USD' }, run)

  test('is kept to by all callers together, in the order they came', async () => {
    const connector = await exchanges.another(venue('40ms'))
    await bound(connector)
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: 6 }, () => bound(connector)))
    expect(performance.now() - startedAt).toBeGreaterThan(4 * 40)
  })

  test('refuses at once who would wait past its deadline, with the time to try again', async () => {
    const connector = await exchanges.another(venue('1h'))
    const error = await failureOf(bound(connector, hasty(10_000)))
    expect(error).toMatchObject({ code: 'HUB_LIMITED', details: { exchange: 'kraken' } })
    expect(error.details.retryAfterMs).toBeGreaterThan(60_000)
  })

  test('has a queue with an end, and who leaves it makes room', async () => {
    const connector = await exchanges.another({ ...venue('300ms'), queue: 1 })
    await bound(connector)
    const leaving = new AbortController()
    const [first, second] = [failureOf(bound(connector, runWith(leaving.signal))), failureOf(bound(connector))]
    expect(await Promise.race([first, second])).toMatchObject({ code: 'HUB_LIMITED' })
    leaving.abort()
    await Promise.allSettled([first, second])
    await expect(bound(connector)).resolves.toMatchObject({ data: { exchange: 'kraken' } })
  })
})

describe('an exchange that is not well', () => {
  test.each([
    ['500', 500, 'Internal Server Error', 'HUB_CONNECTOR_DOWN'],
    ['502 with a page', 502, '<html><h1>Bad gateway</h1></html>', 'HUB_CONNECTOR_DOWN'],
    ['503', 503, '{}', 'HUB_CONNECTOR_DOWN'],
    ['520', 520, '', 'HUB_CONNECTOR_DOWN'],
    ['a challenge of its gate', 403, '<html>Checking your browser before accessing</html>', 'HUB_CONNECTOR_DOWN'],
  ])('%s is down, with a time to retry', async (_name, status, body, code) => {
    faulty(status, body)
    const error = await failureOf(ticker('kraken'))
    expect(error.code).toBe(code)
    expect(error.details.retryAfterMs).toBeGreaterThan(0)
    expect(error.message).not.toContain('<')
    expect(error.message).not.toContain('127.0.0.1')
  })

  test('maintenance is told as such', async () => {
    exchanges.meddle(() => ({ body: '{"error":["EService:Unavailable"]}' }))
    expect(await failureOf(ticker('kraken'))).toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    exchanges.meddle(() => ({ body: '{"error":["EService:Market in cancel_only mode"]}' }))
    expect((await failureOf(ticker('kraken'))).message).toMatch(/^kraken /)
  })

  test.each([
    ['a page instead of JSON', '<!doctype html><p>hello</p>'],
    ['half an answer', '{"error":[],"result":{"XBTUSDT":{"a":["1"'],
    ['JSON of another shape', '[1,2,3]'],
    ['nothing', ''],
    ['NaN without quotes', '{"error":[],"result":{"XBTUSDT":{"c":[NaN,"1"]}}}'],
  ])('%s is no price', async (_name, body) => {
    faulty(200, body)
    expect(await failureOf(ticker('kraken'))).toMatchObject({ code: 'HUB_UPSTREAM_FAILED' })
  })

  test('values that are no numbers are null, and that is said', async () => {
    exchanges.meddle(({ path }) =>
      path === '/api/v3/klines'
        ? { body: `[[${Math.floor(Date.now() / 60_000) * 60_000},"NaN","Infinity","-Infinity","1.5","",1,"1",2,"1","1","0"]]` }
        : undefined,
    )
    const answer = await exchanges.call('candles', { symbol: 'BTC/USDT', exchange: 'binance', timeframe: '1m', limit: 1 })
    expect(answer.data['rows']).toMatchObject([{ open: null, high: null, low: null, close: '1.5', volume: null }])
    expect(answer.notes?.join()).toContain('binance sent 3 values that are no numbers')
  })

  test('a slow answer is waited for so long as the venue may take, and then its request is ended', async () => {
    const connector = await exchanges.another({ timeout: '150ms' })
    await connector.bind(standard('list_markets'))({}, runWith())
    exchanges.meddle(() => 'silence')
    const error = await failureOf(connector.bind(standard('ticker'))({ symbol: 'BTC/USD' }, runWith()))
    expect(error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('did not answer in time') as string })
    await until(async () => exchanges.open() === 0)
  })

  test('a caller that leaves while the markets load takes nobody else with it', async () => {
    const connector = await exchanges.another()
    let release: (() => void) | undefined
    exchanges.meddle(({ path }, response) => {
      if (path !== '/0/public/AssetPairs') return undefined
      release = () =>
        response.end(
          '{"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","base":"XXBT","quote":"ZUSD","pair_decimals":1,"lot_decimals":8,"fees":[],"fees_maker":[],"leverage_buy":[],"status":"online"}}}',
        )
      return 'silence'
    })
    const leaving = new AbortController()
    const leaves = failureOf(connector.bind(standard('ticker'))({ symbol: 'BTC/USD' }, runWith(leaving.signal)))
    const stays = connector.bind(standard('ticker'))({ symbol: 'BTC/USD' }, runWith())
    await until(async () => release !== undefined)
    leaving.abort()
    expect((await leaves).code).toBe('HUB_CANCELLED')
    release?.()
    expect(await stays).toMatchObject({ data: { last: '40000.10' } })
    expect(exchanges.seen.filter(({ path }) => path === '/0/public/AssetPairs')).toHaveLength(1)
  })
})

describe('a clock that is wrong', () => {
  test.each(['kraken', 'binance'])('is set by that of %s once, and that is said', async (exchange) => {
    const venue = exchange === 'kraken' ? exchanges.kraken : exchanges.binance
    venue.aheadMs = -60_000
    const answer = await exchanges.call('balances', { exchange })
    expect(answer.notes?.[0]).toMatch(new RegExp(`the clock of this hub is \\d+ ms ahead of that of ${exchange}`))
    expect((answer.data['rows'] as JsonObject[]).length).toBeGreaterThan(0)
    const again = await exchanges.call('balances', { exchange })
    expect(again.notes).toBeUndefined()
    expect(exchanges.seen.filter(({ path }) => /[tT]ime$/.test(path))).toHaveLength(1)
  })

  test('that cannot be set is told, not tried for ever', async () => {
    exchanges.meddle(({ path }) => (path.includes('private') ? { body: '{"error":["EAPI:Invalid nonce"]}' } : undefined))
    expect(await failureOf(exchanges.call('balances', {}))).toMatchObject({
      code: 'HUB_UPSTREAM_FAILED',
      message: expect.stringContaining('refuses the time') as string,
    })
    expect(exchanges.seen.filter(({ path }) => path.includes('private'))).toHaveLength(2)
  })
})

test('credentials that are refused are told to the operator, and never in words of their own', async () => {
  exchanges.meddle(({ path }) => (path.includes('private') ? { body: '{"error":["EAPI:Invalid key"],"said":"kraken-key-nobody-may-see"}' } : undefined))
  const error = await failureOf(exchanges.call('balances', {}))
  expect(error).toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.stringContaining('credentials.kraken in the manifest') as string })
  expect(error.message).not.toContain('nobody-may-see')
})

test('an address that the operator did not allow is not reached', async () => {
  const dispatcher = exchanges.lent.egress
  expect(dispatcher).toBeDefined()
  const outside = await exchanges.another({ venues: { kraken: { urls: 'http://10.1.2.3' }, binance: { urls: exchanges.url } } })
  expect(await failureOf(outside.bind(standard('ticker'))({ symbol: 'BTC/USD' }, runWith()))).toMatchObject({ code: 'HUB_EGRESS_DENIED' })
})

test('a redirect is no answer', async () => {
  exchanges.meddle(() => ({ status: 302, body: '', headers: { location: 'http://169.254.169.254/' } }))
  expect(await failureOf(ticker('kraken'))).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('redirects') as string })
})

test('a failed call is a HubError, whatever ccxt threw', async () => {
  exchanges.meddle(() => ({ body: '{"error":["EGeneral:Internal error"]}' }))
  const [result] = await Promise.allSettled([ticker('kraken')])
  expect(result.status === 'rejected' && result.reason instanceof HubError).toBe(true)
})
