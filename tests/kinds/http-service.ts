import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createEgress } from '../../runtime/guards/egress.ts'
import { createSecrets } from '../../runtime/guards/content.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { http } from '../../runtime/kinds/http/kind.ts'
import { tool } from '../fixtures/plan.ts'
import { lend, type Lent } from './lent.ts'

/** A request as the service saw it. */
export interface Seen {
  readonly method: string
  /** As it came over the wire. */
  readonly target: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
  /** Which connection it came on. */
  readonly port: number | undefined
}

/** What the service does with a request. */
export type Answering = (seen: Seen, response: ServerResponse, request: IncomingMessage) => void

/** A service on loopback that does what the test says, and remembers what it was asked. */
export interface TestService {
  readonly url: string
  readonly seen: Seen[]
  /** Requests it still works on. */
  open(): number
  answer(answering: Answering): void
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

/** Starts a service. */
export async function startService(answering: Answering = (_seen, response) => json(response, {})): Promise<TestService> {
  const seen: Seen[] = []
  const sockets = new Set<Socket>()
  let current = answering
  let open = 0
  let server: Server
  let port = 0

  async function listen(): Promise<void> {
    server = createServer((request, response) => {
      open += 1
      response.on('close', () => (open -= 1))
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const { method = '', url: target = '', headers, rawHeaders, socket } = request
        const one = {
          method,
          target,
          url: new URL(target, 'http://service'),
          headers,
          rawHeaders,
          body: Buffer.concat(parts).toString(),
          port: socket.remotePort,
        }
        seen.push(one)
        current(one, response, request)
      })
    })
    server.keepAliveTimeout = 60_000
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  async function close(): Promise<void> {
    if (!server.listening) return
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  }

  await listen()
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    open: () => open,
    answer: (next) => (current = next),
    pause: close,
    resume: listen,
    stop: close,
  }
}

/** Answers with JSON, given or as text so that its digits stay. */
export function json(response: ServerResponse, body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** What a connector under test is lent: a real guard that lets loopback through, and real secrets. */
export interface HttpLent extends Lent {
  close(): Promise<void>
}

/** Lends a connector the real egress guard; `allow` is what may be reached. */
export function lendHttp(allow: readonly string[] = ['127.0.0.1'], over: Partial<Lent> = {}): HttpLent {
  const egress = createEgress({ allow })
  const secrets = createSecrets()
  return { ...lend('service'), egress, secrets, ...over, close: () => egress.close() }
}

/** A connector of kind http, opened. */
export const openHttp = (config: JsonObject, lent: Lent): Promise<Connector> => http.open(config as never, lent)

/** A tool with a request of its own. */
export const request = (text: string, over: JsonObject = {}, spec: Parameters<typeof tool>[2] = {}): ToolSpec =>
  tool('service', 'test', { operation: { request: text, ...over }, ...spec })

/** A value as a manifest's secret reference leads to it. */
export const secret = (value: string): JsonObject => new Secret(value, 'env:TEST') as unknown as JsonObject
