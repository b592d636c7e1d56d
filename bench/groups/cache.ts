import { candleCalls } from '../exchanges.ts'
import { limit } from '../servers/canned.ts'
import { hub, queryManifest } from '../servers/hub.ts'
import type { Ground, Group } from './group.ts'

const tool = { name: 'latest_candles', description: 'The latest candles of one symbol, newest first.' }

/** The query again, answered from the hub's cache: every call after the first of a symbol is a hit. */
export function cache({ database, candles }: Ground): Group {
  const manifest = queryManifest([tool], { ttl: '1h' })
  return {
    name: 'cache',
    title: 'The same query from the cache',
    concurrencies: [1, 16, 64],
    rows: [
      {
        name: 'hub, cached',
        against: 'limit',
        servers: async () => [await hub({ name: 'cache hub', manifest, exchanges: candleCalls(`bench_${tool.name}`, candles), dialect: 'modern' }, database)],
      },
      { name: 'limit', against: 'limit', servers: async (started) => [await limit('cache limit', [started.get('hub, cached')])] },
    ],
  }
}
