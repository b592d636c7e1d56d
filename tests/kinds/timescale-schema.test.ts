import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector, Migrated } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { migrationsOf } from '../../runtime/commands/migrate/files.ts'
import { timescale } from '../../runtime/kinds/timescale/kind.ts'
import { manageTools } from '../../runtime/kinds/timescale/manage-tools.ts'
import { startTimescale, type RunningTimescale } from '../components/timescale.ts'
import { tool } from '../fixtures/plan.ts'
import { failureOf } from './conformance.ts'
import { lend, runWith } from './lent.ts'

const migrations = await migrationsOf('timescale')
const never = new AbortController().signal
const dayMs = 86_400_000

let server: RunningTimescale
let connector: Connector | undefined

// The server of these tests is one session for all connections: a connector at a time, and what one left set is taken back before the next.
async function inside(sql = ''): Promise<void> {
  await connector?.close()
  await server.run('SET default_transaction_read_only = off')
  await server.run(sql)
}

async function open(over: JsonObject = {}): Promise<Connector> {
  await inside()
  connector = await timescale.open({ url: new Secret(server.url, 'env:MARKET_DATABASE_URL'), pool: 1, migrations: true, ...over }, lend('market'))
  return connector
}

const migrate = async (over: JsonObject = {}): Promise<Migrated | undefined> => (await open(over)).migrate?.(migrations, never)
const call = async (spec: ToolSpec, args: JsonObject = {}): Promise<Answer> => (await open()).bind(spec)(args, runWith())
const manage = (name: string, args: JsonObject = {}): Promise<Answer> => {
  const draft = manageTools.find((candidate) => candidate.name === name)
  if (!draft) throw new Error(`no tool ${name}`)
  return call(tool('market', name, { operation: draft.operation, input: draft.input, effect: draft.effect }), args)
}
const rowsOf = (answer: Answer): readonly JsonObject[] => {
  if (answer.type !== 'data' || !isObject(answer.data)) throw new Error('not rows')
  return answer.data['rows'] as readonly JsonObject[]
}
const query = async (sql: string): Promise<readonly JsonObject[]> => rowsOf(await call(tool('market', 'query', { operation: { sql } })))
const one = async (sql: string): Promise<Json | undefined> => Object.values((await query(sql))[0] ?? {})[0]

const columns = ['timestamp', 'symbol', 'exchange', 'timeframe', 'open', 'high', 'low', 'close', 'volume']
const record = tool('market', 'record', {
  effect: 'write',
  operation: { insert: { table: 'ohlcv', rows: 'candles', key: ['symbol', 'exchange', 'timeframe', 'timestamp'] } },
  input: {
    type: 'object',
    properties: { candles: { type: 'array', items: { type: 'object', properties: Object.fromEntries(columns.map((name) => [name, {}])) } } },
  },
})
const candle = (ageMs: number, over: JsonObject = {}): JsonObject => ({
  timestamp: new Date(Math.floor((Date.now() - ageMs) / 60_000) * 60_000).toISOString(),
  symbol: 'BTC/USDT',
  exchange: 'test',
  timeframe: '1m',
  open: '1.000000000000000001',
  high: 3,
  low: '0.5',
  close: 2,
  volume: '9007199254740993',
  ...over,
})
const runJob = async (): Promise<void> => {
  const job = await one(`SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = 'drop_old_candles'`)
  await inside(`CALL run_job(${Number(job)})`)
}

beforeAll(async () => {
  server = await startTimescale()
})
afterEach(async () => {
  await connector?.close()
  connector = undefined
})
afterAll(() => server?.stop())

