import { once } from 'node:events'
import { createServer as createSocketServer, type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { failureOf, until } from './conformance.ts'
import { json, lendHttp, openHttp, request, secret, startService, type Answering, type HttpLent, type TestService } from './http-service.ts'
import { runWith } from './lent.ts'

let service: TestService
let other: TestService
let lent: HttpLent
const opened: Connector[] = []

beforeAll(async () => {
  service = await startService()
  other = await startService()
  lent = lendHttp()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connector) => connector.close()))
  service.seen.length = 0
  other.seen.length = 0
  service.answer((_seen, response) => json(response, {}))
  other.answer((_seen, response) => json(response, {}))
})
afterAll(async () => {
  await lent.close()
  await service.stop()
  await other.stop()
})

async function open(config: JsonObject = {}, over: HttpLent = lent): Promise<Connector> {
  const connector = await openHttp({ base: service.url, ...config }, over)
  opened.push(connector)
  return connector
}
const soon = (ms: number): ReturnType<typeof runWith> => runWith(undefined, Date.now() + ms)
const ask = async (spec: ToolSpec, args: JsonObject = {}, config: JsonObject = {}): Promise<Answer> => (await open(config)).bind(spec)(args, runWith())
const dataOf = (answer: Answer): unknown => (answer.type === 'data' ? answer.data : undefined)

/** Answers the first requests one way, and all further ones with `{ok: true}`. */
const firstly = (...answers: readonly Answering[]): void => {
  let count = 0
  service.answer((seen, response, request) => (answers[count++] ?? ((_seen, response) => json(response, { ok: true })))(seen, response, request))
}
const status =
  (code: number, headers: Readonly<Record<string, string>> = {}, body: unknown = { message: 'as you were' }): Answering =>
  (_seen, response) =>
    json(response, body, code, headers)
const get = request('GET /q')
const post = request('POST /q', { body: { a: 1 } }, { effect: 'write' })

