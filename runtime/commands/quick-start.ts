import { readFile } from 'node:fs/promises'
import pg from 'pg'
import type { Logger } from '../contract/telemetry.ts'
import { ensureDatabase, openEmbedded } from '../store/embedded.ts'
import { migrateDatabase } from '../kinds/timescale/migrations.ts'
import { migrationsOf } from './migrate/files.ts'
import { findMarketData, keepsMemory, type Environment } from './market-data.ts'

/** The environment to compile with, and how to let go of what stands behind it. */
export interface QuickStart {
  readonly env: Environment
  close(): Promise<void>
}

/** Any number, the same in every process that loads. */
const loadLock = 4_871_203_378
const series: readonly string[] = ['^GSPC', 'INDEX', '1d']

/**
 * Gives a hub on one machine real data: where the hub's folder has `connectors/data/sp500.csv` and neither MARKET_DATABASE_URL nor DATABASE_URL is set, the embedded
 * PostgreSQL gets a database `market` with these candles, once, and MARKET_DATABASE_URL leads there. In the same way MEMORY_URL leads to a database `memory`. Anywhere else it
 * does nothing.
 */
export async function quickStart(options: {
  readonly directory: string
  readonly env: Environment
  readonly log: Logger
  readonly onProgress: (message: string) => void
}): Promise<QuickStart> {
  const { directory, env, log, onProgress } = options
  const file = findMarketData(directory, env)
  const withMemory = keepsMemory(directory, env)
  if (file === undefined && !withMemory) return { env, close: () => Promise.resolve() }

  const store = await openEmbedded({ directory, log, onProgress })
  const databaseOf = async (name: string): Promise<string> => {
    await ensureDatabase(store.url(), name)
    return store.url(name)
  }
  try {
    const market = file === undefined ? undefined : await databaseOf('market')
    if (market !== undefined && file !== undefined) await loadInto(market, file, onProgress)
    const memory = withMemory ? await databaseOf('memory') : undefined
    const given = { ...(market !== undefined && { MARKET_DATABASE_URL: market }), ...(memory !== undefined && { MEMORY_URL: memory }) }
    return { env: { ...env, ...given }, close: () => store.close() }
  } catch (error) {
    await store.close()
    throw error
  }
}

async function loadInto(url: string, file: string, onProgress: (message: string) => void): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await load(client, file, onProgress)
  } finally {
    await client.end()
  }
}

async function load(client: pg.Client, file: string, onProgress: (message: string) => void): Promise<void> {
  // The tables are those of hub migrate, which finds nothing left to do here.
  await migrateDatabase(client, await migrationsOf('timescale'), { keepDaily: true })
  if (await hasSeries(client)) return
  onProgress('loading daily candles of the S&P 500, 2000 to 2020')
  const columns = readCandles(await readFile(file, 'utf8'))
  await client.query('BEGIN')
  // Two commands may be the first at the same time.
  await client.query('SELECT pg_advisory_xact_lock($1)', [loadLock])
  await client.query(
    `INSERT INTO ohlcv (symbol, exchange, timeframe, timestamp, open, high, low, close, volume)
     SELECT $1, $2, $3, day::timestamp AT TIME ZONE 'UTC', open, high, low, close, volume
     FROM unnest($4::date[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[]) AS candle (day, open, high, low, close, volume)
     ON CONFLICT DO NOTHING`,
    [...series, ...columns],
  )
  await client.query('COMMIT')
}

async function hasSeries(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM public.ohlcv WHERE symbol = $1 AND exchange = $2 AND timeframe = $3 LIMIT 1', [...series])
  return rowCount !== 0
}

/** The columns date, open, high, low, close and volume of a CSV with a heading; numbers stay text. */
export function readCandles(csv: string): readonly (readonly string[])[] {
  const [heading = '', ...lines] = csv.trim().split(/\r?\n/)
  const names = heading.split(',')
  const rows = lines.map((line) => line.split(','))
  return ['date', 'open', 'high', 'low', 'close', 'volume'].map((name) => rows.map((row) => row[names.indexOf(name)] ?? ''))
}
