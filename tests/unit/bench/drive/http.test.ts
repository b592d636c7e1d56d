import { createServer as createRawServer } from 'node:net'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Connection, headerOf, requestBytes } from '../../../../bench/drive/http.ts'

const closing: (() => void)[] = []
const closeAll = (): void => {
  for (const close of closing.splice(0)) close()
}
afterEach(closeAll)

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closing.push(() => void server.close().closeAllConnections())
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp?a=1`)
}

/** Answers whatever it is asked with these pieces of bytes, each written on its own. */
async function serveRaw(pieces: readonly string[]): Promise<URL> {
  const server = createRawServer((socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => {})
    const left = [...pieces]
    const write = (): void => {
      const piece = left.shift()
      if (piece !== undefined) socket.write(piece, () => setImmediate(write))
    }
    socket.once('data', write)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closing.push(() => void server.close())
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

function ask(url: URL, requests: readonly Buffer[]): Promise<{ status: number; head: string; body: string }[]> {
  return new Promise((resolve, reject) => {
    const answers: { status: number; head: string; body: string }[] = []
    const connection = new Connection(url, {
      answered(status, head, body) {
        answers.push({ status, head, body: body.toString() })
        const next = requests[answers.length]
        if (next) return connection.send(next)
        connection.close()
        resolve(answers)
      },
      failed: reject,
    })
    connection.send(requests[0]!)
  })
}

test('one connection carries request after request', async () => {
  const sockets = new Set<unknown>()
  const url = await serve((request, response) => {
    sockets.add(request.socket)
    let body = ''
    request.on('data', (part) => (body += part)).once('end', () => response.end(`${request.method} ${request.url} ${request.headers['x-mark']} ${body}`))
  })
  const answers = await ask(
    url,
    ['one', 'zwei ü'].map((body) => requestBytes('POST', url, { 'x-mark': 'm' }, body)),
  )
  expect(answers.map(({ status, body }) => [status, body])).toEqual([
    [200, 'POST /mcp?a=1 m one'],
    [200, 'POST /mcp?a=1 m zwei ü'],
  ])
  expect(sockets.size).toBe(1)
})

test('a chunked answer is put together', async () => {
  const url = await serve((_request, response) => {
    response.write('{"a":')
    response.end('1}')
  })
  const [answer] = await ask(url, [requestBytes('GET', url, {})])
  expect(answer?.body).toBe('{"a":1}')
})

test('an answer in many small pieces is one answer', async () => {
  const url = await serveRaw(['HTTP/1.1 200 OK\r\nContent-', 'Length: 10\r\n\r', '\n01234', '56789'])
  expect((await ask(url, [requestBytes('GET', url, {})]))[0]?.body).toBe('0123456789')
  const chunked = await serveRaw(['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '5', '\r\n012', '34\r\n1\r\n', '5\r\n0\r\n', '\r\n'])
  expect((await ask(chunked, [requestBytes('GET', chunked, {})]))[0]?.body).toBe('012345')
})

test('an answer without a body ends with its head', async () => {
  const url = await serveRaw(['HTTP/1.1 202 Accepted\r\nX-Id: seven\r\n\r\n'])
  const [answer] = await ask(url, [requestBytes('POST', url, {}, '')])
  expect(answer?.status).toBe(202)
  expect(headerOf(answer!.head, 'x-id')).toBe('seven')
})

test('events of a stream that stays open are told one by one', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: endpoint\ndata: /post\n\nda')
    setImmediate(() => response.write('ta: 2\n\n'))
  })
  const events = await new Promise<string[]>((resolve, reject) => {
    const seen: string[] = []
    const connection = new Connection(
      url,
      {
        answered: () => reject(new Error('it ended')),
        failed: reject,
        event(text) {
          seen.push(text.toString())
          if (seen.length < 2) return
          connection.close()
          resolve(seen)
        },
      },
      true,
    )
    connection.send(requestBytes('GET', url, {}))
  })
  expect(events).toEqual(['event: endpoint\ndata: /post', 'data: 2'])
})

test.each([
  ['a server that hangs up', ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n012345'], /more bytes/],
  ['a chunk without a size', ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n\r\n'], /without a size/],
])('%s is a failure', async (_name, pieces, message) => {
  const url = await serveRaw(pieces)
  await expect(ask(url, [requestBytes('GET', url, {})])).rejects.toThrow(message)
})

test('a refused connection is a failure', async () => {
  const url = await serve(() => {})
  closeAll()
  await expect(ask(url, [requestBytes('GET', url, {})])).rejects.toThrow()
})
