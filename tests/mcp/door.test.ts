import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTalker, market } from './connectors.ts'
import { startTestHub, type TestHub } from './hub.ts'
import { legacyPost, modernPost, openSession, send } from './raw.ts'

let hub: TestHub
const origin = 'https://console.example.com'

beforeAll(async () => {
  const route =
    (status: number) =>
    (_request: unknown, response: ServerResponse): void =>
      void response.writeHead(status).end('plain')
  hub = await startTestHub({
    connectors: [market, createTalker()],
    routes: new Map([
      ['/livez', route(200)],
      ['/metrics', route(200)],
      ['/breaks', async () => Promise.reject(new Error('password is hunter2'))],
    ]),
    config: {
      auth: { mode: 'local', issuers: [], cors: [origin], hosts: ['hub.example.com'] },
      limits: { principal: { calls: 1e6, perMs: 1000 }, organisation: { calls: 1e6, perMs: 1000 }, bodyBytes: 2_000, concurrency: 64 },
    },
  })
})
afterAll(() => hub.close())

const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })
const plain = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

describe('Host and Origin', () => {
  test.each([
    ['a foreign host', { host: 'evil.example.com' }, 403],
    ['an address that is not this machine’s', { host: '10.1.2.3' }, 403],
    ['a host that is none', { host: 'a/b' }, 403],
    ['localhost', { host: 'localhost:9' }, 200],
    ['a configured host', { host: 'hub.example.com' }, 200],
    ['a foreign origin', { origin: 'https://evil.example.com' }, 403],
    ['an opaque origin', { origin: 'null' }, 403],
    ['an origin on this machine', { origin: 'http://localhost:6274' }, 200],
    ['an origin on the list', { origin }, 200],
  ] as const)('%s', async (_name, headers, status) => {
    const answer = await legacyPost(`${hub.url}/mcp`, ping, headers)
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.messages[0].error.message).toMatch(/^HUB_(HOST|ORIGIN)_REJECTED: /)
  })

  test('probes may come by address, pages from elsewhere may not', async () => {
    expect((await send(`${hub.url}/livez`, { method: 'GET', headers: { host: 'evil.example.com' } })).status).toBe(200)
    expect((await send(`${hub.url}/metrics`, { method: 'GET', headers: { host: '10.1.2.3:8080' } })).status).toBe(200)
    expect((await send(`${hub.url}/metrics`, { method: 'GET', headers: { host: 'evil.example.com' } })).status).toBe(403)
  })

  test('a plain route that fails answers 500 and shows nothing of why', async () => {
    const answer = await send(`${hub.url}/breaks`, { method: 'GET' })
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('hunter2')
  })
})

describe('CORS', () => {
  test('a preflight from the list is told what it may send, parameter headers included', async () => {
    const answer = await send(`${hub.url}/mcp`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'mcp-param-region, x-evil' },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers['access-control-allow-origin']).toBe(origin)
    expect(answer.headers['access-control-allow-headers']).toContain('Mcp-Session-Id')
    expect(answer.headers['access-control-allow-headers']).toContain('mcp-param-region')
    expect(answer.headers['access-control-allow-headers']).not.toContain('x-evil')
  })

  test('an origin on this machine that is not on the list passes the door and may not read', async () => {
    expect((await send(`${hub.url}/mcp`, { method: 'OPTIONS', headers: { origin: 'http://localhost:3000' } })).status).toBe(403)
    const answer = await legacyPost(`${hub.url}/mcp`, ping, { origin: 'http://localhost:3000' })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('answers let a listed page read the session id and the challenge', async () => {
    const answer = await legacyPost(`${hub.url}/mcp`, ping, { origin })
    expect(answer.headers['access-control-expose-headers']).toContain('Mcp-Session-Id')
    expect(answer.headers['access-control-expose-headers']).toContain('WWW-Authenticate')
    expect(answer.headers['vary']).toBe('Origin')
  })
})

describe('requests that cannot be served', () => {
  test('a declared body over the bound is refused before it is read', async () => {
    const answer = await legacyPost(`${hub.url}/mcp`, ' '.repeat(2_001))
    expect(answer.status).toBe(413)
    expect(answer.messages[0].error.message).toContain('HUB_BODY_TOO_LARGE')
  })

  test('an undeclared body is refused as soon as it is over the bound', async () => {
    const { port } = new URL(hub.url)
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1')
      let heard = ''
      socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk))
      socket.on('close', () => resolve(heard))
      socket.on('error', reject)
      socket.write(
        `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n`,
      )
      socket.write(`bb8\r\n${' '.repeat(3_000)}\r\n`)
    })
    expect(text).toMatch(/^HTTP\/1.1 413 /)
  })

  test.each([
    ['nothing there', 'GET', '/nothing', 404],
    ['no such connector', 'POST', '/mcp/connectors/none', 404],
    ['no such toolset', 'POST', '/mcp/toolsets/none', 404],
    ['deeper than endpoints go', 'POST', '/mcp/connectors/market/more', 404],
    ['a method MCP does not use', 'PUT', '/mcp', 405],
    ['metadata where there is no OAuth', 'GET', '/.well-known/oauth-protected-resource/mcp', 404],
  ])('%s', async (_name, method, path, status) => {
    expect((await send(hub.url + path, { method, headers: plain, ...(method === 'POST' ? { body: ping } : {}) })).status).toBe(status)
  })

  test('a legacy POST must accept both forms of an answer', async () => {
    const answer = await send(`${hub.url}/mcp`, { headers: { ...plain, accept: 'application/json' }, body: ping })
    expect(answer.status).toBe(406)
  })

  test('a compressed body is not guessed at', async () => {
    expect((await send(`${hub.url}/mcp`, { headers: { ...plain, 'content-encoding': 'gzip' }, body: ping })).status).toBe(415)
  })

  test('answers carry headers that keep browsers and caches from misusing them', async () => {
    const { headers } = await modernPost(`${hub.url}/mcp`, 'tools/list')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-security-policy']).toContain("default-src 'none'")
  })
})

