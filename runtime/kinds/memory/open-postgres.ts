import pg from 'pg'
import { HubError } from '../../contract/errors.ts'
import type { KindTools } from '../../contract/kind.ts'
import type { Secret } from '../../contract/secret.ts'
import type { Logger } from '../../contract/telemetry.ts'
import type { Settings } from './config.ts'
import { createPostgresStore } from './postgres.ts'
import type { MemoryStore, StoreParts } from './store.ts'

/** Memory in the PostgreSQL an address leads to; connects at the first call. */
export function openPostgres(url: Secret, settings: Settings, parts: StoreParts, lent: KindTools, log: Logger): MemoryStore {
  const client: pg.ClientConfig = {
    connectionString: url.reveal(),
    connectionTimeoutMillis: settings.connectTimeoutMs,
    keepAlive: true,
    application_name: `hub:${lent.connector}`,
  }
  const password = passwordOf(url, client)
  if (password !== undefined) lent.secrets.protect(password)
  return createPostgresStore({ client, schema: settings.prefix, pool: settings.pool }, parts, log)
}

function passwordOf(url: Secret, config: pg.ClientConfig): string | undefined {
  try {
    const { password } = new pg.Client(config)
    return typeof password === 'string' ? password : undefined
  } catch (error) {
    const { code } = error as { code?: string }
    const reason = code === undefined || code === 'ERR_INVALID_URL' ? 'it is not a URL' : `reading it failed with ${code}`
    throw new HubError(
      'HUB_CONFIG_VALUE',
      `the address in ${url.reference} cannot be used: ${reason}; it should read postgres://user:password@host:port/database`,
    )
  }
}