describe('an answer that may pass', () => {
  test.each([429, 500, 502, 503, 504])('a read answered with %i is asked again', async (code) => {
    firstly(status(code))
    expect(dataOf(await ask(get))).toEqual({ ok: true })
    expect(service.seen).toHaveLength(2)
  })

  test.each([400, 401, 403, 404, 409, 422, 501])('a read answered with %i is not', async (code) => {
    firstly(status(code))
    const error = await failureOf(ask(get))
    expect(error).toMatchObject({ code: 'HUB_UPSTREAM_FAILED', details: { upstreamStatus: code }, message: expect.stringContaining('as you were') as string })
    expect(service.seen).toHaveLength(1)
  })

  test('Retry-After in seconds is waited for', async () => {
    firstly(status(429, { 'retry-after': '1' }))
    const startedAt = performance.now()
    expect(dataOf(await ask(get))).toEqual({ ok: true })
    expect(performance.now() - startedAt).toBeGreaterThan(950)
  })

  test('Retry-After as a date is measured by the clock of the service, however wrong that is', async () => {
    const theirs = Date.now() - 40 * 86_400_000
    firstly(status(503, { date: new Date(theirs).toUTCString(), 'retry-after': new Date(theirs + 1_000).toUTCString() }))
    const startedAt = performance.now()
    expect(dataOf(await ask(get))).toEqual({ ok: true })
    expect(performance.now() - startedAt).toBeGreaterThan(950)
  })

  test('what does not fit into the deadline is not waited for, and said', async () => {
    firstly(status(429, { 'retry-after': '30' }))
    const connector = await open()
    const error = await failureOf(connector.bind(get)({}, soon(2_000)))
    expect(error).toMatchObject({
      code: 'HUB_LIMITED',
      details: { retryAfterMs: 30_000, upstreamStatus: 429 },
      message: expect.stringContaining('try again in 30 s') as string,
    })
    // Nobody else asks either until then: the service hears nothing.
    const next = await failureOf(connector.bind(get)({}, soon(2_000)))
    expect(next).toMatchObject({ code: 'HUB_LIMITED', message: expect.stringContaining('left alone') as string })
    expect(next.details.retryAfterMs).toBeGreaterThan(28_000)
    expect(service.seen).toHaveLength(1)
    expect(await connector.check(AbortSignal.timeout(1_000))).toMatchObject({ state: 'degraded', detail: expect.stringContaining('left alone') as string })
  })

  test('attempts end, and the last answer is told', async () => {
    service.answer(status(503, { 'retry-after': '0' }))
    const error = await failureOf(ask(get, {}, { retries: 3 }))
    expect(error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { upstreamStatus: 503 }, message: expect.stringContaining('as you were') as string })
    expect(error.details.retryAfterMs).toBeGreaterThanOrEqual(0)
    expect(service.seen).toHaveLength(4)
  })

  test('where the pipeline repeats what is down, the kind does not repeat it as well; what only the kind repeats it still does', async () => {
    const spec = request('GET /q', {}, { policy: { retry: 2 } })
    service.answer(status(503))
    expect((await failureOf(ask(spec))).code).toBe('HUB_CONNECTOR_DOWN')
    expect(service.seen).toHaveLength(1)
    service.seen.length = 0
    firstly(status(500), status(429, { 'retry-after': '0' }))
    expect(dataOf(await ask(spec))).toEqual({ ok: true })
    expect(service.seen).toHaveLength(3)
  })

  const writes: readonly (readonly [string, ToolSpec, number])[] = [
    ['POST', post, 1],
    ['PATCH', request('PATCH /q', {}, { effect: 'write' }), 1],
    ['GET of effect write', request('GET /q', {}, { effect: 'write' }), 1],
    ['PUT', request('PUT /q', {}, { effect: 'write' }), 2],
    ['DELETE', request('DELETE /q', {}, { effect: 'destroy' }), 2],
    ['POST with a key that makes it harmless', request('POST /q', {}, { effect: 'write', policy: { idempotencyKey: 'key' } }), 2],
    ['POST that is safe', request('POST /q', { safe: true }), 2],
  ]
  test.each(writes)('a %s is sent %#', async (_name, spec, times) => {
    firstly(status(502))
    const result = ask(spec)
    if (times === 2) expect(dataOf(await result)).toEqual({ ok: true })
    else
      expect(await failureOf(result)).toMatchObject({
        code: 'HUB_CONNECTOR_DOWN',
        details: { outcome: 'unknown' },
        message: expect.stringContaining('look before') as string,
      })
    expect(service.seen).toHaveLength(times)
  })

  test('a write whose fate is not known does not invite a repetition', async () => {
    firstly((_seen, response) => response.destroy())
    const error = await failureOf(ask(post))
    expect(error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { outcome: 'unknown' } })
    expect(error.details.retryAfterMs).toBeUndefined()
    expect(service.seen).toHaveLength(1)
  })
})

