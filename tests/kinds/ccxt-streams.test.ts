import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Batch, Position } from '../../runtime/contract/flow.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector, Extras, ExtrasEvent } from '../../runtime/contract/kind.ts'
import { startTest, type TestExchanges } from './ccxt-connector.ts'
import { until } from './conformance.ts'
import { runWith } from './lent.ts'

let exchanges: TestExchanges
const open: AbortController[] = []
const loose: unknown[] = []
const onLoose = (reason: unknown): void => void loose.push(reason)

beforeEach(async () => {
  loose.length = 0
  process.on('unhandledRejection', onLoose)
  exchanges = await startTest()
})
afterEach(async () => {
  for (const one of open.splice(0)) one.abort()
  await exchanges.end()
  process.off('unhandledRejection', onLoose)
  expect(loose).toEqual([])
})

interface Reader {
  next(): Promise<Batch>
  end(): Promise<void>
}

function read(spec: JsonObject, from?: Position, connector: Connector = exchanges.connector): Reader {
  const ending = new AbortController()
  open.push(ending)
  const batches = connector.source?.(spec).read(from, ending.signal)[Symbol.asyncIterator]() as AsyncIterator<Batch>
  return {
    next: async () => {
      const { value, done } = await batches.next()
      if (done === true) throw new Error('the source ended')
      return value as Batch
    },
    end: async () => {
      ending.abort()
      await batches.return?.()
    },
  }
}
const listening = (channel: string, count = 1) => until(async () => exchanges.kraken.listeners(channel, 'BTC/USD') === count)
const trades = { watch: 'trades', exchange: 'kraken', symbols: ['BTC/USD'] }

describe('a stream of trades', () => {
  test('keeps every digit, and says where to go on', async () => {
    const reader = read(trades)
    const first = reader.next()
    await listening('trade')
    const id = exchanges.kraken.trade('BTC/USD', '40000.123456789012345678', '9007199254740993.5', Date.parse('2024-01-31T12:00:00.123Z'))
    expect(await first).toEqual({
      rows: [
        {
          timestamp: '2024-01-31T12:00:00.123Z',
          exchange: 'kraken',
          symbol: 'BTC/USD',
          id: String(id),
          side: 'buy',
          price: '40000.123456789012345678',
          amount: '9007199254740993.5',
          cost: '360289082189537724716.065860743779151093',
        },
      ],
      position: { 'BTC/USD': { at: '2024-01-31T12:00:00.123Z', ids: [String(id)] } },
    })
  })

  test('goes on after a lost connection with what was missed, each once', async () => {
    const reader = read(trades)
    const first = reader.next()
    await listening('trade')
    const ids = [exchanges.kraken.trade('BTC/USD', '1', '1')]
    await first
    exchanges.drop()
    await until(async () => exchanges.sockets() === 0)
    ids.push(exchanges.kraken.trade('BTC/USD', '2', '1'), exchanges.kraken.trade('BTC/USD', '3', '1'))
    await listening('trade')
    ids.push(exchanges.kraken.trade('BTC/USD', '4', '1'))
    const rows: JsonObject[] = []
    while (rows.length < 3) rows.push(...(await reader.next()).rows)
    expect(rows.map(({ id }) => id)).toEqual(ids.slice(1).map(String))
  })

  test('goes on from a position, with the trades since then', async () => {
    const at = Date.now() - 60_000
    const [known, missed] = [exchanges.kraken.trade('BTC/USD', '1', '1', at), exchanges.kraken.trade('BTC/USD', '2', '1', at)]
    const reader = read(trades, { 'BTC/USD': { at: new Date(at).toISOString(), ids: [String(known)] } })
    const { rows, position } = await reader.next()
    expect(rows.map(({ id }) => id)).toEqual([String(missed)])
    expect(position).toEqual({ 'BTC/USD': { at: new Date(at).toISOString(), ids: [String(known), String(missed)] } })
  })

  test('that is faster than its reader counts what it dropped', async () => {
    const reader = read(trades)
    const first = reader.next()
    await listening('trade')
    exchanges.kraken.trade('BTC/USD', '1', '1')
    await first
    const address = 'exchanges://kraken/trades/BTC%2FUSD'
    await exchanges.connector.extras?.subscribe(address, runWith().principal)
    // ccxt keeps the last thousand of a burst; each of these is one of its own.
    for (let burst = 0; burst < 11; burst++) {
      const ids = Array.from({ length: 1_000 }, (_, index) => 2_000_000 + burst * 1_000 + index)
      const told = ids.map(
        (id) => `{"symbol":"BTC/USD","side":"buy","price":1,"qty":1,"ord_type":"limit","trade_id":${id},"timestamp":"${new Date().toISOString()}"}`,
      )
      exchanges.kraken.tell('trade', 'BTC/USD', told.join(','))
      await until(async () => JSON.stringify(await exchanges.connector.extras?.readResource(address, runWith())).includes(`${ids.at(-1) ?? ''}`))
    }
    const { rows, lost } = await reader.next()
    expect(rows).toHaveLength(1_000)
    expect(lost).toBe(1_000)
  })
})

