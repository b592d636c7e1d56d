import { readFile } from 'node:fs/promises'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { serveHub, type ServedHub } from '../hub/serve.ts'

let stores: RunningPostgres
let served: ServedHub
let client: Client

// The shipped manifest takes its candles from market_latest_candles; here that tool makes them.
const market = `
connector: market
kind: timescale
summary: Candles.
config: { url: { secret: MARKET_URL } }
tools:
  latest_candles:
    summary: Candles.
    effect: read
    input: { type: object, required: [symbol], properties: { symbol: { type: string }, exchange: { type: string }, timeframe: { type: string }, limit: { type: integer } } }
    operation:
      sql: |
        SELECT '2024-01-01'::timestamptz + n * interval '1 day' AS timestamp, 100 + 10 * sin(n / 5.0) AS open, 112 + 10 * sin(n / 5.0) AS high, 88 + 10 * sin(n / 5.0) AS low,
          (100 + 10 * sin(n / 5.0) + n / 1000.0)::numeric(20, 10) AS close, 9007199254740993 + n AS volume
        FROM generate_series(0, 299) AS n
        WHERE :symbol = 'X' AND coalesce(:exchange, '') = 'INDEX' AND coalesce(:timeframe, '') = '1d' ORDER BY n DESC LIMIT :limit
  forget:
    summary: Forgets.
    effect: destroy
    input: { type: object, properties: {} }
    operation: { sql: DELETE FROM pg_class WHERE false }
`

beforeAll(async () => {
  stores = await startPostgres()
  const shipped = (name: string): Promise<string> => readFile(new URL(`../../connectors/${name}`, import.meta.url), 'utf8')
  served = await serveHub(
    {
      'connectors/indicators.yaml': await shipped('indicators.yaml'),
      'connectors/shared.yaml': await shipped('shared.yaml'),
      'connectors/market.yaml': market,
    },
    { DATABASE_URL: stores.url, MARKET_URL: stores.url },
  )
  client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new StreamableHTTPClientTransport(new URL(`${served.hub.url}/mcp`)))
})
afterAll(async () => {
  await client?.close()
  await served?.close()
  await stores?.stop()
})

type Rows = { readonly rows: readonly Record<string, unknown>[]; readonly [more: string]: unknown }
async function call(name: string, args: Record<string, unknown>): Promise<{ readonly data: Rows; readonly text: string; readonly isError: boolean }> {
  const result = await client.callTool({ name, arguments: args })
  const text = (result.content as readonly { readonly text?: string }[]).map((block) => block.text ?? '').join('\n')
  return { data: result.structuredContent as Rows, text, isError: result.isError === true }
}

test('the shipped manifest needs no setting; its tools and prompt are listed', async () => {
  const { tools } = await client.listTools()
  const names = tools.map(({ name }) => name).filter((name) => name.startsWith('indicators_'))
  expect(names.toSorted()).toEqual(
    ['compute', 'describe_indicator', 'list_indicators', 'momentum', 'overview', 'patterns', 'signals', 'trend'].map((name) => `indicators_${name}`),
  )
  expect(tools.find(({ name }) => name === 'indicators_compute')).toMatchObject({ annotations: { readOnlyHint: true }, outputSchema: { type: 'object' } })
  const prompt = await client.getPrompt({ name: 'indicators_technical_view', arguments: { symbol: 'X' } })
  expect(JSON.stringify(prompt.messages)).toContain('technical view of X')
})

test('a standard tool takes its candles from another tool, which never pass through the caller', async () => {
  const from = { tool: 'market_latest_candles', args: { symbol: 'X', exchange: 'INDEX', timeframe: '1d', limit: 250 } }
  const { data, text } = await call('indicators_compute', {
    indicators: [{ indicator: 'rsi' }, { indicator: 'obv' }, { indicator: 'sma', period: 249 }],
    from,
    last: 3,
  })
  expect(data.rows.map(({ timestamp }) => timestamp)).toEqual(['2024-10-24T00:00:00Z', '2024-10-25T00:00:00Z', '2024-10-26T00:00:00Z'])
  expect(data['series']).toMatchObject({ candles: 250, from: '2024-02-20T00:00:00Z' })
  const close = (n: number): number => 100 + 10 * Math.sin(n / 5) + n / 1_000
  expect(data.rows[2]?.['close']).toBeCloseTo(close(299), 8)
  expect(data.rows[2]?.['sma']).toBeCloseTo(Array.from({ length: 249 }, (_nothing, i) => close(51 + i)).reduce((sum, value) => sum + value, 0) / 249, 8)
  expect(data.rows[2]?.['rsi']).toBeGreaterThan(0)
  expect(data.rows[0]?.['sma']).toBeNull()
  expect(text).toContain('sma is null for the first 248 of 250 candles: warm-up')
})

test('a declared tool of the shipped manifest answers, and so do patterns and signals', async () => {
  const momentum = await call('indicators_momentum', { symbol: 'X', last: 1 })
  expect(momentum.data.rows[0]).toMatchObject({
    timestamp: '2024-10-26T00:00:00Z',
    rsi: expect.any(Number),
    macd_signal: expect.any(Number),
    stochastic_d: expect.any(Number),
    roc: expect.any(Number),
  })
  const trend = await call('indicators_trend', { symbol: 'X', short: 10, long: 20, last: 1 })
  expect(trend.data['indicators']).toMatchObject([
    { alias: 'sma_short', parameters: { period: 10 } },
    { alias: 'sma_long', parameters: { period: 20 } },
    {},
    {},
    {},
    {},
  ])
  const overview = await call('indicators_overview', { symbol: 'X', last: 200 })
  expect(overview.data.rows.length).toBeGreaterThan(5)
  const patterns = await call('indicators_patterns', {
    from: { tool: 'market_latest_candles', args: { symbol: 'X', exchange: 'INDEX', timeframe: '1d', limit: 50 } },
  })
  expect(patterns.data['searched']).toEqual({ patterns: 61, candles: 20 })
})

test('what is wrong is said to the caller in words: arguments, tools that write, tools that fail, circles', async () => {
  expect((await call('indicators_compute', { indicators: [{ indicator: 'rsy' }], candles: [] })).text).toContain('did you mean rsi')
  expect((await call('indicators_compute', { indicators: [] })).text).toContain('HUB_ARGS_INVALID')
  const denied = await call('indicators_compute', { indicators: [{ indicator: 'rsi' }], from: { tool: 'market_forget' } })
  expect([denied.isError, denied.text]).toEqual([true, expect.stringContaining('does not only read')])
  expect((await call('indicators_compute', { indicators: [{ indicator: 'rsi' }], from: { tool: 'market_latest_candle' } })).text).toContain(
    'did you mean market_latest_candles',
  )
  expect((await call('indicators_compute', { indicators: [{ indicator: 'rsi' }], from: { tool: 'market_latest_candles' } })).text).toContain('symbol')
  expect((await call('indicators_compute', { indicators: [{ indicator: 'rsi' }], from: { tool: 'indicators_compute' } })).text).toContain('HUB_DEPTH')
})
