import pg from 'pg'
import { freePort } from '../port.ts'
import type { RunningTimescale } from '../timescale.ts'
import { used } from '../used.ts'
import { startContainer } from './container.ts'

// Jobs run when a test runs them, as in the server that is a package.
const settings = ['fsync=off', 'timescaledb.max_background_workers=0', 'timescaledb.telemetry_level=off']

/** Starts TimescaleDB from its image. */
export async function startTimescaleContainer(): Promise<RunningTimescale> {
  const port = await freePort()
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres?sslmode=disable`
  const container = await startContainer({
    component: 'timescale',
    command: ['postgres', ...settings.flatMap((setting) => ['-c', setting])],
    environment: { POSTGRES_PASSWORD: 'postgres', NO_TS_TUNE: 'true' },
    ports: [{ container: 5432, host: port }],
    isReady: () => run(url, 'SELECT 1').then(() => true),
  })
  used('TimescaleDB (container)')
  try {
    await run(url, 'CREATE EXTENSION IF NOT EXISTS timescaledb')
  } catch (error) {
    await container.remove()
    throw error
  }
  return { url, pause: container.end, resume: container.start, run: (sql) => run(url, sql), stop: container.remove }
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  // One that the server ends is told by the query.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(sql)
  } finally {
    await client.end().catch(() => {})
  }
}
