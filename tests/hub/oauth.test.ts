import { createHmac } from 'node:crypto'
import { exportSPKI } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../runtime/log/log.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { startIssuer, type Issuer } from '../unit/auth/issuer-here.ts'
import { ask, queries, serveHub, type ServedHub } from './serve.ts'

let database: RunningPostgres
let issuer: Issuer
let stranger: Issuer
let served: ServedHub

beforeAll(async () => {
  ;[database, issuer, stranger] = await Promise.all([startPostgres(), startIssuer(), startIssuer()])
  const config = `hub: { name: guarded, listen: 127.0.0.1:0, publicUrl: 'https://hub.example.com' }
manifests: [connectors/*.yaml]
stores: { postgres: "\${DATABASE_URL}" }
egress: { allow: [127.0.0.0/8] }
auth:
  mode: oauth
  issuers:
    - url: ${issuer.url}
      audience: https://hub.example.com
      organisation: claims.org
      roles: { claim: groups, map: { readers: reader, writers: writer } }
`
  const deep = queries('deep', { one: 'SELECT 1 AS n' }, 'read', ', policy: { scopes: [deep] }')
  served = await serveHub(
    { 'hub.config.yaml': config, 'connectors/market.yaml': queries('market', { one: 'SELECT 1 AS n' }), 'connectors/deep.yaml': deep },
    { DATABASE_URL: database.url, MARKET_URL: database.url, DEEP_URL: database.url },
  )
})
afterAll(async () => {
  await served?.close()
  await Promise.all([database?.stop(), issuer?.close(), stranger?.close()])
})

const good = { org: 'desk', groups: ['readers'] }
const call = async (token: string | undefined, name = 'market_one') =>
  ask(`${served.hub.url}/mcp`, 'tools/call', { name, arguments: {} }, token === undefined ? {} : { authorization: `Bearer ${token}` })
const unsigned = (header: object, claims: object): string =>
  `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`

test('a token of the issuer, for this hub, in its time, opens with the role its groups map to', async () => {
  const { status, body } = await call(await issuer.token(good))
  expect(status).toBe(200)
  expect(body.result.structuredContent).toEqual({ rows: [{ n: 1 }] })
  const { rows } = await auditLines()
  await expect.poll(async () => (await auditLines()).rows.length).toBeGreaterThan(0)
  expect(rows.every(({ organisation }) => organisation === 'desk')).toBe(true)
})

const soon = () => Math.floor(Date.now() / 1000) + 300
const refused: readonly { readonly name: string; readonly token: () => Promise<string | undefined> }[] = [
  { name: 'no token', token: async () => undefined },
  { name: 'a token that ran out', token: () => issuer.token({ ...good, exp: Math.floor(Date.now() / 1000) - 600 }) },
  { name: 'a token for another audience', token: () => issuer.token({ ...good, aud: 'https://other.example.com' }) },
  { name: 'a token signed by another key', token: () => stranger.token({ ...good, iss: issuer.url }) },
  { name: 'a token of an issuer that is not trusted', token: () => stranger.token(good) },
  {
    name: 'alg none',
    token: async () => `${unsigned({ alg: 'none' }, { iss: issuer.url, aud: 'https://hub.example.com', sub: 'alice', exp: soon(), ...good })}.`,
  },
  {
    name: 'HS256 with the public key as its secret',
    token: async () => {
      const body = unsigned({ alg: 'HS256' }, { iss: issuer.url, aud: 'https://hub.example.com', sub: 'alice', exp: soon(), ...good })
      return `${body}.${createHmac('sha256', await exportSPKI(issuer.publicKey()))
        .update(body)
        .digest('base64url')}`
    },
  },
  { name: 'a token without the organisation', token: () => issuer.token({ groups: ['readers'] }) },
  { name: 'something that is no token', token: async () => 'not.a.token' },
]
test.each(refused)('$name is refused with a challenge that leads to the metadata', async ({ token }) => {
  const { status, headers, body } = await call(await token())
  expect(status).toBe(401)
  expect(headers.get('www-authenticate')).toContain('resource_metadata="https://hub.example.com/.well-known/oauth-protected-resource/mcp"')
  expect(body.error.data.code).toBe('HUB_UNAUTHENTICATED')
})

/** Fetches from the hub what its challenge leads to, as a client does that knows it by `publicUrl`. */
async function ledTo({ hub }: ServedHub, path: string): Promise<unknown> {
  const { headers } = await fetch(`${hub.url}${path}`, { method: 'POST' })
  const [, address = ''] = /resource_metadata="([^"]+)"/.exec(headers.get('www-authenticate') ?? '') ?? []
  return (await fetch(`${hub.url}${new URL(address).pathname}`)).json()
}

const endpoints = ['/mcp', '/mcp/connectors/market', '/mcp/toolsets/none']
test.each(endpoints)('the challenge of %s leads to metadata of that very address', async (path) => {
  expect(await ledTo(served, path)).toMatchObject({ resource: `https://hub.example.com${path}` })
})

test('a hub whose public address has a path leads there too, and says in its log why it cannot ask its issuer', async () => {
  const logged: string[] = []
  const config = `hub: { name: below, listen: 127.0.0.1:0, publicUrl: 'https://example.com/hub' }
manifests: []
stores: { postgres: "\${DATABASE_URL}" }
auth: { mode: oauth, issuers: [{ url: '${issuer.url}', audience: https://example.com/hub }] }
`
  const log = createLogger({ level: 'warn', destination: { write: (line) => void logged.push(line) } })
  const below = await serveHub({ 'hub.config.yaml': config }, { DATABASE_URL: database.url }, { log })
  try {
    for (const path of endpoints) expect(await ledTo(below, path)).toMatchObject({ resource: `https://example.com/hub${path}` })
    const wellKnown = `${below.hub.url}/.well-known/oauth-protected-resource`
    const stripped = await (await fetch(`${wellKnown}/mcp`)).json()
    expect(stripped).toMatchObject({ resource: 'https://example.com/hub/mcp' })
    expect(await (await fetch(`${wellKnown}/hub`)).json()).toMatchObject({ resource: 'https://example.com/hub' })
    expect((await fetch(`${wellKnown}/hubs/mcp`)).status).toBe(404)

    const token = await issuer.token({ aud: 'https://example.com/hub' })
    const { status, body } = await ask(`${below.hub.url}/mcp`, 'tools/list', {}, { authorization: `Bearer ${token}` })
    expect(status).toBe(503)
    expect(JSON.stringify(body)).not.toContain('egress')
    expect(logged.join()).toContain('name it under egress.allow in hub.config.yaml')
  } finally {
    await below.close()
  }
})

test('the metadata names the hub and its issuer, and needs no token', async () => {
  const metadata = await (await fetch(`${served.hub.url}/.well-known/oauth-protected-resource/mcp`)).json()
  expect(metadata).toMatchObject({ resource: 'https://hub.example.com/mcp', authorization_servers: [issuer.url] })
})

test('a token that lacks a scope is told which one to ask for', async () => {
  const { status, headers } = await call(await issuer.token(good), 'deep_one')
  expect(status).toBe(403)
  expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"')
  expect(headers.get('www-authenticate')).toContain('scope="deep"')
  expect((await call(await issuer.token({ ...good, scope: 'deep' }), 'deep_one')).status).toBe(200)
})

async function auditLines(): Promise<{ rows: { organisation: string }[] }> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return await client.query(`SELECT organisation FROM hub.audit WHERE tool = 'market_one'`)
  } finally {
    await client.end()
  }
}
