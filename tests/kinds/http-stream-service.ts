import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import type { JsonObject } from '../../runtime/contract/json.ts'

/** A client of the service. */
export interface Client {
  readonly socket: WebSocket
  /** As the handshake asked. */
  readonly request: IncomingMessage
  readonly keys: Set<string>
  readonly messages: string[]
}

/** A row as the service keeps it. */
export interface Tick {
  readonly symbol: string
  readonly at: number
  readonly price: number
}

/** What the service does otherwise than usual. */
export interface Manners {
  /** A handshake that is answered with this status instead. */
  handshake?: (request: IncomingMessage) => { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string } | undefined
  /** Keys that are refused. */
  refuses?: (key: string) => boolean
  /** A message of a client; true: nothing else is done with it. */
  message?: (client: Client, text: string) => boolean
  /** A request for the past; true: it was answered. */
  history?: (url: URL, response: ServerResponse) => boolean
  /** What its clock says, in the answer to a handshake. */
  date?: Date
  /** Answers pings. */
  pongs?: boolean
}

/** A service on loopback that streams ticks and keeps all of them. */
export interface StreamService {
  readonly url: string
  readonly webSocketUrl: string
  readonly clients: ReadonlySet<Client>
  /** Every client there ever was. */
  readonly joined: readonly Client[]
  /** All ticks, sent or missed. */
  readonly ticks: readonly Tick[]
  /** Addresses of requests for the past. */
  readonly asked: readonly string[]
  readonly manners: Manners
  /** A tick happens: it is kept, and sent to whoever asked for its symbol. */
  tick(symbol: string, at: number, price: number): void
  /** Sends text to all clients. */
  say(text: string | Buffer): void
  /** Cuts all connections, without a goodbye. */
  cut(): void
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

/** Starts a service. */
export async function startStreamService(manners: Manners = {}): Promise<StreamService> {
  const clients = new Set<Client>()
  const joined: Client[] = []
  const ticks: Tick[] = []
  const asked: string[] = []
  const sockets = new Set<Socket>()
  let server: Server
  let port = 0
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 64 }, autoPong: false })

  webSockets.on('headers', (headers) => {
    if (manners.date !== undefined) headers.push(`Date: ${manners.date.toUTCString()}`)
  })

  const subscribe = (client: Client, { action, symbols = [] }: { action?: string; symbols?: string[] }): void => {
    if (action === 'unsubscribe') for (const key of symbols) client.keys.delete(key)
    if (action !== 'subscribe') return
    const refused = symbols.filter((key) => manners.refuses?.(key) === true)
    const taken = symbols.filter((key) => !refused.includes(key))
    for (const key of taken) client.keys.add(key)
    client.socket.send(JSON.stringify({ event: 'status', success: taken, fails: refused.map((symbol) => ({ symbol })), message: `no ${refused.join()}` }))
  }

  webSockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const client: Client = { socket, request, keys: new Set(), messages: [] }
    clients.add(client)
    joined.push(client)
    socket.on('close', () => clients.delete(client))
    socket.on('error', () => undefined)
    socket.on('ping', (data) => {
      if (manners.pongs !== false) socket.pong(data)
    })
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      client.messages.push(text)
      if (manners.message?.(client, text) !== true && text.startsWith('{')) subscribe(client, JSON.parse(text) as object)
    })
  })

  async function listen(): Promise<void> {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://service')
      asked.push(url.pathname + url.search)
      if (manners.history?.(url, response) === true) return
      const since = Number(url.searchParams.get('since') ?? 0)
      const found = ticks.filter(({ symbol, at }) => symbol === url.searchParams.get('symbol') && at >= since)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ values: found.map((tick) => messageOf(tick)) }))
    })
    server.on('upgrade', (request, socket: Socket, head) => {
      const refusal = manners.handshake?.(request)
      if (refusal === undefined) return webSockets.handleUpgrade(request, socket, head, (opened) => webSockets.emit('connection', opened, request))
      const { status, headers = {}, body = '' } = refusal
      const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body}`)
    })
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
    clients.clear()
  }
  async function close(): Promise<void> {
    if (!server.listening) return
    server.close()
    cut()
    await once(server, 'close')
  }

  await listen()
  return {
    url: `http://127.0.0.1:${port}`,
    webSocketUrl: `ws://127.0.0.1:${port}/stream`,
    clients,
    joined,
    ticks,
    asked,
    manners,
    tick(symbol, at, price) {
      const tick = { symbol, at, price }
      ticks.push(tick)
      for (const { socket, keys } of clients) if (keys.has(symbol)) socket.send(JSON.stringify(messageOf(tick)))
    },
    say(text) {
      for (const { socket } of clients) socket.send(text)
    },
    cut,
    pause: close,
    resume: listen,
    stop: close,
  }
}

/** A tick as it goes over the wire, in either way. */
export const messageOf = ({ symbol, at, price }: Tick): JsonObject => ({ event: 'price', symbol, at, price })

/** The stream of such a service in a manifest; `over` lies over it. */
export const streamOf = (service: Pick<StreamService, 'webSocketUrl'>, over: JsonObject = {}): JsonObject => ({
  url: service.webSocketUrl,
  subscribe: { action: 'subscribe', symbols: '{keys}' },
  unsubscribe: { action: 'unsubscribe', symbols: '{keys}' },
  accepted: { pointer: '/event', equals: 'status', keys: '/success' },
  refused: { pointer: '/event', equals: 'status', keys: '/fails', key: '/symbol', message: '/message' },
  rows: { where: { pointer: '/event', equals: 'price' } },
  key: '/symbol',
  time: { pointer: '/at', unit: 'ms' },
  reconnect: { first: '10ms', most: '200ms' },
  idle: '50ms',
  ...over,
})

/** How rows that were missed are fetched from it. */
export const backfill: JsonObject = { request: 'GET /history?symbol={key}&since={since}', data: '/values' }
