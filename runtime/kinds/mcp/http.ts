import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import type { Dispatcher } from 'undici'
import { HubError } from '../../contract/errors.ts'
import { isObject, parseJson } from '../../contract/json.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import { atTurnEnd } from '../../contract/turn.ts'
import type { Egress } from '../../contract/kind.ts'
import { down, garbled, rpcErrorIn, statusFault } from './faults.ts'
import type { Flight, Loss } from './flight.ts'
import type { Link, Receiver } from './link.ts'
import { addMirrored, headerValue } from './mirror.ts'
import { Reply } from './reply.ts'
import { tapped } from './tapped.ts'

/** What a Streamable HTTP link is made of. */
export interface HttpParts {
  readonly connector: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly egress: Egress
  readonly receiver: Receiver
  /** Trouble beside any call: the event stream broke, a notification was not taken. */
  readonly trouble: (error: unknown) => void
}

const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'])
const resumesAtMost = 5
const hopsAtMost = 5
const tellMs = 30_000
const redirects = new Set([307, 308])

/** Streamable HTTP: one POST for each request, over kept-alive sockets, each with its own answer or event stream. */
export function openHttp(parts: HttpParts): Link {
  const { connector, egress, receiver, trouble } = parts
  const sdk = new StreamableHTTPClientTransport(parts.url, {
    fetch: (url, init) => egress.fetch(url, init),
    requestInit: { headers: { ...parts.headers } },
    // The event stream is for as long as the session is; a session that is gone shows at the next call.
    reconnectionOptions: { initialReconnectionDelay: 500, maxReconnectionDelay: 30_000, reconnectionDelayGrowFactor: 2, maxRetries: Number.MAX_SAFE_INTEGER },
  })
  const transport = tapped(sdk, (message) => receiver.receive(message))
  const given = Object.entries(parts.headers).flat()
  let target = parts.url
  // A URL computes its parts anew each time it is asked.
  let origin = target.origin
  let path = target.pathname + target.search
  let modern = false
  let common: readonly string[] = []

  function agreed(version: string, isModern: boolean): void {
    modern = isModern
    const session = sdk.sessionId === undefined ? [] : ['mcp-session-id', sdk.sessionId]
    common = [...given, 'content-type', 'application/json', 'accept', 'application/json, text/event-stream', 'mcp-protocol-version', version, ...session]
  }

  function headersOf(flight: Flight): string[] {
    const { ask } = flight
    const headers = [...common]
    if (!modern) return headers
    headers.push('mcp-method', ask.method)
    if (ask.name !== undefined) headers.push('mcp-name', headerValue(ask.name))
    if (ask.mirrors.length > 0) addMirrored(headers, ask.mirrors, (flight.args ?? {}) as JsonObject)
    return headers
  }

  // Calls wait for their answers as long as their signals let them; what the hub says of itself has sockets of its own, so that it never waits for calls.
  function dispatch(method: 'POST' | 'GET', headers: string[], body: string | null, reply: Reply, own: boolean, waitMs = 0): void {
    const dispatcher = (own ? egress.aside : egress.dispatcher) as Dispatcher
    atTurnEnd(() => dispatcher.dispatch({ origin, path, method, headers, body, headersTimeout: waitMs, bodyTimeout: waitMs }, reply))
  }

  function post(flight: Flight, body: string, hops = 0): void {
    const reply: Reply = new Reply(
      (message) => take(message, flight, reply),
      (error) => ended(flight, body, reply, error),
    )
    reply.hops = hops
    flight.handle = reply
    dispatch('POST', headersOf(flight), body, reply, flight.run === undefined)
  }

  function take(message: Json, stream: Flight, reply: Reply): void {
    for (const one of Array.isArray(message) ? (message as readonly Json[]) : [message]) {
      if (isObject(one) && !receiver.receive(one, stream)) transport.onmessage?.(one as unknown as JSONRPCMessage)
    }
    if (!receiver.waits(stream)) reply.finish()
  }

  /** The exchange is over; when the flight has landed meanwhile, nothing is left to say. */
  function ended(flight: Flight, body: string, reply: Reply, error: Error | undefined): void {
    if (flight.handle !== reply || !receiver.waits(flight)) return
    if (error !== undefined) return broke(flight, body, reply, error)
    if (reply.status >= 200 && reply.status < 300) return silent(flight, reply)
    if (redirects.has(reply.status) && reply.hops < hopsAtMost && moved(reply)) return post(flight, body, reply.hops + 1)
    const parsed = parsedBody(reply)
    const rpcError = rpcErrorIn(parsed)
    if (isSessionGone(flight, reply, parsed)) return receiver.lose(flight, { error: down(connector, 'forgot the session', 1000), seen: 'session' })
    if (rpcError !== undefined) take({ jsonrpc: '2.0', id: flight.id, error: rpcError }, flight, reply)
    else receiver.lose(flight, { error: statusFault(connector, reply.status, reply.headers, flight.ask.effect), seen: 'perhaps' })
  }

  function broke(flight: Flight, body: string, reply: Reply, error: Error & { readonly code?: string }): void {
    if (error instanceof HubError) return receiver.lose(flight, { error, seen: 'no' })
    if (reply.tooLong)
      return receiver.lose(flight, { error: garbled(connector, `answered with more than ${reply.bytesAtMost} bytes`, flight.ask.effect), seen: 'perhaps' })
    if (unreachable.has(error.code ?? '')) {
      receiver.lose(flight, { error: down(connector, `cannot be reached (${error.code})`, 1000), seen: 'no' })
      return receiver.broken(`cannot be reached (${error.code})`, false)
    }
    if (reply.lastEventId !== undefined) return silent(flight, reply)
    // A kept-alive socket that the other side closes just then: a read may go again.
    if (flight.ask.effect === 'read' && reply.status === 0 && flight.tries === 0) {
      flight.tries++
      return post(flight, body)
    }
    receiver.lose(flight, { error: down(connector, 'broke the connection before it answered', 1000, flight.ask.effect), seen: 'perhaps' })
  }

  /** The stream ended without the answer: a 2025 upstream may go on where it stopped. */
  function silent(flight: Flight, before: Reply): void {
    const { lastEventId } = before
    const lost: Loss = {
      error: garbled(connector, before.wasJson ? 'answered with something that is no answer' : 'ended the stream without an answer', flight.ask.effect),
      seen: 'perhaps',
    }
    if (modern || lastEventId === undefined || before.resumes >= resumesAtMost) return receiver.lose(flight, lost)
    const wait = setTimeout(() => {
      const reply: Reply = new Reply(
        (message) => take(message, flight, reply),
        (error) =>
          flight.handle !== reply || !receiver.waits(flight)
            ? undefined
            : error === undefined && reply.status !== 200
              ? receiver.lose(flight, lost)
              : silent(flight, reply),
      )
      reply.resumes = before.resumes + 1
      reply.lastEventId = lastEventId
      reply.retryMs = before.retryMs
      flight.handle = reply
      dispatch('GET', [...common, 'last-event-id', lastEventId], null, reply, flight.run === undefined)
    }, before.retryMs)
    flight.handle = { abort: () => clearTimeout(wait) }
  }

  const isSessionGone = (flight: Flight, reply: Reply, body: unknown): boolean =>
    sdk.sessionId !== undefined && !modern && (reply.status === 404 || (reply.status === 400 && saysNoSession(body, flight)))

  function moved(reply: Reply): boolean {
    const location = String(reply.headers.location ?? '')
    if (!URL.canParse(location, target.href)) return false
    const next = new URL(location, target.href)
    if (next.origin !== target.origin) return false
    target = next
    origin = next.origin
    path = next.pathname + next.search
    return true
  }

  function tell(body: string): void {
    const reply: Reply = new Reply(
      () => undefined,
      (error) => (error !== undefined || reply.status >= 300 ? trouble(error ?? new Error(`status ${reply.status} to a notification`)) : undefined),
    )
    dispatch('POST', [...common], body, reply, true, tellMs)
  }

  return {
    transport,
    post: (flight, body) => post(flight, body),
    tell,
    abandon(flight) {
      flight.handle?.abort()
      return modern
    },
    agreed,
    async close() {
      if (sdk.sessionId !== undefined) await Promise.race([sdk.terminateSession().catch(trouble), new Promise((done) => setTimeout(done, 1000).unref())])
      await transport.close()
    },
  }
}

const noSession = /\b(no valid session|(missing|invalid|unknown|expired) session|session (id )?(not found|is required|(has |is )?(expired|invalid|unknown)))\b/i
const refusedUnread = new Set<unknown>([-32_000, -32_001, -32_600])

/** What servers answer before they look at a request, and so without its id. Under its own id it may be a tool that speaks of sessions, and a write must never run twice. */
function saysNoSession(body: unknown, { id, ask }: Flight): boolean {
  const error = rpcErrorIn(body)
  if (error === undefined || !refusedUnread.has(error.code) || !noSession.test(String(error.message))) return false
  return ask.effect === 'read' || (body as JsonObject).id !== id
}

function parsedBody(reply: Reply): unknown {
  try {
    return parseJson(reply.text)
  } catch {
    return undefined
  }
}
