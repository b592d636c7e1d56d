import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { request, RefusedError } from '../../../runtime/commands/wire.ts'

let server: Server | undefined
afterEach(() => server?.close())

/** A server that answers every request with these words, and keeps what it was asked. */
async function answering(status: number, type: string, body: string): Promise<{ url: string; asked: { headers: IncomingMessage['headers']; body: string }[] }> {
  const asked: { headers: IncomingMessage['headers']; body: string }[] = []
  server = createServer((incoming, outgoing) => {
    void text(incoming).then((sent) => {
      asked.push({ headers: incoming.headers, body: sent })
      outgoing.writeHead(status, { 'content-type': type, connection: 'close' }).end(body)
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test('numbers keep their digits in both directions', async () => {
  const { url, asked } = await answering(200, 'application/json', '{"jsonrpc":"2.0","id":1,"result":{"n":9007199254740995}}')
  const args = JSON.parse('{}') as object
  const result = await request({ url }, 'tools/call', {
    name: 'x',
    arguments: { ...args, big: (await import('../../../runtime/contract/json.ts')).parseJson('12345678901234567890') },
  })
  expect(JSON.stringify(result)).toBe('{"n":9007199254740995}')
  expect(asked[0]?.body).toContain('"big":12345678901234567890')
})

test('an answer in an event stream is the message with a result, not the progress before it', async () => {
  const events = ['{"jsonrpc":"2.0","method":"notifications/progress","params":{}}', '{"jsonrpc":"2.0","id":1,"result":{"done":true}}'].map(
    (data) => `event: message\ndata: ${data}\n\n`,
  )
  const { url } = await answering(200, 'text/event-stream', `: keepalive\n\n${events.join('')}`)
  expect(await request({ url }, 'tools/call', { name: 'x' })).toEqual({ done: true })
})

test('the key travels as a bearer token', async () => {
  const { url, asked } = await answering(200, 'application/json', '{"jsonrpc":"2.0","id":1,"result":{}}')
  await request({ url, key: 'hub_k' }, 'tools/list', {})
  expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer hub_k', 'mcp-method': 'tools/list', 'mcp-protocol-version': '2026-07-28' })
})

test('an error of the protocol keeps its code and data', async () => {
  const { url } = await answering(200, 'application/json', '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no","data":{"suggestions":["a"]}}}')
  const refused = await request({ url }, 'tools/call', { name: 'x' }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(RefusedError)
  expect(refused).toMatchObject({ code: -32602, message: 'no', data: { suggestions: ['a'] } })
})

test.each([
  { status: 401, key: undefined, exit: 3, words: 'asks who you are' },
  { status: 401, key: 'k', exit: 3, words: 'does not know this key' },
  { status: 403, key: 'k', exit: 3, words: 'may not do that' },
])('a $status with key $key is exit $exit', async ({ status, key, exit, words }) => {
  const { url } = await answering(status, 'application/json', '{}')
  await expect(request({ url, ...(key === undefined ? {} : { key }) }, 'tools/list', {})).rejects.toMatchObject({
    exit,
    message: expect.stringContaining(words) as string,
  })
})

test('an address where no hub answers, and one where something else does, are exit 4', async () => {
  const { url } = await answering(200, 'text/html', '<p>hello</p>')
  await expect(request({ url }, 'tools/list', {})).rejects.toMatchObject({ exit: 4, message: expect.stringContaining('no MCP message') as string })
  server?.close()
  await expect(request({ url: 'http://127.0.0.1:1' }, 'tools/list', {})).rejects.toMatchObject({
    exit: 4,
    message: expect.stringContaining('no hub answers') as string,
  })
})
