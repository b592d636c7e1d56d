import { afterEach, expect, test } from 'vitest'
import { createAuthenticator } from '../../../runtime/auth/authenticate.ts'
import { issueKey } from '../../../runtime/auth/keys.ts'
import { HubError } from '../../../runtime/contract/errors.ts'
import type { ApiKeyRecord, ApiKeyStore } from '../../../runtime/contract/store.ts'
import { startIssuer, type Issuer } from './issuer-here.ts'

const issuers: Issuer[] = []
afterEach(async () => {
  for (const issuer of issuers.splice(0)) await issuer.close()
})

/** Keys in a map: what PostgreSQL adds is tested with the store. */
function keysHere(...records: readonly ApiKeyRecord[]): ApiKeyStore {
  const all = new Map(records.map((record) => [record.id, record]))
  return {
    insert: async (record) => void all.set(record.id, record),
    find: async (id) => all.get(id),
    list: async () => [...all.values()],
    revoke: async () => false,
    touch: () => undefined,
  }
}

async function setUp(mode: 'keys' | 'oauth' | 'keys+oauth', publicUrl = 'https://hub.example.com/') {
  const issuer = await startIssuer()
  issuers.push(issuer)
  const { record, key } = issueKey({ name: 'desk', role: 'writer', organisation: 'acme', scopes: [], now: Date.now })
  const failures: string[] = []
  const authenticator = createAuthenticator({
    mode,
    issuers: [issuer.config()],
    publicUrl,
    keys: keysHere(record),
    fetch,
    onFailure: (reason) => failures.push(reason),
  })
  return { issuer, key, failures, authenticator, authenticate: async (headers: Record<string, string>) => authenticator.authenticate(headers, '203.0.113.9') }
}

test('a key or a token is told apart by its beginning', async () => {
  const { issuer, key, authenticate } = await setUp('keys+oauth')
  expect(await authenticate({ authorization: `Bearer ${key}` })).toMatchObject({ via: 'key' })
  expect(await authenticate({ 'x-api-key': key })).toMatchObject({ via: 'key' })
  expect(await authenticate({ authorization: `bearer ${await issuer.token()}` })).toMatchObject({ via: 'oauth' })
})

test('each mode takes only its own credentials', async () => {
  const [keys, oauth] = [await setUp('keys'), await setUp('oauth')]
  await expect(keys.authenticate({ authorization: `Bearer ${await keys.issuer.token()}` })).rejects.toMatchObject({ code: 'HUB_UNAUTHENTICATED' })
  await expect(oauth.authenticate({ authorization: `Bearer ${oauth.key}` })).rejects.toMatchObject({ code: 'HUB_UNAUTHENTICATED' })
  expect([keys.failures, oauth.failures]).toEqual([['malformed'], ['malformed']])
})

test.each<[Record<string, string>, string]>([
  [{}, 'missing'],
  [{ 'x-api-key': '' }, 'missing'],
  [{ authorization: 'Basic YTpi' }, 'malformed'],
  [{ authorization: 'Bearer' }, 'malformed'],
  [{ authorization: 'Bearer a b' }, 'malformed'],
])('%j is refused as %s, and counted once', async (headers, reason) => {
  const { authenticate, failures } = await setUp('keys')
  await expect(authenticate(headers)).rejects.toMatchObject({ code: 'HUB_UNAUTHENTICATED', details: { reason } })
  expect(failures).toEqual([reason])
})

test('a refusal that comes later is counted once too', async () => {
  const { issuer, authenticate, failures } = await setUp('oauth')
  await expect(authenticate({ authorization: `Bearer ${await issuer.token({ aud: 'other' })}` })).rejects.toMatchObject({ code: 'HUB_UNAUTHENTICATED' })
  expect(failures).toEqual(['audience'])
})

test('local mode lets this machine in and nobody else', () => {
  const failures: string[] = []
  const authenticator = createAuthenticator({ mode: 'local', issuers: [], publicUrl: 'http://127.0.0.1:8080', onFailure: (reason) => failures.push(reason) })
  expect(authenticator.authenticate({}, '::ffff:127.0.0.1')).toMatchObject({ id: 'local', role: 'admin' })
  expect(() => authenticator.authenticate({}, '203.0.113.9')).toThrow(expect.objectContaining({ code: 'HUB_UNAUTHENTICATED' }))
  expect(failures).toEqual(['not_local'])
})

test('an error of another sort is not counted as a refusal', async () => {
  const failures: string[] = []
  const broken = {
    ...keysHere(),
    find: () => {
      throw new TypeError('a fault')
    },
  }
  const authenticator = createAuthenticator({
    mode: 'keys',
    issuers: [],
    publicUrl: 'http://127.0.0.1',
    keys: broken,
    onFailure: (reason) => failures.push(reason),
  })
  await expect(async () => authenticator.authenticate({ 'x-api-key': `hub_${'a'.repeat(16)}_${'0'.repeat(64)}` }, undefined)).rejects.toThrow('a fault')
  expect(failures).toEqual([])
})

