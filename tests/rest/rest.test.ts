import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HubError } from '../../runtime/contract/errors.ts'
import { kinds } from '../../runtime/kinds/index.ts'
import { createLogger } from '../../runtime/log/log.ts'
import { createHandling } from '../../runtime/wiring/handler.ts'
import { serveHub, type ServedHub } from '../hub/serve.ts'
import { createDesk, deskManifest } from './desk.ts'

const desk = createDesk()
let served: ServedHub

beforeAll(async () => {
  // No store answers: reads are served all the same.
  const config =
    'hub: { name: plain, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "postgres://hub:x@127.0.0.1:1/hub" }\nauth: { cors: [https://desk.example] }\nlimits: { body: 64kb }\n'
  const files = { 'hub.config.yaml': config, 'connectors/desk.yaml': deskManifest, 'connectors/hub.yaml': 'connector: hub\nkind: hub\nsummary: The hub.\n' }
  served = await serveHub(files, {}, { kinds: [...kinds, desk.kind], log: createLogger({ level: 'silent' }) })
})
afterAll(() => served?.close())

const at = (path: string): string => `${served.hub.url}${path}`

async function post(tool: string, body = '{}') {
  return told(await fetch(at(`/api/mcp/${tool}`), { method: 'POST', headers: { 'content-type': 'application/json' }, body }))
}

async function told(response: Response) {
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? undefined : JSON.parse(text),
    type: response.headers.get('content-type'),
  }
}

/** For headers that fetch does not let a caller set. */
function raw(
  path: string,
  headers: Record<string, string>,
  method = 'POST',
  body = '{}',
): Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: any }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(at(path), { method, headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }))
    })
    request.on('error', reject)
    request.end(method === 'POST' ? body : undefined)
  })
}

