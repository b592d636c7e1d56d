import { afterEach, expect, test } from 'vitest'
import { HubError } from '../../../runtime/contract/errors.ts'
import { createTokenCheck } from '../../../runtime/auth/tokens.ts'
import { createLogger } from '../../../runtime/log/log.ts'
import { startIssuer, type Issuer } from './issuer-here.ts'

const issuers: Issuer[] = []
afterEach(async () => {
  for (const issuer of issuers.splice(0)) await issuer.close()
})

async function setUp(options: Parameters<typeof startIssuer>[0] & { readonly jwks?: (url: string) => string; readonly get?: typeof fetch } = {}) {
  const issuer = await startIssuer(options)
  issuers.push(issuer)
  const clock = { now: Date.now() }
  const logged: string[] = []
  const log = createLogger({ level: 'debug', destination: { write: (line) => void logged.push(line) } })
  const config = issuer.config({ jwks: options.jwks?.(issuer.url) })
  const check = createTokenCheck({ issuers: [config], publicUrl: 'https://hub.example.com', fetch: options.get ?? fetch, now: () => clock.now, log })
  return { issuer, check, clock, logged }
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
  ['a key set of what are no keys', 200, '{"keys":[5]}'],
])('%s in place of keys is the issuer’s fault, not the token’s', async (_case, status, body) => {
  const { issuer, check } = await setUp({ jwks: (url) => `${url}/keys` })
  issuer.broken = (_request, response) => response.writeHead(status, { location: '/elsewhere' }).end(body)
  await expect(check(await issuer.token())).rejects.toMatchObject(down)
  expect(issuer.asked).toEqual(['/keys'])
})

test('why an issuer cannot be asked is logged, once until it is asked again, and not told to callers', async () => {
  const refused = new HubError('HUB_EGRESS_DENIED', 'outbound address of id.internal is private; name it under egress.allow')
  const { issuer, check, clock, logged } = await setUp({ get: () => Promise.reject(refused) })
  const token = await issuer.token()
  for (let times = 0; times < 3; times++) await expect(check(token)).rejects.toMatchObject({ ...down, message: expect.not.stringContaining('egress') })
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', issuer: issuer.url, error: { code: 'HUB_EGRESS_DENIED', message: refused.message } },
  ])
  clock.now += 5_000
  await expect(check(token)).rejects.toMatchObject(down)
  expect(logged).toHaveLength(2)
})

test('an address of keys that may not be used is logged too', async () => {
  const { issuer, check, logged } = await setUp({ jwks: () => 'http://keys.example.com/keys' })
  await expect(check(await issuer.token())).rejects.toMatchObject(down)
  expect(logged.join()).toContain('http://keys.example.com is neither https nor on this machine')
})

test('an answer without end is left after 1 MB', async () => {
  const { issuer, check, logged } = await setUp({ jwks: (url) => `${url}/keys` })
  const left = new Promise<void>((resolve) => {
    issuer.broken = (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      }
      response.on('drain', more).on('close', resolve)
      more()
    }
  })
  await expect(check(await issuer.token())).rejects.toMatchObject(down)
  expect(logged.join()).toContain('answers more than 1 MB')
  await left
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
