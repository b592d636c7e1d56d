import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Authenticator } from '../auth/authenticate.ts'
import { asHubError, HubError, type ErrorCode } from '../contract/errors.ts'
import type { HubConfig } from '../contract/manifest.ts'
import type { Principal } from '../contract/principal.ts'
import type { Logger } from '../contract/telemetry.ts'
import { UnderWay } from '../contract/under-way.ts'
import type { Drive } from '../pipeline/call.ts'
import type { Endpoint, RegistrySource } from '../registry/types.ts'
import { readBody } from './body.ts'
import { isJsonContentType } from './content-type.ts'
import { createReaders } from './describe.ts'
import { dispatch, type Ways } from './dispatch.ts'
import { createDoor, type Door } from './door.ts'
import { createLegacyEdge } from './legacy.ts'
import { createModernPath } from './modern.ts'
import { codes, errorMessage } from './protocol.ts'
import { Reply } from './reply.ts'
import { createSdkWay } from './sdk-way.ts'
import { createServices, type EdgeTools } from './services.ts'
import { createMemorySessions, type SessionStore } from './sessions.ts'
import { createVigil } from './vigil.ts'
import type { Visit } from './visit.ts'

const metadataPath = '/.well-known/oauth-protected-resource'
const sessionBounds = { most: 10_000, mostOfOne: 1_000, idleMs: 30 * 60_000 }
const lingerMs = 500
const drainMs = 8_000

/** Answers one plain request (`/livez`, `/metrics`, …). */
export type PlainRoute = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** What the edge counts. Labels are endpoint names and error codes. */
export interface EdgeMetrics {
  /** A client session or stream of an endpoint opened; the answer is called once when it closes. */
  connected(server: string): () => void
  /** An error that belongs to no tool. */
  failed(code: ErrorCode): void
}

/** What the protocol edge is made of. */
export interface EdgeParts {
  readonly source: RegistrySource
  readonly drive: Drive
  readonly authenticator: Authenticator
  readonly config: HubConfig
  readonly metrics: EdgeMetrics
  readonly log: Logger
  /** Plain endpoints by path. */
  readonly routes?: ReadonlyMap<string, PlainRoute>
  /** Where legacy sessions are kept; in memory unless given. */
  readonly sessions?: SessionStore
  /** Signs the state that modern callers bring back; random unless given, and then good for this process only. At least 32 bytes. */
  readonly stateKey?: Buffer
  /** False sends every method through the SDK's path; for comparing the two. */
  readonly hotPath?: boolean
  readonly now?: () => number
}

/** The protocol edge over HTTP. */
export interface HttpEdge {
  /** For `http.createServer`. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /** Refuses new requests, ends streams and sessions, waits for calls in flight within bounds. */
  close(): Promise<void>
  sessionsOpen(): number
}

