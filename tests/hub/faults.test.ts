import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { ask, queries, serveHub, type ServedHub } from './serve.ts'

let stores: RunningPostgres
let market: RunningPostgres
let served: ServedHub | undefined
beforeAll(async () => {
  ;[stores, market] = await Promise.all([startPostgres(), startPostgres()])
})
afterAll(() => Promise.all([stores?.stop(), market?.stop()]))
afterEach(async () => {
  await served?.close()
  served = undefined
})

const env = () => ({ DATABASE_URL: stores.url, MARKET_URL: market.url, NOTES_URL: market.url })
const call = (name: string, args: Record<string, unknown> = {}, signal?: AbortSignal) =>
  ask(`${served?.hub.url}/mcp`, 'tools/call', { name, arguments: args }, {}, signal)

async function query(database: RunningPostgres, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const running = async (): Promise<number> =>
  Number(
    (await query(market, `SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%slow marker%' AND pid <> pg_backend_pid()`))[0]?.[
      'n'
    ],
  )
const slow = `SELECT count(*) AS n FROM generate_series(1, 4000000000) /* slow marker */`

test('a client that goes away in mid-call has its query cancelled on the server', async () => {
  served = await serveHub({ 'connectors/market.yaml': queries('market', { slow }) }, env())
  const leaving = new AbortController()
  const gone = call('market_slow', {}, leaving.signal).catch((error: Error) => error.name)
  await expect.poll(running).toBe(1)
  leaving.abort()
  expect(await gone).toBe('AbortError')
  await expect.poll(running).toBe(0)
})

test('a query past its time is cancelled on the server and told as one', async () => {
  served = await serveHub({ 'connectors/market.yaml': queries('market', { slow }, 'read', ', policy: { timeout: 300ms }') }, env())
  const { body } = await call('market_slow')
  expect(body.result).toMatchObject({
    isError: true,
    content: [{ type: 'text', text: expect.stringContaining('HUB_TIMEOUT: "market_slow" did not answer within 0.3 s') }],
  })
  await expect.poll(running).toBe(0)
})

test('a database that stops is told as down, its neighbours answer, and it is back when the database is', async () => {
  served = await serveHub(
    { 'connectors/market.yaml': queries('market', { one: 'SELECT 1 AS n' }), 'connectors/hub.yaml': 'connector: hub\nkind: hub\nsummary: The hub.\n' },
    env(),
  )
  expect((await call('market_one')).body.result.structuredContent).toEqual({ rows: [{ n: 1 }] })
  await market.pause()
  const down = (await call('market_one')).body.result
  expect(down).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('HUB_CONNECTOR_DOWN') }] })
  expect(JSON.stringify(down)).not.toContain('hub-password')
  expect((await call('hub_health')).body.result.isError).toBeUndefined()
  expect((await ask(`${served.hub.url}/mcp`, 'tools/list')).body.result.tools.map((tool: { name: string }) => tool.name)).toContain('market_one')
  await market.resume()
  await expect.poll(async () => (await call('market_one')).body.result.structuredContent, { timeout: 20_000 }).toEqual({ rows: [{ n: 1 }] })
})

test('a write is in the audit before it happens; without the audit it does not happen, and reads go on', async () => {
  await query(market, 'CREATE TABLE IF NOT EXISTS notes (n int)')
  served = await serveHub(
    {
      'connectors/market.yaml': queries('market', { one: 'SELECT 1 AS n' }),
      'connectors/notes.yaml': queries('notes', { add: 'INSERT INTO notes VALUES (1)' }, 'write'),
    },
    env(),
  )
  expect((await call('notes_add')).body.result.isError).toBeUndefined()
  const store = async () => ((await (await fetch(`${served?.hub.url}/health`)).json()) as { readonly store: string }).store
  expect(await store()).toBe('up')
  const lines = () => query(stores, `SELECT phase, status FROM hub.audit WHERE tool = 'notes_add' ORDER BY at, phase`)
  await expect.poll(async () => (await lines()).map(({ phase }) => phase)).toEqual(['intent', 'outcome'])

  await stores.pause()
  try {
    expect((await call('notes_add')).body.result.content[0].text).toContain('HUB_AUDIT_UNAVAILABLE')
    expect((await call('market_one')).body.result.structuredContent).toEqual({ rows: [{ n: 1 }] })
    expect(await store()).toBe('down')
  } finally {
    await stores.resume()
  }
  await expect.poll(store).toBe('up')
  await expect.poll(async () => (await call('notes_add')).body.result.isError, { timeout: 20_000 }).toBeUndefined()
  expect(await query(market, 'SELECT count(*)::int AS n FROM notes')).toEqual([{ n: 2 }])
})

