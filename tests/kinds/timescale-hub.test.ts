import { readFile } from 'node:fs/promises'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issueKey } from '../../runtime/auth/keys.ts'
import type { Role } from '../../runtime/contract/principal.ts'
import { migrateDatabase } from '../../runtime/kinds/timescale/migrations.ts'
import { migrationsOf } from '../../runtime/commands/migrate/files.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { ask, serveHub, type ServedHub } from '../hub/serve.ts'

let stores: RunningPostgres
let market: RunningPostgres
let served: ServedHub
const ending: (() => Promise<unknown>)[] = []
const shipped = (name: string): Promise<string> => readFile(new URL(`../../connectors/${name}`, import.meta.url), 'utf8')
const config = 'hub: { name: served, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "${DATABASE_URL}" }\nauth: { mode: keys }\n'

async function query(database: RunningPostgres, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function keyOf(role: Role): Promise<string> {
  const { record, key } = issueKey({ name: role, role, organisation: 'default', scopes: [], expiresInMs: undefined, now: Date.now })
  await served.hub.keys.insert(record)
  return key
}

async function clientOf(role: Role): Promise<Client> {
  const client = new Client({ name: 'test-client', version: '1.0.0' }, { capabilities: {}, versionNegotiation: { mode: 'auto' } })
  const headers = { authorization: `Bearer ${await keyOf(role)}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${served.hub.url}/mcp`), { requestInit: { headers } }))
  ending.push(() => client.close())
  return client
}

beforeAll(async () => {
  ;[stores, market] = await Promise.all([startPostgres(), startPostgres()])
  const direct = new pg.Client(market.url)
  await direct.connect()
  await migrateDatabase(direct, await migrationsOf('timescale'), { keepDaily: true })
  await direct.end()
  served = await serveHub(
    { 'hub.config.yaml': config, 'connectors/market.yaml': await shipped('market.yaml'), 'connectors/shared.yaml': await shipped('shared.yaml') },
    { DATABASE_URL: stores.url, MARKET_DATABASE_URL: market.url },
  )
})
afterAll(async () => {
  for (const end of ending) await end()
  await served?.close()
  await Promise.all([stores?.stop(), market?.stop()])
})

const candle = (close: string) => ({ timestamp: '2024-01-01T00:00:00Z', open: '1', high: '2', low: '0.5', close, volume: '9007199254740993' })
const series = { symbol: 'Ω/USDT', exchange: 'test', timeframe: '1h' }

test('a writer records candles by the shipped tool, and reads them by tools and a resource, digit for digit', async () => {
  const client = await clientOf('writer')
  const record = (close: string) => client.callTool({ name: 'market_record_candles', arguments: { ...series, candles: [candle(close)] } })
  expect((await record('1.000000000000000001')).structuredContent).toEqual({ affected: 1, inserted: 1, updated: 0, ignored: 0, duplicates: 0 })
  expect((await record('1.000000000000000002')).structuredContent).toEqual({ affected: 1, inserted: 0, updated: 1, ignored: 0, duplicates: 0 })
  const { structuredContent } = await client.callTool({ name: 'market_latest_candles', arguments: series })
  expect(structuredContent).toMatchObject({ rows: [{ close: '1.000000000000000002', volume: '9007199254740993' }] })
  const { structuredContent: tables } = await client.callTool({ name: 'market_list_tables', arguments: { like: 'o%' } })
  expect((tables as { rows: { name: string }[] }).rows.map(({ name }) => name)).toEqual(['ohlcv', 'order_books'])
  const [symbols] = (await client.readResource({ uri: 'market://symbols' })).contents
  expect(JSON.parse((symbols as { text: string }).text)).toMatchObject({ rows: [{ symbol: 'Ω/USDT', candles: 1 }] })
})

test('a model is told which of its rows do not fit, and why', async () => {
  const client = await clientOf('writer')
  const candles = [candle('1'), candle('NaN'), candle('1'), { ...candle('1'), volume: 'much' }]
  const { isError, content } = await client.callTool({ name: 'market_record_candles', arguments: { ...series, candles } })
  expect(isError).toBe(true)
  const [told] = content as { text: string }[]
  expect(told?.text).toBe(
    'HUB_ARGS_INVALID: nothing was written: 2 of 4 rows do not fit "ohlcv": "candles.1.close" is not a finite number; leave it out, or write null; "candles.3.volume" must be a number',
  )
})

