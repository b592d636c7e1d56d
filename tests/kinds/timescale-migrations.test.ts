import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Connector, Migrated, Migration } from '../../runtime/contract/kind.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { migrationsOf } from '../../runtime/commands/migrate/files.ts'
import { timescale } from '../../runtime/kinds/timescale/kind.ts'
import { manageTools } from '../../runtime/kinds/timescale/manage-tools.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { tool } from '../fixtures/plan.ts'
import { failureOf, until } from './conformance.ts'
import { lend, runWith } from './lent.ts'

const shipped = await migrationsOf('timescale')
const never = new AbortController().signal
let server: RunningPostgres
let connector: Connector
let direct: pg.Client

const open = async (over: JsonObject = {}, url = server.url): Promise<Connector> =>
  (await timescale.open(
    { url: new Secret(url, 'env:MARKET_DATABASE_URL'), pool: 2, statementTimeout: '200ms', migrations: true, ...over },
    lend('market'),
  )) as Connector
const migrate = (migrations: readonly Migration[], signal = never, on: Connector = connector): Promise<Migrated> =>
  on.migrate?.(migrations, signal) as Promise<Migrated>
const rowsOf = async (sql: string): Promise<readonly Record<string, unknown>[]> => (await direct.query(sql)).rows
const tables = async (): Promise<readonly unknown[]> =>
  (await rowsOf(`SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`)).map(({ relname }) => relname)

beforeAll(async () => {
  server = await startPostgres()
  direct = new pg.Client(server.url)
  await direct.connect()
  connector = await open()
})
beforeEach(() => direct.query('DROP SCHEMA IF EXISTS hub_data CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public'))
afterAll(async () => {
  await connector?.close()
  await direct?.end()
  await server?.stop()
})

test('without the extension the tables are ordinary ones, and what is left out is told', async () => {
  const migrated = await migrate(shipped)
  expect(migrated).toEqual({
    applied: ['001_tables.sql'],
    known: [],
    notes: [
      expect.stringMatching(
        /does not have the TimescaleDB extension.*nothing is compressed or removed.*002_hypertables.sql, 003_aggregates.sql, 004_history.sql/,
      ) as string,
    ],
  })
  expect(await tables()).toEqual(['analyses', 'ohlcv', 'order_books', 'signals', 'ticks'])
  expect(await migrate(shipped)).toEqual({ ...migrated, applied: [], known: ['001_tables.sql'] })
})

test('a rehearsal tells the same and changes nothing', async () => {
  expect(await connector.rehearse?.(shipped, never)).toMatchObject({ applied: ['001_tables.sql'], known: [] })
  expect(await rowsOf(`SELECT 1 FROM pg_namespace WHERE nspname = 'hub_data'`)).toEqual([])
  expect(await tables()).toEqual([])
})

test('tables that were there before, with what they hold, are taken as they are', async () => {
  const before = await readFile(new URL('../fixtures/market-data/ohlcv-before-migrations.sql', import.meta.url), 'utf8')
  await direct.query(before)
  await direct.query(`INSERT INTO ohlcv VALUES ('2020-01-02Z', '^GSPC', 'INDEX', '1d', 1, 2, 0.5, 1.000000000000000001, 9007199254740993)`)
  expect((await migrate(shipped)).applied).toEqual(['001_tables.sql'])
  expect(await rowsOf('SELECT close::text, volume::text FROM ohlcv')).toEqual([{ close: '1.000000000000000001', volume: '9007199254740993' }])
})

test('hubs that migrate together take turns', async () => {
  const others = await Promise.all(Array.from({ length: 4 }, () => open()))
  const results = await Promise.all([connector, ...others].map((one) => migrate(shipped, never, one)))
  expect(results.flatMap(({ applied }) => applied)).toEqual(['001_tables.sql'])
  expect(results.filter(({ known }) => known.length === 1)).toHaveLength(4)
  await Promise.all(others.map((one) => one.close()))
})

test('a migration that fails leaves the database as it was, and those before it stay', async () => {
  const migrations = [
    { name: '001_a.sql', sql: 'CREATE TABLE a (n int)' },
    { name: '002_b.sql', sql: 'CREATE TABLE b (n int); INSERT INTO a VALUES (1); SELECT 1 / 0' },
    { name: '003_c.sql', sql: 'CREATE TABLE c (n int)' },
  ]
  await expect(migrate(migrations)).rejects.toMatchObject({
    code: 'HUB_QUERY_FAILED',
    message: '002_b.sql failed and left nothing behind: division by zero (SQLSTATE 22012)',
  })
  expect(await tables()).toEqual(['a'])
  expect(await rowsOf('SELECT * FROM a')).toEqual([])
  const mended = migrations.map((one) => (one.name === '002_b.sql' ? { ...one, sql: 'CREATE TABLE b (n int)' } : one))
  expect(await migrate(mended)).toEqual({ applied: ['002_b.sql', '003_c.sql'], known: ['001_a.sql'], notes: [] })
})

