import pg from 'pg'
import { candleColumns, candleLimit, namedStatement, numberedStatement, poolSize, startDatabase } from '../database.ts'
import type { KindBench } from './kind.ts'

const manifest = `connector: bench
kind: timescale
summary: Candles of a measurement.
config:
  url: { secret: BENCH_URL }
  pool: ${poolSize}
  statementTimeout: 60s
tools:
  latest_candles:
    summary: The latest candles of one symbol, newest first.
    effect: read
    input:
      type: object
      required: [symbol, limit]
      properties: { symbol: { type: string }, limit: { type: integer } }
    operation: { sql: '${namedStatement}' }
  everything:
    summary: Ten million rows, of which a thousand are answered.
    effect: read
    input: { type: object, properties: {} }
    operation: { sql: "SELECT g AS id, repeat('x', 100) AS filler FROM generate_series(1, 10000000) g" }
    policy: { timeout: 2m, result: { rows: 1000, bytes: 1mb } }
`

/** PostgreSQL: ten candles of a million by their key, against pg with a prepared statement. */
export const timescaleBench: KindBench = {
  kind: 'timescale',
  what: `${candleLimit} rows of a million by key`,
  async start(say) {
    const database = await startDatabase(say)
    const pool = new pg.Pool({ connectionString: database.url('bench'), max: poolSize })
    // Connections that end with the server are no fault.
    pool.on('error', () => undefined)
    const symbols = (await database.candles()).map(({ symbol }) => symbol)
    const symbolOf = (n: number): string => symbols[n % symbols.length] as string
    return {
      manifest,
      env: { BENCH_URL: database.url('bench') },
      tool: 'bench_latest_candles',
      args: (n) => ({ symbol: symbolOf(n), limit: candleLimit }),
      bare: async (n) => (await pool.query({ name: `candles of ${candleColumns}`, text: numberedStatement, values: [symbolOf(n), candleLimit] })).rows,
      bulk: { what: '10 M rows asked, 1,000 answered', tool: 'bench_everything', args: {} },
      async stop() {
        await pool.end()
        await database.stop()
      },
    }
  },
}
