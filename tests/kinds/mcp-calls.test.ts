import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { InputRequest } from '../../runtime/contract/call.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import { parseJson, rawNumber } from '../../runtime/contract/json.ts'
import type { Json, JsonObject } from '../../runtime/contract/json.ts'
import { callersAtMost } from '../../runtime/kinds/mcp/callers.ts'
import type { McpConfig } from '../../runtime/kinds/mcp/config.ts'
import { openMcp, runOf, stdioOf, structuredOf, textOf, toolSpec, until } from '../fixtures/upstreams/lent.ts'
import type { Opened, OpenOptions } from '../fixtures/upstreams/lent.ts'
import { listenBare } from '../fixtures/upstreams/bare.ts'
import { listenLegacy } from '../fixtures/upstreams/legacy.ts'
import { listenModern } from '../fixtures/upstreams/modern.ts'

let modern: Awaited<ReturnType<typeof listenModern>>
let legacy: Awaited<ReturnType<typeof listenLegacy>>
let json: Awaited<ReturnType<typeof listenLegacy>>
let aside: Awaited<ReturnType<typeof listenLegacy>>
let bare: Awaited<ReturnType<typeof listenBare>>
let opened: Opened[] = []

beforeAll(async () => {
  ;[modern, legacy, json, aside, bare] = await Promise.all([
    listenModern(),
    listenLegacy(),
    listenLegacy({ json: true }),
    listenLegacy({ aside: true }),
    listenBare(),
  ])
})
afterAll(() => Promise.all([modern, legacy, json, aside, bare].map((server) => server.close())))
afterEach(async () => {
  await Promise.all(opened.map((one) => one.close()))
  opened = []
})

async function open(config: McpConfig, options?: OpenOptions): Promise<Opened> {
  const one = await openMcp(config, options)
  opened.push(one)
  return one
}

const roads: readonly { readonly road: string; readonly era: 'modern' | 'legacy'; readonly config: () => McpConfig }[] = [
  { road: 'stdio, SDK v2', era: 'modern', config: () => stdioOf('modern') },
  { road: 'stdio, SDK v1', era: 'legacy', config: () => stdioOf('legacy') },
  { road: 'Streamable HTTP, SDK v2', era: 'modern', config: () => ({ url: modern.url }) },
  { road: 'Streamable HTTP, SDK v2 in the older era', era: 'legacy', config: () => ({ url: modern.url, era: 'legacy' }) },
  { road: 'Streamable HTTP, SDK v1', era: 'legacy', config: () => ({ url: legacy.url }) },
  { road: 'HTTP+SSE, SDK v1', era: 'legacy', config: () => ({ url: legacy.sseUrl, transport: 'sse' }) },
]

