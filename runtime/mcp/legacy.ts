import { randomUUID } from 'node:crypto'
import { HubError } from '../contract/errors.ts'
import { isObject } from '../contract/json.ts'
import type { Endpoint, RegistryEvent } from '../registry/types.ts'
import { finish } from './answer.ts'
import { connectionLabel, initializeResult } from './describe.ts'
import { asRpcError } from './faults.ts'
import { LegacySession } from './legacy-session.ts'
import { createServePost } from './legacy-run.ts'
import { checkPost, checkVersion } from './legacy-rules.ts'
import { readEventId, type EventStream } from './legacy-stream.ts'
import type { Message, RequestMessage } from './message.ts'
import { concerns, exposedUpdate } from './news.ts'
import { ownUri } from './names.ts'
import { codes, errorMessage, resultMessage, RpcError } from './protocol.ts'
import type { EdgeTools } from './services.ts'
import { isOwner, type SessionRecord, type SessionStore } from './sessions.ts'
import { unwatched, type Release } from './subscriptions.ts'
import type { Visit } from './visit.ts'

const sweepMs = 30_000
const mostCapabilityChars = 16 * 1024

/** The legacy era over HTTP: sessions with their streams, and single requests without one. */
export interface LegacyEdge {
  post(visit: Visit, messages: readonly Message[], batch: boolean): void
  get(visit: Visit): void
  delete(visit: Visit): void
  /** Tells open sessions what changed. */
  announce(event: RegistryEvent): void
  readonly sessions: number
  /** Ends the streams nobody's call waits on. */
  quiet(): void
  close(): void
}