describe('an error in words', () => {
  const words: readonly (readonly [string, unknown, string])[] = [
    ['message', { message: 'no such symbol' }, 'no such symbol'],
    ['an object', { error: { code: 1, message: 'bad window' } }, 'bad window'],
    ['OAuth', { error: 'invalid_request', error_description: 'grant missing' }, 'grant missing'],
    ['a list', { errors: [{ detail: 'first' }, { detail: 'second' }] }, 'first'],
    ['problem details', { title: 'Out of range', status: 400 }, 'Out of range'],
    ['FastAPI', { detail: [{ msg: 'field required' }] }, 'field required'],
    ['CoinGecko', { status: { error_code: 400, error_message: 'coin not found' } }, 'coin not found'],
    ['line breaks', { message: 'two\n\nlines' }, 'two lines'],
  ]
  test.each(words)('is found where %s has it', async (_name, body, expected) => {
    service.answer(status(400, {}, body))
    expect((await failureOf(ask(get))).message).toBe(`the service refuses the request (status 400): ${expected}`)
  })

  test('is found where the manifest says', async () => {
    service.answer(status(400, {}, { message: 'error', deep: { why: 'because' } }))
    expect((await failureOf(ask(get, {}, { errors: { pointer: '/deep/why' } }))).message).toContain('because')
  })

  test('holds no secret, is not a page, and is not endless', async () => {
    const auth = { bearer: secret('very-secret-token') }
    service.answer((seen, response) => json(response, { message: `bad token ${seen.headers.authorization}` }, 401))
    expect((await failureOf(ask(get, {}, { auth }))).message).toContain('bad token Bearer [secret]')
    service.answer((_seen, response) => response.writeHead(400, { 'content-type': 'text/html' }).end('<h1>Oops</h1>'))
    expect((await failureOf(ask(get))).message).toBe('the service refuses the request (status 400)')
    service.answer(status(400, {}, { message: 'x'.repeat(100_000) }))
    expect((await failureOf(ask(get))).message.length).toBeLessThan(700)
  })

  const failure = { pointer: '/status', equals: 'error', message: '/message', status: '/code' }

  test('in an answer of status 200 is an error too', async () => {
    service.answer(status(200, {}, { status: 'error', message: 'symbol not found' }))
    expect(await failureOf(ask(request('GET /q', { failure })))).toMatchObject({
      code: 'HUB_UPSTREAM_FAILED',
      message: 'the service answered that it failed: symbol not found',
    })
    service.answer(status(200, {}, { status: 'ok', message: 'fine' }))
    expect(dataOf(await ask(request('GET /q', { failure })))).toEqual({ status: 'ok', message: 'fine' })
  })

  test('with a status inside is treated as that status', async () => {
    firstly(status(200, {}, { status: 'error', code: 429, message: 'out of credits' }))
    expect(dataOf(await ask(get, {}, { failure }))).toEqual({ ok: true })
    service.answer(status(200, {}, { status: 'error', code: 404, message: 'none' }))
    expect((await failureOf(ask(get, {}, { failure }))).message).toBe('the service has no such thing (status 404): none')
  })

  test.each([
    [[], false],
    [['EGeneral:Invalid'], true],
    [null, false],
    ['', false],
    [{}, false],
    [0, true],
  ])('a failure told by %j being there: %s', async (error, isFailure) => {
    service.answer(status(200, {}, { error }))
    const result = ask(request('GET /q', { failure: { pointer: '/error' } }))
    if (isFailure) expect((await failureOf(result)).code).toBe('HUB_UPSTREAM_FAILED')
    else expect(dataOf(await result)).toEqual({ error })
  })
})

describe('a connection that breaks', () => {
  test('before the answer: a read is sent once more', async () => {
    firstly((_seen, response) => response.destroy())
    expect(dataOf(await ask(get))).toEqual({ ok: true })
    expect(service.seen).toHaveLength(2)
  })

  test('again and again: it is said, with a time to retry', async () => {
    service.answer((_seen, response) => response.destroy())
    expect(await failureOf(ask(get))).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { retryAfterMs: 1_000 } })
    expect(service.seen).toHaveLength(2)
  })

  test('in the middle of the body', async () => {
    service.answer((_seen, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"a":', () => response.destroy())
    })
    expect(await failureOf(ask(get))).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('in the middle of its answer') as string })
  })

  test('that is no HTTP at all', async () => {
    const server = createSocketServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.9\r\n')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const error = await failureOf(ask(get, {}, { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
    expect(error.code).toBe('HUB_CONNECTOR_DOWN')
    server.close()
  })
})

