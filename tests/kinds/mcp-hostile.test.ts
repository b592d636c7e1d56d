import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../runtime/contract/json.ts'
import { socketsPerOrigin } from '../../runtime/guards/egress.ts'
import type { McpConfig } from '../../runtime/kinds/mcp/config.ts'
import { openMcp, textOf, until } from '../fixtures/upstreams/lent.ts'
import type { Opened, OpenOptions } from '../fixtures/upstreams/lent.ts'

let opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of opened.toReversed()) await one.close()
  opened = []
})

async function open(config: McpConfig, options?: OpenOptions): Promise<Opened> {
  const one = await openMcp({ era: 'legacy', ...config }, options)
  opened.push(one)
  return one
}

type Message = JsonObject & { readonly id?: Json; readonly method?: string }
type Answering = (message: Message, response: ServerResponse, request: IncomingMessage) => void
interface Served {
  readonly url: string
  readonly seen: readonly Message[]
  readonly closed: () => number
  of(method: string): readonly Message[]
}

const said = (id: Json | undefined, text: string): string => JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } })
const json = (response: ServerResponse, status: number, text: string, headers = {}): void =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)

/** A server with one tool and a session, whose calls, and answers to what it asks, are left to the test. */
async function serve(answering: Answering): Promise<Served> {
  const seen: Message[] = []
  let closed = 0
  const server = createServer((request, response) => {
    let body = ''
    request
      .on('data', (part) => (body += part))
      .on('end', () => {
        if (request.method !== 'POST') return void response.writeHead(405).end()
        const message = JSON.parse(body) as Message
        seen.push(message)
        const { id, method } = message
        const answer = (result: object, headers = {}): void => json(response, 200, JSON.stringify({ jsonrpc: '2.0', id, result }), headers)
        if (method === 'initialize')
          return answer(
            { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'hostile', version: '0' } },
            { 'mcp-session-id': 's' },
          )
        if (method === 'tools/list') return answer({ tools: [{ name: 't', inputSchema: { type: 'object' } }] })
        if (method === 'ping') return answer({})
        if (method?.startsWith('notifications/')) return void response.writeHead(202).end()
        if (method === 'tools/call') response.on('close', () => closed++)
        answering(message, response, request)
      })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  opened.push({
    close: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(done))
    },
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  return { url, seen, closed: () => closed, of: (wanted) => seen.filter(({ method }) => method === wanted) }
}

describe('an HTTP upstream', () => {
  test('whose session is closed gets the sockets of its calls back', async () => {
    const server = await serve(() => undefined)
    const { call, connector } = await open({ url: server.url })
    const calls = Array.from({ length: 5 }, () => call('t').catch((error: unknown) => error))
    await until('the calls to be there', () => server.of('tools/call').length === 5)
    await connector.close()
    await until('their sockets to be let go', () => server.closed() === 5)
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
  })

  test.each([
    ['a tool speaks of a session', -32_602, 'no trading session is open for this order'],
    ['a tool says so under the id of the call', -32_000, 'Session not found'],
  ])('that refuses a write with 400, where %s, gets it once, and its reason is told', async (_where, code, message) => {
    const server = await serve(({ id }, response) => json(response, 400, JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } })))
    const { call } = await open({ url: server.url }, { effect: 'write' })
    await expect(call('t')).rejects.toMatchObject({ message: expect.stringContaining(message) })
    expect([server.of('tools/call').length, server.of('initialize').length]).toEqual([1, 1])
  })

  test.each(['Bad Request: No valid session ID provided', 'Session not found', 'Invalid or expired session ID'])(
    'that refuses with 400 what it did not read, saying "%s", gets it again on a new session',
    async (message) => {
      let refused = false
      const server = await serve(({ id }, response) => {
        if (refused) return json(response, 200, said(id, 'ok'))
        refused = true
        json(response, 400, JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_000, message } }))
      })
      const { call } = await open({ url: server.url }, { effect: 'write' })
      expect(textOf(await call('t'))).toBe('ok')
      expect(server.of('initialize')).toHaveLength(2)
    },
  )

  test('that redirects in a circle is followed for some hops only', async () => {
    const server = await serve((_message, response, { url }) => void response.writeHead(307, { location: url === '/a' ? '/b' : '/a' }).end())
    const { call } = await open({ url: server.url })
    await expect(call('t')).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.stringContaining('status 307') })
    expect(server.of('tools/call')).toHaveLength(6)
  })

  test.each([
    ['a gateway cuts off', (response: ServerResponse) => void response.writeHead(504).end()],
    ['it ends without an answer', (response: ServerResponse) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end()],
    [
      'it answers with neither a result nor an error',
      (response: ServerResponse, id: Json | undefined) => json(response, 200, `{"jsonrpc":"2.0","id":${String(id)}}`),
    ],
  ])('whose write %s says that the outcome is unknown, and invites no repeat', async (_how, answer) => {
    const server = await serve(({ id }, response) => answer(response, id))
    const { call } = await open({ url: server.url }, { effect: 'write' })
    await expect(call('t')).rejects.toMatchObject({ message: expect.not.stringContaining('try again'), details: { outcome: 'unknown' } })
    const reads = await open({ url: server.url })
    await expect(reads.call('t')).rejects.toMatchObject({ details: expect.not.objectContaining({ outcome: 'unknown' }) })
  })

  test.each(['Application/JSON; charset=utf-8', 'Text/Event-Stream'])('may write its content type as %s', async (type) => {
    const server = await serve(({ id }, response) => {
      const text = said(id, 'ok')
      response.writeHead(200, { 'content-type': type }).end(type.startsWith('Text') ? `data: ${text}\n\n` : text)
    })
    const { call } = await open({ url: server.url })
    expect(textOf(await call('t'))).toBe('ok')
  })

  test('gets answers to its questions, and is probed, while calls that ask hold every socket', async () => {
    const asking = new Map<Json, () => void>()
    const server = await serve(({ id, method }, response) => {
      if (method === undefined) return (asking.get(id as Json)?.(), void response.writeHead(202).end())
      asking.set(`q${String(id)}`, () => response.end(`data: ${said(id, 'asked')}\n\n`))
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: `q${String(id)}`, method: 'elicitation/create', params: {} })}\n\n`)
    })
    const { call, connector } = await open({ url: server.url })
    let answer: (value: Json) => void = () => undefined
    const answered = new Promise<Json>((done) => (answer = done))
    const calls = Array.from({ length: socketsPerOrigin }, () => call('t', {}, { ask: () => answered }))
    await until('every question to be asked', () => asking.size === socketsPerOrigin)
    expect(await connector.check(AbortSignal.timeout(5_000))).toMatchObject({ state: 'up' })
    answer({ action: 'decline' })
    expect((await Promise.all(calls)).map(textOf)).toEqual(calls.map(() => 'asked'))
  })
})

/** A child that does one thing at a time. `onCall` is the body of a function of the message and of `say`. */
const childOf = (onCall: string, ...args: readonly string[]): McpConfig => ({
  command: process.execPath,
  args: [
    '-e',
    `const { existsSync, writeFileSync } = require('node:fs')
    const say = (text) => process.stdout.write(text + '\\n')
    const answer = (m, result) => say(JSON.stringify({ jsonrpc: '2.0', id: m.id, result }))
    const onCall = (m, say) => { ${onCall} }
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const m = JSON.parse(line)
      if (m.method === 'initialize') answer(m, { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'child', version: '0' } })
      if (m.method === 'tools/list') answer(m, { tools: [{ name: 't', inputSchema: { type: 'object' } }] })
      if (m.method === 'ping') answer(m, {})
      if (m.method === 'tools/call') onCall(m, say)
    })`,
    ...args,
  ],
})

describe('a child', () => {
  test.each([
    '{"jsonrpc":"2.0","id":ID,"result":{"content":[{"type":"text","text":"FLOOD"}],"structuredContent":{"rows":[{"id":1},{"id":2}]}}}',
    '{"jsonrpc":"2.0","result":{"structuredContent":{"rows":[{"id":1},{"id":2}]},"content":[{"type":"text","text":"FLOOD"}]},"id":ID}',
  ])('whose answer is too long is told so, wherever its id stands: %s', async (answer) => {
    const { call } = await open(childOf(`say(${JSON.stringify(answer)}.replace('ID', m.id).replace('FLOOD', 'x'.repeat(17 * 1024 * 1024)))`))
    await expect(call('t')).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.stringContaining('longer than 16777216 characters') })
  })

  describe('that one call keeps busy', () => {
    let folder: string
    const late = (): AbortSignal => AbortSignal.timeout(50)
    const busy = (): McpConfig =>
      childOf(
        `writeFileSync(process.argv[1] + '/begun', ''); while (!existsSync(process.argv[1] + '/end')) ;
         say(JSON.stringify({ jsonrpc: '2.0', id: m.id, result: { content: [{ type: 'text', text: String(process.pid) }] } }))`,
        folder,
      )
    const begun = (): Promise<void> => until('the call to begin', () => existsSync(join(folder, 'begun')))

    test('is given until that call ends, however many probes it misses', async () => {
      folder = await mkdtemp(join(tmpdir(), 'hub-busy-'))
      const { call, connector } = await open(busy())
      const long = call('t')
      await begun()
      for (let probe = 0; probe < 5; probe++)
        expect(await connector.check(late())).toMatchObject({ state: 'down', detail: expect.stringMatching(/none of \d probes; it is given until the calls/) })
      await writeFile(join(folder, 'end'), '')
      const pid = textOf(await long)
      expect(await connector.check(AbortSignal.timeout(5_000))).toMatchObject({ state: 'up' })
      expect(textOf(await call('t'))).toBe(pid)
      await rm(folder, { recursive: true })
    })

    test('is replaced once that call was given up, though others wait, and they are told why', async () => {
      folder = await mkdtemp(join(tmpdir(), 'hub-busy-'))
      const { call, connector } = await open(busy())
      const stop = new AbortController()
      const given = call('t', {}, { signal: stop.signal }).catch((error: unknown) => error)
      await begun()
      for (let probe = 0; probe < 3; probe++) await connector.check(late())
      const waiting = call('t').catch((error: unknown) => error)
      stop.abort()
      await given
      await connector.check(late())
      expect(await waiting).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('answered none of 4 probes') })
      await rm(folder, { recursive: true })
    })
  })
})