test('a book loses the levels that are gone, keeps its digits, and is as deep as asked', async () => {
  const reader = read({ watch: 'orderbook', exchange: 'kraken', symbols: ['BTC/USD'], depth: 2 })
  expect((await reader.next()).rows).toEqual([
    {
      exchange: 'kraken',
      symbol: 'BTC/USD',
      timestamp: null,
      bids: [
        ['10.25', '2.00000001'],
        ['9.5', '1.5'],
      ],
      asks: [
        ['10.5', '3'],
        ['11', '0.1234567890123456789'],
      ],
    },
  ])
  exchanges.kraken.tell(
    'book',
    'BTC/USD',
    '{"symbol":"BTC/USD","bids":[{"price":10.25,"qty":0},{"price":1,"qty":7}],"asks":[],"checksum":1,"timestamp":"2024-01-31T12:00:00.123456Z"}',
  )
  expect((await reader.next()).rows).toMatchObject([
    {
      timestamp: '2024-01-31T12:00:00.123Z',
      bids: [
        ['9.5', '1.5'],
        ['1', '7'],
      ],
      asks: [
        ['10.5', '3'],
        ['11', '0.1234567890123456789'],
      ],
    },
  ])
})

test('a book that is put together of a snapshot and its changes', async () => {
  const reader = read({ watch: 'orderbook', exchange: 'binance', symbols: ['BTC/USDT'] })
  const first = reader.next()
  await until(async () => exchanges.binance.listeners('btcusdt@depth@100ms') === 1)
  let got: Batch | undefined
  void first.then((batch) => (got = batch))
  await until(async () => {
    exchanges.binance.depth('BTCUSDT', '[["10.25","0.00000000"],["8.123456789012345678","3.5"]]', '[]')
    return got !== undefined
  })
  let latest = got as unknown as Batch
  while (!JSON.stringify(latest.rows).includes('8.123456789012345678')) {
    exchanges.binance.depth('BTCUSDT', '[["8.123456789012345678","3.5"],["10.25","0"]]', '[]')
    latest = await reader.next()
  }
  expect(latest.rows.at(-1)).toMatchObject({
    exchange: 'binance',
    bids: [
      ['9.5', '1.5'],
      ['8.123456789012345678', '3.5'],
    ],
  })
})

test('candles as they change, and tickers', async () => {
  const at = Math.floor(Date.now() / 60_000) * 60_000
  const candles = read({ watch: 'ohlcv', exchange: 'binance', symbols: ['BTC/USDT'], timeframe: '1m' })
  const candle = candles.next()
  await until(async () => exchanges.binance.listeners('btcusdt@kline_1m') === 1)
  exchanges.binance.candle('BTCUSDT', at, '40000.123456789012345678')
  expect((await candle).rows).toEqual([
    {
      timestamp: new Date(at).toISOString(),
      exchange: 'binance',
      symbol: 'BTC/USDT',
      timeframe: '1m',
      open: '40000.123456789012345678',
      high: '40000.123456789012345678',
      low: '40000.123456789012345678',
      close: '40000.123456789012345678',
      volume: '1.5',
    },
  ])

  const tickers = read({ watch: 'tickers', exchange: 'binance', symbols: ['BTC/USDT', 'ETH/USDT'] })
  const ticker = tickers.next()
  await until(async () => exchanges.binance.listeners('ethusdt@ticker') === 1)
  exchanges.binance.ticker('ETHUSDT', '2000.10')
  expect((await ticker).rows).toMatchObject([{ exchange: 'binance', symbol: 'ETH/USDT', last: '2000.10' }])
})