describe('an answer that is too much', () => {
  const many = 'x'.repeat(70_000)
  const bodies: readonly (readonly [string, Answering])[] = [
    ['says so first', (_seen, response) => response.writeHead(200, { 'content-type': 'text/plain', 'content-length': String(10 ** 12) }).write('x')],
    ['does not say so', (_seen, response) => void (response.writeHead(200, { 'content-type': 'text/plain' }), response.write(many), response.write(many))],
    [
      'unpacks to more',
      (_seen, response) => response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
    ],
  ]
  test.each(bodies)('and %s is refused, and its connection ended', async (_name, answering) => {
    service.answer(answering)
    const error = await failureOf(ask(get, {}, { maxBody: '64kb' }))
    expect(error).toMatchObject({ code: 'HUB_UPSTREAM_FAILED', details: { bytesAtMost: 65_536 }, message: expect.stringContaining('ask for less') as string })
    await until(async () => service.open() === 0)
  })

  test('an error that is too long is still told by its status', async () => {
    service.answer((_seen, response) =>
      response.writeHead(404, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
    )
    expect((await failureOf(ask(get, {}, { maxBody: '64kb' }))).message).toBe('the service has no such thing (status 404)')
  })
})

describe('time', () => {
  const slowly: readonly (readonly [string, Answering])[] = [
    ['never answers', () => {}],
    ['stops in the middle of its body', (_seen, response) => void (response.writeHead(200, { 'content-type': 'application/json' }), response.write('{"a":'))],
  ]
  test.each(slowly)('a service that %s hears that nobody waits any more', async (_name, answering) => {
    service.answer(answering)
    const deadline = new AbortController()
    const call = failureOf((await open()).bind(get)({}, runWith(deadline.signal)))
    await until(async () => service.open() === 1)
    deadline.abort(new HubError('HUB_TIMEOUT', 'late'))
    expect((await call).code).toBe('HUB_TIMEOUT')
    await until(async () => service.open() === 0)
  })

  test('a caller that leaves while it waits for another attempt, or for a place, is let go at once', async () => {
    service.answer(status(429, { 'retry-after': '20' }))
    const connector = await open({ pool: 1 })
    const caller = new AbortController()
    const call = failureOf(connector.bind(get)({}, runWith(caller.signal)))
    await until(async () => service.seen.length === 1 && service.open() === 0)
    caller.abort()
    expect((await call).code).toBe('HUB_CANCELLED')

    service.answer(() => {})
    const busy = await open({ pool: 1 })
    const [first, second] = [new AbortController(), new AbortController()]
    const calls = [first, second].map(({ signal }) => failureOf(busy.bind(get)({}, runWith(signal))))
    await until(async () => service.open() === 1)
    second.abort()
    expect((await calls[1])?.code).toBe('HUB_CANCELLED')
    first.abort()
    expect((await calls[0])?.code).toBe('HUB_CANCELLED')
    service.answer((_seen, response) => json(response, { ok: true }))
    expect(dataOf(await busy.bind(get)({}, runWith()))).toEqual({ ok: true })
  })

  test('closing ends what is under way', async () => {
    service.answer(() => {})
    const connector = await open()
    const call = failureOf(connector.bind(get)({}, runWith()))
    await until(async () => service.open() === 1)
    await connector.close()
    expect((await call).code).toBe('HUB_CONNECTOR_DOWN')
    await until(async () => service.open() === 0)
  })
})

describe('redirects', () => {
  const to = (location: string, code = 302): Answering => status(code, { location })

  test('within the service are followed, with all headers', async () => {
    firstly(to('/moved?x=1'))
    await ask(get, {}, { auth: { bearer: secret('token-123') } })
    expect(service.seen.map(({ target }) => target)).toEqual(['/q', '/moved?x=1'])
    expect(service.seen[1]?.headers.authorization).toBe('Bearer token-123')
  })

  test('to another origin take no credentials along', async () => {
    service.answer(to(`${other.url}/elsewhere`))
    other.answer((_seen, response) => json(response, { from: 'other' }))
    const config = { auth: { header: { name: 'X-Api-Key', value: secret('key-123456') } }, headers: { 'X-More': secret('more-123456'), Cookie: 'session=1' } }
    expect(dataOf(await ask(get, {}, config))).toEqual({ from: 'other' })
    expect(JSON.stringify(other.seen[0]?.headers)).not.toMatch(/key-123456|more-123456|session=1/)
    expect(other.seen[0]?.headers.accept).toContain('application/json')
  })

  test.each([307, 308])('of a body to another origin by %i are not followed', async (code) => {
    service.answer(to(`${other.url}/elsewhere`, code))
    expect((await failureOf(ask(post))).message).toContain('another origin, which is not followed')
    expect(other.seen).toEqual([])
  })

  test('of a POST by 303 become a GET without its body', async () => {
    firstly(to('/done', 303))
    await ask(post)
    expect(service.seen[1]).toMatchObject({ method: 'GET', target: '/done', body: '' })
    expect(service.seen[1]?.headers).not.toHaveProperty('content-type')
  })

  test.each(['http://10.0.0.1/', 'http://169.254.169.254/latest/meta-data', 'http://[::1]:80/', 'http://0x0a000001/'])(
    'to the private address %s are refused at the hop',
    async (location) => {
      service.answer(to(location))
      expect((await failureOf(ask(get))).code).toBe('HUB_EGRESS_DENIED')
    },
  )

  test.each(['file:///etc/passwd', 'gopher://x/', 'http://'])('to %s are refused', async (location) => {
    service.answer(to(location))
    expect((await failureOf(ask(get))).code).toBe('HUB_EGRESS_DENIED')
  })

  test('in a circle end', async () => {
    service.answer(to('/q'))
    expect(await failureOf(ask(get))).toMatchObject({ code: 'HUB_EGRESS_DENIED', message: expect.stringContaining('more than 5 times') as string })
    expect(service.seen).toHaveLength(6)
  })
})

test('a service at a private address is not reached unless the operator allows it', async () => {
  const guarded = lendHttp([])
  const error = await failureOf((await open({}, guarded)).bind(get)({}, runWith()))
  expect(error).toMatchObject({ code: 'HUB_EGRESS_DENIED' })
  expect(service.seen).toEqual([])
  await guarded.close()
})

describe('health', () => {
  const look = async (config: JsonObject, over?: HttpLent): Promise<unknown> => (await open(config, over)).check(AbortSignal.timeout(5_000))

  test.each([
    [200, 'up'],
    [404, 'up'],
    [401, 'up'],
    [500, 'down'],
    [503, 'down'],
  ])('an answer of %i is %s', async (code, state) => {
    service.answer(status(code))
    expect(await look({})).toMatchObject({ state })
    expect(service.seen[0]).toMatchObject({ method: 'HEAD', target: '/' })
  })

  test('a path of its own is asked, as nobody', async () => {
    await look({ base: `${service.url}/v1`, health: '/ping?x=1', auth: { bearer: secret('token-123') } })
    expect(service.seen[0]).toMatchObject({ method: 'GET', target: '/v1/ping?x=1' })
    expect(service.seen[0]?.headers).not.toHaveProperty('authorization')
  })

  test('nothing is sent to a lazy service that nobody used, nor where the calls tell', async () => {
    expect(await look({}, { ...lent, start: 'lazy' })).toMatchObject({ state: 'unknown' })
    expect(await look({ health: 'calls' })).toMatchObject({ state: 'unknown' })
    expect(service.seen).toEqual([])
  })

  test('the last call tells, where it shall', async () => {
    const connector = await open({ health: 'calls', retries: 0 })
    const check = (): Promise<unknown> => connector.check(AbortSignal.timeout(1_000))
    await connector.bind(get)({}, runWith())
    expect(await check()).toMatchObject({ state: 'up', version: 'HTTP/1.1' })
    service.answer(status(503))
    await failureOf(connector.bind(get)({}, runWith()))
    expect(await check()).toMatchObject({ state: 'down', detail: expect.stringContaining('status 503') as string })
    service.answer(status(404))
    await failureOf(connector.bind(get)({}, runWith()))
    expect(await check()).toMatchObject({ state: 'up' })
    service.answer(status(401))
    await failureOf(connector.bind(get)({}, runWith()))
    expect(await check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('refuses the hub') as string })
    expect(service.seen).toHaveLength(4)
  })

  test('a probe that gets no answer in time is down', async () => {
    service.answer(() => {})
    const connector = await open()
    expect(await connector.check(AbortSignal.timeout(50))).toMatchObject({ state: 'down' })
    await until(async () => service.open() === 0)
  })
})
