import pg from 'pg'
import type { Logger } from '../../contract/telemetry.ts'
import type { Address } from './address.ts'
import type { Settings } from './config.ts'
import { Session } from './session.ts'

/** The connections of one connector. */
export interface Pools {
  /** Sessions the server keeps from writing. */
  readonly reading: pg.Pool
  /** Sessions that may write; made at first use. */
  writing(): pg.Pool
  /** Two sessions for work that takes long; made at first use. */
  managing(): pg.Pool
  /** A session of its own that writes, with no time limit of the server's; its taker ends it. */
  alone(): Session
  /** Ends the statement a session is running; resolves once the server was told, false when it could not be. */
  cancel(pid: number): Promise<boolean>
  /** Closes all, waiting a bounded time for statements under way. */
  close(): Promise<void>
}

const cancelTimeoutMs = 3_000
const closeTimeoutMs = 5_000
const lifetimeSeconds = 3_600
/** The server ends work on hypertables after this long, whatever became of its caller. */
export const managingTimeoutMs = 3_600_000

/** Makes the pools; nothing connects yet. */
export function openPools(address: Address, settings: Settings, connector: string, log: Logger): Pools {
  const sessions = new Set<Session>()
  const client: pg.ClientConfig = {
    connectionString: address.connectionString,
    ...(address.options !== undefined && { options: address.options }),
    connectionTimeoutMillis: settings.connectTimeoutMs,
    keepAlive: true,
    fallback_application_name: `hub:${connector}`,
  } as pg.ClientConfig

  function pool(isReadOnly: boolean, max: number, statementTimeoutMs: number): pg.Pool {
    const config = { client, isReadOnly, statementTimeoutMs }
    class PooledSession extends Session {
      constructor() {
        super(config)
        sessions.add(this)
        this.once('end', () => sessions.delete(this))
      }
    }
    const made = new pg.Pool({
      Client: PooledSession,
      max,
      idleTimeoutMillis: settings.idleTimeoutMs,
      maxLifetimeSeconds: lifetimeSeconds,
      onConnect: settle as (session: pg.ClientBase) => void,
    })
    // An idle connection that the server ended: the pool has dropped it already.
    made.on('error', () => log.debug('idle database connection lost', { connector }))
    return made
  }

  const reading = pool(true, settings.pool, settings.statementTimeoutMs)
  let writing: pg.Pool | undefined
  let managing: pg.Pool | undefined
  let cancelling: pg.Pool | undefined
  let closing: Promise<void> | undefined

  function cancellingPool(): pg.Pool {
    if (cancelling) return cancelling
    cancelling = new pg.Pool({ ...client, connectionTimeoutMillis: cancelTimeoutMs, query_timeout: cancelTimeoutMs, max: 1, idleTimeoutMillis: 1_000 })
    cancelling.on('error', () => log.debug('idle database connection lost', { connector }))
    return cancelling
  }

  async function cancel(pid: number): Promise<boolean> {
    try {
      await cancellingPool().query('SELECT pg_cancel_backend($1)', [pid])
      return true
    } catch (error) {
      log.warn('a statement could not be cancelled on the server', { connector, code: (error as { code?: unknown }).code })
      return false
    }
  }

  async function closeAll(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        for (const session of sessions) session.wire.stream.destroy()
        resolve()
      }, closeTimeoutMs)
    })
    await Promise.race([endAll(), late])
    clearTimeout(timer)
  }

  async function endAll(): Promise<void> {
    await Promise.all([reading.end(), writing?.end(), managing?.end(), cancelling?.end()])
    // A pool has ended when it let go of its sessions; their sockets close a moment later.
    await Promise.all([...sessions].map((session) => new Promise((resolve) => session.once('end', resolve))))
  }

  return {
    reading,
    writing: () => (closing ? reading : (writing ??= pool(false, settings.pool, settings.statementTimeoutMs))),
    managing: () => (closing ? reading : (managing ??= pool(false, Math.min(2, settings.pool), managingTimeoutMs))),
    alone: () => new Session({ client, isReadOnly: false, statementTimeoutMs: 0 }),
    cancel,
    close: () => (closing ??= closeAll()),
  }
}

// The pool waits for it, though its types do not say so.
const settle = (session: pg.ClientBase): Promise<void> => (session as Session).settle()
