import { readFile } from 'node:fs/promises'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrationsOf } from '../../runtime/commands/migrate/files.ts'
import { startClickHouse, type RunningClickHouse } from '../components/clickhouse.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { serveHub, type ServedHub } from '../hub/serve.ts'
import { connect } from './clickhouse-kit.ts'

const started = await startClickHouse()
const missing = 'reason' in started ? started.reason : undefined
const shipped = (name: string): Promise<string> => readFile(new URL(`../../connectors/${name}`, import.meta.url), 'utf8')

interface Called {
  readonly structuredContent?: { readonly rows: readonly Record<string, unknown>[] }
  readonly content: readonly { readonly text: string }[]
  readonly isError?: boolean
}

describe.skipIf(missing !== undefined)(`the shipped history in a whole hub${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const server = started as RunningClickHouse
  let stores: RunningPostgres
  let served: ServedHub
  let client: Client

  beforeAll(async () => {
    stores = await startPostgres()
    const connector = await connect(server.url)
    await connector.migrate?.(await migrationsOf('clickhouse'), AbortSignal.timeout(30_000))
    await connector.close()
    served = await serveHub(
      { 'connectors/history.yaml': await shipped('history.yaml'), 'connectors/shared.yaml': await shipped('shared.yaml') },
      { DATABASE_URL: stores.url, CLICKHOUSE_URL: server.url },
    )
    client = new Client({ name: 'test-client', version: '1.0.0' }, { capabilities: {}, versionNegotiation: { mode: 'auto' } })
    await client.connect(new StreamableHTTPClientTransport(new URL(`${served.hub.url}/mcp`)))
    const lines = (await shipped('data/sp500.csv')).trim().split('\n').slice(1)
    const candles = lines.map((line) => {
      const [timestamp, open, high, low, close, , volume] = line.split(',')
      return { timestamp: `${timestamp}T00:00:00Z`, symbol: '^GSPC', exchange: 'INDEX', timeframe: '1d', open, high, low, close, volume }
    })
    for (let at = 0; at < candles.length; at += 3_000) {
      const { structuredContent } = await call('record_candles', { candles: candles.slice(at, at + 3_000) })
      expect(structuredContent).toMatchObject({ refused: [] })
    }
  })
  afterAll(async () => {
    await client?.close()
    await served?.close()
    await stores?.stop()
    await server.stop()
  })
  const call = async (name: string, args: Record<string, unknown>): Promise<Called> =>
    (await client.callTool({ name: `history_${name}`, arguments: args })) as unknown as Called
  const rows = async (name: string, args: Record<string, unknown>) => {
    const { structuredContent, content } = await call(name, args)
    if (!structuredContent) throw new Error(content.map(({ text }) => text).join('\n'))
    return structuredContent.rows
  }

  test('declared tools answer over MCP: candles as they were recorded', async () => {
    expect(await rows('candles', { symbol: '^GSPC', from: '2008-09-15', to: '2008-09-19' })).toHaveLength(5)
    expect(await rows('candles', { symbol: '^GSPC', from: '2000-01-03', to: '2000-01-03' })).toEqual([
      { timestamp: '2000-01-03T00:00:00.000Z', open: '1469.25', high: '1478', low: '1438.359985', close: '1455.219971', volume: '931800000' },
    ])
    const none = await call('candles', { symbol: 'NOPE', from: '2008-09-15', to: '2008-09-19' })
    expect(none.content.map(({ text }) => text).join('\n')).toContain('history://symbols')
    expect((await call('candles', { symbol: '^GSPC', from: '2008-02-30', to: '2008-09-19' })).content[0]?.text).toContain('HUB_ARGS_INVALID')
  })

  test('months: return and volatility as they are computed by hand', async () => {
    const months = await rows('by_month', { symbol: '^GSPC', from: '2008-09-01', to: '2008-10-31' })
    expect(months.map(({ month, days }) => [month, days])).toEqual([
      ['2008-09', 21],
      ['2008-10', 23],
    ])
    const october = (await shipped('data/sp500.csv')).split('\n').map((line) => line.split(','))
    const closes = october.filter(([day]) => day !== undefined && day >= '2008-09-30' && day <= '2008-10-31').map((fields) => Number(fields[4]))
    const moves = closes.slice(1).map((close, index) => Math.log(close / Number(closes[index])))
    const mean = moves.reduce((sum, move) => sum + move, 0) / moves.length
    const deviation = Math.sqrt(moves.reduce((sum, move) => sum + (move - mean) ** 2, 0) / (moves.length - 1))
    expect(months[1]?.['return']).toBeCloseTo(Number(closes.at(-1)) / Number(closes[0]) - 1, 7)
    expect(months[1]?.['volatility']).toBeCloseTo(deviation * Math.sqrt(252), 7)
  })

  test('top movers of a day, over a weekend', async () => {
    // 2386.129883 on Monday the 16th against 2711.02002 on Friday the 13th.
    expect(await rows('top_movers', { day: '2020-03-16' })).toEqual([
      { symbol: '^GSPC', exchange: 'INDEX', close: '2386.129883', previousClose: '2711.02002', change: -0.11984055, volume: '7781540000' },
    ])
    expect(await rows('top_movers', { day: '2020-03-16', exchange: 'binance' })).toEqual([])
  })

  test('minutes roll up to every timeframe; a candle sent again while it is open counts once, and what was recorded goes before what was rolled up', async () => {
    const at = (minute: number): string => new Date(Date.UTC(2026, 9, 31, 23, minute)).toISOString()
    const minute = (index: number, volume: string) => ({
      timestamp: at(index),
      symbol: 'BTC/USDT',
      exchange: 'test',
      timeframe: '1m',
      open: `${100 + index}`,
      high: `${101 + index}`,
      low: `${99 + index}`,
      close: `${100 + index}.5`,
      volume,
    })
    const minutes = Array.from({ length: 120 }, (_one, index) => index)
    await call('record_candles', { candles: minutes.map((index) => minute(index, '0.000000000000000001')) })
    await call('record_candles', { candles: minutes.map((index) => minute(index, '1.000000000000000001')) })
    const series = { symbol: 'BTC/USDT', exchange: 'test', from: '2026-10-31', to: '2026-11-01' }
    const candle = (timestamp: string, open: string, high: string, low: string, close: string, volume: string) => ({
      timestamp,
      open,
      high,
      low,
      close,
      volume,
    })
    expect(await rows('candles', { ...series, timeframe: '1m', limit: 1 })).toEqual([
      candle('2026-10-31T23:00:00.000Z', '100', '101', '99', '100.5', '1.000000000000000001'),
    ])
    expect(await rows('candles', { ...series, timeframe: '5m', limit: 1 })).toEqual([
      candle('2026-10-31T23:00:00.000Z', '100', '105', '99', '104.5', '5.000000000000000005'),
    ])
    expect((await rows('candles', { ...series, timeframe: '30m' })).map(({ timestamp, volume }) => [timestamp, volume])).toEqual([
      ['2026-10-31T23:00:00.000Z', '30.00000000000000003'],
      ['2026-10-31T23:30:00.000Z', '30.00000000000000003'],
      ['2026-11-01T00:00:00.000Z', '30.00000000000000003'],
      ['2026-11-01T00:30:00.000Z', '30.00000000000000003'],
    ])
    expect(await rows('candles', { ...series, timeframe: '1d' })).toEqual([
      candle('2026-10-31T00:00:00.000Z', '100', '160', '99', '159.5', '60.00000000000000006'),
      candle('2026-11-01T00:00:00.000Z', '160', '220', '159', '219.5', '60.00000000000000006'),
    ])
    // Both days are of the week that began on Monday, 26 October.
    expect(await rows('candles', { ...series, timeframe: '1w' })).toEqual([
      candle('2026-10-26T00:00:00.000Z', '100', '220', '99', '219.5', '120.00000000000000012'),
    ])
    await call('record_candles', { candles: [{ ...minute(0, '7'), timestamp: '2026-10-31T00:00:00Z', timeframe: '1d' }] })
    expect((await rows('candles', { ...series, timeframe: '1d', limit: 2 }))[0]).toMatchObject({ volume: '7' })
  })

  test('rows that do not fit are told one by one, the others are written; numbers beyond 2^53 come back digit for digit', async () => {
    const candle = {
      timestamp: '2024-01-01T00:00:00Z',
      symbol: 'Ω/USDT',
      exchange: 'test',
      timeframe: '1h',
      open: '1',
      high: '2',
      low: '0.5',
      close: '1',
      volume: '9007199254740993',
    }
    const { structuredContent, content } = await call('record_candles', {
      candles: [candle, { ...candle, timestamp: '2024-01-01T01:00:00Z', close: '1.0000000000000000001' }],
    })
    expect(structuredContent).toEqual({ written: 1, refused: [{ index: 1, reason: '"close" has more than 18 digits behind the point' }] })
    expect(content.map(({ text }) => text).join('\n')).toContain('1 of 2 rows were refused')
    expect(await rows('candles', { symbol: 'Ω/USDT', exchange: 'test', timeframe: '1h', from: '2024-01-01', to: '2024-01-01' })).toMatchObject([
      { volume: '9007199254740993' },
    ])
  })

  test('standard tools, the ad-hoc ones and resources answer', async () => {
    const names = (await client.listTools()).tools.map(({ name }) => name)
    for (const name of ['list_databases', 'list_tables', 'describe_table', 'running_queries', 'query', 'explain']) expect(names).toContain(`history_${name}`)
    expect((await rows('list_tables', { like: 'ohlcv' }))[0]).toMatchObject({
      engine: 'ReplacingMergeTree',
      sortingKey: 'symbol, exchange, timeframe, timestamp',
    })
    expect((await rows('describe_table', { table: 'ticks' }))[0]?.['engine']).toContain('toIntervalYear(2)')
    expect(await rows('query', { sql: 'SELECT count() AS n FROM ohlcv FINAL WHERE symbol = {symbol:String}', params: { symbol: '^GSPC' } })).toEqual([
      { n: '5105' },
    ])
    expect((await call('query', { sql: 'TRUNCATE TABLE ohlcv' })).content[0]?.text).toContain('HUB_DENIED')
    expect((await rows('explain', { sql: `SELECT close FROM ohlcv WHERE symbol = '^GSPC'` })).length).toBeGreaterThan(3)
    const symbols = await client.readResource({ uri: 'history://symbols' })
    expect(JSON.parse((symbols.contents[0] as { text: string }).text)).toMatchObject({
      rows: expect.arrayContaining([
        expect.objectContaining({ symbol: '^GSPC', timeframe: '1d', candles: '5105', first: '2000-01-03T00:00:00.000Z' }),
      ]) as unknown,
    })
    const year = await client.readResource({ uri: 'history://year/%5EGSPC/2019' })
    expect((JSON.parse((year.contents[0] as { text: string }).text) as { rows: readonly unknown[] }).rows).toHaveLength(12)
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toContain('history_seasons')
  })
})
