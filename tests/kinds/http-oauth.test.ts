import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { failureOf, until } from './conformance.ts'
import { json, lendHttp, openHttp, request, secret, startService, type Answering, type HttpLent, type TestService } from './http-service.ts'
import { runWith } from './lent.ts'

let service: TestService
let identity: TestService
let lent: HttpLent
let good = 'token-1'
const opened: Connector[] = []

/** Gives token-1, token-2, … each the good one from then on. */
const giving =
  (over: JsonObject = {}): Answering =>
  (_seen, response) => {
    good = `token-${identity.seen.length}`
    json(response, { access_token: good, token_type: 'Bearer', expires_in: 3_600, ...over })
  }

beforeAll(async () => {
  service = await startService()
  identity = await startService()
  lent = lendHttp()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(opened.splice(0).map((connector) => connector.close()))
  service.seen.length = 0
  identity.seen.length = 0
})
afterAll(async () => {
  await lent.close()
  await service.stop()
  await identity.stop()
})

async function open(oauth2: JsonObject = {}): Promise<Connector> {
  service.answer(({ headers }, response) =>
    headers.authorization === `Bearer ${good}` ? json(response, { ok: true }) : json(response, { message: 'token?' }, 401),
  )
  const auth = { oauth2: { tokenUrl: `${identity.url}/oauth/token`, clientId: 'the hub', clientSecret: secret('s3cr&t:word'), ...oauth2 } }
  const connector = await openHttp({ base: service.url, auth }, lent)
  opened.push(connector)
  return connector
}
const get = request('GET /q')
const ask = (connector: Connector): Promise<unknown> => connector.bind(get)({}, runWith())

test('a token is asked for once, as RFC 6749 says, and used for all calls', async () => {
  identity.answer(giving())
  const connector = await open({ scopes: ['read', 'write'], audience: 'https://api.example.com' })
  await Promise.all(Array.from({ length: 10 }, () => ask(connector)))
  await ask(connector)
  expect(identity.seen).toHaveLength(1)
  const [seen] = identity.seen
  expect(seen).toMatchObject({ method: 'POST', target: '/oauth/token' })
  expect(Object.fromEntries(new URLSearchParams(seen?.body))).toEqual({
    grant_type: 'client_credentials',
    scope: 'read write',
    audience: 'https://api.example.com',
  })
  expect(seen?.headers.authorization).toBe(`Basic ${Buffer.from('the+hub:s3cr%26t%3Aword').toString('base64')}`)
  expect(service.seen).toHaveLength(11)
})

test('id and secret may be sent in the body', async () => {
  identity.answer(giving())
  await ask(await open({ clientIn: 'body' }))
  expect(Object.fromEntries(new URLSearchParams(identity.seen[0]?.body))).toEqual({
    grant_type: 'client_credentials',
    client_id: 'the hub',
    client_secret: 's3cr&t:word',
  })
  expect(identity.seen[0]?.headers).not.toHaveProperty('authorization')
})

test('a token is fetched anew before it expires, by the hub’s own clock whatever the time of day is', async () => {
  identity.answer(giving())
  const connector = await open()
  let ahead = 0
  const steady = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => steady() + ahead)
  vi.spyOn(Date, 'now').mockReturnValue(0)
  await ask(connector)
  ahead = 3_500_000
  await ask(connector)
  expect(identity.seen).toHaveLength(1)
  ahead = 3_571_000
  await ask(connector)
  expect(identity.seen).toHaveLength(2)
  expect(service.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
})

