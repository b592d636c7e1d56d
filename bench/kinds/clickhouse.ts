import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { startClickHouse } from '../../tests/components/clickhouse.ts'
import type { KindBench, KindGround } from './kind.ts'

const symbols = 1_000
const rows = 1_000_000
const ten = `SELECT timestamp, open, high, low, close, volume FROM bench_candles
WHERE symbol = {symbol:String} ORDER BY timestamp DESC LIMIT {limit:UInt32}`
const argsOf = (n: number) => ({ symbol: `S${n % symbols}`, limit: 10 })

const manifest = `
connector: bench
kind: clickhouse
summary: A million candles.
config: { url: { secret: BENCH_CLICKHOUSE_URL }, pool: 32, statementTimeout: 60s }
tools:
  latest_candles:
    summary: The latest candles of one symbol.
    effect: read
    input: { type: object, required: [symbol, limit], properties: { symbol: { type: string }, limit: { type: integer } } }
    operation:
      sql: |
        ${ten.replace('\n', '\n        ')}
  everything:
    summary: Ten million rows.
    effect: read
    input: { type: object, properties: {} }
    operation: { sql: 'SELECT number, toString(sipHash64(number)) AS text FROM numbers(10000000)' }
    policy: { timeout: 60s }
`

/** ClickHouse against @clickhouse/client. */
export const clickhouseBench: KindBench = {
  kind: 'clickhouse',
  what: '10 rows of a million by key',
  async start(say) {
    say('starting ClickHouse, a million candles')
    const server = await startClickHouse()
    if ('reason' in server) return { missing: server.reason }
    await server.run(`CREATE TABLE bench_candles (timestamp DateTime64(3, 'UTC'), symbol LowCardinality(String), open Decimal(38, 18), high Decimal(38, 18), low Decimal(38, 18),
      close Decimal(38, 18), volume Decimal(38, 18)) ENGINE = MergeTree ORDER BY (symbol, timestamp)`)
    await server.run(`INSERT INTO bench_candles SELECT toDateTime64(1577836800 + intDiv(number, ${symbols}) * 60, 3, 'UTC'), concat('S', toString(number % ${symbols})),
      toDecimal128(number / 7, 18), toDecimal128(number / 6, 18), toDecimal128(number / 8, 18), toDecimal128(number / 7, 18), toDecimal128(number, 18) FROM numbers(${rows})`)
    await server.run('OPTIMIZE TABLE bench_candles FINAL')
    const { origin, username, password, pathname } = new URL(server.url)
    const client = createClient({
      url: origin,
      username,
      password,
      database: pathname.slice(1),
      max_open_connections: 32,
      log: { level: ClickHouseLogLevel.OFF },
    })
    // The same answer: decimals and times as the hub gives them, under a read-only session with a limit.
    const clickhouse_settings = { readonly: '2', max_execution_time: 60, output_format_json_quote_decimals: 1, date_time_output_format: 'iso' } as const
    const ground: KindGround = {
      manifest,
      env: { BENCH_CLICKHOUSE_URL: server.url },
      tool: 'bench_latest_candles',
      args: argsOf,
      bare: async (n) => (await client.query({ query: ten, query_params: argsOf(n), format: 'JSONEachRow', clickhouse_settings })).json(),
      bulk: { what: '10 million rows asked for', tool: 'bench_everything', args: {} },
      stop: async () => {
        await client.close()
        await server.stop()
      },
    }
    return ground
  },
}