/** The protocol edge: door, credential, endpoint and body; then the dispatcher. */
export function createHttpEdge(parts: EdgeParts): HttpEdge {
  const { source, authenticator, config, metrics, log, routes } = parts
  const services = createServices(parts)
  const door = createDoor(config)
  const reader = createReaders(config)
  const { hotPath = true } = parts
  const challenge = (error: HubError, url: string): string => authenticator.challenge(error, pathOf(url))
  const vigil = createVigil(authenticator, log)
  const tools: EdgeTools = { services, reader, connected: (server) => metrics.connected(server), failed: (code) => metrics.failed(code), challenge, vigil }
  const legacy = createLegacyEdge(tools, parts.sessions ?? createMemorySessions(sessionBounds, services.now))
  const sdk = createSdkWay(tools, hotPath ? 'reject' : 'stateless')
  const ways: Ways = { legacy, sdk, modern: createModernPath(tools), hotPath }
  const forget = source.onEvent((event) => {
    if (event.type === 'renewed') return
    legacy.announce(event)
    sdk.announce(event)
  })

  let closing = false
  const inFlight = new UnderWay<Reply>()

  function refuse(reply: Reply, error: HubError, path?: string): void {
    metrics.failed(error.code)
    if (error.code === 'HUB_UNAUTHENTICATED') reply.addHeaders(['WWW-Authenticate', authenticator.challenge(error, path)])
    const retryAfterMs = error.details.retryAfterMs
    if (retryAfterMs !== undefined) reply.addHeaders(['Retry-After', String(Math.ceil(retryAfterMs / 1000))])
    reply.json(error.status, errorMessage(null, { code: codes.server, message: `${error.code}: ${error.message}`, data: { code: error.code } }))
  }

  function fail(reply: Reply, error: unknown, path?: string): void {
    const known = asHubError(error)
    if (!(error instanceof HubError)) log.error('the edge failed inside', { error })
    refuse(reply, known, path)
  }

  /** Everything under /mcp: credential, endpoint, then by HTTP method. */
  function enter(request: IncomingMessage, response: ServerResponse, reply: Reply, path: string): void {
    if (closing) return refuse(reply, new HubError('HUB_STOPPING', 'the hub is shutting down', { retryAfterMs: 1_000 }))
    inFlight.add(reply)
    response.once('close', () => {
      inFlight.delete(reply)
      if (!response.writableFinished) reply.onLost?.()
    })
    const principal = authenticator.authenticate(request.headers, request.socket.remoteAddress, request.socket)
    if (!(principal instanceof Promise)) return admit(request, response, reply, path, principal)
    // The body may arrive while a credential is checked: nothing is lost, since nobody reads it before.
    principal.then((known) => admit(request, response, reply, path, known)).catch((error: unknown) => fail(reply, error, path))
  }

  function admit(request: IncomingMessage, response: ServerResponse, reply: Reply, path: string, principal: Principal): void {
    const registry = source.current()
    const endpoint = findEndpoint(path, registry)
    if (!endpoint)
      return reply.json(
        404,
        errorMessage(null, {
          code: codes.server,
          message: `no endpoint at ${path.slice(0, 200)}; there are /mcp, /mcp/connectors/<name> and /mcp/toolsets/<name>`,
        }),
      )
    const { method = 'GET', url = '/', headers } = request
    const visit: Visit = { method, url, headers, remoteAddress: request.socket.remoteAddress, principal, endpoint, registry, reply }
    if (request.method === 'POST') return read(request, response, visit)
    if (request.method === 'GET') return legacy.get(visit)
    if (request.method === 'DELETE') return legacy.delete(visit)
    reply.addHeaders(['Allow', 'GET, POST, DELETE, OPTIONS'])
    reply.json(405, errorMessage(null, { code: codes.server, message: 'Method not allowed.' }))
  }

  function read(request: IncomingMessage, response: ServerResponse, visit: Visit): void {
    const { headers, reply } = visit
    if (!isJsonContentType(headers['content-type']) || (headers['content-encoding'] ?? 'identity') !== 'identity')
      return reply.json(415, errorMessage(null, { code: codes.server, message: 'Unsupported Media Type: Content-Type must be application/json' }))
    readBody(request, config.limits.bodyBytes, (error, text) => {
      if (error) return refuseBody(request, response, reply, error)
      try {
        dispatch(ways, visit, text)?.catch((fault: unknown) => fail(reply, fault))
      } catch (fault) {
        fail(reply, fault)
      }
    })
  }

  function refuseBody(request: IncomingMessage, response: ServerResponse, reply: Reply, error: HubError): void {
    reply.addHeaders(['Connection', 'close'])
    refuse(reply, error)
    // A socket closed over unread data resets the connection and takes the answer with it; what still comes is thrown away for a moment.
    request.resume()
    response.once('finish', () => setTimeout(() => request.socket.destroy(), lingerMs).unref())
  }

  return {
    handler(request, response) {
      const path = pathOf(request.url ?? '/')
      const reply = new Reply(response)
      try {
        if (isMcp(path)) {
          door.check(request.headers)
          const cors = door.cors(request.headers)
          if (cors) reply.addHeaders(cors)
          if (request.method === 'OPTIONS') return preflight(door, request, reply)
          return enter(request, response, reply, path)
        }
        if (path.startsWith(metadataPath)) return tellMetadata(parts, reply, path)
        const route = routes?.get(path)
        if (!route) return reply.json(404, JSON.stringify({ error: 'not found' }))
        if (path !== '/livez' && path !== '/readyz') door.checkPlain(request.headers)
        void Promise.resolve(route(request, response)).catch((error: unknown) => fail(reply, error))
      } catch (error) {
        fail(reply, error, path)
      }
    },
    async close() {
      if (closing) return
      closing = true
      forget()
      services.parking.close()
      services.subscriptions.close()
      vigil.close()
      legacy.quiet()
      await sdk.close()
      for (const reply of await inFlight.none(drainMs))
        reply.onLost?.(new HubError('HUB_STOPPING', 'the hub is shutting down and cannot wait for this call any longer'))
      legacy.close()
    },
    sessionsOpen: () => legacy.sessions,
  }
}

function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

const isMcp = (path: string): boolean => path === '/mcp' || path.startsWith('/mcp/')

function findEndpoint(path: string, registry: { endpoint(kind: Endpoint['kind'], name?: string): Endpoint | undefined }): Endpoint | undefined {
  if (path === '/mcp' || path === '/mcp/') return registry.endpoint('all')
  const match = /^\/mcp\/(connector|toolset)s\/([^/]+)\/?$/.exec(path)
  return match ? registry.endpoint(match[1] as 'connector' | 'toolset', match[2]) : undefined
}

function preflight(door: Door, { headers }: IncomingMessage, reply: Reply): void {
  const allowed = door.preflight(headers)
  if (!allowed) return reply.empty(403)
  reply.replaceHeaders(allowed)
  reply.empty(204)
}

/** Protected-resource metadata (RFC 9728): public, and read by clients in browsers before they have any credential. */
function tellMetadata({ authenticator, config }: EdgeParts, reply: Reply, path: string): void {
  const resource = belowPublic(path.slice(metadataPath.length), config.publicUrl)
  if (!config.auth.mode.includes('oauth') || (resource !== '' && !isMcp(resource))) return reply.json(404, JSON.stringify({ error: 'not found' }))
  reply.addHeaders(['Access-Control-Allow-Origin', '*'])
  reply.json(200, JSON.stringify(authenticator.metadata(resource === '' ? undefined : resource)))
}

/** The path as the hub serves it. Where its public address has a path too, clients ask with that in front, and a proxy may have taken it off. */
function belowPublic(path: string, publicUrl: string): string {
  const base = new URL(publicUrl).pathname.replace(/\/$/, '')
  return path === base || path.startsWith(`${base}/`) ? path.slice(base.length) : path
}