test('signals of an agent are recorded once, and listed', async () => {
  const client = await clientOf('writer')
  const signals = [
    { timestamp: '2024-01-01T00:00:00Z', symbol: 'Ω/USDT', signal: 'buy', strength: '0.8', details: { why: 'crossing' } },
    { timestamp: '2024-01-01T00:00:00Z', symbol: 'Ω/USDT', signal: 'breakout' },
  ]
  const record = () => client.callTool({ name: 'market_record_signals', arguments: { agent: 'momentum', signals } })
  expect((await record()).structuredContent).toMatchObject({ inserted: 2 })
  expect((await record()).structuredContent).toMatchObject({ inserted: 0, ignored: 2 })
  const { structuredContent } = await client.callTool({ name: 'market_latest_signals', arguments: { symbol: 'Ω/USDT' } })
  expect((structuredContent as { rows: unknown[] }).rows).toContainEqual({
    timestamp: '2024-01-01T00:00:00Z',
    exchange: '',
    timeframe: '',
    agent: 'momentum',
    signal: 'buy',
    strength: '0.8',
    price: null,
    details: { why: 'crossing' },
  })
})

test('tools for hypertables are for operators, and say that this database has none', async () => {
  const names = async (role: Role): Promise<readonly string[]> => (await (await clientOf(role)).listTools()).tools.map(({ name }) => name)
  expect(await names('reader')).not.toContain('market_record_candles')
  expect(await names('writer')).not.toContain('market_compress_chunks')
  const operator = await clientOf('operator')
  const { tools } = await operator.listTools()
  expect(tools.find(({ name }) => name === 'market_drop_chunks')).toMatchObject({ annotations: { destructiveHint: true } })
  const { isError, content } = await operator.callTool({ name: 'market_drop_chunks', arguments: { table: 'ohlcv', olderThan: '30d' } })
  expect(isError).toBe(true)
  expect(JSON.stringify(content)).toContain('does not have the TimescaleDB extension')
})

test('a database that stops in the middle of a write: nothing half written, the intent in the audit, and right again afterwards', async () => {
  const authorization = `Bearer ${await keyOf('writer')}`
  const candles = Array.from({ length: 40 }, (_, minute) => ({ ...candle('7'), timestamp: new Date(Date.UTC(2024, 1, 1, 0, minute)).toISOString() }))
  const write = async () =>
    (await ask(`${served.hub.url}/mcp`, 'tools/call', { name: 'market_record_candles', arguments: { ...series, symbol: 'STOP', candles } }, { authorization }))
      .body.result
  await query(market, `INSERT INTO ohlcv VALUES ('2024-02-01Z', 'STOP', 'test', '1h', 1, 2, 1, 1, 1)`)
  // It stops at its twentieth row until the server ends.
  await query(
    market,
    `CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$;
     CREATE TRIGGER stall BEFORE INSERT ON ohlcv FOR EACH ROW WHEN (NEW.timestamp = '2024-02-01T00:20:00Z') EXECUTE FUNCTION stall()`,
  )
  const call = write()
  await expect.poll(() => query(market, `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'`)).toHaveLength(1)
  await market.pause()
  expect(JSON.stringify(await call)).toContain('HUB_CONNECTOR_DOWN')
  await market.resume()
  await query(market, 'DROP TRIGGER stall ON ohlcv')
  expect(await query(market, `SELECT count(*)::int AS n, max(close)::int AS close FROM ohlcv WHERE symbol = 'STOP'`)).toEqual([{ n: 1, close: 1 }])
  const lines = `SELECT phase, status FROM hub.audit WHERE tool = 'market_record_candles' AND args ->> 'symbol' = 'STOP' OR status = 'HUB_CONNECTOR_DOWN' ORDER BY at, phase`
  await expect
    .poll(() => query(stores, lines))
    .toEqual([
      { phase: 'intent', status: null },
      { phase: 'outcome', status: 'HUB_CONNECTOR_DOWN' },
    ])
  await expect.poll(async () => (await write()).structuredContent, { timeout: 20_000 }).toMatchObject({ inserted: 39, updated: 1 })
})
