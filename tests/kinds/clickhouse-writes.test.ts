import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HubError } from '../../runtime/contract/errors.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { settingsOf } from '../../runtime/kinds/clickhouse/config.ts'
import { migrate } from '../../runtime/kinds/clickhouse/migrate.ts'
import { openServer } from '../../runtime/kinds/clickhouse/server.ts'
import { outsideFunctions } from '../../runtime/kinds/clickhouse/table-functions.ts'
import { startClickHouse, type RunningClickHouse } from '../components/clickhouse.ts'
import { migrationsOf } from '../../runtime/commands/migrate/files.ts'
import { failureOf, until } from './conformance.ts'
import { connect, reading, rowsOf, toolOf } from './clickhouse-kit.ts'
import { lend, runWith } from './lent.ts'

const started = await startClickHouse()
const missing = 'reason' in started ? started.reason : undefined
const soon = (): AbortSignal => AbortSignal.timeout(30_000)

describe.skipIf(missing !== undefined)(`what is written into ClickHouse${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const server = started as RunningClickHouse
  let connector: Connector
  beforeAll(async () => {
    connector = await connect(server.url)
  })
  afterAll(async () => {
    await connector?.close()
    await server.stop()
  })
  const ask = async (sql: string) => rowsOf(await connector.bind(reading(sql))({}, runWith()))
  const inserting = (table: string, columns?: readonly string[]) =>
    connector.bind(toolOf({ insert: { table, rows: 'rows', ...(columns && { columns }) } }, { effect: 'write' }))
  const sinkOf = (spec: { table: string; batch?: number }) => {
    const sink = connector.sink?.(spec)
    if (!sink) throw new Error('no sink')
    return sink
  }
  const counts = async (table: string): Promise<number> => Number((await server.run(`SELECT count() FROM ${table}`)).trim())

  test('a sink writes in batches; defaults fill what rows leave out, and null where a column takes none', async () => {
    await server.run(
      `CREATE TABLE filled (n UInt64, at DateTime64(3, 'UTC') DEFAULT '2024-01-01 00:00:00', s LowCardinality(String) DEFAULT 'x', maybe Nullable(Int8), twice UInt64 MATERIALIZED n * 2) ENGINE = MergeTree ORDER BY n`,
    )
    const sink = sinkOf({ table: 'filled', batch: 100 })
    expect(
      await sink.write(
        Array.from({ length: 250 }, (_one, n): JsonObject => (n % 2 === 0 ? { n } : { n, s: null, at: '2025-01-01T00:00:00Z', maybe: -1 })),
        soon(),
      ),
    ).toEqual({ rows: 250 })
    await sink.close()
    expect(await ask('SELECT s, at, maybe, count() AS rows, max(twice) AS twice FROM filled GROUP BY s, at, maybe ORDER BY at')).toEqual([
      { s: 'x', at: '2024-01-01T00:00:00.000Z', maybe: null, rows: '125', twice: '496' },
      { s: 'x', at: '2025-01-01T00:00:00.000Z', maybe: -1, rows: '125', twice: '498' },
    ])
    expect(await sinkOf({ table: `${new URL(server.url).pathname.slice(1)}.filled` }).write([], soon())).toEqual({ rows: 0 })
  })

  test('refused rows are told by their index, over batches; the others are written', async () => {
    await server.run('CREATE TABLE strict (n UInt8, d Decimal(10, 2)) ENGINE = MergeTree ORDER BY n')
    const rows = Array.from({ length: 10 }, (_one, n) => ({ n, d: n === 3 ? '1.234' : '1.23' }))
    const written = await sinkOf({ table: 'strict', batch: 4 }).write(
      [...rows, { n: 300, d: 1 }, { n: 11 }, { n: 12, d: 1, more: true }, { n: null, d: 1 }],
      soon(),
    )
    expect(written).toEqual({
      rows: 9,
      refused: [
        { index: 3, reason: '"d" has more than 2 digits behind the point' },
        { index: 10, reason: '"n" is beyond UInt8' },
        { index: 11, reason: '"d" is missing, and the column has no default' },
        { index: 12, reason: '"more" is not a column of strict that can be written' },
        { index: 13, reason: '"n" is null, which the column does not take' },
      ],
    })
    expect(await counts('strict')).toBe(9)
  })

  test('a row that only the server can refuse is told too', async () => {
    await server.run('CREATE TABLE addresses (n UInt8, ip IPv4) ENGINE = MergeTree ORDER BY n')
    const written = await sinkOf({ table: 'addresses' }).write(
      [
        { n: 1, ip: '10.0.0.1' },
        { n: 2, ip: 'not an address' },
        { n: 3, ip: '10.0.0.3' },
      ],
      soon(),
    )
    expect(written).toMatchObject({ rows: 2, refused: [{ index: 1, reason: expect.stringContaining('IPv4') as string }] })
    expect(await ask('SELECT n FROM addresses ORDER BY n')).toEqual([{ n: 1 }, { n: 3 }])
  })

  test('a connector may insert at once instead, and over gzip', async () => {
    await server.run('CREATE TABLE at_once (n UInt8) ENGINE = MergeTree ORDER BY n')
    const own = await connect(server.url, { asyncInserts: false, compression: true })
    expect(await own.sink?.({ table: 'at_once' }).write([{ n: 1 }, { n: 2 }], soon())).toEqual({ rows: 2 })
    expect(await counts('at_once')).toBe(2)
    await own.close()
  })

  test('a poison row among many does not keep the others from being written', async () => {
    await server.run('CREATE TABLE messages (id UInt64, key String, details Nullable(String)) ENGINE = ReplacingMergeTree ORDER BY (id, key)')
    const rows: readonly JsonObject[] = [
      { id: 1, key: 'a', details: { deep: [1, { b: null }] } },
      { id: 'poison', key: 'b' },
      { id: '18446744073709551615', key: '😀\0\n', details: null },
    ]
    const sink = sinkOf({ table: 'messages' })
    expect(await sink.write(rows, soon())).toMatchObject({ rows: 2, refused: [{ index: 1 }] })
    // The same again: one row a key where FINAL is said.
    expect(await sink.write(rows, soon())).toMatchObject({ rows: 2 })
    expect(await ask('SELECT id, key, details FROM messages FINAL ORDER BY id')).toEqual([
      { id: '1', key: 'a', details: '{"deep":[1,{"b":null}]}' },
      { id: '18446744073709551615', key: '😀\0\n', details: null },
    ])
  })

  test('an insert tool takes only the columns its manifest names', async () => {
    await server.run('CREATE TABLE named (a UInt8, b UInt8 DEFAULT 7) ENGINE = MergeTree ORDER BY a')
    expect(await inserting('named', ['a'])({ rows: [{ a: 1 }, { a: 2, b: 1 }] }, runWith())).toEqual({
      type: 'data',
      data: { written: 1, refused: [{ index: 1, reason: '"b" is not a column of named that can be written' }] },
      notes: ['1 of 2 rows were refused and not written; the others are written'],
    })
    expect(await failureOf(inserting('named')({ rows: [{ a: 'x' }] }, runWith()))).toMatchObject({
      code: 'HUB_ARGS_INVALID',
      message: expect.stringContaining('"rows[0]": "a" is not a number') as string,
    })
    expect(await failureOf(inserting('named')({ rows: [1] }, runWith()))).toMatchObject({ code: 'HUB_ARGS_INVALID', message: '"rows[0]" is not an object' })
    expect(await failureOf(inserting('nowhere')({ rows: [{ a: 1 }] }, runWith()))).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      message: expect.stringContaining('no table nowhere') as string,
    })
  })

  test('a table that gained a column is looked at again when an insert meets it', async () => {
    await server.run('CREATE TABLE grown (a UInt8) ENGINE = MergeTree ORDER BY a')
    const insert = inserting('grown')
    await insert({ rows: [{ a: 1 }] }, runWith())
    await server.run('ALTER TABLE grown ADD COLUMN b String')
    await failureOf(insert({ rows: [{ a: 2, b: 'x' }] }, runWith()))
    await server.run('DROP TABLE grown SYNC')
    await failureOf(insert({ rows: [{ a: 3 }] }, runWith()))
    await server.run('CREATE TABLE grown (a UInt8, b String) ENGINE = MergeTree ORDER BY a')
    expect(await insert({ rows: [{ a: 4, b: 'x' }] }, runWith())).toMatchObject({ data: { written: 1 } })
  })

  test('a sink says that the server is away so that its flow tries again, and writes when it is back', async ({ skip }) => {
    const { outage } = server
    if (!outage) return skip('a server that was there before is not stopped')
    await server.run('CREATE TABLE awaited (n UInt8) ENGINE = ReplacingMergeTree ORDER BY n')
    const sink = sinkOf({ table: 'awaited' })
    await sink.write([{ n: 1 }], soon())
    await outage.begin()
    try {
      await expect(sink.write([{ n: 2 }], soon())).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    } finally {
      await outage.end()
    }
    expect(await sink.write([{ n: 2 }], soon())).toEqual({ rows: 1 })
    expect(await ask('SELECT n FROM awaited FINAL ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('a caller that leaves an insert is told that its fate is not known, and it is ended on the server', async () => {
    await server.run('CREATE TABLE slow_rows (n UInt8, slow UInt8 MATERIALIZED sleepEachRow(1)) ENGINE = MergeTree ORDER BY n')
    const running = async () => (await server.run("SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO `slow_rows`%'")).trim() !== '0'
    const caller = new AbortController()
    const call = failureOf(inserting('slow_rows')({ rows: [{ n: 1 }, { n: 2 }, { n: 3 }] }, runWith(caller.signal)))
    await until(running)
    caller.abort(new HubError('HUB_TIMEOUT', 'late'))
    expect((await call).code).toBe('HUB_TIMEOUT')
    await until(async () => !(await running()))
    expect((await failureOf(inserting('slow_rows')({ rows: [{ n: 1 }] }, runWith(AbortSignal.abort())))).code).toBe('HUB_CANCELLED')
  })

  test('statements that write are declared, and say no rows', async () => {
    await server.run('CREATE TABLE declared (n UInt8, s String) ENGINE = MergeTree ORDER BY n')
    const write = (sql: string, effect: 'write' | 'destroy' = 'write') => connector.bind(toolOf({ sql }, { effect }))
    expect(await write('INSERT INTO declared SELECT {n:UInt8}, {s:String}')({ n: 1, s: "it's" }, runWith())).toEqual({ type: 'data', data: { done: true } })
    expect(await write('INSERT INTO declared VALUES ({n:UInt8}, {s:String})')({ n: 2, s: 'x' }, runWith())).toMatchObject({ data: { done: true } })
    expect(await ask('SELECT n, s FROM declared ORDER BY n')).toEqual([
      { n: 1, s: "it's" },
      { n: 2, s: 'x' },
    ])
    await write('ALTER TABLE declared DELETE WHERE n = {n:UInt8} SETTINGS mutations_sync = 1', 'destroy')({ n: 1 }, runWith())
    expect(await counts('declared')).toBe(1)
    expect((await failureOf(write('ALTER TABLE declared DELETE WHERE n = {n:UInt8}')({ n: 2 }, runWith()))).code).toBe('HUB_DENIED')
    expect((await failureOf(write('INSERT INTO nowhere SELECT 1')({}, runWith()))).code).toBe('HUB_QUERY_FAILED')
    expect(await write('KILL QUERY WHERE query_id = {n:String} ASYNC', 'destroy')({ n: 'none' }, runWith())).toMatchObject({ data: { done: true } })
  })

  describe('migrations', () => {
    const migrating = async (files: Parameters<NonNullable<Connector['migrate']>>[0]) => connector.migrate?.(files, soon())

    test('the shipped ones apply once, and each of their statements may run again', async () => {
      const shipped = await migrationsOf('clickhouse')
      const names = shipped.map(({ name }) => name)
      expect(await connector.rehearse?.(shipped, soon())).toEqual({ applied: names, known: [], notes: [] })
      expect(await migrating(shipped)).toEqual({ applied: names, known: [], notes: [] })
      expect(await migrating(shipped)).toEqual({ applied: [], known: names, notes: [] })
      expect(await connector.rehearse?.(shipped, soon())).toEqual({ applied: [], known: names, notes: [] })
      await server.run('TRUNCATE TABLE hub_migrations')
      expect(await migrating(shipped)).toEqual({ applied: names, known: [], notes: [] })
      const tables = await ask(
        `SELECT name, engine FROM system.tables WHERE database = currentDatabase() AND name IN ('ohlcv', 'ticks', 'order_books', 'signals', 'analyses') ORDER BY name`,
      )
      expect(tables).toEqual(['analyses', 'ohlcv', 'order_books', 'signals', 'ticks'].map((name) => ({ name, engine: 'ReplacingMergeTree' })))
    })

    test('every shipped table takes what the same table of TimescaleDB takes', async () => {
      await migrating(await migrationsOf('clickhouse'))
      const at = { timestamp: '2026-01-01T00:00:00.123456Z', symbol: 'BTC/USDT', exchange: 'test' }
      const rows = {
        ticks: { ...at, id: '9007199254740993', price: '0.000000000000000001', amount: '1', side: 'buy' },
        order_books: { ...at, bids: [['1.5', '2']], asks: [['1.6', '3']], sequence: '9007199254740993' },
        signals: { ...at, timeframe: '1h', agent: 'a', signal: 'buy', strength: '0.9', price: null, details: { why: 'Ω' } },
        analyses: { ...at, agent: 'a', analysis: 'trend', summary: 'up', details: [1] },
      }
      for (const [table, row] of Object.entries(rows)) expect([table, await sinkOf({ table }).write([row], soon())]).toEqual([table, { rows: 1 }])
      expect(await ask('SELECT bids, asks, sequence FROM order_books FINAL')).toEqual([
        { bids: [['1.5', '2']], asks: [['1.6', '3']], sequence: '9007199254740993' },
      ])
      expect(await ask('SELECT id, price, side, timestamp FROM ticks FINAL')).toEqual([
        { id: '9007199254740993', price: '0.000000000000000001', side: 'buy', timestamp: '2026-01-01T00:00:00.123456Z' },
      ])
      expect(await ask('SELECT details, price FROM signals FINAL')).toEqual([{ details: '{"why":"Ω"}', price: null }])
    })

    test('a file that changed after it was applied is told, a new one is applied, a broken one is told and not taken for done', async () => {
      const first = {
        name: 'a_1.sql',
        sql: `-- one; two\nCREATE TABLE IF NOT EXISTS m1 (s String DEFAULT 'a;b') ENGINE = Memory;\n/* ; */ INSERT INTO m1 VALUES ('x;y');`,
      }
      expect(await migrating([first])).toMatchObject({ applied: ['a_1.sql'] })
      expect(await ask('SELECT s FROM m1')).toEqual([{ s: 'x;y' }])
      const changed = { ...first, sql: 'SELECT 1' }
      expect(await migrating([{ name: 'a_2.sql', sql: 'CREATE TABLE IF NOT EXISTS m2 (n UInt8) ENGINE = Memory' }, changed])).toEqual({
        applied: ['a_2.sql'],
        known: ['a_1.sql'],
        notes: ['a_1.sql is not as it was when it was applied; changes belong into a new file'],
      })
      await expect(migrating([{ name: 'a_3.sql', sql: 'CREATE TABLE m3 (n NoSuchType) ENGINE = Memory' }])).rejects.toMatchObject({ code: 'HUB_QUERY_FAILED' })
      expect(await ask(`SELECT name FROM hub_migrations WHERE name = 'a_3.sql'`)).toEqual([])
    })

    test('processes that migrate together take turns', async () => {
      const other = await connect(server.url)
      const files = [{ name: 'b_1.sql', sql: 'CREATE TABLE b1 (n UInt8) ENGINE = Memory; INSERT INTO b1 VALUES (1)' }]
      const results = await Promise.all([migrating(files), other.migrate?.(files, soon())])
      expect(results.flatMap((result) => result?.applied ?? [])).toEqual(['b_1.sql'])
      expect(await counts('b1')).toBe(1)
      expect(await ask(`SELECT name FROM system.tables WHERE name LIKE 'hub_migrations_%'`)).toEqual([])
      await other.close()
    })

    test('who waits for a turn may give up; a turn its holder never gave back is taken when it is old, also after somebody died at that', async () => {
      const left = `gone_${Math.floor(Date.now() / 1_000)}`
      for (const table of ['hub_migrations_turn', `hub_migrations_stale_${left}`])
        await server.run(`CREATE TABLE ${table} (holder String) ENGINE = MergeTree ORDER BY holder COMMENT '${left}'`)
      const giving = new AbortController()
      const waiting = connector.migrate?.([], giving.signal)
      await until(async () => (await ask(`SELECT name FROM system.tables WHERE name = 'hub_migrations_turn'`)).length === 1)
      giving.abort()
      await expect(waiting).rejects.toMatchObject({ code: 'HUB_CANCELLED' })
      const { origin, username, password } = new URL(server.url)
      const settings = settingsOf({ url: new Secret(server.url, 'env:CLICKHOUSE_URL') })
      const own = openServer({ origin, username, password, database: new URL(server.url).pathname.slice(1) }, settings, 'history', lend('history').log)
      const files = [{ name: 'c_1.sql', sql: 'SELECT 1' }]
      expect(await migrate(own, files, soon(), -1)).toEqual({ applied: ['c_1.sql'], known: [], notes: [] })
      expect(await ask(`SELECT name FROM system.tables WHERE name LIKE 'hub_migrations_%'`)).toEqual([])
      await own.close()
    })

    test('a migration that is cancelled gives its turn back', async () => {
      const giving = new AbortController()
      const going = connector.migrate?.(
        [{ name: 'd_1.sql', sql: 'SELECT sleepEachRow(1) AS migrating FROM numbers(60) SETTINGS max_block_size = 1' }],
        giving.signal,
      )
      await until(async () => (await server.run("SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleepEachRow(1) AS migrating%'")).trim() !== '0')
      giving.abort()
      await expect(going).rejects.toMatchObject({ code: 'HUB_CANCELLED' })
      expect(await ask(`SELECT name FROM system.tables WHERE name LIKE 'hub_migrations_%'`)).toEqual([])
    })
  })

  test('every table function of this server is either refused or known not to reach outside', async () => {
    const known = new Set([
      ...[
        'numbers',
        'numbers_mt',
        'zeros',
        'zeros_mt',
        'generateseries',
        'generate_series',
        'primes',
        'generaterandom',
        'values',
        'null',
        'format',
        'sqlstandardvalues',
      ],
      ...['view', 'viewifpermitted', 'viewexplain', 'merge', 'loop', 'dictionary', 'fuzzquery', 'fuzzjson'],
      // Of the operator's own cluster and tables.
      ...[
        'cluster',
        'clusterallreplicas',
        'mergetreeindex',
        'mergetreeprojection',
        'mergetreetextindex',
        'mergetreeanalyzeindexes',
        'mergetreeanalyzeindexesuuid',
      ],
      ...['timeseriesdata', 'timeseriesmetrics', 'timeseriestags', 'timeseriessamples', 'timeseriesselector', 'prometheusquery', 'prometheusqueryrange'],
    ])
    const names = (await ask('SELECT lower(name) AS name FROM system.table_functions')).map(({ name }) => String(name))
    expect(names.filter((name) => !known.has(name) && !outsideFunctions.has(name))).toEqual([])
  })
})