describe('a tool over plain HTTP', () => {
  test('answers its data, and tells in headers how fresh it is', async () => {
    const { status, body, headers, type } = await post('desk/tools/echo', '{"symbol":"BTC/USDT"}')
    expect({ status, body, type }).toEqual({ status: 200, body: { symbol: 'BTC/USDT', limit: 5 }, type: 'application/json' })
    expect(headers.get('age')).toBe('0')
    expect(headers.get('x-hub-answer')).toBe('data')
    expect(headers.get('x-hub-cache')).toBe('miss')
    expect(headers.get('x-hub-source')).toBe('desk')
    expect(Date.parse(headers.get('x-hub-as-of') ?? '')).toBeGreaterThan(Date.now() - 60_000)
    expect(headers.get('x-hub-call-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('keeps integers above 2^53 digit by digit, in and out', async () => {
    expect((await post('desk/tools/echo', '{"symbol":"A","id":9007199254740993}')).text).toBe('{"symbol":"A","id":9007199254740993,"limit":5}')
    expect((await post('desk/tools/number')).text).toBe('{"id":9007199254740993,"price":"0.1"}')
  })

  test('answers to an old name', async () => {
    expect((await post('desk/tools/parrot', '{"symbol":"A"}')).body).toEqual({ symbol: 'A', limit: 5 })
  })

  test('takes no body where it needs no arguments', async () => {
    const { status, body } = await told(await fetch(at('/api/mcp/desk/tools/word'), { method: 'POST' }))
    expect({ status, body }).toEqual({ status: 200, body: 'just text' })
  })

  test('answers from the cache, and says so', async () => {
    const first = await post('desk/tools/cached')
    const second = await post('desk/tools/cached')
    expect([first, second].map(({ headers }) => headers.get('x-hub-cache'))).toEqual(['miss', 'hit'])
    expect(second.text).toBe(first.text)
  })

  test('says what was left out, as far as a header may be long', async () => {
    const { body, headers } = await post('desk/tools/short')
    expect(body).toEqual({ rows: [{ n: 1 }, { n: 2 }], truncated: true })
    expect(JSON.parse(headers.get('x-hub-notes') ?? '')).toEqual([expect.stringContaining('only the first 2 rows')])
    const notes = (await post('desk/tools/number')).headers.get('x-hub-notes') ?? ''
    expect(JSON.parse(notes)).toEqual(['newest first', 'Ünïcode'.repeat(20)])
    expect(notes).toMatch(/^[\x20-\x7e]+$/)
  })

  test('answers content blocks as JSON, and its data alone where it declares them', async () => {
    const blocks = await post('desk/tools/content')
    expect(blocks.body).toEqual({ content: [{ type: 'text', text: 'hello' }], structuredContent: { a: 1 }, _meta: { own: 1 } })
    expect(blocks.headers.get('x-hub-answer')).toBe('content')
    const data = await post('desk/tools/declared')
    expect(data.body).toEqual({ a: 1 })
    expect(data.headers.get('x-hub-answer')).toBe('data')
  })

  test('that starts a job says which', async () => {
    const { status, body, headers } = await post('desk/tools/job')
    expect({ status, body, answer: headers.get('x-hub-answer') }).toEqual({ status: 202, body: { job: 'job-7' }, answer: 'job' })
  })

  test('is in the metrics like any call', async () => {
    await post('desk/tools/word')
    const metrics = await (await fetch(at('/metrics'))).text()
    expect(metrics).toMatch(/^mcp_requests_total\{server="desk",tool="desk_word",status="ok"\} [1-9]/m)
  })
})

describe('an error over plain HTTP', () => {
  const cases: readonly {
    readonly name: string
    readonly tool: string
    readonly body?: string
    readonly status: number
    readonly code: string
    readonly detail: string
    readonly more?: object
  }[] = [
    {
      name: 'arguments that do not fit, all faults at once',
      tool: 'desk/tools/echo',
      body: '{"limit":50,"symbl":"A"}',
      status: 400,
      code: 'HUB_ARGS_INVALID',
      detail: '"symbol" is required',
      more: {
        faults: [
          { path: 'symbol', message: 'is required' },
          { path: 'symbl', message: 'is not an argument of this tool; did you mean "symbol"?' },
          { path: 'limit', message: 'must be <= 10, got 50' },
        ],
      },
    },
    { name: 'a body that is not JSON', tool: 'desk/tools/word', body: '{', status: 400, code: 'HUB_ARGS_INVALID', detail: 'the body is not JSON' },
    { name: 'a body that is a list', tool: 'desk/tools/word', body: '[1]', status: 400, code: 'HUB_ARGS_INVALID', detail: 'must be a JSON object' },
    {
      name: 'a body over the bound',
      tool: 'desk/tools/word',
      body: `{"a":"${'x'.repeat(70_000)}"}`,
      status: 413,
      code: 'HUB_BODY_TOO_LARGE',
      detail: 'over 65536 bytes',
    },
    {
      name: 'an unknown tool, with names that are close',
      tool: 'desk/tools/ecko',
      status: 404,
      code: 'HUB_TOOL_UNKNOWN',
      detail: 'no tool "ecko" in desk',
      more: { suggestions: expect.arrayContaining(['echo']) },
    },
    {
      name: 'an unknown connector, with names that are close',
      tool: 'desc/tools/echo',
      status: 404,
      code: 'HUB_TOOL_UNKNOWN',
      detail: 'no connector "desc" here',
      more: { suggestions: ['desk'] },
    },
    { name: 'a name with a broken escape', tool: 'desk/tools/%zz', status: 404, code: 'HUB_TOOL_UNKNOWN', detail: 'no tool "%zz"' },
    {
      name: 'an argument a policy refuses',
      tool: 'desk/tools/forbidden',
      body: '{"symbol":"ETH/USDT"}',
      status: 403,
      code: 'HUB_DENIED',
      detail: '"symbol" may not be',
      more: { argument: 'symbol' },
    },
    {
      name: 'a deadline that passed',
      tool: 'desk/tools/late',
      status: 504,
      code: 'HUB_TIMEOUT',
      detail: 'did not answer within 0.05 s',
      more: { timeoutMs: 50 },
    },
    {
      name: 'what the system behind refused',
      tool: 'desk/tools/refused',
      status: 422,
      code: 'HUB_QUERY_FAILED',
      detail: 'the database refused the statement',
      more: { table: 'ohlcv' },
    },
    { name: 'a tool that must ask its user', tool: 'desk/tools/ask', status: 422, code: 'HUB_INPUT_UNSUPPORTED', detail: 'must ask its user' },
    { name: 'an upstream that asks its user', tool: 'desk/tools/input', status: 422, code: 'HUB_INPUT_UNSUPPORTED', detail: 'call it over MCP' },
    {
      name: 'an upstream’s own error',
      tool: 'desk/tools/sad',
      status: 502,
      code: 'HUB_UPSTREAM_FAILED',
      detail: 'no such city',
      more: { content: [{ type: 'text', text: 'no such city' }] },
    },
    { name: 'an upstream’s error without words', tool: 'desk/tools/mute', status: 502, code: 'HUB_UPSTREAM_FAILED', detail: 'no words' },
    {
      name: 'a write that could not be audited',
      tool: 'desk/tools/write',
      status: 503,
      code: 'HUB_AUDIT_UNAVAILABLE',
      detail: 'nothing was changed',
      more: { retryAfterMs: 5_000 },
    },
  ]
  test.each(cases)('$name is a problem', async ({ tool, body, status, code, detail, more }) => {
    const answer = await post(tool, body)
    expect(answer.body).toMatchObject({
      type: `urn:integration-hub:error:${code}`,
      title: expect.any(String),
      status,
      code,
      detail: expect.stringContaining(detail),
      ...more,
    })
    expect(answer).toMatchObject({ status, type: 'application/problem+json' })
  })

  test('says when to come back', async () => {
    const down = await post('desk/tools/down')
    expect(down).toMatchObject({ status: 503, body: { code: 'HUB_CONNECTOR_DOWN', retryAfterMs: 1_500, callId: expect.any(String) } })
    expect(down.headers.get('retry-after')).toBe('2')
    expect(down.headers.get('x-hub-call-id')).toBe(down.body.callId)
    await post('desk/tools/limited')
    const limited = await post('desk/tools/limited')
    expect(limited).toMatchObject({ status: 429, body: { code: 'HUB_LIMITED' } })
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(60)
  })

  test('shows nothing of what is written for operators, nor of a fault of the hub', async () => {
    const denied = await post('desk/tools/private')
    expect(denied).toMatchObject({ status: 403, body: { code: 'HUB_EGRESS_DENIED', callId: expect.any(String) } })
    expect(denied.text).not.toContain('10.1.2.3')
    const burst = await post('desk/tools/bursts')
    expect(burst).toMatchObject({ status: 500, body: { code: 'HUB_INTERNAL' } })
    expect(burst.text).not.toContain('/etc/passwd')
  })

  test.each([
    { name: 'another method', path: '/api/mcp/desk/tools/word', init: { method: 'GET' }, status: 405, allow: 'POST, OPTIONS' },
    { name: 'a list that is posted to', path: '/api/mcp', init: { method: 'POST' }, status: 405, allow: 'GET, HEAD, OPTIONS' },
    { name: 'an address there is none of', path: '/api/mcp/desk', init: {}, status: 404, allow: null },
    {
      name: 'another type',
      path: '/api/mcp/desk/tools/word',
      init: { method: 'POST', body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      status: 415,
      allow: null,
    },
    {
      name: 'a compressed body',
      path: '/api/mcp/desk/tools/word',
      init: { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } },
      status: 415,
      allow: null,
    },
  ])('of HTTP itself is one too: $name', async ({ path, init, status, allow }) => {
    const answer = await told(await fetch(at(path), init))
    expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { type: 'about:blank', status, detail: expect.any(String) } })
    expect(answer.headers.get('allow')).toBe(allow)
  })
})

