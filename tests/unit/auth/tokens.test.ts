import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { afterEach, expect, test, vi } from 'vitest'
import { HubError } from '../../../runtime/contract/errors.ts'
import type { IssuerConfig } from '../../../runtime/contract/manifest.ts'
import type { Principal } from '../../../runtime/contract/principal.ts'
import { createTokenCheck } from '../../../runtime/auth/tokens.ts'
import { startIssuer, type Issuer } from './issuer-here.ts'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

async function issuerHere(options?: Parameters<typeof startIssuer>[0]): Promise<Issuer> {
  const issuer = await startIssuer(options)
  cleanUps.push(issuer.close)
  return issuer
}

const checkOf = (issuers: readonly IssuerConfig[], more: { readonly now?: () => number; readonly publicUrl?: string; readonly fetch?: typeof fetch } = {}) =>
  createTokenCheck({ issuers, publicUrl: 'https://hub.example.com', fetch, now: Date.now, ...more })

/** The reason a token is refused with; its message must not hold the token. */
async function reasonFor(check: (token: string) => Principal | Promise<Principal>, token: string): Promise<unknown> {
  try {
    await check(token)
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain(token.slice(-20))
    return `${error.code} ${String(error.details.reason)}`
  }
  return 'let in'
}

const seconds = (): number => Math.floor(Date.now() / 1_000)

test('a good token is its principal', async () => {
  const issuer = await issuerHere()
  const exp = seconds() + 300
  expect(await checkOf([issuer.config()])(await issuer.token({ exp, scope: 'market.read bus.write' }))).toEqual({
    id: `${issuer.url}|alice`,
    organisation: 'default',
    credential: `${issuer.url}|alice`,
    role: 'reader',
    scopes: new Set(['market.read', 'bus.write']),
    via: 'oauth',
    expiresAt: exp * 1_000,
  })
})

test.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
  ['expired', { exp: seconds() - 60 }, {}, 'HUB_UNAUTHENTICATED expired'],
  ['without exp', { exp: undefined }, {}, 'HUB_UNAUTHENTICATED claims'],
  ['not valid yet', { nbf: seconds() + 120 }, {}, 'HUB_UNAUTHENTICATED not_yet_valid'],
  ['for another audience', { aud: 'https://other.example.com' }, {}, 'HUB_UNAUTHENTICATED audience'],
  ['for an audience that begins alike', { aud: 'https://hub.example.com.evil.test' }, {}, 'HUB_UNAUTHENTICATED audience'],
  ['without audience', { aud: undefined }, {}, 'HUB_UNAUTHENTICATED claims'],
  ['without subject', { sub: undefined }, {}, 'HUB_UNAUTHENTICATED claims'],
  ['with an empty subject', { sub: '' }, {}, 'HUB_UNAUTHENTICATED claims'],
  ['with control characters in its subject', { sub: 'alice\0' }, {}, 'HUB_UNAUTHENTICATED claims'],
  ['of another issuer', { iss: 'https://id.evil.test' }, {}, 'HUB_UNAUTHENTICATED issuer'],
  ['without issuer', { iss: undefined }, {}, 'HUB_UNAUTHENTICATED issuer'],
  ['that is a logout token', {}, { typ: 'logout+jwt' }, 'HUB_UNAUTHENTICATED claims'],
  ['bound to a key of its holder', { cnf: { jkt: 'abc' } }, {}, 'HUB_UNAUTHENTICATED claims'],
  ['that names a key the issuer does not have', {}, { kid: 'nobody' }, 'HUB_UNAUTHENTICATED signature'],
  ['within the skew after its end', { exp: seconds() - 2 }, {}, 'let in'],
  ['within the skew before its begin', { nbf: seconds() + 5 }, {}, 'let in'],
  ['of the older type', {}, { typ: 'JWT' }, 'let in'],
  ['of no type', {}, { typ: undefined }, 'let in'],
  ['for several audiences', { aud: ['https://other.example.com', 'https://hub.example.com/'] }, {}, 'let in'],
  ['for an endpoint of the hub', { aud: 'https://hub.example.com/mcp/connectors/market' }, {}, 'let in'],
  ['whose audience is a number', { aud: 5 }, {}, 'HUB_UNAUTHENTICATED audience'],
  ['whose audience is an object', { aud: { a: 1 } }, {}, 'HUB_UNAUTHENTICATED audience'],
  ['one of whose audiences is no text', { aud: [5, null, 'https://hub.example.com'] }, {}, 'let in'],
  ['whose type is no text', {}, { typ: 5 }, 'HUB_UNAUTHENTICATED claims'],
  ['whose issuer is no text', { iss: 5 }, {}, 'HUB_UNAUTHENTICATED issuer'],
  ['for something else on the hub’s host', { aud: 'https://hub.example.com/mcpx' }, {}, 'HUB_UNAUTHENTICATED audience'],
])('a token %s', async (_case, claims, header, outcome) => {
  const issuer = await issuerHere()
  expect(await reasonFor(checkOf([issuer.config()]), await issuer.token(claims, header))).toBe(outcome)
})

test('a token signed by another key is refused', async () => {
  const [issuer, other] = [await issuerHere(), await issuerHere()]
  const forged = await other.token({ iss: issuer.url })
  expect(await reasonFor(checkOf([issuer.config()]), forged)).toBe('HUB_UNAUTHENTICATED signature')
})

