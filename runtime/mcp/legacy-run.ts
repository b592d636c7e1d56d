import type { HubError } from '../contract/errors.ts'
import { isObject, type JsonObject } from '../contract/json.ts'
import type { View } from '../registry/types.ts'
import { canBeAsked } from './capabilities.ts'
import type { Caller } from './caller.ts'
import { asRpcError, cancelled, scopeError } from './faults.ts'
import { PostAnswer } from './legacy-post.ts'
import type { LegacySession } from './legacy-session.ts'
import { isRequestId, metaOf, type Message, type NotificationMessage, type RequestMessage } from './message.ts'
import { checkCursor, findMethod } from './methods.ts'
import { codes, errorMessage, idText, notificationMessage, resultMessage, RpcError } from './protocol.ts'
import type { EdgeTools } from './services.ts'
import { toolsListBytes } from './tools.ts'
import { traceOf, type Visit } from './visit.ts'

/** Takes the messages of one POST: answers requests, hears notifications and answers to questions. */
export type ServePost = (visit: Visit, session: LegacySession | undefined, messages: readonly Message[], batch: boolean) => void

/** Runs the requests of legacy callers, in a session or each by itself. */
export function createServePost(tools: EdgeTools): ServePost {
  const { services, reader } = tools
  const { log } = services

  function fail(visit: Visit, answer: PostAnswer, { id }: RequestMessage, error: unknown): void {
    const rpc = asRpcError(error, log)
    const data = rpc.data
    if (isObject(data) && data['code'] === 'HUB_TOOL_UNKNOWN') tools.failed('HUB_TOOL_UNKNOWN')
    if (rpc.status === 403 && answer.isPlain) visit.reply.addHeaders(['WWW-Authenticate', tools.challenge(scopeError(rpc), visit.url)])
    answer.respond(errorMessage(id, rpc), rpc.status)
  }

  /** Runs one request; calls `done` once it is answered. */
  function run(visit: Visit, session: LegacySession | undefined, answer: PostAnswer, request: RequestMessage, signal: AbortSignal, done: () => void): void {
    const { id, params } = request
    const { endpoint, principal, registry } = visit
    const legacyReader = reader(endpoint, 'legacy')
    try {
      const method = findMethod('legacy', request.method)
      if (!method) throw new RpcError(codes.methodNotFound, 'Method not found')
      const view = registry.view(endpoint, principal)
      if (request.method === 'tools/list' && answer.isPlain) {
        checkCursor(params)
        answer.respondBytes(`{"jsonrpc":"2.0","id":${idText(id)},"result":`, toolsListBytes(view, legacyReader))
        return done()
      }
      const result = method(services, params, createCaller(visit, session, answer, view, params, signal), legacyReader)
      if (typeof result !== 'string') {
        result
          .then(
            (text) => answer.respond(resultMessage(id, text)),
            (error: unknown) => fail(visit, answer, request, error),
          )
          .finally(done)
        return
      }
      answer.respond(resultMessage(id, result))
    } catch (error) {
      fail(visit, answer, request, error)
    }
    done()
  }

  return (visit, session, messages, batch) => {
    const requests: RequestMessage[] = []
    for (const message of messages) {
      if (message.kind === 'request') requests.push(message.request)
      else if (message.kind === 'response') session?.answer(message.response)
      else take(session, message.notification)
    }
    if (requests.length === 0) return visit.reply.empty(202)

    const answer = new PostAnswer(visit.reply, session, requests.length, batch)
    const release = visit.registry.hold()
    const controllers: AbortController[] = []
    // Named first: V8 puts a closure written straight into a property among the old objects, and all it holds with it.
    const onLost = (why?: HubError): void => {
      if (!why) answer.lose()
      if (why || !answer.resumable) for (const controller of controllers) controller.abort(why ?? cancelled('the caller went away'))
    }
    visit.reply.onLost = onLost
    let left = requests.length
    for (const request of requests) {
      const controller = new AbortController()
      controllers.push(controller)
      const isTwin = session?.running.has(request.id) === true
      if (!isTwin) session?.running.set(request.id, controller)
      const done = (): void => {
        if (!isTwin) session?.running.delete(request.id)
        left -= 1
        if (left === 0) release()
      }
      if (!isTwin) run(visit, session, answer, request, controller.signal, done)
      else {
        answer.respond(errorMessage(request.id, { code: codes.invalidRequest, message: 'Invalid Request: a request with this id is still running' }))
        done()
      }
    }
  }
}

function take(session: LegacySession | undefined, { method, params }: NotificationMessage): void {
  if (method !== 'notifications/cancelled' || !isRequestId(params['requestId'])) return
  session?.running.get(params['requestId'])?.abort(cancelled('the caller cancelled the request'))
}

function createCaller(visit: Visit, session: LegacySession | undefined, answer: PostAnswer, view: View, params: JsonObject, signal: AbortSignal): Caller {
  const { endpoint, registry, principal, headers } = visit
  const capabilities = session?.record.capabilities ?? {}
  const token = metaOf(params)?.['progressToken']
  return {
    endpoint,
    registry,
    view,
    principal,
    era: 'legacy',
    capabilities,
    signal,
    trace: traceOf(params, headers),
    progressToken: isRequestId(token) ? token : undefined,
    // A client that never set a level hears everything of its own calls.
    logLevel: session?.record.logLevel ?? 'debug',
    notify: (name, body) => answer.notify(notificationMessage(name, body)),
    request: session && canBeAsked(capabilities) ? (question) => session.ask(question, (text) => answer.notify(text), signal) : undefined,
    session,
  }
}
