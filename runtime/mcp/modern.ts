import { isObject, type JsonObject } from '../contract/json.ts'
import type { View } from '../registry/types.ts'
import type { Caller } from './caller.ts'
import { discoverResult } from './describe.ts'
import { readEnvelope } from './envelope.ts'
import { asRpcError, cancelled, scopeError } from './faults.ts'
import { checkHeaderParameters } from './headers.ts'
import { isRequestId, metaOf, type RequestMessage } from './message.ts'
import { checkCursor } from './methods.ts'
import { errorMessage, idText, notificationMessage, resultMessage } from './protocol.ts'
import type { EdgeTools } from './services.ts'
import { callTool, headerParametersOf, toolsListBytes } from './tools.ts'
import { traceOf, type Visit } from './visit.ts'

/** The methods of the modern era the hub answers without the SDK. */
export const isHot = (method: string): boolean => method === 'tools/call' || method === 'tools/list' || method === 'server/discover'

/** The modern hot path: parse, look up, walk, write; no SDK object. Takes requests in perfect order only (see `isPlainModern`). */
export function createModernPath(tools: EdgeTools): (visit: Visit, request: RequestMessage) => void {
  const { services, reader } = tools

  function fail(visit: Visit, { id }: RequestMessage, error: unknown): void {
    const rpc = asRpcError(error, services.log)
    if (isObject(rpc.data) && rpc.data['code'] === 'HUB_TOOL_UNKNOWN') tools.failed('HUB_TOOL_UNKNOWN')
    const text = errorMessage(id, rpc)
    if (visit.reply.streaming) return endStream(visit, text)
    if (rpc.status === 403) visit.reply.addHeaders(['WWW-Authenticate', tools.challenge(scopeError(rpc), visit.url)])
    visit.reply.json(rpc.status, text)
  }

  function list(visit: Visit, request: RequestMessage, tail: Buffer): void {
    try {
      checkCursor(request.params)
    } catch (error) {
      return fail(visit, request, error)
    }
    visit.reply.spliced(`{"jsonrpc":"2.0","id":${idText(request.id)},"result":`, tail)
  }

  return (visit, request) => {
    const { endpoint, principal, registry } = visit
    const view = registry.view(endpoint, principal)
    const modernReader = reader(endpoint, 'modern')
    if (request.method === 'tools/list') return list(visit, request, toolsListBytes(view, modernReader))
    if (request.method === 'server/discover') return visit.reply.json(200, resultMessage(request.id, discoverResult(view, modernReader)))

    const controller = new AbortController()
    // Named first: V8 puts a closure written straight into a property among the old objects, and all it holds with it.
    const onLost = (why = cancelled('the caller went away')): void => controller.abort(why)
    visit.reply.onLost = onLost
    const release = registry.hold()
    const caller = createCaller(visit, view, request.params, controller.signal)
    let result: Promise<string>
    try {
      checkParameters(request.params, view, visit)
      result = callTool(services, request.params, caller, modernReader)
    } catch (error) {
      fail(visit, request, error)
      return release()
    }
    result
      .then(
        (text) => finishCall(visit, resultMessage(request.id, text)),
        (error: unknown) => fail(visit, request, error),
      )
      .finally(release)
  }
}

/** Checks the `Mcp-Param-*` headers of a call of a known tool. */
export function checkParameters(params: JsonObject, view: View, { headers }: Visit): void {
  const tool = typeof params['name'] === 'string' ? view.find(params['name']) : undefined
  const parameters = tool && headerParametersOf(tool)
  if (!parameters || parameters.length === 0) return
  const args = params['arguments']
  checkHeaderParameters(parameters, isObject(args) ? args : {}, headers)
}

function createCaller(visit: Visit, view: View, params: JsonObject, signal: AbortSignal): Caller {
  const { endpoint, registry, principal, headers, reply } = visit
  const { capabilities, logLevel } = readEnvelope(params)
  const token = metaOf(params)?.['progressToken']
  const progressToken = isRequestId(token) ? token : undefined
  const speaks = progressToken !== undefined || logLevel !== undefined
  return {
    endpoint,
    registry,
    view,
    principal,
    era: 'modern',
    capabilities,
    signal,
    trace: traceOf(params, headers),
    progressToken,
    logLevel,
    notify: speaks ? (method, body) => notify(reply, method, body) : undefined,
  }
}

function notify(reply: Visit['reply'], method: string, params: JsonObject): void {
  reply.open()
  reply.event(notificationMessage(method, params))
}

function finishCall(visit: Visit, text: string): void {
  if (visit.reply.streaming) return endStream(visit, text)
  visit.reply.json(200, text)
}

function endStream({ reply }: Visit, text: string): void {
  reply.event(text)
  reply.end()
}
