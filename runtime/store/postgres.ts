import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import { HubError } from '../contract/errors.ts'
import type { Logger } from '../contract/telemetry.ts'

/** Any number, the same in every process that migrates one database. */
const migrationLock = 4_871_203_377
const hubMigrations = new URL('../../migrations/hub/', import.meta.url)

/** A small pool for the hub's own tables. Connections that break while idle are replaced in silence; a query waits at most 3 s for one and 15 s for its answer. */
export function createStorePool(url: string, options: { readonly max?: number } = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 5,
    application_name: 'hub',
    connectionTimeoutMillis: 3_000,
    statement_timeout: 14_000,
    query_timeout: 15_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  })
  // Without a listener an idle connection that the server ends would end the hub.
  pool.on('error', () => undefined)
  return pool
}

/** HUB_STORE_DOWN for whatever went wrong in the hub's own PostgreSQL. */
export const storeDown = (error: unknown): HubError =>
  error instanceof HubError
    ? error
    : new HubError('HUB_STORE_DOWN', 'the hub’s own PostgreSQL does not answer; hub doctor tells more', { retryAfterMs: 1_000 }, error)

/** Applies what is new in a folder of `*.sql` files, in the order of their names, each in one transaction; processes that start together take turns. Resolves with the names applied. */
export async function migrate(pool: pg.Pool, log: Logger, folder: URL = hubMigrations): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  const client = await pool.connect().catch((error: unknown) => Promise.reject(storeDown(error)))
  try {
    await client.query('SET statement_timeout = 0')
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock])
    const done = await appliedOf(client)
    const unknown = [...done].filter((name) => !names.includes(name))
    if (unknown.length > 0) log.warn('the database was migrated by a newer hub', { unknown })
    const fresh = names.filter((name) => !done.has(name))
    for (const name of fresh) await apply(client, name, await readFile(new URL(name, folder), 'utf8'))
    if (fresh.length > 0) log.info('migrations applied', { migrations: fresh })
    return fresh
  } catch (error) {
    throw error instanceof pg.DatabaseError && !error.code?.startsWith('57')
      ? new HubError(
          'HUB_SETUP',
          `the hub’s tables could not be made: ${error.message}; its role needs CREATE on the database`,
          { sqlstate: error.code },
          error,
        )
      : storeDown(error)
  } finally {
    // Closing the connection gives the lock back whatever happened.
    client.release(true)
  }
}

async function appliedOf(client: pg.PoolClient): Promise<ReadonlySet<string>> {
  await client.query('CREATE SCHEMA IF NOT EXISTS hub')
  await client.query('CREATE TABLE IF NOT EXISTS hub.migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())')
  const { rows } = await client.query<{ name: string }>('SELECT name FROM hub.migrations')
  return new Set(rows.map((row) => row.name))
}

async function apply(client: pg.PoolClient, name: string, sql: string): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query('INSERT INTO hub.migrations (name) VALUES ($1)', [name])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