/** Serves the revisions 2024-11-05 to 2025-11-25. */
export function createLegacyEdge(tools: EdgeTools, store: SessionStore): LegacyEdge {
  const { services, reader } = tools
  const { log, config } = services
  const serve = createServePost(tools)
  const living = new Map<string, { readonly session: LegacySession; readonly disconnected: () => void }>()
  const ended = new HubError('HUB_SESSION_UNKNOWN', 'the session has ended')

  store.onEnded((id) => endSession(id, ended))
  const sweeper = setInterval(() => {
    for (const [id, { session }] of living) {
      session.forgetEnded()
      if (session.busy) void store.read(id)
    }
    store.sweep()
  }, sweepMs)
  sweeper.unref()

  function live(record: SessionRecord, { endpoint, principal }: Pick<Visit, 'endpoint' | 'principal'>): LegacySession {
    const known = living.get(record.id)
    if (known) return known.session
    const watch = (uri: string): Release => {
      const own = endpoint.prefixed ? ownUri(uri) : { connector: endpoint.name, uri }
      return own ? services.subscriptions.watch(own.connector, own.uri, principal) : unwatched
    }
    const session = new LegacySession(record, store, watch)
    living.set(record.id, { session, disconnected: tools.connected(connectionLabel(endpoint)) })
    return session
  }

  function endSession(id: string, reason: HubError): void {
    const entry = living.get(id)
    if (!living.delete(id)) return
    entry?.session.end(reason)
    entry?.disconnected()
  }

  /** Finds the session a request names and goes on with it, at once when the store answers at once; refuses the request when there is none for this caller here. */
  function withSession(visit: Visit, batch: boolean, act: (session: LegacySession | undefined) => void | Promise<void>): void {
    const id = visit.headers['mcp-session-id']
    const proceed = (record: SessionRecord | undefined): void | Promise<void> => {
      // Another's session answers like none, so that ids cannot be probed.
      const mine = record !== undefined && isOwner(record, visit.principal) && record.endpoint === visit.endpoint.key
      if (id !== undefined && !mine) throw new RpcError(codes.sessionNotFound, 'Session not found', undefined, 404)
      const session = record && live(record, visit)
      checkVersion(visit.headers, batch, record?.version)
      return act(session)
    }
    try {
      const record = typeof id === 'string' ? store.read(id) : undefined
      const going = record instanceof Promise ? record.then(proceed) : proceed(record)
      going?.catch((error: unknown) => refuse(visit, error))
    } catch (error) {
      refuse(visit, error)
    }
  }

  /** Ends a session, and with it its open stream, when the caller of the stream is let in no more. */
  function guard({ record: { id } }: LegacySession, stream: EventStream, { headers, remoteAddress, principal, reply }: Visit): void {
    tools.vigil.keep({ headers, remoteAddress, principal, reply }, (refusal) => {
      // The client has a newer token, or will get one, and comes back to its session with it.
      if (principal.via === 'oauth' && refusal?.details.reason === 'expired') {
        stream.disconnect(reply)
        return reply.end()
      }
      endSession(id, ended)
      removeRecord(id).catch((error: unknown) => log.warn('a session that ended could not be forgotten', { error }))
    })
  }

  const removeRecord = async (id: string): Promise<void> => store.remove(id)

  function refuse({ reply }: Visit, error: unknown): void {
    const rpc = asRpcError(error, log)
    reply.json(rpc.status === 200 ? 500 : rpc.status, errorMessage(null, rpc))
  }

  async function initialize(visit: Visit, { id, params }: RequestMessage): Promise<void> {
    const { protocolVersion, capabilities, clientInfo } = params
    if (typeof protocolVersion !== 'string' || !isObject(capabilities) || !isObject(clientInfo))
      return visit.reply.json(
        200,
        errorMessage(id, { code: codes.invalidParams, message: 'Invalid params: initialize needs protocolVersion, capabilities and clientInfo' }),
      )
    if (JSON.stringify(capabilities).length > mostCapabilityChars)
      return visit.reply.json(
        200,
        errorMessage(id, { code: codes.invalidParams, message: `Invalid params: capabilities may have ${mostCapabilityChars} characters` }),
      )
    const { principal, endpoint, registry } = visit
    const result = initializeResult(config, registry.view(endpoint, principal), protocolVersion)
    const record: SessionRecord = {
      id: randomUUID(),
      endpoint: endpoint.key,
      organisation: principal.organisation,
      credential: principal.credential,
      principal: principal.id,
      version: result.protocolVersion,
      capabilities,
      subscriptions: [],
    }
    await store.create(record)
    live(record, visit)
    visit.reply.addHeaders(['Mcp-Session-Id', record.id])
    visit.reply.json(200, resultMessage(id, finish(result, reader(endpoint, 'legacy'))))
  }

  return {
    post(visit, messages, batch) {
      try {
        checkPost(visit.headers, messages, batch)
      } catch (error) {
        return refuse(visit, error)
      }
      const first = messages[0]
      if (first?.kind === 'request' && first.request.method === 'initialize')
        return void initialize(visit, first.request).catch((error: unknown) => refuse(visit, error))
      withSession(visit, batch, (session) => serve(visit, session, messages, batch))
    },
    get(visit) {
      if (!visit.headers.accept?.includes('text/event-stream'))
        return refuse(visit, new RpcError(codes.server, 'Not Acceptable: Client must accept text/event-stream', undefined, 406))
      withSession(visit, false, (session) => guard(needed(session), connectStream(needed(session), visit), visit))
    },
    delete(visit) {
      withSession(visit, false, async (session) => {
        const { id } = needed(session).record
        await store.remove(id)
        endSession(id, ended)
        visit.reply.empty(200)
      })
    },
    announce(event) {
      for (const { session } of living.values()) announceTo(session, event)
    },
    get sessions() {
      return living.size
    },
    quiet() {
      for (const { session } of living.values()) session.stream.end()
    },
    close() {
      clearInterval(sweeper)
      for (const id of [...living.keys()]) endSession(id, new HubError('HUB_STOPPING', 'the hub is shutting down'))
    },
  }

  function announceTo(session: LegacySession, event: RegistryEvent): void {
    const [kind, name] = session.record.endpoint.split(':')
    const endpoint = services.source.current().endpoint(kind as Endpoint['kind'], name)
    if (!endpoint || !concerns(event, endpoint, session.record)) return
    if (event.type === 'log') return session.tellLog(event.params)
    if (event.type !== 'updated') return session.tell(`notifications/${event.type}/list_changed`)
    const uri = exposedUpdate(event, endpoint)
    if (session.isWatching(uri)) session.tell('notifications/resources/updated', { uri })
  }
}

function needed(session: LegacySession | undefined): LegacySession {
  if (!session) throw new RpcError(codes.server, 'Bad Request: Mcp-Session-Id header is required', undefined, 400)
  return session
}

function connectStream(session: LegacySession, visit: Visit): EventStream {
  const { reply, headers } = visit
  const last = headers['last-event-id']
  if (last === undefined) {
    if (session.stream.connected) throw new RpcError(codes.server, 'Conflict: Only one SSE stream is allowed per session', undefined, 409)
    visit.reply.onLost = () => session.stream.disconnect(reply)
    session.stream.connect(reply)
    return session.stream
  }
  const event = readEventId(String(last))
  const stream = event && session.findStream(event.stream)
  if (!event || !stream) throw new RpcError(codes.server, 'Invalid event ID format', undefined, 400)
  visit.reply.onLost = () => stream.disconnect(reply)
  stream.connect(reply, event.number)
  return stream
}
