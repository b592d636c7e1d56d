import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { HubError } from '../contract/errors.ts'
import type { Logger } from '../contract/telemetry.ts'
import { chooseAccount, checkReachable, type Account } from './account.ts'
import { findBinaries, type Binaries } from './binaries.ts'
import { keepRunning } from './keeper.ts'
import { countLeases, takeLease, withLock } from './lock.ts'
import { findServer, settleServer, startServer, stopServer, type ServerNote } from './server.ts'
import { startWatchdog, type Watchdog } from './watchdog.ts'

const run = promisify(execFile)
const lockWaitMs = 60_000
/** Crash recovery reads back at most max_wal_size. */
const startWaitMs = 60_000

/** The embedded PostgreSQL as one user of it sees it. */
export interface EmbeddedStore {
  /** A connection URL, password included; of the database `postgres` unless named. */
  url(database?: string): string
  /** True when this process started the server, false when it attached to a running one. */
  readonly owned: boolean
  /** Lets go of the server; the last to let go stops it and waits until its process is gone. */
  close(): Promise<void>
}

interface Folders {
  readonly home: string
  readonly data: string
  readonly leases: string
  readonly password: string
  readonly log: string
  readonly lock: string
}

/**
 * The PostgreSQL below `<directory>/.hub/postgres`: created at first use, started when none runs, shared when one does. Loopback only, on a port of its own choice.
 * Rejects HUB_SETUP (the machine lacks something), HUB_STORE_LOCKED (another process holds it and does not answer), HUB_STORE_DOWN (the server did not start).
 */
export async function openEmbedded(options: {
  readonly directory: string
  readonly log: Logger
  readonly onProgress?: (message: string) => void
}): Promise<EmbeddedStore> {
  // One folder must have one name, whichever way a process came to it.
  const folders = foldersOf(await realpath(options.directory))
  const progress = options.onProgress ?? (() => undefined)
  const account = await chooseAccount(folders.data)
  const binaries = await findBinaries()
  const mode = account === undefined ? 0o700 : 0o755
  await mkdir(dirname(folders.home), { recursive: true, mode })
  if (account !== undefined) await Promise.all([checkReachable(folders.home, account), checkReachable(binaries.postgres, account)])

  return withLock(folders.lock, lockWaitMs, async () => {
    await create({ folders, account, binaries, mode, progress })
    const lease = await takeLease(folders.leases)
    try {
      const password = (await readFile(folders.password, 'utf8')).trim()
      const begin = async (): Promise<Begun> => {
        const found = await attach(folders.data, password)
        if (found !== undefined) {
          options.log.debug('embedded store attached', { pid: found.pid, port: found.port })
          return { ...found, watchdog: undefined }
        }
        progress('starting the embedded PostgreSQL')
        const watchdog = startWatchdog(folders.data, folders.leases)
        const started = await startServer({ binaries, data: folders.data, logFile: folders.log, account, waitMs: startWaitMs }).catch(
          async (error: unknown) => {
            await watchdog.release(true)
            throw error
          },
        )
        options.log.debug('embedded store started', { pid: started.pid, port: started.port })
        return { ...started, watchdog }
      }
      return storeOf({ folders, lease, password, begun: await begin(), begin, log: options.log })
    } catch (error) {
      await unlink(lease).catch(() => undefined)
      throw error
    }
  })
}

function foldersOf(directory: string): Folders {
  const home = join(directory, '.hub', 'postgres')
  return { home, data: join(home, 'data'), leases: join(home, 'users'), password: join(home, 'password'), log: join(home, 'log'), lock: `${home}.lock` }
}

const urlOf = (password: string, port: number, database: string): string => `postgres://hub:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`

/** A server to use, and who stops it when all are gone; the watchdog is another process's where the server was found running. */
interface Begun {
  readonly pid: number
  readonly port: number
  readonly watchdog: Watchdog | undefined
}

