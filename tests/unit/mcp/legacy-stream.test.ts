import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EventStream, readEventId } from '../../../runtime/mcp/legacy-stream.ts'
import { Reply } from '../../../runtime/mcp/reply.ts'
import { send } from '../../mcp/raw.ts'

let act: (response: ServerResponse) => void
const server = createServer((_request, response) => act(response))
let url: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const read = async (stream: EventStream, after?: number) => {
  act = (response) => stream.connect(new Reply(response), after)
  const { events } = await send(url, { method: 'GET' })
  return events.filter(({ data }) => data).map(({ id, data }) => [id, data])
}

describe('an event stream', () => {
  test('keeps so many events and no more', async () => {
    const stream = new EventStream('c1', { events: 3, bytes: 1_000 }, true)
    for (const text of ['1', '2', '3', '4', '5']) stream.write(text)
    stream.end()
    expect(await read(stream, 0)).toEqual([
      ['c1_3', '3'],
      ['c1_4', '4'],
      ['c1_5', '5'],
    ])
  })

  test('keeps what was written last, however large: its reader may have gone just then', async () => {
    const stream = new EventStream('c1', { events: 100, bytes: 10 }, false)
    const large = JSON.stringify('x'.repeat(100))
    for (const text of ['1', large]) stream.write(text)
    stream.end()
    expect(await read(stream, 1)).toEqual([['c1_2', large]])
  })

  test('carries one message of many megabytes to a client that reads', async () => {
    const stream = new EventStream('c1', { events: 100, bytes: 10_000_000 }, false)
    const large = JSON.stringify('x'.repeat(5_000_000))
    stream.write(large)
    stream.end()
    expect((await read(stream, 0)).map(([, text]) => String(text).length)).toEqual([large.length])
  })

  test('keeps so many bytes and no more', async () => {
    const stream = new EventStream('c1', { events: 100, bytes: 10 }, false)
    for (const text of ['111111', '222222', '33']) stream.write(text)
    stream.end()
    expect(await read(stream, 0)).toEqual([
      ['c1_2', '222222'],
      ['c1_3', '33'],
    ])
  })

  test('that nobody took yet is delivered in full to the first who comes', async () => {
    const stream = new EventStream('g', { events: 9, bytes: 99 }, true)
    stream.write('1')
    stream.write('2')
    stream.end()
    expect(await read(stream)).toHaveLength(2)
    expect(await read(stream)).toHaveLength(0)
    expect(await read(stream, 1)).toEqual([['g_2', '2']])
  })
})

test('an event id is a stream and a number, or nothing', () => {
  expect(readEventId('c12_7')).toEqual({ stream: 'c12', number: 7 })
  expect(readEventId('g_0')).toEqual({ stream: 'g', number: 0 })
  for (const odd of ['', 'c1', 'c1_', 'c1_x', 'C1_1', 'c1_9999999999999999']) expect(readEventId(odd)).toBeUndefined()
})

test('a reader that takes nothing while a stream goes on is let go before it fills the memory', async () => {
  const closed = new Promise<void>((resolve) => {
    act = (response) => {
      const reply = new Reply(response)
      reply.open()
      response.on('close', () => {
        clearInterval(timer)
        resolve()
      })
      const timer = setInterval(() => reply.event('x'.repeat(1024 * 1024)), 1)
    }
  })
  const idle = request(url, (response) => response.pause())
  idle.on('error', () => undefined)
  idle.end()
  await expect(closed).resolves.toBeUndefined()
  idle.destroy()
})

test('an answer is given once, and after it nothing', async () => {
  act = (response) => {
    const reply = new Reply(response, ['X-Own', '1'])
    reply.json(200, '{"a":1}')
    reply.json(500, '{}')
    reply.empty(202)
    reply.spliced('{', Buffer.from('}'))
    reply.open()
    reply.event('late')
  }
  expect(await send(url, { method: 'GET' })).toMatchObject({ status: 200, text: '{"a":1}', headers: { 'x-own': '1' } })
})

test('prepared bytes, small and large, come behind their own head', async () => {
  for (const size of [10, 200_000]) {
    const tail = Buffer.from('ü'.repeat(size))
    act = (response) => new Reply(response).spliced('ö', tail)
    const { text, headers } = await send(url, { method: 'GET' })
    expect(text).toBe(`ö${'ü'.repeat(size)}`)
    expect(headers['content-length']).toBe(String(2 + tail.length))
  }
})
