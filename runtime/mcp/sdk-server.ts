import { Server, type ServerContext } from '@modelcontextprotocol/server'
import { isObject, parseJson, type Json, type JsonObject } from '../contract/json.ts'
import type { Principal } from '../contract/principal.ts'
import type { Endpoint } from '../registry/types.ts'
import type { Reader } from './answer.ts'
import { canBeAsked } from './capabilities.ts'
import type { Caller, CallerSession } from './caller.ts'
import { capabilitiesOf, instructionsOf, serverInfoOf } from './describe.ts'
import { asRpcError, cancelled } from './faults.ts'
import { isRequestId } from './message.ts'
import { findMethod } from './methods.ts'
import { codes, metaKeys, RpcError, type Era } from './protocol.ts'
import type { Services } from './services.ts'
import { traceOf } from './visit.ts'

const questionMs = 10 * 60_000

/** Whom an SDK server serves. */
export interface Served {
  readonly endpoint: Endpoint
  readonly principal: Principal
  readonly era: Era
  readonly reader: Reader
  /** For connections that last: what is remembered between requests, and the log level it holds. */
  readonly session?: (CallerSession & { readonly logLevel: string | undefined }) | undefined
  /** False for a method the hub does not have, where the SDK shall say so itself. */
  readonly answers: boolean
  /** Checks what only the transport knows, before a method runs. */
  readonly admit?: (method: string, params: JsonObject) => void
  /** Told of every error a method is answered with. */
  readonly onError?: (error: RpcError) => void
}

// The SDK checks nothing by schema here: arguments are validated in the pipeline, and compiling its own validator for each server costs more than the request.
const trusting = { getValidator: () => (value: unknown) => ({ valid: true as const, data: value as never, errorMessage: undefined }) }
const anything = { '~standard': { version: 1 as const, vendor: 'hub', validate: (value: unknown) => ({ value: value as Json }) } }

/** A low-level SDK server whose every method is the hub's own. */
export function createSdkServer(services: Services, served: Served): Server {
  const { endpoint, principal, era, reader } = served
  const view = services.source.current().view(endpoint, principal)
  const instructions = instructionsOf(view)
  const server = new Server(serverInfoOf(services.config, endpoint), {
    capabilities: capabilitiesOf(view) as object,
    jsonSchemaValidator: trusting,
    ...(instructions === undefined ? {} : { instructions }),
  })
  server.removeRequestHandler('logging/setLevel')
  if (!served.answers) return server

  server.fallbackRequestHandler = async (request, context) => {
    const method = findMethod(era, request.method)
    const controller = new AbortController()
    const onAbort = (): void => controller.abort(cancelled('the caller went away or cancelled'))
    if (context.mcpReq.signal.aborted) onAbort()
    else context.mcpReq.signal.addEventListener('abort', onAbort, { once: true })
    const registry = services.source.current()
    const release = registry.hold()
    try {
      if (!method) throw new RpcError(codes.methodNotFound, 'Method not found')
      const params = paramsOf(request.params, context)
      served.admit?.(request.method, params)
      const caller: Caller = {
        ...describeCaller(server, served, context, params),
        registry,
        view: registry.view(endpoint, principal),
        signal: controller.signal,
      }
      return parseJson(await method(services, params, caller, reader)) as JsonObject
    } catch (error) {
      const rpc = asRpcError(error, services.log)
      served.onError?.(rpc)
      throw rpc
    } finally {
      release()
    }
  }
  return server
}

/** The params as they were sent; the SDK lifts the members of a retry out of them. */
function paramsOf(params: unknown, { mcpReq }: ServerContext): JsonObject {
  const sent = isObject(params) ? params : {}
  const state = mcpReq.requestState<Json>()
  if (state === undefined && mcpReq.inputResponses === undefined) return sent
  return {
    ...sent,
    ...(state === undefined ? {} : { requestState: state }),
    ...(mcpReq.inputResponses === undefined ? {} : { inputResponses: mcpReq.inputResponses as unknown as Json }),
  }
}

function describeCaller(
  server: Server,
  { endpoint, principal, era, session }: Served,
  { mcpReq }: ServerContext,
  params: JsonObject,
): Omit<Caller, 'registry' | 'view' | 'signal'> {
  const envelope = mcpReq.envelope as JsonObject | undefined
  const declared = era === 'modern' ? envelope?.[metaKeys.capabilities] : (server.getClientCapabilities() as JsonObject | undefined)
  const capabilities = isObject(declared) ? declared : {}
  const level = era === 'modern' ? envelope?.[metaKeys.logLevel] : (session?.logLevel ?? 'debug')
  const token = mcpReq._meta?.progressToken
  const asks = era === 'legacy' && session !== undefined && canBeAsked(capabilities)
  return {
    endpoint,
    principal,
    era,
    capabilities,
    trace: traceOf(params, {}),
    progressToken: isRequestId(token) ? token : undefined,
    logLevel: typeof level === 'string' ? level : undefined,
    // A notification that cannot be written any more has no reader; the call hears of it by its signal.
    notify: (method, body) => void mcpReq.notify({ method, params: body }).catch(() => undefined),
    request: asks
      ? async ({ method, params: question }) => (await mcpReq.send({ method, params: question }, anything, { timeout: questionMs })) as Json
      : undefined,
    session,
  }
}
