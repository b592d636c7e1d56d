import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import { isObject, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { timescale } from '../../runtime/kinds/timescale/kind.ts'
import { standardTools } from '../../runtime/kinds/timescale/standard-tools.ts'
import { startTimescale, type RunningTimescale } from '../components/timescale.ts'
import { tool } from '../fixtures/plan.ts'
import { failureOf, kindConformance } from './conformance.ts'
import { lend, runWith } from './lent.ts'

const select = (sql: string): ToolSpec => tool('market', 'test', { operation: { sql } })
const standard = (name: string): ToolSpec => {
  const draft = standardTools.find((candidate) => candidate.name === name)
  if (!draft) throw new Error(`no standard tool ${name}`)
  return tool('market', name, { operation: draft.operation, input: draft.input })
}
const configOf = (url: string): { url: Secret; pool: number } => ({ url: new Secret(url, 'env:MARKET_DATABASE_URL'), pool: 1 })

kindConformance({
  name: 'TimescaleDB',
  kind: timescale,
  start: async () => {
    const server = await startTimescale()
    return {
      config: configOf(server.url) as unknown as JsonObject,
      secrets: [new URL(server.url).port],
      outage: { begin: server.pause, end: server.resume },
      stop: server.stop,
    }
  },
  badConfigs: [{ name: 'no url', config: {}, about: /url/ }],
  quick: {
    tool: select(`SELECT time_bucket('1 hour', :at::timestamptz) AS bucket`),
    args: { at: '2024-01-01T10:59:00Z' },
    expected: (answer) => expect(answer).toEqual({ type: 'data', data: { rows: [{ bucket: '2024-01-01T10:00:00Z' }] } }),
  },
})

describe('statements on TimescaleDB', () => {
  let server: RunningTimescale
  let connector: Connector
  const ask = (spec: ToolSpec, args: JsonObject = {}): Promise<Answer> => connector.bind(spec)(args, runWith())
  const rowsOf = (answer: Answer): readonly JsonObject[] => {
    if (answer.type !== 'data' || !isObject(answer.data)) throw new Error('not rows')
    return answer.data['rows'] as readonly JsonObject[]
  }

  beforeAll(async () => {
    server = await startTimescale()
    await server.run(`
      CREATE TABLE ohlcv (timestamp timestamptz NOT NULL, symbol text NOT NULL, close numeric(20, 8) NOT NULL, volume int8 NOT NULL);
      CREATE FUNCTION scribble() RETURNS int LANGUAGE sql AS $$ INSERT INTO ohlcv VALUES (now(), 'X', 1, 1) RETURNING 1 $$;
      SELECT create_hypertable('ohlcv', by_range('timestamp', INTERVAL '7 days'));
      ALTER TABLE ohlcv SET (timescaledb.compress, timescaledb.compress_segmentby = 'symbol');
      INSERT INTO ohlcv SELECT '2024-01-01'::timestamptz + i * INTERVAL '1 hour', 'BTC/USDT', 40000 + i, 9007199254740993 FROM generate_series(0, 719) i;
      SELECT compress_chunk(c) FROM show_chunks('ohlcv', older_than => '2024-01-12'::timestamptz) c;
      CREATE MATERIALIZED VIEW daily WITH (timescaledb.continuous) AS
        SELECT time_bucket('1 day', timestamp) AS day, symbol, last(close, timestamp) AS close FROM ohlcv GROUP BY 1, 2 WITH NO DATA;`)
    await server.run(`CALL refresh_continuous_aggregate('daily', NULL, NULL)`)
    connector = await timescale.open(configOf(server.url), lend('market'))
  })
  afterAll(async () => {
    await connector?.close()
    await server?.stop()
  })

  test('health names both versions', async () => {
    expect(await connector.check(AbortSignal.timeout(5_000))).toMatchObject({
      state: 'up',
      version: expect.stringMatching(/^PostgreSQL 17\.\S+, TimescaleDB 2\.\S+$/) as string,
    })
  })

  test('list_hypertables tells chunks and compression', async () => {
    expect(rowsOf(await ask(standard('list_hypertables')))).toEqual([
      {
        schema: 'public',
        name: 'ohlcv',
        timeColumn: 'timestamp',
        chunkInterval: 'P7D',
        chunks: '5',
        compressedChunks: '2',
        compression: true,
        oldest: expect.stringContaining('2023-12-28') as string,
        newest: expect.stringContaining('2024-02-01') as string,
      },
    ])
    expect(await ask(standard('list_hypertables'), { schema: 'other' })).toMatchObject({ data: { rows: [] }, notes: ['this database has no hypertables'] })
  })

  test('list_continuous_aggregates tells what they stand on', async () => {
    const [daily] = rowsOf(await ask(standard('list_continuous_aggregates')))
    expect(daily).toMatchObject({
      schema: 'public',
      name: 'daily',
      hypertable: 'public.ohlcv',
      refreshEvery: null,
      definition: expect.stringContaining('time_bucket') as string,
    })
  })

  test('list_tables shows tables and not TimescaleDB’s own', async () => {
    expect(rowsOf(await ask(standard('list_tables'))).map(({ name }) => name)).toEqual(['daily', 'ohlcv'])
  })

  test('compressed chunks, continuous aggregates and gap filling answer with exact numbers', async () => {
    const [row] = rowsOf(
      await ask(select('SELECT timestamp, close, volume FROM ohlcv WHERE symbol = :symbol ORDER BY timestamp LIMIT 1'), { symbol: 'BTC/USDT' }),
    )
    expect(row).toEqual({ timestamp: '2024-01-01T00:00:00Z', close: '40000.00000000', volume: '9007199254740993' })
    expect(rowsOf(await ask(select('SELECT * FROM daily ORDER BY day DESC LIMIT 1')))).toEqual([
      { day: '2024-01-30T00:00:00Z', symbol: 'BTC/USDT', close: '40719.00000000' },
    ])
    const filled = `SELECT time_bucket_gapfill('30 minutes', timestamp, :from::timestamptz, :to::timestamptz) AS at, locf(last(close, timestamp)) AS close
      FROM ohlcv WHERE timestamp >= :from::timestamptz AND timestamp < :to::timestamptz GROUP BY 1 ORDER BY 1`
    expect(rowsOf(await ask(select(filled), { from: '2024-01-01T00:00:00Z', to: '2024-01-01T01:00:00Z' }))).toEqual([
      { at: '2024-01-01T00:00:00Z', close: '40000.00000000' },
      { at: '2024-01-01T00:30:00Z', close: '40000.00000000' },
    ])
  })

  test('a session stays read-only on a server that takes no settings at connection', async () => {
    expect(await failureOf(ask(select('SELECT scribble()')))).toMatchObject({ code: 'HUB_QUERY_FAILED', details: { sqlstate: '25006' } })
    expect(rowsOf(await ask(select(`SELECT current_setting('transaction_read_only') AS v, current_setting('timezone') AS zone`)))).toEqual([
      { v: 'on', zone: 'UTC' },
    ])
  })
})
