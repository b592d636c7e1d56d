import { candleLimit, numberedStatement, poolSize } from '../database.ts'
import { candleCalls } from '../exchanges.ts'
import { limit } from '../servers/canned.ts'
import { hub, queryManifest } from '../servers/hub.ts'
import { toolbox } from '../servers/toolbox.ts'
import type { Ground, Group } from './group.ts'

const tool = { name: 'latest_candles', description: 'The latest candles of one symbol, newest first.' }

/** The ten latest candles of a symbol out of a million rows, by a declared SQL tool. */
export function query({ database, candles }: Ground): Group {
  const manifest = queryManifest([tool])
  const calls = candleCalls(`bench_${tool.name}`, candles)
  return {
    name: 'query',
    title: 'The 10 latest candles of a symbol, 1,000,000 rows of PostgreSQL',
    concurrencies: [1, 16, 64],
    rows: [
      { name: 'hub', against: 'limit', servers: async () => [await hub({ name: 'query hub', manifest, exchanges: calls, dialect: 'modern' }, database)] },
      {
        name: 'hub, 2025 sessions',
        against: 'limit',
        concurrencies: [16],
        servers: async () => [await hub({ name: 'query hub sessions', manifest, exchanges: calls, dialect: 'session' }, database)],
      },
      {
        name: 'hub, two processes',
        against: 'limit',
        concurrencies: [16],
        servers: () => Promise.all(['one', 'two'].map((which) => hub({ name: `query hub ${which}`, manifest, exchanges: calls, dialect: 'modern' }, database))),
      },
      { name: 'MCP Toolbox', against: 'limit', servers: async () => [await toolbox('query toolbox', database, [tool], candleCalls(tool.name, candles))] },
      {
        name: 'bare pool, no HTTP',
        against: 'limit',
        servers: async () => [],
        target: {
          type: 'pool',
          url: database.url('bench'),
          poolSize,
          statement: numberedStatement,
          asks: candles.map(({ symbol, closes }) => ({ values: [symbol, candleLimit], holds: closes })),
        },
      },
      { name: 'limit', against: 'limit', servers: async (started) => [await limit('query limit', [started.get('hub'), started.get('MCP Toolbox')])] },
    ],
  }
}