describe.each(roads)('over $road', ({ era, config }) => {
  // One upstream for all: starting a child takes longer than the tests.
  let one: Opened
  beforeAll(async () => {
    one = await openMcp(config())
  })
  afterAll(() => one.close())

  test('check tells not started, then up with the upstream’s version; it starts nothing', async () => {
    const { connector, call } = one
    expect(await connector.check(AbortSignal.timeout(5000))).toMatchObject({ state: 'unknown', detail: 'not started yet' })
    await call('echo', { text: 'x' })
    expect(await connector.check(AbortSignal.timeout(5000))).toMatchObject({
      state: 'up',
      version: expect.stringMatching(/^fixture-(modern|legacy) /),
      latencyMs: expect.any(Number),
    })
  })

  test('a call is answered with the content and the structure of the upstream', async () => {
    const { call } = one
    expect(await call('echo', { text: 'grüße' })).toEqual({ type: 'content', content: [{ type: 'text', text: 'grüße' }] })
    expect(await call('add', { a: 2, b: 3 })).toMatchObject({ structured: { sum: 5 } })
  })

  test('many calls at once each get their own answer', async () => {
    const { call } = one
    const texts = Array.from({ length: 40 }, (_, index) => `text ${index}`)
    expect((await Promise.all(texts.map((text) => call('echo', { text })))).map(textOf)).toEqual(texts)
  })

  test('an error of the tool is an answer, an error of the protocol is a HubError with its reason', async () => {
    const { call } = one
    expect(await call('fail')).toEqual({ type: 'content', content: [{ type: 'text', text: 'it went wrong' }], isError: true })
    await expect(call('reject')).rejects.toMatchObject({
      code: 'HUB_UPSTREAM_FAILED',
      message: expect.stringContaining('refused for a reason'),
      details: { upstreamCode: -32_050 },
    })
  })

  test('progress is told to the call that asked for it', async () => {
    const { call } = one
    const told: (readonly [number, number | undefined, string | undefined])[] = []
    const other: number[] = []
    await Promise.all([
      call('progress', { steps: 2 }, { progress: (done, total, message) => void told.push([done, total, message]) }),
      call('progress', { steps: 1 }, { progress: (done) => void other.push(done) }),
    ])
    expect(told).toEqual([
      [1, 2, 'step 1'],
      [2, 2, 'step 2'],
    ])
    expect(other).toEqual([1])
  })

  test('a log message of the call reaches its caller', async () => {
    const { call } = one
    const logged: Json[] = []
    await call(
      'log',
      { level: 'warning', text: 'mind the gap' },
      { logLevel: 'debug', log: (level, data, logger) => void logged.push([level, data, logger ?? null]) },
    )
    expect(logged).toEqual([['warning', 'mind the gap', 'fixture']])
  })

  test('an integer no double can hold comes back digit for digit', async () => {
    const { call } = one
    expect(JSON.stringify(structuredOf(await call('big')))).toBe('{"big":9007199254740995}')
  })

  test('trace context goes in unprefixed, the upstream’s own identity does not come out', async () => {
    const { call } = one
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=1', baggage: 'b=2' }
    const answer = await call('wire', {}, { trace, callerCapabilities: { elicitation: { form: {} } } })
    expect(structuredOf(answer).meta).toMatchObject(trace)
    expect(answer).toMatchObject({ meta: { 'example.com/kept': true } })
    expect(JSON.stringify(answer.type === 'content' && answer.meta)).not.toContain('serverInfo')
    if (era === 'modern') expect(structuredOf(answer).capabilities).toEqual({ elicitation: { form: {} } })
  })

  test('a call that is cancelled ends at once with the caller’s reason, and the upstream is told', async () => {
    const { call } = one
    const before = structuredOf(await call('state')).cancelled as number
    const stop = new AbortController()
    const late = new HubError('HUB_TIMEOUT', 'the call passed its deadline')
    const slow = call('slow', { ms: 60_000 }, { signal: stop.signal })
    setTimeout(() => stop.abort(late), 50)
    await expect(slow).rejects.toBe(late)
    await until('the upstream to see the cancellation', async () => structuredOf(await call('state')).cancelled === before + 1)
  })

  test('a signal that aborted before the call, or for a reason of its own, cancels', async () => {
    const { call } = one
    await expect(call('echo', { text: 'x' }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'HUB_CANCELLED' })
    await expect(call('hang', {}, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: 'HUB_TIMEOUT' })
  })

  // The other era has no such thing.
  if (era === 'legacy')
    test('a question of the upstream is put to the caller of that call, and the answer goes back', async () => {
      const { call } = one
      const asked: InputRequest[] = []
      const ask = async (request: InputRequest): Promise<Json> => {
        asked.push(request)
        if (request.method === 'roots/list') return { roots: [{ uri: 'file:///home' }] }
        if (request.method === 'sampling/createMessage') return { role: 'assistant', model: 'm', content: { type: 'text', text: 'hi' } }
        return { action: 'accept', content: { colour: 'green' } }
      }
      expect(structuredOf(await call('ask', { message: 'Colour?' }, { ask }))).toMatchObject({ action: 'accept', content: { colour: 'green' } })
      expect(structuredOf(await call('sample', { prompt: 'hello' }, { ask }))).toMatchObject({ model: 'm' })
      expect(structuredOf(await call('roots', {}, { ask, callerCapabilities: { roots: {} } }))).toMatchObject({ roots: [{ uri: 'file:///home' }] })
      expect(asked.map(({ method }) => method)).toEqual(['elicitation/create', 'sampling/createMessage', 'roots/list'])
      expect(structuredOf(await call('roots', {}, { ask }))).toEqual({ roots: [] })
      expect(asked[0]?.params).toMatchObject({ message: 'Colour?', requestedSchema: { required: ['colour'] } })
    })

  // The other era has no such thing.
  if (era === 'legacy')
    test('a caller that cannot be asked is told so by the upstream', async () => {
      const { call } = one
      const ask = (): Promise<never> => Promise.reject(new HubError('HUB_INPUT_UNSUPPORTED', 'this client cannot be asked'))
      await expect(call('ask', {}, { ask })).rejects.toMatchObject({
        code: 'HUB_UPSTREAM_FAILED',
        message: expect.stringContaining('this client cannot be asked'),
      })
    })

  // The other era has no such thing.
  if (era === 'modern')
    test('input_required is handed out with its state, and the answer goes back with it', async () => {
      const { call } = one
      const callerCapabilities = { elicitation: { form: {} } }
      const asked = await call('ask', { message: 'Colour?' }, { callerCapabilities })
      expect(asked).toMatchObject({ type: 'input', state: 'ask-state', requests: { reply: { method: 'elicitation/create', params: { message: 'Colour?' } } } })
      const resumed = { state: 'ask-state', responses: { reply: { action: 'accept', content: { colour: 'green' } } } }
      expect(structuredOf(await call('ask', { message: 'Colour?' }, { callerCapabilities, resumed }))).toMatchObject({
        content: { colour: 'green' },
        state: 'ask-state',
      })
    })
})