describe('the schema on TimescaleDB', () => {
  test('is applied whole, and once', async () => {
    const names = migrations.map(({ name }) => name)
    expect(await migrate()).toEqual({ applied: names, known: [], notes: [] })
    expect(await migrate()).toEqual({ applied: [], known: names, notes: [] })
    const hypertables = await query(
      `SELECT hypertable_name AS name, compression_enabled AS compressed FROM timescaledb_information.hypertables WHERE hypertable_schema = 'public' ORDER BY 1`,
    )
    expect(hypertables).toEqual(['analyses', 'ohlcv', 'order_books', 'signals', 'ticks'].map((name) => ({ name, compressed: true })))
    expect((await query('SELECT view_name AS name FROM timescaledb_information.continuous_aggregates ORDER BY 1')).map(({ name }) => name)).toEqual([
      'ohlcv_1d',
      'ohlcv_1h',
      'ohlcv_5m',
      'ticks_1d',
      'ticks_1h',
      'ticks_5m',
    ])
    const keys = await query(
      `SELECT c.relname AS name, pg_get_constraintdef(k.oid) AS key FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'p' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`,
    )
    expect(keys).toContainEqual({ name: 'ohlcv', key: 'PRIMARY KEY (symbol, exchange, timeframe, "timestamp")' })
  })

  test('has compression, refreshing and retention: ticks go after 7 days', async () => {
    const policies = rowsOf(await manage('show_policies'))
    const of = (policy: string): Record<string, Json | undefined> =>
      Object.fromEntries(
        policies
          .filter((row) => row['policy'] === policy)
          .map((row) => [String(row['table']), (row['settings'] as JsonObject)['drop_after'] ?? (row['settings'] as JsonObject)['compress_after']]),
      )
    expect(of('retention')).toEqual({ ticks: 'P7D', order_books: 'P7D', ticks_5m: 'P30D', ticks_1h: 'P30D', ohlcv_5m: 'P30D', ohlcv_1h: 'P30D' })
    expect(of('compression')).toEqual({ ohlcv: 'P7D', ticks: 'P1D', order_books: 'P1D', signals: 'P30D', analyses: 'P30D' })
    expect(policies.filter(({ policy }) => policy === 'refresh')).toHaveLength(6)
    expect(rowsOf(await manage('show_policies', { table: 'ohlcv' })).map(({ policy }) => policy)).toEqual(['compression', 'hub_data.drop_old_candles'])
    expect(rowsOf(await manage('show_jobs')).map(({ name }) => name)).toContainEqual(expect.stringContaining('Retention'))
  })

  test('takes candles by a tool, makes them coarser, and every digit stays', async () => {
    const base = Date.now() - (Date.now() % dayMs) - 2 * dayMs
    const candles = Array.from({ length: 120 }, (_, minute) =>
      candle(0, { timestamp: new Date(base + minute * 60_000).toISOString(), close: minute + 1, high: minute + 2, ...(minute > 0 && { open: 9 }) }),
    )
    expect(await call(record, { candles })).toMatchObject({ data: { inserted: 120 } })
    expect(await call(record, { candles: candles.slice(0, 10) })).toMatchObject({ data: { inserted: 0, updated: 10 } })
    const hourly = `SELECT timestamp, open, high, low, close, volume FROM ohlcv_1h WHERE symbol = 'BTC/USDT' ORDER BY timestamp`
    const expected = [
      {
        timestamp: new Date(base).toISOString().replace('.000', ''),
        open: '1.000000000000000001',
        high: '61',
        low: '0.5',
        close: '60',
        volume: String(9007199254740993n * 60n),
      },
      {
        timestamp: new Date(base + 3_600_000).toISOString().replace('.000', ''),
        open: '9',
        high: '121',
        low: '0.5',
        close: '120',
        volume: String(9007199254740993n * 60n),
      },
    ]
    // Before it is refreshed what is read is computed; afterwards it lies there.
    expect(await query(hourly)).toEqual(expected)
    const materialized = `SELECT count(*)::int AS n FROM ohlcv_5m`
    for (const aggregate of ['ohlcv_5m', 'ohlcv_1h', 'ohlcv_1d']) {
      const window = { from: new Date(base - dayMs).toISOString(), to: new Date(base + 2 * dayMs).toISOString() }
      expect(await manage('refresh_continuous_aggregate', { aggregate, ...window })).toMatchObject({ data: { aggregate: `public.${aggregate}` } })
      await inside(`ALTER MATERIALIZED VIEW ${aggregate} SET (timescaledb.materialized_only = true)`)
    }
    expect(await one(materialized)).toBe(24)
    expect(await query(hourly)).toEqual(expected)
    expect(await query('SELECT open, close, volume FROM ohlcv_1d')).toEqual([
      { open: '1.000000000000000001', close: '120', volume: String(9007199254740993n * 120n) },
    ])
    await inside(`ALTER MATERIALIZED VIEW ohlcv_1d SET (timescaledb.materialized_only = false)`)
  })

  test('a hypertable whose older chunks have another layout is written like any', async () => {
    await inside(`ALTER TABLE analyses ADD COLUMN later int`)
    const analyses = tool('market', 'analyses', {
      effect: 'write',
      operation: { insert: { table: 'analyses', rows: 'rows', key: ['symbol', 'exchange', 'timeframe', 'timestamp', 'agent', 'analysis'] } },
      input: {
        type: 'object',
        properties: {
          rows: {
            type: 'array',
            items: { type: 'object', properties: { timestamp: {}, symbol: {}, exchange: {}, timeframe: {}, agent: {}, analysis: {}, summary: {} } },
          },
        },
      },
    })
    const row = (days: number, summary: string): JsonObject => ({
      timestamp: new Date(Date.UTC(2024, 0, days)).toISOString(),
      symbol: 'X',
      exchange: '',
      timeframe: '',
      agent: 'a',
      analysis: 'b',
      summary,
    })
    expect(await call(analyses, { rows: [row(1, 'one')] })).toMatchObject({ data: { inserted: 1 } })
    await inside(`ALTER TABLE analyses DROP COLUMN later`)
    expect(await call(analyses, { rows: [row(1, 'two'), row(100, 'new chunk')] })).toMatchObject({ data: { inserted: 1, updated: 1 } })
    expect(await call(analyses, { rows: [row(1, 'three'), row(100, 'again')] })).toMatchObject({ data: { inserted: 0, updated: 2 } })
    expect(await query('SELECT summary FROM analyses ORDER BY timestamp')).toEqual([{ summary: 'three' }, { summary: 'again' }])
  })

  test('ticks become candles with their number of trades', async () => {
    const recordTicks = tool('market', 'ticks', {
      effect: 'write',
      operation: { insert: { table: 'ticks', rows: 'ticks', key: ['symbol', 'exchange', 'timestamp', 'id'], onConflict: 'ignore' } },
      input: {
        type: 'object',
        properties: {
          ticks: { type: 'array', items: { type: 'object', properties: { timestamp: {}, symbol: {}, exchange: {}, id: {}, price: {}, amount: {}, side: {} } } },
        },
      },
    })
    const base = Date.now() - (Date.now() % 3_600_000) - 3_600_000
    const ticks = Array.from({ length: 50 }, (_, n) => ({
      timestamp: new Date(base + n * 1_000).toISOString(),
      symbol: 'ETH/USDT',
      exchange: 'test',
      id: String(n),
      price: `${n + 1}.000000000000000001`,
      amount: 1,
      side: 'buy',
    }))
    expect(await call(recordTicks, { ticks })).toMatchObject({ data: { inserted: 50 } })
    expect(await call(recordTicks, { ticks })).toMatchObject({ data: { inserted: 0, ignored: 50 } })
    expect(await query(`SELECT open, high, low, close, trades FROM ticks_5m`)).toEqual([
      { open: '1.000000000000000001', high: '50.000000000000000001', low: '1.000000000000000001', close: '50.000000000000000001', trades: '50' },
    ])
    expect(
      (
        await failureOf(
          call(recordTicks, {
            ticks: [
              { ...ticks[0], side: 'up' },
              { ...ticks[1], id: 'x' },
            ],
          }),
        )
      ).message,
    ).toMatch(/rows do not fit "ticks": "ticks.0".*ticks_side_check/)
  })

  test('chunks are compressed and taken out again by tools, and are read and written all the same', async () => {
    await call(record, { candles: [candle(100 * dayMs), candle(101 * dayMs), candle(200 * dayMs)] })
    const answer = await manage('compress_chunks', { table: 'ohlcv', olderThan: '60d', limit: 1 })
    expect(answer).toMatchObject({
      data: { remaining: 1, rows: [{ chunk: expect.stringContaining('_hyper_') as string, bytesBefore: expect.stringMatching(/^\d+$/) as string }] },
    })
    expect(await manage('compress_chunks', { table: 'ohlcv', olderThan: '60d' })).toMatchObject({ data: { remaining: 0 } })
    expect(await manage('compress_chunks', { table: 'ohlcv', olderThan: '60d' })).toMatchObject({
      data: { rows: [], remaining: 0 },
      notes: ['no chunk of that time is left to be compressed'],
    })
    expect(await one(`SELECT count(*)::int FROM timescaledb_information.chunks WHERE hypertable_name = 'ohlcv' AND is_compressed`)).toBe(2)
    expect(await call(record, { candles: [candle(100 * dayMs, { close: 7 }), candle(100 * dayMs - 120_000)] })).toMatchObject({
      data: { inserted: 1, updated: 1 },
    })
    expect(await one(`SELECT max(close) FROM ohlcv WHERE timestamp < now() - interval '90 days'`)).toBe('7')
    const window = { from: new Date(Date.now() - 300 * dayMs).toISOString(), to: new Date(Date.now() - 150 * dayMs).toISOString() }
    expect(rowsOf(await manage('decompress_chunks', { table: 'ohlcv', ...window }))).toHaveLength(1)
  })

  test('chunks are dropped by a tool that first only tells which', async () => {
    const before = await one('SELECT count(*)::int FROM ohlcv')
    const told = await manage('drop_chunks', { table: 'ohlcv', olderThan: '150d' })
    expect(told).toMatchObject({ data: { dropped: false, chunks: 1 }, notes: [expect.stringContaining('dryRun: false removes these 1 chunks') as string] })
    expect(await one('SELECT count(*)::int FROM ohlcv')).toBe(before)
    const dropped = await manage('drop_chunks', { table: 'ohlcv', olderThan: new Date(Date.now() - 150 * dayMs).toISOString(), dryRun: false })
    expect(dropped).toMatchObject({ data: { dropped: true, chunks: 1, rows: rowsOf(told) } })
    expect(await one('SELECT count(*)::int FROM ohlcv')).toBe(Number(before) - 1)
    expect(await manage('drop_chunks', { table: 'ohlcv', olderThan: '50d', newerThan: '51d' })).toMatchObject({ data: { rows: [], chunks: 0 } })
  })

  test('retention removes short candles after 30 days, compressed ones too, and keeps days and weeks', async () => {
    await call(record, {
      candles: [29, 31, 40, 65].flatMap((days) => ['1m', '4h', '1d', '1w'].map((timeframe) => candle(days * dayMs, { symbol: 'KEEP', timeframe }))),
    })
    await call(record, { candles: [candle(400 * dayMs, { symbol: 'GONE' }), candle(500 * dayMs, { symbol: 'KEEP', timeframe: '1M' })] })
    await manage('compress_chunks', { table: 'ohlcv', olderThan: '1d' })
    const chunks = `SELECT count(*)::int FROM timescaledb_information.chunks WHERE hypertable_name = 'ohlcv'`
    const before = Number(await one(chunks))
    await runJob()
    expect(await query(`SELECT timeframe, count(*)::int AS n FROM ohlcv WHERE symbol = 'KEEP' GROUP BY 1 ORDER BY 1`)).toEqual([
      { timeframe: '1M', n: 1 },
      { timeframe: '1d', n: 4 },
      { timeframe: '1m', n: 1 },
      { timeframe: '1w', n: 4 },
      { timeframe: '4h', n: 1 },
    ])
    expect(await query(`SELECT 1 FROM ohlcv WHERE symbol = 'GONE'`)).toEqual([])
    // The chunk that held nothing to keep went whole.
    expect(Number(await one(chunks))).toBeLessThan(before)
    expect(await query('SELECT close FROM ohlcv_1d')).not.toEqual([])
  })

  test('keepDaily: false lets days go as well, until it is said otherwise', async () => {
    expect(await migrate({ keepDaily: false })).toMatchObject({ applied: [] })
    const keep = `SELECT config -> 'keep' AS keep FROM timescaledb_information.jobs WHERE proc_name = 'drop_old_candles'`
    expect(await one(keep)).toEqual([])
    await runJob()
    expect(await query(`SELECT DISTINCT timeframe FROM ohlcv WHERE symbol = 'KEEP' AND timestamp < now() - interval '30 days'`)).toEqual([])
    expect(await one(`SELECT count(*)::int FROM ohlcv WHERE symbol = 'KEEP'`)).toBe(4)
    await migrate()
    expect(await one(keep)).toEqual(['1d', '3d', '1w', '1M'])
  })

  test('policies are set, changed and taken away by tools', async () => {
    const settings = async (policy: string): Promise<readonly (Json | undefined)[]> =>
      rowsOf(await manage('show_policies', { table: 'signals' }))
        .filter((row) => row['policy'] === policy)
        .map((row) => row['settings'])
    await manage('set_retention', { table: 'signals', dropAfter: '90d' })
    expect(await settings('retention')).toMatchObject([{ drop_after: 'P90D' }])
    await manage('set_retention', { table: 'signals', dropAfter: '60d' })
    expect(await settings('retention')).toMatchObject([{ drop_after: 'P60D' }])
    expect(await manage('set_retention', { table: 'signals', dropAfter: null })).toEqual({ type: 'data', data: { table: 'public.signals', dropAfter: null } })
    expect(await settings('retention')).toEqual([])
    await manage('set_compression', { table: 'signals', compressAfter: '12h' })
    expect(await settings('compression')).toMatchObject([{ compress_after: 'PT12H' }])
    await manage('set_retention', { table: 'ohlcv_1d', dropAfter: '400d' })
    expect(rowsOf(await manage('show_policies', { table: 'ohlcv_1d' })).map(({ policy }) => policy)).toEqual(['refresh', 'retention'])
  })

  const mistakes: readonly (readonly [string, JsonObject, string])[] = [
    ['compress_chunks', { table: 'hub_data.migrations', olderThan: '1d' }, 'is neither a hypertable nor a continuous aggregate here'],
    ['drop_chunks', { table: 'nowhere', olderThan: '1d' }, '"nowhere" is neither'],
    ['drop_chunks', { table: 'ohlcv', olderThan: 'yesterday' }, '"olderThan" must be a time such as'],
    [
      'refresh_continuous_aggregate',
      { aggregate: 'ohlcv', from: '2024-01-01T00:00:00Z', to: '2024-01-02T00:00:00Z' },
      'is a hypertable, not a continuous aggregate',
    ],
    ['refresh_continuous_aggregate', { aggregate: 'ohlcv_5m', from: '2024-01-02T00:00:00Z', to: '2024-01-01T00:00:00Z' }, '"from" must be before "to"'],
  ]
  test.each(mistakes)('%s %j tells what is wrong', async (name, args, told) => {
    expect(await failureOf(manage(name, args))).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringContaining(told) as string })
  })
})

