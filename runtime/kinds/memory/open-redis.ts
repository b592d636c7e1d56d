import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { HubError } from '../../contract/errors.ts'
import type { KindTools } from '../../contract/kind.ts'
import type { Secret } from '../../contract/secret.ts'
import type { Logger } from '../../contract/telemetry.ts'
import type { Settings } from './config.ts'
import type { MakeClient } from './redis-link.ts'
import { createRedisStore } from './redis.ts'
import type { MemoryStore, StoreParts } from './store.ts'

/** Memory in the Redis an address leads to; connects at the first call. */
export function openRedis(url: Secret, settings: Settings, parts: StoreParts, lent: KindTools, log: Logger): MemoryStore {
  const address = addressOf(url)
  if (address.password !== undefined) lent.secrets.protect(address.password)
  return createRedisStore(clients(address, settings, lent.connector), parts, log)
}

/** Clients that connect once, when told to: whoever uses them decides when to try again. */
export function clients(address: RedisOptions, { connectTimeoutMs, cluster }: Pick<Settings, 'connectTimeoutMs' | 'cluster'>, connector: string): MakeClient {
  const options: RedisOptions = {
    ...address,
    connectTimeout: connectTimeoutMs,
    connectionName: `hub:${connector}`,
    disableClientInfo: true,
    protocol: 2,
    keepAlive: 10_000,
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: false,
    maxLoadingRetryTime: connectTimeoutMs,
  }
  if (!cluster) return (retry) => new Redis({ ...options, lazyConnect: true, enableOfflineQueue: false, autoResubscribe: false, retryStrategy: retry ?? never })
  return (retry) =>
    // What is used of a client is the same for both; the cluster's own type has more ways to answer.
    new Cluster([{ host: address.host, port: address.port }], {
      redisOptions: { ...options, db: 0 },
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: retry ?? never,
      slotsRefreshTimeout: connectTimeoutMs,
    }) as unknown as Redis
}

const never = (): null => null

/** Reads an address. Throws HUB_CONFIG_VALUE without a word of it: it holds a password. */
export function addressOf(url: Secret): RedisOptions & { readonly password?: string } {
  const parsed = parse(url)
  const { hostname, port, username, password, pathname, protocol } = parsed
  if (hostname === '') throw unusable(url, 'it names no host')
  const database = /^\/?(\d{0,4})$/.exec(pathname)?.[1]
  if (database === undefined) throw unusable(url, 'what follows the host is no number of a database')
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 6_379 : Number(port),
    db: Number(database),
    ...(username !== '' && { username: decode(url, username) }),
    ...(password !== '' && { password: decode(url, password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  }
}

function parse(url: Secret): URL {
  try {
    return new URL(url.reveal())
  } catch {
    throw unusable(url, 'it is not a URL')
  }
}

function decode(url: Secret, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unusable(url, 'user or password has a % that begins no %XX; write %25 for it')
  }
}

const unusable = (url: Secret, reason: string): HubError =>
  new HubError(
    'HUB_CONFIG_VALUE',
    `the address in ${url.reference} cannot be used: ${reason}; it should read redis://user:password@host:port/0, or rediss:// for TLS`,
  )
