import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { issueKey } from '../../runtime/auth/keys.ts'
import type { Role } from '../../runtime/contract/principal.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { ask, queries, serveHub, type ServedHub } from './serve.ts'

let database: RunningPostgres
let served: ServedHub
const keys: Partial<Record<Role | 'late' | 'gone', string>> = {}

beforeAll(async () => {
  database = await startPostgres()
  const config = 'hub: { name: guarded, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "${DATABASE_URL}" }\nauth: { mode: keys }\n'
  const files = {
    'hub.config.yaml': config,
    'connectors/market.yaml': queries('market', { one: 'SELECT 1 AS n' }),
    'connectors/notes.yaml': queries('notes', { add: 'INSERT INTO notes VALUES (1)' }, 'write'),
    'connectors/drop.yaml': queries('drop', { all: 'DELETE FROM notes' }, 'destroy'),
    'connectors/hub.yaml': 'connector: hub\nkind: hub\nsummary: The hub.\n',
  }
  const url = database.url
  served = await serveHub(files, { DATABASE_URL: url, MARKET_URL: url, NOTES_URL: url, DROP_URL: url })
  const make = async (name: string, role: Role, expiresInMs?: number, now: () => number = Date.now): Promise<string> => {
    const { record, key } = issueKey({ name, role, organisation: 'desk', scopes: [], ...(expiresInMs === undefined ? {} : { expiresInMs }), now })
    await served.hub.keys.insert(record)
    return key
  }
  for (const role of ['observer', 'reader', 'writer', 'operator', 'admin'] as const) keys[role] = await make(role, role)
  keys.late = await make('late', 'admin', 1_000, () => Date.now() - 60_000)
  const { record, key } = issueKey({ name: 'gone', role: 'admin', organisation: 'desk', scopes: [], now: Date.now })
  await served.hub.keys.insert(record)
  await served.hub.keys.revoke(record.id, new Date().toISOString())
  keys.gone = key
})
afterAll(async () => {
  await served?.close()
  await database?.stop()
})

const as = (who: keyof typeof keys) => ({ authorization: `Bearer ${keys[who]}` })
const endpoint = () => `${served.hub.url}/mcp`

describe('a hub with keys', () => {
  test.each([
    { name: 'no key', headers: {} },
    { name: 'a key of nobody', headers: { authorization: 'Bearer hub_0123456789abcdef_x' } },
    { name: 'a key that ran out', headers: 'late' as const },
    { name: 'a revoked key', headers: 'gone' as const },
  ])('refuses $name, saying how to be let in and nothing of the key', async ({ headers }) => {
    const given = typeof headers === 'string' ? as(headers) : headers
    const { status, body, headers: answered } = await ask(endpoint(), 'tools/list', {}, given as Record<string, string>)
    expect(status).toBe(401)
    expect(answered.get('www-authenticate')).toMatch(/^Bearer/)
    expect(body.error.data.code).toBe('HUB_UNAUTHENTICATED')
    if ('authorization' in given) expect(JSON.stringify(body)).not.toContain(String(given.authorization).slice('Bearer '.length))
  })

  test.each([
    { role: 'observer' as const, tools: [] },
    { role: 'reader' as const, tools: ['market_one'] },
    { role: 'writer' as const, tools: ['market_one', 'notes_add'] },
    { role: 'operator' as const, tools: ['drop_all', 'market_one', 'notes_add'] },
    { role: 'admin' as const, tools: ['drop_all', 'market_one', 'notes_add'] },
  ])('$role sees what it may use', async ({ role, tools }) => {
    const { body } = await ask(endpoint(), 'tools/list', {}, as(role))
    const names = body.result.tools.map(({ name }: { name: string }) => name)
    expect(names.filter((name: string) => ['market_one', 'notes_add', 'drop_all'].includes(name))).toEqual(tools)
    expect(names).toContain('hub_health')
  })

  test('a tool beyond the role is unknown, in call as in list', async () => {
    const { body } = await ask(endpoint(), 'tools/call', { name: 'notes_add', arguments: {} }, as('reader'))
    expect(body.error.message).toContain('HUB_TOOL_UNKNOWN: no tool "notes_add" here')
    expect(body.error.data.suggestions).not.toContain('notes_add')
  })

  test('an X-API-Key opens as well', async () => {
    expect((await ask(endpoint(), 'tools/list', {}, { 'x-api-key': String(keys.reader) })).status).toBe(200)
  })
})

describe('plain endpoints', () => {
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${served.hub.url}${path}`, { headers })

  test('probes need no key; what is behind the hub is told to those with one', async () => {
    expect((await get('/livez')).status).toBe(200)
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ok', store: 'up' })
    const refused = await get('/health')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect((await get('/metrics')).status).toBe(401)
    const health = (await (await get('/health', as('observer'))).json()) as { name: string; connectors: { name: string }[] }
    expect(health).toMatchObject({ name: 'guarded', store: 'up' })
    expect(health.connectors.map(({ name }) => name).toSorted()).toEqual(['drop', 'hub', 'market', 'notes'])
  })

  test('failures at the door are counted by reason', async () => {
    await ask(endpoint(), 'tools/list')
    const text = await (await get('/metrics', as('observer'))).text()
    expect(text).toMatch(/^mcp_authentication_failures_total\{reason="[a-z_]+"\} \d+$/m)
    expect(text).toContain('mcp_error_total{code="HUB_UNAUTHENTICATED"}')
  })

  test('every series the hub promises is there, labelled by connector and tool', async () => {
    await ask(endpoint(), 'tools/call', { name: 'market_one', arguments: {} }, as('reader'))
    const text = await (await get('/metrics', as('observer'))).text()
    expect(text).toMatch(/^mcp_requests_total\{server="market",tool="market_one",status="ok"\} \d+$/m)
    expect(text).toMatch(/^mcp_request_duration_seconds_count\{server="market",tool="market_one"\} \d+$/m)
    for (const name of ['mcp_cache_hits_total', 'mcp_active_connections', 'mcp_rate_limit_exceeded_total', 'mcp_error_total'])
      expect(text).toContain(`# TYPE ${name}`)
  })
})

test('a client’s open session is counted under its endpoint', async () => {
  const open = await fetch(endpoint(), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...as('reader') },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    }),
  })
  const session = String(open.headers.get('mcp-session-id'))
  const metric = async () =>
    (await (await fetch(`${served.hub.url}/metrics`, { headers: as('observer') })).text()).match(/^mcp_active_connections\{server="all"\} (\d+)$/m)?.[1]
  expect(await metric()).toBe('1')
  expect((await fetch(endpoint(), { method: 'DELETE', headers: { 'mcp-session-id': session, ...as('reader') } })).status).toBeLessThan(300)
  expect(await metric()).toBe('0')
})