test('a populated quick start moves into chunks when the extension is there, and what it holds stays', async () => {
  await connector?.close()
  await server.stop()
  server = await startTimescale()
  await server.run(`
    CREATE TABLE ohlcv (timestamp timestamptz NOT NULL, symbol text NOT NULL, exchange text NOT NULL, timeframe text NOT NULL, open numeric NOT NULL, high numeric NOT NULL,
      low numeric NOT NULL, close numeric NOT NULL, volume numeric NOT NULL, PRIMARY KEY (symbol, exchange, timeframe, timestamp));
    CREATE INDEX ohlcv_latest ON ohlcv (symbol, timestamp DESC);
    INSERT INTO ohlcv SELECT '2015-01-02Z'::timestamptz + i * INTERVAL '1 day', '^GSPC', 'INDEX', '1d', 1, 2, 0.5, 1, i FROM generate_series(0, 599) i;
    INSERT INTO ohlcv SELECT now() - i * INTERVAL '1 minute', '^GSPC', 'INDEX', '1m', 1, 2, 0.5, 1, 1 FROM generate_series(10, 600) i`)
  expect((await migrate())?.applied).toHaveLength(4)
  expect(await query(`SELECT count(*)::int AS n, max(volume) AS last FROM ohlcv WHERE timeframe = '1d'`)).toEqual([{ n: 600, last: '599' }])
  expect(Number(await one("SELECT num_chunks FROM timescaledb_information.hypertables WHERE hypertable_name = 'ohlcv'"))).toBeGreaterThan(15)
  // What was there before the aggregates is in them.
  await inside('ALTER MATERIALIZED VIEW ohlcv_5m SET (timescaledb.materialized_only = true)')
  expect(Number(await one('SELECT sum(volume) FROM ohlcv_5m'))).toBeGreaterThan(500)
  await runJob()
  expect(await one(`SELECT count(*)::int FROM ohlcv WHERE timeframe = '1d'`)).toBe(600)
})
