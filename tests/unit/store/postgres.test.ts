import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type pg from 'pg'
import { createStorePool, migrate } from '../../../runtime/store/postgres.ts'
import { quiet, temporaryDatabase, temporaryFolder } from './temporary.ts'

let database: Awaited<ReturnType<typeof temporaryDatabase>>
let pool: pg.Pool
beforeAll(async () => {
  database = await temporaryDatabase()
  pool = createStorePool(database.url)
})
beforeEach(() => pool.query('DROP SCHEMA IF EXISTS hub CASCADE'))
afterAll(async () => {
  await pool.end()
  await database.close()
})

const migrations = async (): Promise<readonly unknown[]> =>
  (await pool.query('SELECT name FROM hub.migrations ORDER BY name')).rows.map((row: { name: string }) => row.name)

async function folderOf(files: Readonly<Record<string, string>>): Promise<{ readonly url: URL; remove(): Promise<void> }> {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'sql')
  await mkdir(path)
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  return { url: pathToFileURL(`${path}/`), remove: folder.remove }
}

test('the hub’s tables are made once, however many processes start together', async () => {
  const pools = [createStorePool(database.url), createStorePool(database.url)]
  const applied = await Promise.all([pool, ...pools].map((one) => migrate(one, quiet)))
  expect(applied.flat()).toEqual(['001_audit_and_keys.sql'])
  expect(await migrations()).toEqual(['001_audit_and_keys.sql'])
  expect((await pool.query('SELECT count(*) AS n FROM hub.audit')).rows).toEqual([{ n: '0' }])
  for (const one of pools) await one.end()
})

test('a migration that fails leaves nothing of itself, and those before it stand', async () => {
  const folder = await folderOf({
    '1_good.sql': 'CREATE TABLE hub.good (a int)',
    '2_bad.sql': 'CREATE TABLE hub.half (a int); SELECT nonsense',
    'notes.txt': 'no sql',
  })
  await expect(migrate(pool, quiet, folder.url)).rejects.toMatchObject({ code: 'HUB_SETUP', message: expect.stringContaining('nonsense') })
  expect(await migrations()).toEqual(['1_good.sql'])
  expect((await pool.query("SELECT to_regclass('hub.half') AS half")).rows).toEqual([{ half: null }])
  await folder.remove()
})

test('a database of a newer hub is told of and left as it is', async () => {
  await migrate(pool, quiet)
  await pool.query("INSERT INTO hub.migrations (name) VALUES ('999_future.sql')")
  const warned: unknown[] = []
  expect(await migrate(pool, { ...quiet, warn: (message, fields) => warned.push(message, fields) })).toEqual([])
  expect(warned).toEqual(['the database was migrated by a newer hub', { unknown: ['999_future.sql'] }])
})

test('candles have one row for each moment of a market, with exact decimals', async () => {
  await pool.query('DROP TABLE IF EXISTS ohlcv')
  await pool.query(await readFile(new URL('../../../migrations/timescale/001_tables.sql', import.meta.url), 'utf8'))
  const insert = `INSERT INTO ohlcv VALUES ('2020-01-02T00:00:00Z', '^GSPC', 'INDEX', '1d', 3244.670000000000000001, 3258.14, 3235.53, 3257.85, 9007199254740995)`
  await pool.query(insert)
  await expect(pool.query(insert)).rejects.toMatchObject({ code: '23505' })
  expect((await pool.query('SELECT open::text, volume::text FROM ohlcv')).rows).toEqual([{ open: '3244.670000000000000001', volume: '9007199254740995' }])
})

test('a connection the server ends while it is idle does not end the process, and the next query gets another', async () => {
  const own = createStorePool(database.url, { max: 1 })
  const { rows } = await own.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const gone = new Promise((resolve) => own.once('error', resolve))
  await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
  await gone
  expect((await own.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await own.end()
})

test('a server that is not there is HUB_STORE_DOWN within the connection’s time', async () => {
  const nowhere = createStorePool('postgres://hub:x@127.0.0.1:9/hub')
  await expect(migrate(nowhere, quiet)).rejects.toMatchObject({ code: 'HUB_STORE_DOWN', details: { retryAfterMs: 1_000 } })
  await nowhere.end()
})
