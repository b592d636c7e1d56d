import { setTimeout as pause } from 'node:timers/promises'
import type { HubConfig } from '../contract/manifest.ts'
import { Secret } from '../contract/secret.ts'
import type { ApiKeyStore, AuditStore } from '../contract/store.ts'
import type { Logger } from '../contract/telemetry.ts'
import { createAudit } from '../audit/postgres.ts'
import { createApiKeyStore } from '../store/api-keys.ts'
import { ensureDatabase, openEmbedded } from '../store/embedded.ts'
import { createStorePool, migrate } from '../store/postgres.ts'

const hubDatabase = 'hub'
const mostQueuedLines = 20_000
const migrationPauseMs = 5_000

/** The PostgreSQL behind the hub: its own embedded one, or one that stands elsewhere. */
export interface PostgresStore {
  readonly embedded: boolean
  /** A connection URL, password included; of the hub's own database unless named. */
  url(database?: string): string
  /** Makes a database of the embedded server when it is not there. */
  ensure(database: string): Promise<void>
  close(): Promise<void>
}

/** Starts or attaches to the embedded PostgreSQL, or takes the URL the configuration names. */
export async function openPostgres(config: HubConfig, log: Logger, onProgress?: (message: string) => void): Promise<PostgresStore> {
  const { postgres } = config.stores
  if (postgres !== 'embedded') {
    const url = postgres instanceof Secret ? postgres.reveal() : String(postgres)
    return { embedded: false, url: () => url, ensure: async () => undefined, close: async () => undefined }
  }
  const server = await openEmbedded({ directory: config.directory, log, onProgress })
  const ensured = new Map<string, Promise<void>>()
  const ensure = (database: string): Promise<void> => {
    const known = ensured.get(database) ?? ensureDatabase(server.url(), database)
    ensured.set(database, known)
    return known
  }
  await ensure(hubDatabase)
  return { embedded: true, url: (database = hubDatabase) => server.url(database), ensure, close: () => server.close() }
}

/** Audit and keys on the hub's PostgreSQL. */
export interface HubStores {
  readonly audit: AuditStore
  readonly keys: ApiKeyStore
  /** True once the tables are there, and as long as the audit can be written. */
  isReady(): boolean
  close(): Promise<void>
}

/** Connects, and brings the tables up to date; a store that does not answer is asked again until it does, and the hub serves reads meanwhile. */
export async function openStores(postgres: PostgresStore, log: Logger, onLost: (lines: number) => void): Promise<HubStores> {
  const pool = createStorePool(postgres.url())
  const audit = createAudit({ pool, log, maxQueued: mostQueuedLines, onLost })
  const keys = createApiKeyStore(pool)
  const closing = new AbortController()
  let ready = false

  async function bringUpToDate(): Promise<boolean> {
    try {
      await migrate(pool, log)
      ready = true
    } catch (error) {
      log.error('the hub’s own store does not answer; writes are refused until it does', { error })
    }
    return ready
  }

  async function keepTrying(): Promise<void> {
    while (!closing.signal.aborted) {
      await pause(migrationPauseMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
      if (closing.signal.aborted || (await bringUpToDate())) return
    }
  }

  const retrying = (await bringUpToDate()) ? Promise.resolve() : keepTrying()

  return {
    audit,
    keys,
    isReady: () => ready && audit.isUp(),
    async close() {
      closing.abort()
      await retrying
      await audit.close()
      await keys.close()
      await pool.end()
    },
  }
}
