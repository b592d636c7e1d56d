import pg from 'pg'
import { HubError } from '../contract/errors.ts'
import type { HubConfig } from '../contract/manifest.ts'
import { createSecrets } from '../guards/content.ts'
import { createStorePool, migrate } from '../store/postgres.ts'
import { openPostgres } from '../wiring/stores.ts'
import type { Finding } from './finding.ts'
import { createCommandLog } from './local.ts'
import type { RunningHub } from './running.ts'

const askMs = 5_000
const setting = 'DATABASE_URL, or `stores.postgres` of hub.config.yaml'

/** How the hub's own PostgreSQL is: as the hub that runs says, else as it answers here. Where it is down, it is asked from here for the reason. */
export async function examineStore(config: HubConfig, running: RunningHub | undefined): Promise<Finding> {
  const told = running && (await askRunning(running.url))
  if (told === 'up') return well
  if (told === 'down' && config.stores.postgres === 'embedded')
    return ill('the embedded PostgreSQL of the hub that runs does not answer', 'its log is .hub/postgres/log; end the hub and start it again')
  const found = await tryStore(config, running === undefined)
  if (told !== 'down' || found.state === 'bad') return found
  return ill('the hub that runs cannot use it, though it answers here', `the hub may have been started with another ${setting}; its own log says why`)
}

const well: Finding = { topic: 'store', state: 'good', fact: 'the hub’s own PostgreSQL answers' }
const ill = (fact: string, wayOn: string): Finding => ({ topic: 'store', state: 'bad', fact, wayOn })

/** What /readyz says of the store; undefined when it does not answer. */
async function askRunning(url: string): Promise<'up' | 'down' | undefined> {
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(askMs) })
    const { store } = (await response.json()) as { readonly store?: unknown }
    return store === 'up' || store === 'down' ? store : undefined
  } catch {
    return undefined
  }
}

/** Connects as the hub does; `whole` also makes its tables, as the hub that was opened for this look does. */
async function tryStore(config: HubConfig, whole: boolean): Promise<Finding> {
  const { log } = createCommandLog('silent')
  const postgres = await openPostgres(config, log)
  const url = postgres.url()
  const pool = createStorePool(url, { max: 1 })
  try {
    await (whole ? migrate(pool, log) : pool.query('SELECT 1'))
    return well
  } catch (error) {
    return explainStore(error, url)
  } finally {
    await pool.end()
    await postgres.close()
  }
}

const causes: readonly { readonly sign: RegExp; readonly fact: (where: string) => string; readonly wayOn: string }[] = [
  { sign: /^28/, fact: (where) => `the PostgreSQL at ${where} refuses the login`, wayOn: `look at user and password in ${setting}` },
  { sign: /^3D000/, fact: (where) => `the PostgreSQL at ${where} has no such database`, wayOn: `make it with CREATE DATABASE, or name another in ${setting}` },
  { sign: /^53300/, fact: (where) => `the PostgreSQL at ${where} takes no more connections`, wayOn: 'raise max_connections, or end what holds them' },
  { sign: /^57/, fact: (where) => `the PostgreSQL at ${where} is starting or stopping`, wayOn: 'ask again in a moment' },
  { sign: /ENOTFOUND|EAI_AGAIN/, fact: (where) => `the host of ${where} is unknown`, wayOn: `look at the host in ${setting}` },
  { sign: /ECONNREFUSED|ENOENT/, fact: (where) => `nothing listens at ${where}`, wayOn: `start the PostgreSQL there, or look at host and port in ${setting}` },
  {
    sign: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|time-?out/i,
    fact: (where) => `${where} does not answer in time`,
    wayOn: `look at network and firewall, and at host and port in ${setting}`,
  },
]

/** Why a store cannot be used, without anything of its password. */
export function explainStore(error: unknown, url: string): Finding {
  const cause = error instanceof HubError && error.code === 'HUB_STORE_DOWN' ? error.cause : error
  const { code, message = 'it does not say why' } = (cause ?? {}) as { readonly code?: unknown; readonly message?: string }
  const sign = cause instanceof pg.DatabaseError ? String(code) : `${String(code)} ${message}`
  const where = whereOf(url)
  const known = causes.find((each) => each.sign.test(sign))
  if (known) return ill(known.fact(where ?? 'its address'), known.wayOn)
  if (where === undefined)
    return ill('the address of the hub’s own PostgreSQL cannot be read', `in its password write @, / and # as %40, %2F and %23; it is ${setting}`)
  const secrets = createSecrets()
  secrets.protect(url)
  return ill(`the hub’s own PostgreSQL cannot be used: ${secrets.scrub(message)}`, `look at ${setting}`)
}

/** Host and port; nothing of an address whose parts are not for sure, since one of them is a password. */
function whereOf(url: string): string | undefined {
  const parsed = URL.parse(url)
  return parsed === null || parsed.host === '' || parsed.pathname.includes('@') ? undefined : parsed.host
}