test('a hub whose stores are down at its start serves reads, and takes writes once they are there', async () => {
  await query(market, 'CREATE TABLE IF NOT EXISTS late (n int)')
  await stores.pause()
  try {
    served = await serveHub(
      {
        'connectors/market.yaml': queries('market', { one: 'SELECT 1 AS n' }),
        'connectors/notes.yaml': queries('notes', { add: 'INSERT INTO late VALUES (1)' }, 'write'),
      },
      env(),
    )
    expect((await call('market_one')).body.result.structuredContent).toEqual({ rows: [{ n: 1 }] })
    expect((await call('notes_add')).body.result.isError).toBe(true)
    expect(await (await fetch(`${served.hub.url}/readyz`)).json()).toEqual({ status: 'ok', store: 'down' })
  } finally {
    await stores.resume()
  }
  await expect.poll(async () => (await call('notes_add')).body.result.isError, { timeout: 25_000 }).toBeUndefined()
})

test('integers above 2^53 survive from argument to answer', async () => {
  const manifest = `connector: market
kind: timescale
summary: Queries of a test.
config: { url: { secret: MARKET_URL } }
tools:
  echo:
    summary: The number.
    effect: read
    input: { type: object, required: [id], properties: { id: { type: integer } } }
    operation: { sql: "SELECT :id::bigint AS id, (:id::bigint)::numeric * 10 AS ten, json_build_object('id', :id::bigint) AS json" }
`
  served = await serveHub({ 'connectors/market.yaml': manifest }, env())
  const response = await fetch(`${served.hub.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'market_echo',
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"market_echo","arguments":{"id":9007199254740993},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"}}}}',
  })
  expect(await response.text()).toContain('"structuredContent":{"rows":[{"id":"9007199254740993","ten":"90071992547409930","json":{"id":9007199254740993}}]}')
})

test('answers say how fresh they are: a miss, then a hit with its age', async () => {
  served = await serveHub({ 'connectors/market.yaml': queries('market', { now: 'SELECT now() AS at' }, 'read', ', policy: { cache: { ttl: 1m } }') }, env())
  const freshness = async () => {
    const { result } = (await call('market_now')).body
    return { at: result.structuredContent.rows[0].at, ...result._meta['io.integration-hub/freshness'] }
  }
  const miss = await freshness()
  const hit = await freshness()
  expect(miss).toMatchObject({ cache: 'miss', source: 'market', ageMs: expect.any(Number), asOf: expect.stringMatching(/^\d{4}-.*Z$/) })
  expect(hit).toMatchObject({ cache: 'hit', at: miss.at, asOf: miss.asOf })
  expect(hit.callId).not.toBe(miss.callId)
  expect(await (await fetch(`${served.hub.url}/metrics`)).text()).toContain('mcp_cache_hits_total{server="market",tool="market_now"} 1')
})

test('a hub that stops says so to probes and new callers while it waits for calls under way, and records those it cannot wait for', async () => {
  served = await serveHub({ 'connectors/market.yaml': queries('market', { slow }, 'read', ', policy: { timeout: 60s }') }, env())
  const { hub } = served
  const kept = call('market_slow')
  await expect.poll(running).toBe(1)
  const closed = hub.close()
  const ready = await fetch(`${hub.url}/readyz`)
  expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'stopping' }])
  expect(JSON.stringify((await call('market_slow')).body)).toContain('HUB_STOPPING')
  expect(JSON.stringify((await kept).body)).toContain('HUB_STOPPING')
  await closed
  expect(await running()).toBe(0)
  const lines = await query(stores, `SELECT status FROM hub.audit WHERE tool = 'market_slow' ORDER BY id DESC LIMIT 1`)
  expect(lines).toEqual([{ status: 'HUB_STOPPING' }])
}, 30_000)