test('one market is streamed in one timeframe at a time, and the other way is named', async () => {
  const one = read({ watch: 'ohlcv', exchange: 'kraken', symbols: ['BTC/USD'], timeframe: '1m' })
  void one.next().catch(() => {})
  await listening('ohlc')
  await expect(read({ watch: 'ohlcv', exchange: 'kraken', symbols: ['BTC/USD'], timeframe: '5m' }).next()).rejects.toThrow('read the other by polling')
})

test('what an exchange cannot stream is refused with why', async () => {
  await expect(read({ ...trades, symbols: ['BTC/EUR'] }).next()).rejects.toMatchObject({ code: 'HUB_ARGS_INVALID' })
  expect(() => exchanges.connector.source?.({ ...trades, exchange: 'coinbase' })).toThrow('not one of this connector')
})

test('a stream waits for an exchange that is away at first', async () => {
  await exchanges.pause()
  const reader = read(trades)
  const first = reader.next()
  await exchanges.resume()
  await listening('trade')
  exchanges.kraken.trade('BTC/USD', '1', '1')
  expect((await first).rows).toHaveLength(1)
})

test('what is no JSON in a stream is passed over', async () => {
  const reader = read(trades)
  const first = reader.next()
  await listening('trade')
  exchanges.kraken.tell('trade', 'BTC/USD', '{"symbol":')
  exchanges.kraken.trade('BTC/USD', '1', '1')
  expect((await first).rows).toHaveLength(1)
  expect(exchanges.lent.logged.join('\n')).toContain('an exchange sent a frame that is not JSON')
})

describe('candles asked for again and again', () => {
  const polling = (over: JsonObject = {}) => ({
    candles: { exchanges: ['kraken', 'binance'], symbols: ['BTC/USDT'], timeframe: '1m', every: '100ms', ...over },
  })

  test('are the closed ones of each exchange, each once, with a position', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000
    const reader = read(polling({ since: new Date(minute - 3 * 60_000).toISOString() }))
    const [kraken, binance] = [await reader.next(), await reader.next()]
    expect(kraken.rows.length).toBeGreaterThanOrEqual(3)
    expect(kraken.rows[0]).toMatchObject({ exchange: 'kraken', symbol: 'BTC/USDT', timeframe: '1m', timestamp: new Date(minute - 3 * 60_000).toISOString() })
    expect(kraken.rows.every(({ timestamp }) => Date.parse(String(timestamp)) + 60_000 <= Date.now())).toBe(true)
    expect(binance.position).toEqual({ 'kraken BTC/USDT': kraken.rows.at(-1)?.['timestamp'], 'binance BTC/USDT': binance.rows.at(-1)?.['timestamp'] })
    await reader.end()

    const later = read(polling(), { 'kraken BTC/USDT': new Date(minute - 3 * 60_000).toISOString() })
    expect((await later.next()).rows[0]).toMatchObject({ exchange: 'kraken', timestamp: new Date(minute - 2 * 60_000).toISOString() })
  })

  test('come in pages where the past is long, and an exchange that is down does not stop the other', async () => {
    exchanges.meddle(({ host }) => (host.includes('kraken') ? { status: 503, body: '{}' } : undefined))
    const reader = read(polling({ since: new Date(Date.now() - 2_500 * 60_000).toISOString() }))
    const pages = [await reader.next(), await reader.next(), await reader.next()]
    expect(pages.map(({ rows }) => rows.length)).toEqual([1_000, 1_000, expect.any(Number) as number])
    expect(new Set(pages.flatMap(({ rows }) => rows.map(({ timestamp }) => timestamp))).size).toBe(pages.reduce((sum, { rows }) => sum + rows.length, 0))
    exchanges.meddle()
    expect((await reader.next()).rows[0]).toMatchObject({ exchange: 'kraken' })
  })

  test('end with an error that no waiting mends', async () => {
    await expect(read(polling({ symbols: ['BTC/EUR'] })).next()).rejects.toMatchObject({ code: 'HUB_ARGS_INVALID' })
  })
})