test('a mode without what it stands on is a fault of the configuration', () => {
  expect(() => createAuthenticator({ mode: 'oauth', issuers: [], publicUrl: 'http://x' })).toThrow(expect.objectContaining({ code: 'HUB_CONFIG_VALUE' }))
  expect(() => createAuthenticator({ mode: 'keys', issuers: [], publicUrl: 'http://x' })).toThrow(expect.objectContaining({ code: 'HUB_CONFIG_VALUE' }))
})

test('the challenge tells where to get a token, and what was wrong with this one', async () => {
  const { authenticator, authenticate } = await setUp('oauth')
  const refused = async (headers: Record<string, string>): Promise<HubError> =>
    authenticate(headers).then(
      () => Promise.reject(new Error('let in')),
      (error: HubError) => error,
    )
  const where = 'resource_metadata="https://hub.example.com/.well-known/oauth-protected-resource"'
  expect(authenticator.challenge(await refused({}))).toBe(`Bearer ${where}`)
  expect(authenticator.challenge(await refused({ authorization: 'Bearer x' }))).toMatch(
    /^Bearer error="invalid_token", error_description="[^"]+", resource_metadata=/,
  )
  const weak = new HubError('HUB_SCOPE_INSUFFICIENT', 'needs "more"\\ – really', { scopes: ['bus.write', 'bus.read'] })
  expect(authenticator.challenge(weak)).toBe(
    `Bearer error="insufficient_scope", error_description="needs 'more'' ? really", scope="bus.write bus.read", ${where}`,
  )
})

test('without OAuth the challenge names no metadata', async () => {
  const { authenticator } = await setUp('keys')
  expect(authenticator.challenge(new HubError('HUB_UNAUTHENTICATED', 'none', { reason: 'missing' }))).toBe('Bearer realm="hub"')
})

test('the metadata names the resource as the client asked for it', async () => {
  const { issuer, authenticator } = await setUp('oauth')
  expect(authenticator.metadata()).toEqual({
    resource: 'https://hub.example.com',
    resource_name: 'MCP integration hub',
    authorization_servers: [issuer.url],
    bearer_methods_supported: ['header'],
  })
  expect(authenticator.metadata('/mcp/')).toMatchObject({ resource: 'https://hub.example.com/mcp' })
})

test('a hub below a path keeps the path behind the well-known part', async () => {
  const { authenticator } = await setUp('oauth', 'https://example.com/hub/')
  expect(authenticator.challenge(new HubError('HUB_UNAUTHENTICATED', 'none', { reason: 'missing' }))).toBe(
    'Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource/hub"',
  )
  expect(authenticator.challenge(new HubError('HUB_UNAUTHENTICATED', 'none', { reason: 'missing' }), '/mcp/connectors/web')).toBe(
    'Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource/hub/mcp/connectors/web"',
  )
  expect(authenticator.metadata('/mcp/connectors/web')).toMatchObject({ resource: 'https://example.com/hub/mcp/connectors/web' })
})

test('nothing of the path that was asked breaks out of the challenge', async () => {
  const { authenticator } = await setUp('oauth')
  const challenge = authenticator.challenge(new HubError('HUB_UNAUTHENTICATED', 'none', { reason: 'missing' }), '/mcp/a", realm="evil\\x')
  expect(challenge).toMatch(/^Bearer resource_metadata="https:\/\/hub\.example\.com\/\.well-known\/oauth-protected-resource\/mcp\/[^"\\\s]+"$/)
})

test('a connection is let in again by the credential it brought before, for a while, and by no other', async () => {
  let at = 1_000_000
  const now = (): number => at
  const { record, key } = issueKey({ name: 'desk', role: 'writer', organisation: 'acme', scopes: [], expiresInMs: 10_000, now })
  const { key: other } = issueKey({ name: 'other', role: 'writer', organisation: 'acme', scopes: [], now })
  let kept: ApiKeyRecord = record
  const keys: ApiKeyStore = { ...keysHere(), find: async (id) => (id === record.id ? kept : undefined) }
  const authenticator = createAuthenticator({ mode: 'keys', issuers: [], publicUrl: 'https://hub.example.com/', keys, now })
  const connection = {}
  const enter = async (credential: string) => authenticator.authenticate({ authorization: `Bearer ${credential}` }, '203.0.113.9', connection)

  const principal = await enter(key)
  expect(await enter(key)).toBe(principal)
  await expect(enter(other)).rejects.toMatchObject({ code: 'HUB_UNAUTHENTICATED' })
  kept = { ...record, revokedAt: new Date(at).toISOString() }
  at += 4_999
  await expect(enter(key)).rejects.toMatchObject({ details: { reason: 'revoked' } })
  kept = record
  at += 3_001
  await enter(key)
  at += 2_000
  await expect(enter(key)).rejects.toMatchObject({ details: { reason: 'expired' } })
})