test('a token that is refused is replaced once, for all who met the refusal, and the request is sent again, a write too', async () => {
  identity.answer(giving())
  const connector = await open()
  await ask(connector)
  good = 'another that was never given'
  const write = connector.bind(request('POST /q', { body: { a: 1 } }, { effect: 'write' }))
  await Promise.all([ask(connector), ask(connector), write({}, runWith())])
  expect(identity.seen).toHaveLength(2)
  expect(service.seen.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(2)
})

test('a fresh token that is refused too is the account’s fault', async () => {
  identity.answer(giving())
  const connector = await open()
  service.answer((_seen, response) => json(response, { message: 'not yours' }, 401))
  expect(await failureOf(connector.bind(get)({}, runWith()))).toMatchObject({
    code: 'HUB_UPSTREAM_FAILED',
    message: expect.stringContaining('not yours') as string,
  })
  expect(service.seen).toHaveLength(2)
  expect(identity.seen).toHaveLength(2)
})

const failing: readonly (readonly [string, Answering, RegExp, number])[] = [
  [
    'refuses the client',
    (_seen, response) => json(response, { error: 'invalid_client', error_description: 'unknown s3cr&t:word' }, 401),
    /refuses the hub \(invalid_client: unknown \[secret\]\)/,
    30_000,
  ],
  [
    'refuses in so many words that they are cut in a secret',
    (_seen, response) => json(response, { error: `${'e'.repeat(55)}s3cr&t:word`, error_description: `${'d'.repeat(295)}s3cr&t:word` }, 401),
    /refuses the hub \(e{55}\[secr?e?t?\]?: d{295}\[secr?e?t?\]?\)/,
    30_000,
  ],
  ['challenges', (_seen, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(), /refuses the hub \(status 401\)/, 30_000],
  ['is broken', (_seen, response) => response.writeHead(503).end('busy'), /token endpoint answered with status 503/, 1_000],
  ['answers with a page', (_seen, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Login</h1>'), /no token/, 1_000],
  ['answers with no token', (_seen, response) => json(response, { token_type: 'Bearer' }), /no token/, 1_000],
  ['answers with another sort of token', (_seen, response) => json(response, { access_token: 'x', token_type: 'mac' }), /token/, 1_000],
  [
    'answers without end',
    (_seen, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(`{"access_token":"${'x'.repeat(100_000)}"}`),
    /far more than a token/,
    1_000,
  ],
  ['redirects', (_seen, response) => response.writeHead(302, { location: '/elsewhere' }).end(), /redirects, which is not followed/, 1_000],
  ['breaks the connection', (_seen, response) => response.destroy(), /does not answer \(/, 1_000],
]
test.each(failing)('a token endpoint that %s is told, without a secret', async (_name, answering, words, retryAfterMs) => {
  identity.answer(answering)
  const connector = await open()
  const error = await failureOf(connector.bind(get)({}, runWith()))
  expect(error.code).toBe('HUB_CONNECTOR_DOWN')
  expect(error.message).toMatch(words)
  expect(JSON.stringify([error.message, error.details])).not.toContain('s3cr')
  expect(error.details.retryAfterMs).toBe(retryAfterMs)
  expect(service.seen).toEqual([])
  identity.answer(giving())
  expect(await ask(connector)).toMatchObject({ data: { ok: true } })
})

test('a token endpoint that is away is told, and asked again when it is back', async () => {
  const connector = await open()
  await identity.pause()
  expect(await failureOf(connector.bind(get)({}, runWith()))).toMatchObject({
    code: 'HUB_CONNECTOR_DOWN',
    message: 'the token endpoint does not answer (ECONNREFUSED)',
  })
  await identity.resume()
  identity.answer(giving())
  expect(await ask(connector)).toMatchObject({ data: { ok: true } })
})

test('a caller that leaves does not take the token away from the others', async () => {
  let answer = (): void => {}
  identity.answer((seen, response, message) => (answer = () => giving()(seen, response, message)))
  const connector = await open()
  const caller = new AbortController()
  const leaving = failureOf(connector.bind(get)({}, runWith(caller.signal)))
  const staying = ask(connector)
  await until(async () => identity.seen.length === 1)
  caller.abort()
  expect((await leaving).code).toBe('HUB_CANCELLED')
  answer()
  expect(await staying).toMatchObject({ data: { ok: true } })
  expect(identity.seen).toHaveLength(1)
})

test('tokens and secrets are protected', async () => {
  identity.answer(giving())
  await ask(await open())
  expect(lent.secrets.scrub(`x ${good}`)).toBe('x [secret]')
  expect(lent.secrets.scrub('x s3cr&t:word')).toBe('x [secret]')
})