describe('resources', () => {
  const uri = 'exchanges://kraken/ticker/BTC%2FUSD'
  const principal = runWith().principal
  const extras = (): Extras => exchanges.connector.extras as Extras
  const contents = async (address: string): Promise<JsonObject> => {
    const { contents: found } = (await extras().readResource(address, runWith())) as { contents: readonly { text: string; mimeType: string }[] }
    return JSON.parse(found[0]?.text ?? '') as JsonObject
  }

  test('are read by address, and listed as templates', async () => {
    expect(await contents(uri)).toMatchObject({ exchange: 'kraken', symbol: 'BTC/USD', last: '40000.10' })
    exchanges.kraken.trade('BTC/USD', '7', '1')
    expect(await contents('exchanges://kraken/trades/BTC%2FUSD')).toMatchObject({ rows: [{ price: '7' }] })
    expect(await contents('exchanges://binance/orderbook/BTC%2FUSDT')).toMatchObject({
      exchange: 'binance',
      bids: [
        ['10.25', '2.00'],
        ['9.5', '1.5'],
      ],
    })
    expect((await extras().templates()).map(({ uriTemplate }) => uriTemplate)).toEqual([
      'exchanges://{exchange}/ticker/{symbol}',
      'exchanges://{exchange}/orderbook/{symbol}',
      'exchanges://{exchange}/trades/{symbol}',
    ])
  })

  test.each([
    'exchanges://kraken/candles/BTC%2FUSD',
    'exchanges://coinbase/ticker/BTC%2FUSD',
    'exchanges://kraken/ticker/%zz',
    'other://kraken/ticker/BTC%2FUSD',
    'exchanges://kraken/ticker/',
  ])('%s is none', async (address) => {
    await expect(extras().readResource(address, runWith())).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
    await expect(extras().subscribe(address, principal)).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
  })

  test('are followed over one connection by all who watch, until the last of them leaves', async () => {
    const events: ExtrasEvent[] = []
    extras().onEvent((event) => events.push(event))
    const reader = read({ watch: 'ticker', exchange: 'kraken', symbols: ['BTC/USD'] })
    const first = reader.next()
    await extras().subscribe(uri, principal)
    await listening('ticker')
    await first
    expect(exchanges.sockets()).toBe(1)
    exchanges.kraken.last = '41000.123456789012345678'
    exchanges.kraken.tellTicker('BTC/USD')
    await until(async () => (await contents(uri))['last'] === '41000.123456789012345678')
    await until(async () => events.length > 0)
    expect(events[0]).toEqual({ type: 'updated', uri })
    await reader.end()
    expect(exchanges.kraken.listeners('ticker', 'BTC/USD')).toBe(1)
    await extras().unsubscribe(uri, principal)
    await until(async () => exchanges.sockets() === 0)
  })

  test('that are watched live through a lost connection', async () => {
    const events: ExtrasEvent[] = []
    await extras().subscribe(uri, principal)
    await listening('ticker')
    exchanges.drop()
    await until(async () => exchanges.sockets() === 0)
    await listening('ticker')
    extras().onEvent((event) => events.push(event))
    exchanges.kraken.last = '42000.5'
    exchanges.kraken.tellTicker('BTC/USD')
    await until(async () => (await contents(uri))['last'] === '42000.5')
    await until(async () => events.length > 0)
  })

  test('of trades answer the last ones, streamed or not', async () => {
    const address = 'exchanges://kraken/trades/BTC%2FUSD'
    await extras().subscribe(address, principal)
    await listening('trade')
    exchanges.kraken.trade('BTC/USD', '1', '1')
    exchanges.kraken.trade('BTC/USD', '2', '1')
    await until(async () => ((await contents(address))['rows'] as JsonObject[]).length === 2)
  })
})

test('closing ends every stream', async () => {
  const reader = read(trades)
  void reader.next().catch(() => {})
  await listening('trade')
  await exchanges.connector.close()
  await until(async () => exchanges.sockets() === 0)
})