test('a token whose claims were changed is refused', async () => {
  const issuer = await issuerHere()
  const [header, , signature] = (await issuer.token()).split('.')
  const payload = Buffer.from(JSON.stringify({ iss: issuer.url, aud: 'https://hub.example.com', sub: 'root', exp: seconds() + 300 })).toString('base64url')
  expect(await reasonFor(checkOf([issuer.config()]), `${header}.${payload}.${signature}`)).toBe('HUB_UNAUTHENTICATED signature')
})

test('alg none is refused', async () => {
  const issuer = await issuerHere()
  const token = new UnsecuredJWT({ iss: issuer.url, aud: 'https://hub.example.com', sub: 'alice', exp: seconds() + 300 }).encode()
  expect(await reasonFor(checkOf([issuer.config()]), token)).toBe('HUB_UNAUTHENTICATED algorithm')
})

test('HS256 with the public key as its secret is refused', async () => {
  const issuer = await issuerHere({ algorithm: 'RS256' })
  const pem = new TextEncoder().encode(await exportSPKI(issuer.publicKey()))
  const token = await new SignJWT({ iss: issuer.url, aud: 'https://hub.example.com', sub: 'alice', exp: seconds() + 300 })
    .setProtectedHeader({ alg: 'HS256', kid: String(issuer.jwk().kid) })
    .sign(pem)
  expect(await reasonFor(checkOf([issuer.config()]), token)).toBe('HUB_UNAUTHENTICATED algorithm')
  expect(await reasonFor(checkOf([issuer.config()]), await issuer.token())).toBe('let in')
})

test('an algorithm the issuer is not configured for is refused, though its key fits', async () => {
  const issuer = await issuerHere({ algorithm: 'RS256' })
  expect(await reasonFor(checkOf([issuer.config({ algorithms: ['ES256'] })]), await issuer.token())).toBe('HUB_UNAUTHENTICATED algorithm')
})

test.each(['HS256', 'none', 'RSA1_5'])('the configuration may not allow %s', async (algorithm) => {
  const issuer = await issuerHere()
  expect(() => checkOf([issuer.config({ algorithms: [algorithm] })])).toThrow(
    expect.objectContaining({ code: 'HUB_CONFIG_VALUE', message: expect.stringContaining(algorithm) }),
  )
})

test.each([
  ['nothing like a token', 'hello'],
  ['three empty parts', '..'],
  ['a header that is no JSON', 'aaaa.bbbb.cccc'],
  ['an encrypted token', 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..a.b.c'],
  ['a token without end', 'x'.repeat(20_000)],
])('%s is malformed', async (_case, token) => {
  const issuer = await issuerHere()
  expect(await reasonFor(checkOf([issuer.config()]), token)).toBe('HUB_UNAUTHENTICATED malformed')
  expect(issuer.asked).toEqual([])
})

test('a token that does not say how it is signed is malformed', async () => {
  const issuer = await issuerHere()
  const [, payload, signature] = (await issuer.token()).split('.')
  expect(await reasonFor(checkOf([issuer.config()]), `${Buffer.from('{}').toString('base64url')}.${payload}.${signature}`)).toBe(
    'HUB_UNAUTHENTICATED malformed',
  )
})

test('a token with a critical extension nobody here knows is refused', async () => {
  const issuer = await issuerHere()
  const { privateKey } = await generateKeyPair('ES256')
  const token = await new SignJWT({ iss: issuer.url, aud: 'https://hub.example.com', sub: 'a', exp: seconds() + 300 })
    .setProtectedHeader({ alg: 'ES256', kid: String(issuer.jwk().kid), crit: ['urn:x'], 'urn:x': 1 })
    .sign(privateKey, { crit: { 'urn:x': true } })
  expect(await reasonFor(checkOf([issuer.config()]), token)).toBe('HUB_UNAUTHENTICATED algorithm')
})

test('a verified token is known at once for a minute, and no longer than it lives', async () => {
  const issuer = await issuerHere()
  let now = Date.now()
  const check = checkOf([issuer.config()], { now: () => now })
  const token = await issuer.token({ exp: Math.floor(now / 1_000) + 90 })
  const first = await check(token)
  expect(check(token)).toBe(first)
  now += 59_000
  expect(check(token)).toBe(first)
  now += 2_000
  expect(check(token)).toBeInstanceOf(Promise)
  await check(token)
  now += 50_000
  expect(await reasonFor(check, token)).toBe('HUB_UNAUTHENTICATED expired')
})

test('keys are fetched once, and again when the issuer has rotated them', async () => {
  const issuer = await issuerHere()
  const check = checkOf([issuer.config()])
  await check(await issuer.token({ sub: 'a' }))
  await check(await issuer.token({ sub: 'b' }))
  expect(issuer.asked.filter((path) => path === '/keys')).toHaveLength(1)
  await issuer.rotate()
  const token = await issuer.token({ sub: 'c' })
  expect(await reasonFor(check, token)).toBe('HUB_UNAUTHENTICATED signature')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
  expect(await reasonFor(check, token)).toBe('let in')
  expect(issuer.asked.filter((path) => path === '/keys')).toHaveLength(2)
})

test('one issuer with two audiences gives each its own roles', async () => {
  const issuer = await issuerHere()
  const check = checkOf([issuer.config({ audience: 'first', defaultRole: 'observer' }), issuer.config({ audience: 'second', defaultRole: 'writer' })])
  expect((await check(await issuer.token({ aud: 'first' }))).role).toBe('observer')
  expect((await check(await issuer.token({ aud: 'second' }))).role).toBe('writer')
})
