import { clients, addressOf } from '../../runtime/kinds/memory/open-redis.ts'
import type { Bounds } from '../../runtime/kinds/memory/config.ts'
import { createPostgresStore } from '../../runtime/kinds/memory/postgres.ts'
import { createProcessStore } from '../../runtime/kinds/memory/process.ts'
import { createRedisStore } from '../../runtime/kinds/memory/redis.ts'
import type { MemoryStore, StoreParts, Waiting } from '../../runtime/kinds/memory/store.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { missingRedis, startRedis, type RunningRedis } from '../components/redis.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { lend } from './lent.ts'

/** Why a store cannot be tried here; undefined: it can. */
export const noRedis = missingRedis()

/** The real stores by what tests call them, which for one that is not here is why, and their names in `Stores.make`. */
export const places: readonly (readonly [string, 'process' | 'PostgreSQL' | 'Redis'])[] = [
  ['this process', 'process'],
  ['PostgreSQL', 'PostgreSQL'],
  [noRedis === undefined ? 'Redis' : `Redis (skipped: ${noRedis})`, 'Redis'],
]

/** Bounds that are met soon. */
export const tight: Bounds = { valueBytes: 64, keys: 3, bytes: 60, analyses: 4, signals: 3, backlogBytes: 40, channels: 2, retentionMs: 1_000 }
/** Bounds that no test meets. */
export const wide: Bounds = { valueBytes: 1e6, keys: 1e5, bytes: 1e9, analyses: 1e5, signals: 1e4, backlogBytes: 1e8, channels: 1e4, retentionMs: 1e9 }

/** The real stores of one test file. */
export interface Stores {
  readonly redis: RunningRedis | undefined
  readonly postgres: RunningPostgres
  /** One of each, over these bounds; with a clock they have no other. */
  make(bounds: Bounds, clock?: () => number, prefix?: string): Readonly<Record<string, MemoryStore>>
  stop(): Promise<void>
}

/** Starts Redis (where there is one) and PostgreSQL. */
export async function startStores(): Promise<Stores> {
  const [redis, postgres] = await Promise.all([noRedis === undefined ? startRedis() : undefined, startPostgres()])
  const made: MemoryStore[] = []
  const { log } = lend('memory')
  return {
    redis,
    postgres,
    make(bounds, clock, prefix = 'agent_memory') {
      const parts: StoreParts = { bounds, prefix, clock }
      const settings = { connectTimeoutMs: 5_000, cluster: false }
      const all = {
        process: createProcessStore(parts),
        PostgreSQL: createPostgresStore({ client: { connectionString: postgres.url }, schema: prefix, pool: 4 }, parts, log),
        ...(redis && { Redis: createRedisStore(clients(addressOf(new Secret(redis.url, 'env:MEMORY_URL')), settings, 'memory'), parts, log) }),
      }
      made.push(...Object.values(all))
      return all
    },
    async stop() {
      await Promise.all(made.map((store) => store.close()))
      await Promise.all([redis?.stop(), postgres.stop()])
    },
  }
}

/** A caller that stays. */
export const waiting = (): Waiting => ({ signal: new AbortController().signal, deadline: Infinity })