test('one that runs statement by statement goes on where it stopped', async () => {
  const head = '-- hub: one statement at a time\n'
  const migration = (last: string): Migration => ({
    name: '001_steps.sql',
    sql: `${head}CREATE TABLE log (step text);\nINSERT INTO log VALUES ('ä; one'); VACUUM log;\n${last}`,
  })
  const broken = migration(`INSERT INTO missing VALUES (1); INSERT INTO log VALUES ('last');`)
  await expect(migrate([broken])).rejects.toMatchObject({
    message: expect.stringContaining('statement 4 of 5 of 001_steps.sql failed; those before it are done') as string,
  })
  expect(await rowsOf('SELECT step FROM log')).toEqual([{ step: 'ä; one' }])
  await direct.query('CREATE TABLE missing (n int)')
  expect(await migrate([broken])).toEqual({ applied: ['001_steps.sql'], known: [], notes: [] })
  expect(await rowsOf('SELECT step FROM log')).toEqual([{ step: 'ä; one' }, { step: 'last' }])
})

test('one that is interrupted in the middle is taken back, and applied whole the next time', async () => {
  const slow = { name: '001_slow.sql', sql: 'CREATE TABLE slow (n int); SELECT count(*) FROM generate_series(1, 40000) a, generate_series(1, 40000) b' }
  const running = `SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE TABLE slow%' AND pid <> pg_backend_pid()`
  const stopping = new AbortController()
  const stopped = Promise.allSettled([migrate([slow], stopping.signal)])
  await until(async () => (await direct.query(running)).rowCount === 1)
  stopping.abort()
  expect(await stopped).toMatchObject([{ reason: { code: 'HUB_CANCELLED' } }])
  await until(async () => (await direct.query(running)).rowCount === 0)
  const killed = Promise.allSettled([migrate([slow])])
  await until(async () => (await direct.query(`SELECT pg_terminate_backend(pid) FROM (${running}) AS found`)).rowCount === 1)
  expect(await killed).toMatchObject([{ reason: { code: 'HUB_CONNECTOR_DOWN' } }])
  expect(await tables()).toEqual([])
  const quick = { ...slow, sql: 'CREATE TABLE slow (n int)' }
  expect((await migrate([quick])).applied).toEqual(['001_slow.sql'])
})

test('a database of a newer hub is told of, and so is a migration that was changed', async () => {
  await migrate(shipped)
  await direct.query(`INSERT INTO hub_data.migrations (name, digest, applied_at) VALUES ('999_future.sql', '', now())`)
  const changed = shipped.map((one) => (one.name === '001_tables.sql' ? { ...one, sql: `${one.sql}\n-- more` } : one))
  const { applied, notes } = await migrate(changed)
  expect(applied).toEqual([])
  expect(notes.slice(1)).toEqual([
    '001_tables.sql is not as it was when it was applied here; the database keeps what was applied',
    'the database was migrated by a newer hub: 999_future.sql is not known to this one',
  ])
})

test('a word a migration may not say is refused before anything is done', async () => {
  await expect(migrate([{ name: '001.sql', sql: '-- hub: needs luck\nCREATE TABLE a (n int)' }])).rejects.toMatchObject({
    code: 'HUB_CONFIG_VALUE',
    message: expect.stringContaining('needs luck') as string,
  })
  expect(await tables()).toEqual([])
})

test('a role that may not create is told what it lacks; a database that is away, that it is', async () => {
  await direct.query(`DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN PASSWORD 'weak-password'; REVOKE CREATE ON DATABASE postgres FROM PUBLIC`)
  const weak = await open({}, server.url.replace('hub:hub-password', 'weak:weak-password'))
  await expect(migrate(shipped, never, weak)).rejects.toMatchObject({
    code: 'HUB_QUERY_FAILED',
    message: expect.stringMatching(/permission denied.*needs CREATE/) as string,
  })
  await weak.close()
  const away = await open({ connectTimeout: '1s' }, server.url.replace(/:\d+\//, ':1/'))
  await expect(migrate(shipped, never, away)).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
  await away.close()
})

test('a database that is not for the hub’s tables has none made', async () => {
  const others = await open({ migrations: false })
  expect(others.migrate).toBeUndefined()
  expect(others.rehearse).toBeUndefined()
  await others.close()
})

test.each(manageTools.filter(({ name }) => name !== 'show_jobs').map(({ name }) => name))('%s says that the extension is missing', async (name) => {
  const draft = manageTools.find((one) => one.name === name)
  const args = {
    table: 'ohlcv',
    aggregate: 'ohlcv_5m',
    olderThan: '30d',
    dropAfter: '30d',
    compressAfter: '30d',
    from: '2024-01-01T00:00:00Z',
    to: '2024-01-02T00:00:00Z',
  }
  const spec = tool('market', name, { operation: draft?.operation, effect: draft?.effect ?? 'read' })
  expect((await failureOf((connector as Connector).bind(spec)(args, runWith()))).message).toContain('does not have the TimescaleDB extension')
})