describe('the door', () => {
  test('refuses a host and an origin that are not served', async () => {
    expect(await raw('/api/mcp/desk/tools/word', { host: 'rebound.example' })).toMatchObject({
      status: 403,
      body: { code: 'HUB_HOST_REJECTED' },
      headers: { 'content-type': 'application/problem+json' },
    })
    expect(await raw('/api/mcp', { host: '10.0.0.1' }, 'GET')).toMatchObject({ status: 403, body: { code: 'HUB_HOST_REJECTED' } })
    expect(await raw('/api/mcp/desk/tools/word', { origin: 'https://evil.example' })).toMatchObject({ status: 403, body: { code: 'HUB_ORIGIN_REJECTED' } })
  })

  test('lets scripts of an origin on the list read answers, refusals and their headers', async () => {
    const origin = 'https://desk.example'
    for (const tool of ['word', 'nowhere']) {
      const { headers } = await raw(`/api/mcp/desk/tools/${tool}`, { origin })
      expect(headers['access-control-allow-origin']).toBe(origin)
      expect(headers['access-control-expose-headers']).toContain('X-Hub-Cache')
      expect(headers['access-control-expose-headers']).toContain('Retry-After')
    }
    const preflight = await raw(
      '/api/mcp/desk/tools/word',
      { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
      'OPTIONS',
    )
    expect(preflight).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': origin, 'access-control-allow-methods': expect.stringContaining('POST') },
    })
    expect((await raw('/api/mcp', { origin: 'http://localhost:1' }, 'OPTIONS')).status).toBe(403)
  })

  test('takes a body in pieces, and gives up one that grows over the bound', async () => {
    const pieces = (count: number) =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(Buffer.from('{"symbol":"'))
          for (let piece = 0; piece < count; piece += 1) controller.enqueue(Buffer.from('x'.repeat(1_000)))
          controller.enqueue(Buffer.from('"}'))
          controller.close()
        },
      })
    const send = async (count: number) =>
      told(
        await fetch(at('/api/mcp/desk/tools/echo'), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: pieces(count),
          duplex: 'half',
        } as RequestInit),
      )
    expect((await send(3)).body.symbol).toHaveLength(3_000)
    expect(await send(200)).toMatchObject({ status: 413, body: { code: 'HUB_BODY_TOO_LARGE', limit: 65_536 } })
  })
})

