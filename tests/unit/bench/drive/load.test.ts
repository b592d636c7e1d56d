import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { runLoad } from '../../../../bench/drive/load.ts'
import { KeptStreams } from '../../../../bench/drive/stream.ts'
import type { Dialect, Exchange, Load } from '../../../../bench/drive/target.ts'
import { answerTo, echoTool, type Message } from '../../../../bench/servers/echo.ts'

const closing: (() => void)[] = []
let streams = new KeptStreams()
const closeAll = (): void => {
  for (const close of closing.splice(0)) close()
  streams.close()
  streams = new KeptStreams()
}
afterEach(closeAll)

interface Seen {
  readonly request: IncomingMessage
  readonly message?: Message & { params?: { _meta?: object; name?: string } }
}

async function serve(answer: (seen: Seen, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += part)).once('end', () => answer({ request, message: body === '' ? undefined : JSON.parse(body) }, response))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closing.push(() => void server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

const calls: Exchange[] = ['eins', 'zwei', 'drei'].map((text) => ({ method: 'tools/call', params: { name: 'echo', arguments: { text } }, holds: [text] }))
const load = (urls: readonly string[], dialect: Dialect, concurrency = 4): Load => ({
  target: { type: 'http', dialect, urls, headers: { authorization: 'Bearer k' }, exchanges: calls },
  concurrency,
  settleMs: 0,
  measureMs: 60,
  pids: [],
})

test('right answers are counted, and the driver tells what it took', async () => {
  const url = await serve(({ message }, response) => response.end(answerTo(message!, [echoTool])))
  const sample = await runLoad(load([url], 'stateless'), streams)
  expect(sample.wrong).toBe(0)
  expect(sample.answers).toBeGreaterThan(0)
  expect(sample.p99Ms).toBeGreaterThanOrEqual(sample.p50Ms)
  expect(sample.seconds).toBeGreaterThanOrEqual(0.055)
  expect(sample.driverShare).toBeGreaterThan(0)
  expect(sample.answerBytes).toBeGreaterThan(50)
})

test('a server that says the same to everybody is found out', async () => {
  const url = await serve(({ message }, response) =>
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message!.id, result: { content: [{ type: 'text', text: 'eins' }] } })),
  )
  const sample = await runLoad(load([url], 'stateless'), streams)
  expect(sample.wrong).toBeGreaterThan(0)
  expect(sample.firstWrong).toMatch(/^200 .*eins/)
})

test('a right body with a wrong status is wrong', async () => {
  const url = await serve(({ message }, response) => response.writeHead(500).end(answerTo(message!, [echoTool])))
  expect((await runLoad(load([url], 'stateless', 1), streams)).firstWrong).toMatch(/^500 /)
})

test('a modern caller says its revision, method and tool in headers and body', async () => {
  const seen: Seen[] = []
  const url = await serve((one, response) => {
    seen.push(one)
    response.end(answerTo(one.message!, [echoTool]))
  })
  await runLoad(load([url], 'modern', 1), streams)
  const { request, message } = seen[0]!
  expect(request.headers).toMatchObject({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'echo', authorization: 'Bearer k' })
  expect(message?.params?._meta).toMatchObject({ 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} })
})

test('a 2025 caller opens a session, keeps to it, and ends it', async () => {
  const told: string[] = []
  let opened = 0
  const url = await serve(({ request, message }, response) => {
    const session = request.headers['mcp-session-id']
    told.push(`${request.method} ${message?.method ?? ''} ${session !== undefined}`)
    if (request.method === 'DELETE') return response.end()
    if (message?.method === 'initialize') response.setHeader('mcp-session-id', `session-${(opened += 1)}`)
    const answer = answerTo(message!, [echoTool])
    if (answer === undefined) return response.writeHead(202).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`event: message\ndata: ${answer}\n\n`)
  })
  const sample = await runLoad(load([url], 'session', 3), streams)
  expect(sample.wrong).toBe(0)
  expect(opened).toBe(3)
  expect(told.filter((line) => line === 'DELETE  true')).toHaveLength(3)
  expect(told.filter((line) => line === 'POST notifications/initialized true')).toHaveLength(3)
  expect(told).not.toContain('POST tools/call false')
})

test('a caller of 2024 is answered on its event stream, which outlives a stretch of load', async () => {
  const opened = new Map<string, ServerResponse>()
  const url = await serve(({ request, message }, response) => {
    const id = new URL(request.url!, 'http://h').searchParams.get('sessionId')
    if (request.method === 'GET') {
      const own = String(opened.size)
      opened.set(own, response.writeHead(200, { 'content-type': 'text/event-stream' }))
      return response.write(`event: endpoint\ndata: /messages?sessionId=${own}\n\n`)
    }
    const answer = answerTo(message!, [echoTool])
    if (answer !== undefined) opened.get(id!)?.write(`event: message\ndata: ${answer}\n\n`)
    response.writeHead(202).end('Accepted')
  })
  const sample = await runLoad(load([url], 'sse', 3), streams)
  expect(sample.wrong).toBe(0)
  expect(sample.answers).toBeGreaterThan(0)
  expect(opened.size).toBe(3)
  expect((await runLoad(load([url], 'sse', 4), streams)).wrong).toBe(0)
  expect(opened.size).toBe(4)
})

test('lanes take the addresses in turn', async () => {
  const hits = [0, 0]
  const urls = await Promise.all(
    hits.map((_, which) =>
      serve(({ message }, response) => {
        hits[which]! += 1
        response.end(answerTo(message!, [echoTool]))
      }),
    ),
  )
  await runLoad(load(urls, 'stateless', 4), streams)
  expect(hits.every((count) => count > 0)).toBe(true)
})

test('a server that goes away ends the load with an error', async () => {
  let left = 20
  const url = await serve(({ message, request }, response) => {
    left -= 1
    if (left < 0) return request.socket.destroy()
    response.end(answerTo(message!, [echoTool]))
  })
  await expect(runLoad({ ...load([url], 'stateless', 2), measureMs: 5000 }, streams)).rejects.toThrow(/closed|ECONNRESET/)
})
