import { afterEach, expect, test } from 'vitest'
import { createTokenCheck } from '../../../runtime/auth/tokens.ts'
import { startIssuer, type Issuer } from './issuer-here.ts'

const issuers: Issuer[] = []
afterEach(async () => {
  for (const issuer of issuers.splice(0)) await issuer.close()
})

async function setUp(options: Parameters<typeof startIssuer>[0] & { readonly jwks?: (url: string) => string; readonly get?: typeof fetch } = {}) {
  const issuer = await startIssuer(options)
  issuers.push(issuer)
  const clock = { now: Date.now() }
  const config = issuer.config({ jwks: options.jwks?.(issuer.url) })
  const check = createTokenCheck({ issuers: [config], publicUrl: 'https://hub.example.com', fetch: options.get ?? fetch, now: () => clock.now })
  return { issuer, check, clock }
}

const down = { code: 'HUB_CONNECTOR_DOWN', status: 503, details: { reason: 'unavailable', retryAfterMs: 1_000 } }

test.each([
  ['RFC 8414', '/.well-known/oauth-authorization-server/tenant'],
  ['OpenID Connect with the path at the end', '/tenant/.well-known/openid-configuration'],
  ['OpenID Connect with the path inserted', '/.well-known/openid-configuration/tenant'],
])('keys are found by %s', async (_case, metadataAt) => {
  const { issuer, check } = await setUp({ path: '/tenant', metadataAt })
  expect(await check(await issuer.token())).toMatchObject({ id: `${issuer.url}|alice` })
})

test('a configured JWKS address is asked without discovery', async () => {
  const { issuer, check } = await setUp({ jwks: (url) => `${url}/keys` })
  await check(await issuer.token())
  expect(issuer.asked).toEqual(['/keys'])
})

test.each<[string, (issuer: string) => unknown]>([
  ['speaks of another issuer', (issuer) => ({ issuer: `${issuer}/other`, jwks_uri: `${issuer}/keys` })],
  ['names no keys', (issuer) => ({ issuer })],
  ['is not an object', () => ['no']],
])('metadata that %s is not used', async (_case, metadata) => {
  const { issuer, check } = await setUp({ metadata })
  await expect(check(await issuer.token())).rejects.toMatchObject(down)
  expect(issuer.asked).not.toContain('/keys')
})

test('metadata may not lead to keys over plain HTTP elsewhere', async () => {
  const { issuer, check } = await setUp({ metadata: (url) => ({ issuer: url, jwks_uri: 'http://keys.example.com/keys' }) })
  await expect(check(await issuer.token())).rejects.toMatchObject(down)
})

test('an issuer that is down is a 503, is left alone for a moment, and is asked again after it', async () => {
  const { issuer, check, clock } = await setUp()
  const token = await issuer.token()
  issuer.broken = (_request, response) => response.writeHead(500).end()
  await expect(check(token)).rejects.toMatchObject(down)
  const asked = issuer.asked.length
  issuer.broken = undefined
  await expect(check(token)).rejects.toMatchObject(down)
  expect(issuer.asked).toHaveLength(asked)
  clock.now += 5_000
  expect(await check(token)).toMatchObject({ via: 'oauth' })
})

test.each([
  ['a redirect', 302, ''],
  ['something that is not JSON', 200, '<html>'],
  ['JSON that is no key set', 200, '{"keys":"none"}'],
])('%s in place of keys is the issuer’s fault, not the token’s', async (_case, status, body) => {
  const { issuer, check } = await setUp({ jwks: (url) => `${url}/keys` })
  issuer.broken = (_request, response) => response.writeHead(status, { location: '/elsewhere' }).end(body)
  await expect(check(await issuer.token())).rejects.toMatchObject(down)
  expect(issuer.asked).toEqual(['/keys'])
})

test('keys already here serve on while the issuer is down', async () => {
  const { issuer, check } = await setUp()
  await check(await issuer.token({ sub: 'a' }))
  issuer.broken = (_request, response) => response.destroy()
  expect(await check(await issuer.token({ sub: 'b' }))).toMatchObject({ via: 'oauth' })
})

test('every request goes through the fetch that is handed in', async () => {
  const seen: string[] = []
  const get: typeof fetch = (input, init) => {
    seen.push(String(input instanceof Request ? input.url : input))
    return fetch(input, init)
  }
  const { issuer, check } = await setUp({ get })
  await check(await issuer.token())
  expect(seen).toEqual([`${issuer.url}/.well-known/oauth-authorization-server`, `${issuer.url}/keys`])
})
