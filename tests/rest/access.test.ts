import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { issueKey } from '../../runtime/auth/keys.ts'
import type { Role } from '../../runtime/contract/principal.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { queries, serveHub, type ServedHub } from '../hub/serve.ts'

let database: RunningPostgres
let served: ServedHub
const keys: Record<string, string> = {}

beforeAll(async () => {
  database = await startPostgres()
  const config = 'hub: { name: guarded, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "${DATABASE_URL}" }\nauth: { mode: keys }\n'
  const files = {
    'hub.config.yaml': config,
    'connectors/market.yaml': queries('market', { big: 'SELECT 9007199254740993 AS n', broken: 'SELECT 1/0 AS n' }),
    'connectors/notes.yaml': queries('notes', { add: 'CREATE TABLE IF NOT EXISTS notes (n int)' }, 'write'),
    'connectors/deep.yaml': queries('deep', { one: 'SELECT 1 AS n' }, 'read', ', policy: { scopes: [deep] }'),
  }
  served = await serveHub(files, { DATABASE_URL: database.url, MARKET_URL: database.url, NOTES_URL: database.url, DEEP_URL: database.url })
  const make = async (name: string, role: Role, scopes: readonly string[] = []): Promise<void> => {
    const { record, key } = issueKey({ name, role, organisation: 'desk', scopes, now: Date.now })
    await served.hub.keys.insert(record)
    keys[name] = key
  }
  for (const role of ['observer', 'reader', 'writer'] as const) await make(role, role)
  await make('deep', 'reader', ['deep'])
})
afterAll(async () => {
  await served?.close()
  await database?.stop()
})

async function ask(path: string, who?: string, method = 'GET') {
  const response = await fetch(`${served.hub.url}${path}`, { method, headers: who === undefined ? {} : { authorization: `Bearer ${keys[who]}` } })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
}
const call = (tool: string, who?: string) => ask(`/api/mcp/${tool}`, who, 'POST')

describe('plain REST of a hub with keys', () => {
  test.each(['/api/mcp', '/api/openapi.json', '/api/nowhere'])('%s is for callers with a key', async (path) => {
    const { status, headers, body } = await ask(path)
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'HUB_UNAUTHENTICATED' })
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/)
  })

  test('a call needs one too, and is not made before', async () => {
    expect(await call('market/tools/big')).toMatchObject({ status: 401, body: { type: 'urn:integration-hub:error:HUB_UNAUTHENTICATED' } })
    expect((await call('nowhere/tools/big')).status).toBe(401)
  })

  test('either header opens', async () => {
    const { status } = await fetch(`${served.hub.url}/api/mcp`, { headers: { 'x-api-key': String(keys['reader']) } })
    expect(status).toBe(200)
  })

  test('a real query answers, digit by digit', async () => {
    const { status, text, headers } = await call('market/tools/big', 'reader')
    expect(status).toBe(200)
    expect(text).toContain('9007199254740993')
    expect(headers.get('x-hub-source')).toBe('market')
  })

  test('a query the database refuses is a problem', async () => {
    expect(await call('market/tools/broken', 'reader')).toMatchObject({
      status: 422,
      body: { code: 'HUB_QUERY_FAILED', detail: expect.stringContaining('zero') },
    })
  })

  test('each role sees and calls its own tools: what is not visible is unknown, its connector too', async () => {
    const declared = ['deep/tools/one', 'market/tools/big', 'market/tools/broken', 'notes/tools/add'].map((path) => `/api/mcp/${path}`)
    const seen = async (who: string): Promise<string[]> => {
      const { connectors } = (await ask('/api/mcp', who)).body as { connectors: { tools: { path: string }[] }[] }
      return connectors.flatMap(({ tools }) => tools.map(({ path }) => path)).filter((path) => declared.includes(path))
    }
    expect((await ask('/api/mcp', 'observer')).body.connectors).toEqual([])
    expect(await seen('reader')).toEqual(declared.slice(1, 3))
    expect(await seen('deep')).toEqual(declared.slice(0, 3))
    expect(await seen('writer')).toEqual(declared.slice(1))

    expect(await call('notes/tools/add', 'reader')).toMatchObject({ status: 404, body: { code: 'HUB_TOOL_UNKNOWN', suggestions: [] } })
    expect((await call('notes/tools/add', 'writer')).status).toBe(200)
    expect((await call('deep/tools/one', 'deep')).status).toBe(200)
    const hidden = await call('market/tools/big', 'observer')
    const missing = await call('markup/tools/big', 'observer')
    expect(hidden.body).toEqual({ ...missing.body, detail: missing.body.detail.replace('markup', 'market') })
  })

  test('the document tells each caller of its own tools, and how to be let in', async () => {
    const reader = (await ask('/api/openapi.json', 'reader')).body
    expect(Object.keys(reader.paths)).toEqual(expect.arrayContaining(['/api/mcp', '/api/mcp/market/tools/big']))
    expect(Object.keys(reader.paths).filter((path) => path.includes('notes/tools/add') || path.includes('deep/tools/one'))).toEqual([])
    expect(reader.security).toEqual([{ bearer: [] }, { key: [] }])
    const deep = (await ask('/api/openapi.json', 'deep')).body
    expect(deep.paths['/api/mcp/deep/tools/one'].post.security).toEqual([{ bearer: ['deep'] }, { key: ['deep'] }])
  })
})
