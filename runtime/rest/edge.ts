import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Authenticator } from '../auth/authenticate.ts'
import { asHubError, HubError, type ErrorCode } from '../contract/errors.ts'
import { isObject, parseJson, type Json, type JsonObject } from '../contract/json.ts'
import type { HubConfig } from '../contract/manifest.ts'
import type { Principal } from '../contract/principal.ts'
import { UnderWay } from '../contract/under-way.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { Drive, Exchange } from '../pipeline/call.ts'
import type { Registry, RegistrySource } from '../registry/types.ts'
import { readTrace } from '../tracing/trace.ts'
import { answerOf } from './answer.ts'
import { find } from './find.ts'
import { listing, openApi, viewOf } from './listing.ts'
import { plainProblem, problemOf, type Written } from './problem.ts'
import { exposing, preflight, write } from './write.ts'

const drainMs = 8_000

// Nobody can be asked or told of progress over plain HTTP.
const nothing: Exchange = Object.freeze({})
const noCapabilities: JsonObject = Object.freeze({})

/** What plain REST is made of. The door and the reading of bodies are those of the MCP edge, lent by the wiring. */
export interface RestParts {
  readonly source: RegistrySource
  readonly drive: Drive
  readonly authenticator: Authenticator
  readonly config: HubConfig
  readonly metrics: { failed(code: ErrorCode): void }
  readonly log: Logger
  readonly door: {
    check(headers: IncomingHttpHeaders): void
    cors(headers: IncomingHttpHeaders): readonly string[] | undefined
    preflight(headers: IncomingHttpHeaders): readonly string[] | undefined
  }
  readonly isJsonContentType: (header: string | undefined) => boolean
  readonly readBody: (request: IncomingMessage, mostBytes: number, done: (error: HubError | undefined, text: string) => void) => void
  readonly now?: () => number
}

/** Tools as plain REST. */
export interface RestEdge {
  /** Answers what is under /api. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /** Refuses new requests and waits for calls in flight within bounds. */
  close(): Promise<void>
}

/** True for an address that plain REST answers. */
export const isRest = (url: string | undefined): boolean => url !== undefined && /^\/api(?:[/?]|$)/.test(url)

/** Everything under /api: the same door, credential, pipeline and limits as MCP, without its protocol. */
export function createRestEdge(parts: RestParts): RestEdge {
  const { source, drive, authenticator, config, metrics, log, door, now = Date.now } = parts
  const challenge = (error: HubError): string => authenticator.challenge(error)
  let closing = false
  const inFlight = new UnderWay<AbortController>()

  function refusal(error: unknown): Written {
    if (!(error instanceof HubError)) log.error('plain REST failed inside', { error })
    const known = asHubError(error)
    metrics.failed(known.code)
    return problemOf(known, undefined, challenge)
  }

  async function serve(request: IncomingMessage, signal: AbortSignal): Promise<Written> {
    if (closing) throw new HubError('HUB_STOPPING', 'the hub is shutting down', { retryAfterMs: 1_000 })
    const principal = await authenticator.authenticate(request.headers, request.socket.remoteAddress, request.socket)
    const registry = source.current()
    const path = pathOf(request.url ?? '/')
    if (path === '/api/mcp' || path === '/api/mcp/') return only(request, 'GET, HEAD', () => json(listing(registry, viewOf(registry, principal), config)))
    if (path === '/api/openapi.json') return only(request, 'GET, HEAD', async () => json(await openApi(registry, viewOf(registry, principal), config)))
    const [, connector, local] = /^\/api\/mcp\/([^/]+)\/tools\/([^/]+)\/?$/.exec(path) ?? []
    if (connector === undefined || local === undefined)
      return plainProblem(404, 'Not Found', 'there are GET /api/mcp, GET /api/openapi.json and POST /api/mcp/{connector}/tools/{tool}')
    return only(request, 'POST', () => call(request, registry, principal, decoded(connector), decoded(local), signal))
  }

  async function call(
    request: IncomingMessage,
    registry: Registry,
    principal: Principal,
    connector: string,
    local: string,
    signal: AbortSignal,
  ): Promise<Written> {
    // The call keeps the registry it met, also while its body arrives.
    const letGo = registry.hold()
    try {
      const { view, tool } = find(registry, principal, connector, local)
      const body = await read(request)
      if (typeof body !== 'string') return body
      const args = argumentsOf(body)
      const outcome = await drive({
        registry,
        view,
        tool,
        args,
        principal,
        signal,
        trace: readTrace(request.headers),
        capabilities: noCapabilities,
        exchange: nothing,
      })
      return answerOf(outcome, challenge, now())
    } finally {
      letGo()
    }
  }

  function read(request: IncomingMessage): Promise<string | Written> {
    const { headers } = request
    return new Promise((resolve, reject) => {
      request.once('close', () => reject(new HubError('HUB_CANCELLED', 'the caller went away')))
      parts.readBody(request, config.limits.bodyBytes, (error, text) => {
        if (error) return reject(error)
        const isPlain = (headers['content-encoding'] ?? 'identity') === 'identity'
        if (text !== '' && (!isPlain || !parts.isJsonContentType(headers['content-type'])))
          return resolve(plainProblem(415, 'Unsupported Media Type', 'the arguments of a tool are sent as application/json, not compressed'))
        resolve(text)
      })
    })
  }

  async function enter(request: IncomingMessage, response: ServerResponse, controller: AbortController): Promise<void> {
    let cors: readonly string[] = []
    response.once('close', () => {
      if (!response.writableFinished) controller.abort(new HubError('HUB_CANCELLED', 'the caller went away'))
    })
    let answer: Written
    try {
      door.check(request.headers)
      cors = exposing(door.cors(request.headers))
      if (request.method === 'OPTIONS') return preflight(response, door.preflight(request.headers))
      answer = await serve(request, controller.signal)
    } catch (error) {
      answer = refusal(error)
    }
    write(request, response, cors, answer)
  }

  return {
    handler(request, response) {
      const controller = new AbortController()
      inFlight.add(controller)
      response.once('close', () => {
        inFlight.delete(controller)
      })
      enter(request, response, controller).catch((error: unknown) => {
        log.error('plain REST failed inside', { error })
        response.destroy()
      })
    },
    async close() {
      closing = true
      for (const controller of await inFlight.none(drainMs))
        controller.abort(new HubError('HUB_STOPPING', 'the hub is shutting down and cannot wait for this call any longer'))
    },
  }
}

function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const json = (text: string): Written => ({ status: 200, headers: [], text })

function only(request: IncomingMessage, methods: string, answer: () => Written | Promise<Written>): Written | Promise<Written> {
  if (methods.split(', ').includes(request.method ?? 'GET')) return answer()
  return plainProblem(405, 'Method Not Allowed', `this address takes ${methods}`, ['Allow', `${methods}, OPTIONS`])
}

function argumentsOf(text: string): JsonObject {
  if (text === '') return {}
  let value: Json
  try {
    value = parseJson(text)
  } catch {
    throw new HubError('HUB_ARGS_INVALID', 'the body is not JSON')
  }
  if (isObject(value)) return value
  throw new HubError('HUB_ARGS_INVALID', 'the body must be a JSON object: the arguments of the tool')
}
