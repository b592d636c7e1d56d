import { spawn, type ChildProcess } from 'node:child_process'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { HubError } from '../contract/errors.ts'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { processCommand, processLife } from './process.ts'

const pollMs = 10
const maxLogBytes = 1_000_000
/** After a crash the old server's last children may hold its memory for a moment, and a port may be taken between choosing and binding. */
const passing = /pre-existing shared memory block|could not bind IPv4|could not create any TCP\/IP sockets/

/** Small and durable: fsync stays on, no replication, no helper processes a hub's own store has no use for. */
const settings: readonly string[] = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=100',
  'shared_buffers=64MB',
  'wal_level=minimal',
  'max_wal_senders=0',
  'min_wal_size=32MB',
  'max_wal_size=256MB',
  'io_method=sync',
  'max_logical_replication_workers=0',
  'jit=off',
  'log_timezone=UTC',
  'timezone=UTC',
  // Statements may hold data, and this log is a plain file: start, stop and refused connections only.
  'log_min_messages=log',
  'log_min_error_statement=panic',
  'log_checkpoints=off',
]

/** What `postmaster.pid` says of a server. */
export interface ServerNote {
  readonly pid: number
  readonly port: number
  readonly ready: boolean
}

/** The server that says it runs on a data folder; undefined when there is no note or it names a process that is gone or another program's. */
export async function findServer(data: string): Promise<ServerNote | undefined> {
  const note = await readNote(data)
  return note !== undefined && (await processCommand(note.pid)).includes(data) && (await processLife(note.pid)) !== undefined ? note : undefined
}

/** PostgreSQL takes care of notes of the dead, but believes one whose process id lives again as another program. */
async function dropFalseNote(data: string): Promise<void> {
  const note = await readNote(data)
  if (note !== undefined && (await processLife(note.pid)) !== undefined) await rm(join(data, 'postmaster.pid'), { force: true })
}

async function readNote(data: string): Promise<ServerNote | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  return Number.isInteger(pid) && pid > 0 ? { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' } : undefined
}

/** Starts a server on a data folder that `findServer` finds none on, and resolves when it takes connections. Rejects HUB_STORE_DOWN with the server's own last words. */
export async function startServer(options: {
  readonly binaries: Binaries
  readonly data: string
  readonly logFile: string
  readonly account: Account | undefined
  readonly waitMs: number
}): Promise<ServerNote> {
  // Where it was before it was killed: those who use it ask there.
  let port = (await readNote(options.data))?.port || (await freePort())
  await dropFalseNote(options.data)
  await rotate(options.logFile)
  const until = performance.now() + options.waitMs
  for (;;) {
    const from = await sizeOf(options.logFile)
    const child = await launch(options.binaries.postgres, port, options)
    const note = await readiness(child, options.data, until)
    if (note !== undefined) return note
    const words = (await readFile(options.logFile, 'utf8').catch(() => '')).slice(from)
    if (!passing.test(words) || performance.now() > until) {
      const reason = lastWords(words)
      throw new HubError('HUB_STORE_DOWN', `the embedded PostgreSQL did not start${reason && `: ${reason}`}; its log is ${options.logFile}`)
    }
    await pause(100)
    port = await freePort()
  }
}

async function launch(
  program: string,
  port: number,
  options: { readonly data: string; readonly logFile: string; readonly account: Account | undefined },
): Promise<ChildProcess> {
  const log = await open(options.logFile, 'a', 0o600)
  try {
    const child = spawn(program, ['-D', options.data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])], {
      ...options.account,
      cwd: options.data,
      env: { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, LC_ALL: 'C' },
      stdio: ['ignore', log.fd, log.fd],
      // A session of its own: Ctrl-C in the terminal must reach the hub only, which then stops the server in its turn.
      detached: true,
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (error) => reject(new HubError('HUB_SETUP', `cannot run ${program}: ${error.message}`, {}, error)))
    })
    child.unref()
    return child
  } finally {
    await log.close()
  }
}

async function readiness(child: ChildProcess, data: string, until: number): Promise<ServerNote | undefined> {
  while (child.exitCode === null && child.signalCode === null) {
    const note = await readNote(data)
    if (note?.pid === child.pid && note?.ready) return note
    if (performance.now() > until) {
      child.kill('SIGQUIT')
      return undefined
    }
    await pause(pollMs)
  }
  return undefined
}

/** Stops a server: its connections are ended, its work is on disk, its process is gone when this resolves. */
export async function stopServer(pid: number, patienceMs = 15_000): Promise<void> {
  const life = await processLife(pid)
  if (life === undefined) return
  // Fast shutdown, then immediate (recovers at the next start), then none can refuse.
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    const until = performance.now() + patienceMs
    while (performance.now() < until) {
      if ((await processLife(pid)) !== life) return
      await pause(pollMs)
    }
  }
}

/** Waits until a server that is starting takes connections, or one that is stopping is gone. */
export async function settleServer(data: string, waitMs: number): Promise<ServerNote | undefined> {
  const until = performance.now() + waitMs
  for (;;) {
    const note = await findServer(data)
    if (note === undefined || note.ready) return note
    if (performance.now() > until)
      throw new HubError(
        'HUB_STORE_LOCKED',
        `the embedded PostgreSQL (process ${note.pid}) on ${data} neither answers nor ends; end that process and start again`,
        { pid: note.pid },
      )
    await pause(pollMs)
  }
}

async function rotate(logFile: string): Promise<void> {
  if ((await sizeOf(logFile)) > maxLogBytes) await rename(logFile, `${logFile}.1`)
}

const sizeOf = async (path: string): Promise<number> =>
  stat(path).then(
    (found) => found.size,
    () => 0,
  )

function lastWords(log: string): string {
  const lines = log.split('\n').filter((line) => /FATAL|PANIC|HINT|DETAIL|error while/.test(line))
  return lines
    .slice(-3)
    .map((line) => line.replace(/^.*?(FATAL|PANIC|HINT|DETAIL): +/, ''))
    .join('; ')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