describe('arguments', () => {
  test.each([
    ['stdio', () => stdioOf('bare')],
    ['HTTP', () => ({ url: bare.url })],
  ] as const)('reach an upstream over %s with every digit', async (_road, config) => {
    const { call } = await open(config())
    const args = parseJson('{"id":9007199254740995,"price":0.1000000000000000055511,"text":"a \\"quoted\\" line\\n"}') as JsonObject
    expect(JSON.stringify(structuredOf(await call('echo', args)))).toBe(JSON.stringify(args))
    expect(JSON.stringify(structuredOf(await call('echo', { id: rawNumber('18446744073709551615') })))).toBe('{"id":18446744073709551615}')
  })
})

describe('names and headers', () => {
  test('operation.tool names the upstream’s tool where it is another', async () => {
    const { connector } = await open(stdioOf('legacy'))
    const handler = connector.bind({ ...toolSpec('renamed'), operation: { tool: 'echo' } })
    expect(textOf(await handler({ text: 'hi' }, runOf()))).toBe('hi')
  })

  test('a modern HTTP upstream gets the method, the name and the arguments its schema wants as headers', async () => {
    const input = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } }
    const { call } = await open({ url: modern.url, headers: { 'x-key': 'k' } }, { input })
    expect(textOf(await call('mirror', { region: 'Zürich' }))).toBe('Zürich')
    expect(modern.lastHeaders()).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'mirror',
      'mcp-param-region': '=?base64?WsO8cmljaA==?=',
      'x-key': 'k',
    })
  })

  test('a legacy HTTP upstream gets its session and none of the newer headers', async () => {
    const { call } = await open({ url: legacy.url })
    await call('echo', { text: 'x' })
    expect(legacy.lastHeaders()).toMatchObject({ 'mcp-session-id': expect.any(String), 'mcp-protocol-version': '2025-11-25' })
    expect(legacy.lastHeaders()).not.toHaveProperty('mcp-method')
  })

  test('a server that answers in plain JSON serves as well', async () => {
    const { call } = await open({ url: json.url })
    expect(textOf(await call('echo', { text: 'plain' }))).toBe('plain')
  })
})

