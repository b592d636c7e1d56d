import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { createEgress } from '../../../../runtime/guards/egress.ts'
import type { Driver, StreamClient } from '../../../../runtime/kinds/ccxt/driver.ts'
import { giveSockets } from '../../../../runtime/kinds/ccxt/socket.ts'
import { until } from '../../../kinds/conformance.ts'
import { lend } from '../../../kinds/lent.ts'

interface Client extends StreamClient {
  connect(): Promise<unknown>
  send(message: unknown): Promise<void>
  future(hash: string): Promise<unknown>
  isOpen(): boolean
  readonly connected: Promise<unknown>
}

let server: WebSocketServer
let peer: WebSocket | undefined
let egress: ReturnType<typeof createEgress>
let received: unknown[]
let heard: string[]

beforeEach(async () => {
  received = []
  heard = []
  egress = createEgress({ allow: ['127.0.0.1'] })
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    peer = socket
    socket.on('message', (data: Buffer) => heard.push(data.toString()))
  })
  await once(server, 'listening')
})
afterEach(async () => {
  peer = undefined
  for (const socket of server.clients) socket.terminate()
  server.close()
  await once(server, 'close')
  await egress.close()
})

const urlOf = () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
/** An exchange with what a client asks of it, and settings of its streams. */
async function clientOf(streaming: object = {}, url = urlOf(), logged = lend('exchanges'), guard = egress): Promise<Client> {
  const driver = {
    clients: {} as Record<string, StreamClient>,
    streaming,
    options: {},
    ping: () => ({ op: 'ping' }),
    handleMessage: (_client: unknown, message: unknown) => {
      received.push(message)
      if (message === 'throw' || (message as { fail?: true }).fail) throw new Error('unreadable')
    },
    onError: (client: StreamClient) => void delete driver.clients[client.url],
    onClose: (client: StreamClient) => void delete driver.clients[client.url],
    onConnected: () => {},
  }
  await giveSockets(driver as unknown as Driver, guard, logged.log)
  const open = (driver as unknown as { client(url: string): Client }).client
  const client = open(url)
  expect(open(url)).toBe(client)
  return client
}

describe('a socket to an exchange', () => {
  test('says and hears JSON with every digit', async () => {
    const client = await clientOf()
    await client.connect()
    await client.send({ op: 'subscribe' })
    await until(async () => heard.length === 1)
    peer?.send('{"price":1.000000000000000001,"id":9007199254740993}')
    peer?.send('pong')
    peer?.send(Buffer.from('[1]'))
    await until(async () => received.length === 3)
    expect(received).toEqual([{ price: '1.000000000000000001', id: '9007199254740993' }, 'pong', [1]])
    expect(heard).toEqual(['{"op":"subscribe"}'])
    client.close()
    await until(async () => server.clients.size === 0)
  })

  test.each([
    ['gzip', { gunzip: true }, gzipSync],
    ['raw deflate', { inflate: true }, deflateRawSync],
  ])('unpacks frames of %s in their order', async (_name, streaming, pack) => {
    const client = await clientOf(streaming)
    await client.connect()
    const long = JSON.stringify({ n: 1, pad: 'x'.repeat(500_000) })
    for (const text of [long, '{"n":2}', '{"n":3}']) peer?.send(pack(Buffer.from(text)))
    await until(async () => received.length === 3)
    expect(received.map((one) => (one as { n: number }).n)).toEqual([1, 2, 3])
    client.close()
  })

  test('ends with a frame that cannot be unpacked: no later one could be trusted', async () => {
    const client = await clientOf({ gunzip: true })
    await client.connect()
    const waiting = expect(client.future('x')).rejects.toMatchObject({
      code: 'HUB_CONNECTOR_DOWN',
      message: expect.stringContaining('cannot be unpacked') as string,
    })
    peer?.send(Buffer.from('no gzip'))
    await waiting
    await until(async () => server.clients.size === 0)
  })

  test('whose message cannot be handled tells those who wait', async () => {
    const client = await clientOf()
    await client.connect()
    const waiting = expect(client.future('x')).rejects.toThrow('unreadable')
    peer?.send('{"fail":true}')
    await waiting
    client.close()
  })

  test('that beats is asked now and then, and is gone when nothing comes', async () => {
    const client = await clientOf({ keepAlive: 20 })
    await client.connect()
    const waiting = expect(client.future('x')).rejects.toThrow('nothing came for too long')
    peer?.send('{"hello":1}')
    await until(async () => heard.length > 0)
    expect(heard[0]).toBe('{"op":"ping"}')
    await waiting
  })

  test('that the exchange closes, ends those who wait', async () => {
    const client = await clientOf()
    await client.connect()
    const waiting = expect(client.future('x')).rejects.toThrow('closed by remote server')
    peer?.close(1001)
    await waiting
    await expect(client.send('x')).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    expect(client.isOpen()).toBe(false)
  })

  test('to nobody fails', async () => {
    const client = await clientOf({}, 'ws://127.0.0.1:1')
    client.future('x').catch(() => {})
    await expect(client.connect()).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
  })

  test('that does not open in time is given up', async () => {
    // Takes connections and says nothing.
    const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const client = await clientOf({ connectionTimeout: 50 }, `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`)
    client.future('x').catch(() => {})
    await expect(client.connect()).rejects.toThrow('did not open in time')
    // Nothing is left of it on either side.
    silent.close()
    await once(silent, 'close')
    expect(silent.listening).toBe(false)
  })

  test('that is closed before it is open never opens', async () => {
    const client = await clientOf()
    const opening = client.connect()
    client.close()
    await expect(opening).rejects.toThrow('it was closed')
    expect(peer).toBeUndefined()
  })

  test('does not reach what the operator did not allow', async () => {
    const guard = createEgress({ allow: [] })
    const client = await clientOf({}, urlOf(), lend('exchanges'), guard)
    client.future('x').catch(() => {})
    await expect(client.connect()).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED' })
    await guard.close()
  })

  test('remarks of ccxt go to the log', async () => {
    const logged = lend('exchanges')
    const client = await clientOf({}, urlOf(), logged)
    ;(client as unknown as { log(...words: unknown[]): void }).log('something', 1)
    expect(logged.logged.join()).toContain('something 1')
    client.close()
  })
})