describe('who calls', () => {
  let guarded: TestHub
  beforeAll(async () => {
    guarded = await startTestHub({
      connectors: [market],
      keys: [
        { name: 'reader', role: 'reader' },
        { name: 'writer', role: 'writer' },
      ],
    })
  })
  afterAll(() => guarded.close())
  const bearer = (name: string) => ({ authorization: `Bearer ${guarded.keys[name]}` })

  test('no credential is 401 with a challenge, and no word of what is behind', async () => {
    const answer = await modernPost(`${guarded.url}/mcp`, 'tools/list')
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/)
    expect(answer.text).not.toContain('market')
  })

  test('a wrong credential is 401, and counted', async () => {
    const answer = await modernPost(`${guarded.url}/mcp`, 'tools/list', {}, { headers: { authorization: 'Bearer hub_nonsense' } })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('invalid_token')
    expect(await guarded.metrics.text()).toMatch(/mcp_authentication_failures_total\{[^}]+\} [1-9]/)
  })

  test('what a role may not use is unknown to it, in list and call alike', async () => {
    const list = async (name: string) =>
      (await modernPost(`${guarded.url}/mcp`, 'tools/list', {}, { headers: bearer(name) })).messages[0].result.tools.map((tool: { name: string }) => tool.name)
    expect(await list('writer')).toContain('market_write')
    expect(await list('reader')).not.toContain('market_write')
    const call = await modernPost(`${guarded.url}/mcp`, 'tools/call', { name: 'market_write' }, { headers: bearer('reader') })
    expect(call.messages[0].error).toMatchObject({ code: -32602, data: { code: 'HUB_TOOL_UNKNOWN' } })
    expect(await guarded.metrics.text()).toContain('mcp_error_total{code="HUB_TOOL_UNKNOWN"} 1')
  })

  test('a session answers its owner alone', async () => {
    const session = await openSession(`${guarded.url}/mcp`, { headers: bearer('reader') })
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
    expect((await legacyPost(`${guarded.url}/mcp`, list, session.headers)).status).toBe(200)
    expect((await legacyPost(`${guarded.url}/mcp`, list, { ...session.headers, ...bearer('writer') })).status).toBe(404)
    expect((await send(`${guarded.url}/mcp`, { method: 'DELETE', headers: { ...session.headers, ...bearer('writer') } })).status).toBe(404)
    expect((await legacyPost(`${guarded.url}/mcp/connectors/market`, list, session.headers)).status).toBe(404)
    expect((await legacyPost(`${guarded.url}/mcp`, list, session.headers)).status).toBe(200)
  })
})

describe('a hub with OAuth', () => {
  let oauth: TestHub
  beforeAll(async () => {
    const issuer = {
      url: 'https://id.example.com/',
      audience: 'hub',
      jwks: 'https://id.example.com/jwks',
      algorithms: ['RS256'],
      roleMap: {},
      defaultRole: 'reader' as const,
    }
    oauth = await startTestHub({ connectors: [market], config: { auth: { mode: 'oauth', issuers: [issuer], cors: [], hosts: [] } } })
  })
  afterAll(() => oauth.close())

  test('tells anyone, pages included, whose tokens it takes', async () => {
    const answer = await send(`${oauth.url}/.well-known/oauth-protected-resource/mcp/connectors/market`, { method: 'GET' })
    expect(answer.messages[0]).toMatchObject({ resource: `${oauth.url}/mcp/connectors/market`, authorization_servers: ['https://id.example.com/'] })
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect((await send(`${oauth.url}/.well-known/oauth-protected-resource/elsewhere`, { method: 'GET' })).status).toBe(404)
  })

  test('points a caller without a token there', async () => {
    const answer = await modernPost(`${oauth.url}/mcp`, 'tools/list')
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain(`resource_metadata="${oauth.url}/.well-known/oauth-protected-resource/mcp"`)
  })
})