describe('whose user is asked', () => {
  const accept = (colour: string) => async (): Promise<Json> => ({ action: 'accept', content: { colour } })

  test('on a call’s own stream each question finds its caller, however many calls are under way', async () => {
    const { call } = await open({ url: legacy.url })
    const colours = ['red', 'green', 'blue', 'white']
    const answers = await Promise.all(colours.map((colour) => call('ask', {}, { ask: accept(colour) })))
    expect(answers.map((answer) => (structuredOf(answer).content as JsonObject).colour)).toEqual(colours)
  })

  test.each([
    ['stdio', () => stdioOf('legacy')],
    ['an event stream beside the calls', () => ({ url: aside.url })],
  ] as const)('on %s a question among several calls is refused with the way on', async (_road, config) => {
    const { call } = await open(config())
    await call('echo', { text: 'connected' })
    const stop = new AbortController()
    const other = call('hang', {}, { signal: stop.signal })
    await expect(call('ask', {}, { ask: accept('red') })).rejects.toMatchObject({
      code: 'HUB_UPSTREAM_FAILED',
      message: expect.stringContaining('session: caller'),
    })
    stop.abort()
    await expect(other).rejects.toMatchObject({ code: 'HUB_CANCELLED' })
    expect(structuredOf(await call('ask', {}, { ask: accept('green') }))).toMatchObject({ content: { colour: 'green' } })
  })

  test('with session: caller each credential has a child of its own, told what that caller’s client can do', async () => {
    const { call } = await open({ ...stdioOf('legacy'), session: 'caller' })
    const as = (credential: string, organisation = 'default'): ReturnType<typeof runOf>['principal'] => ({ ...runOf().principal, credential, organisation })
    const capabilities = { elicitation: { form: {} } }
    const runs = [as('key-1'), as('key-2'), as('key-1', 'other')].map((principal, index) => ({
      principal,
      callerCapabilities: capabilities,
      ask: accept(`colour ${index}`),
    }))
    const answers = await Promise.all(runs.map((run) => call('ask', {}, run)))
    expect(answers.map((answer) => (structuredOf(answer).content as JsonObject).colour)).toEqual(['colour 0', 'colour 1', 'colour 2'])
    const pids = await Promise.all(runs.map(async (run) => structuredOf(await call('state', {}, run)).pid))
    expect(new Set(pids).size).toBe(3)
    expect(structuredOf(await call('wire', {}, runs[0])).capabilities).toEqual(capabilities)
    expect(structuredOf(await call('state', {}, runs[0])).pid).toBe(pids[0])
  })

  test('sessions of callers are bounded: the one used longest ago makes room', async () => {
    const server = await listenLegacy()
    const { call, close } = await openMcp({ url: server.url, session: 'caller' })
    const as = (index: number): ReturnType<typeof runOf>['principal'] => ({ ...runOf().principal, credential: `key-${index}` })
    for (let index = 0; index < callersAtMost + 5; index++) await call('echo', { text: 'x' }, { principal: as(index) })
    await until('the oldest to be ended', () => server.sessions() === callersAtMost)
    expect(textOf(await call('echo', { text: 'back again' }, { principal: as(0) }))).toBe('back again')
    await close()
    await server.close()
  })

  test('when all of them are at work, one more is refused with a time to retry', async () => {
    const server = await listenLegacy()
    const { call, close } = await openMcp({ url: server.url, session: 'caller' })
    const stop = new AbortController()
    const busy = Array.from({ length: callersAtMost }, (_, index) =>
      call('hang', {}, { principal: { ...runOf().principal, credential: `key-${index}` }, signal: stop.signal }),
    )
    const ended = Promise.allSettled(busy)
    await expect(call('echo', { text: 'x' })).rejects.toMatchObject({ code: 'HUB_LIMITED', details: { retryAfterMs: 1000 } })
    stop.abort()
    await ended
    await close()
    await server.close()
  })

  test('without session: caller all share one child', async () => {
    const { call } = await open(stdioOf('legacy'))
    const pids = await Promise.all(
      ['a', 'b', 'c'].map(async (credential) => structuredOf(await call('state', {}, { principal: { ...runOf().principal, credential } })).pid),
    )
    expect(new Set(pids).size).toBe(1)
  })
})