function storeOf(parts: {
  readonly folders: Folders
  readonly lease: string
  readonly password: string
  readonly begun: Begun
  readonly begin: () => Promise<Begun>
  readonly log: Logger
}): EmbeddedStore {
  let closing: Promise<void> | undefined
  let { watchdog } = parts.begun
  const { folders, log } = parts
  const { port } = parts.begun
  const keeper = keepRunning({
    pid: parts.begun.pid,
    log,
    revive: () =>
      withLock(folders.lock, lockWaitMs, async () => {
        const again = await parts.begin()
        watchdog = again.watchdog ?? watchdog
        if (again.port !== port)
          log.error('the embedded PostgreSQL had to take another port, which this hub learns when it is started again', { port: again.port })
        return again.pid
      }),
  })
  const close = async (): Promise<void> => {
    await keeper.end()
    await withLock(folders.lock, lockWaitMs, async () => {
      await unlink(parts.lease).catch(() => undefined)
      const others = await countLeases(folders.leases)
      if (others > 0) {
        log.debug('embedded store left to others', { others })
        return watchdog?.release(false)
      }
      const server = await findServer(folders.data)
      if (server !== undefined) await stopServer(server.pid)
      await watchdog?.release(true)
    })
  }
  return {
    url: (database = 'postgres') => urlOf(parts.password, port, database),
    owned: watchdog !== undefined,
    close: () => (closing ??= close()),
  }
}

/** Makes the folder once. It is built beside its place and moved there whole, so that an interrupted start leaves nothing half made. */
async function create(options: {
  readonly folders: Folders
  readonly account: Account | undefined
  readonly binaries: Binaries
  readonly mode: number
  readonly progress: (message: string) => void
}): Promise<void> {
  const { folders, account } = options
  const parent = dirname(folders.home)
  const unfinished = `${basename(folders.home)}.new-`
  for (const name of await readdir(parent)) if (name.startsWith(unfinished)) await rm(join(parent, name), { recursive: true, force: true })
  if (await stat(folders.home).catch(() => undefined)) return

  options.progress('creating the embedded PostgreSQL')
  const draft = await mkdtemp(join(parent, unfinished))
  await chmod(draft, options.mode)
  const data = join(draft, 'data')
  const passwordFile = join(draft, 'initdb-password')
  const password = randomBytes(32).toString('hex')
  await mkdir(data, { mode: 0o700 })
  for (const file of [passwordFile, join(draft, 'password')]) await writeFile(file, `${password}\n`, { mode: 0o600 })
  if (account !== undefined) for (const path of [data, passwordFile]) await chown(path, account.uid, account.gid)
  // One locale everywhere, built in, so that order and case do not depend on the machine.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const args = ['-D', data, '--username=hub', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-instructions', ...locale]
  await run(options.binaries.initdb, args, { ...account, cwd: draft, env: { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, LC_ALL: 'C' } }).catch(
    (error: unknown) => {
      const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').slice(-3).join('; ') : ''
      throw new HubError('HUB_SETUP', `the embedded PostgreSQL could not be created in ${parent}: ${words || 'initdb did not run'}`, {}, error)
    },
  )
  await rm(passwordFile)
  await rename(draft, folders.home)
}

/** The running server, once it has let us in; undefined when none runs, or it stopped meanwhile. */
async function attach(data: string, password: string): Promise<ServerNote | undefined> {
  for (;;) {
    const found = await settleServer(data, startWaitMs)
    if (found === undefined || (await letsIn(urlOf(password, found.port, 'postgres')))) return found
    const now = await findServer(data)
    if (now?.pid === found.pid && now.ready)
      throw new HubError('HUB_STORE_LOCKED', `the PostgreSQL (process ${found.pid}) on ${data} does not let the hub in; end it and start again`, {
        pid: found.pid,
      })
  }
}

async function letsIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Creates a database unless it is there. `url` is of any database of the same server. */
export async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  } catch (error) {
    // Two processes may both have found it missing.
    if (!(error instanceof pg.DatabaseError && (error.code === '42P04' || error.code === '23505'))) throw error
  } finally {
    await client.end()
  }
}