describe('the list of tools', () => {
  test('tells connectors, their tools and where to call them', async () => {
    const { status, body } = await told(await fetch(at('/api/mcp')))
    expect(status).toBe(200)
    expect(body).toMatchObject({ name: 'plain', openapi: '/api/openapi.json' })
    expect(body.connectors.map(({ name }: { name: string }) => name)).toEqual(['desk', 'hub'])
    expect(body.connectors[0].tools.find(({ name }: { name: string }) => name === 'echo')).toEqual({
      name: 'echo',
      title: 'Echo',
      summary: 'It does echo.',
      effect: 'read',
      aliases: ['parrot'],
      deprecated: 'use rows',
      path: '/api/mcp/desk/tools/echo',
    })
  })

  test('answers HEAD without a body', async () => {
    const response = await fetch(at('/api/mcp'), { method: 'HEAD' })
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: '' })
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100)
  })

  test('follows the manifests', async () => {
    await served.write('connectors/late.yaml', deskManifest.replaceAll('desk', 'late').replace('"kind":"late"', '"kind":"desk"'))
    await expect.poll(async () => (await told(await fetch(at('/api/mcp')))).body.connectors.length, { timeout: 5_000 }).toBe(3)
    expect((await post('late/tools/word')).body).toBe('just text')
  })
})

test('a caller who goes away has its call aborted', async () => {
  const leaving = httpRequest(at('/api/mcp/desk/tools/wait'), { method: 'POST' }).on('error', () => undefined)
  leaving.end()
  await desk.begun
  leaving.destroy()
  const reason = (await desk.aborted) as HubError
  expect(reason).toBeInstanceOf(HubError)
  expect(reason.code).toBe('HUB_CANCELLED')
})

test('a hub that stops lets calls in flight end', async () => {
  const other = createDesk()
  const config = 'hub: { name: stopping, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "postgres://hub:x@127.0.0.1:1/hub" }\n'
  const hub = await serveHub(
    { 'hub.config.yaml': config, 'connectors/desk.yaml': deskManifest },
    {},
    { kinds: [other.kind], log: createLogger({ level: 'silent' }) },
  )
  const answer = fetch(`${hub.hub.url}/api/mcp/desk/tools/wait`, { method: 'POST' })
  await other.begun
  const closed = hub.close()
  other.release()
  expect(await (await answer).json()).toEqual({ released: true })
  await closed
})

test('an edge that was closed refuses what still comes, and says when to come back', async () => {
  const { handler, close } = createHandling(served.hub.edge)
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await close()
  const { port } = server.address() as AddressInfo
  const answer = await told(await fetch(`http://127.0.0.1:${port}/api/mcp`))
  expect(answer).toMatchObject({ status: 503, body: { code: 'HUB_STOPPING' } })
  expect(answer.headers.get('retry-after')).toBe('1')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
