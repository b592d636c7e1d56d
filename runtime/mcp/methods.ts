import type { Json, JsonObject } from '../contract/json.ts'
import { finish, type Reader } from './answer.ts'
import type { Caller, CallerSession } from './caller.ts'
import { complete } from './complete.ts'
import { discoverResult } from './describe.ts'
import { checkLength } from './names.ts'
import { getPrompt, listPrompts } from './prompts.ts'
import { codes, logLevels, RpcError, type Era } from './protocol.ts'
import { findUpstream, listResources, listTemplates, notFound, readResource } from './resources.ts'
import type { Services } from './services.ts'
import { callTool, toolsList } from './tools.ts'

/** Answers one method with the text of its result; throws an RpcError for a JSON-RPC error. The same for both eras, every transport and both paths. */
export type Method = (services: Services, params: JsonObject, caller: Caller, reader: Reader) => string | Promise<string>

const common: Readonly<Record<string, Method>> = {
  'tools/call': callTool,
  'tools/list': whole((_services, { view }, reader) => toolsList(view, reader)),
  'prompts/list': whole(listPrompts),
  'prompts/get': getPrompt,
  'resources/list': whole(listResources),
  'resources/templates/list': whole(listTemplates),
  'resources/read': readResource,
  'completion/complete': complete,
}

const methods: Readonly<Record<Era, Readonly<Record<string, Method>>>> = {
  modern: { ...common, 'server/discover': (_services, _params, { view }, reader) => discoverResult(view, reader) },
  legacy: {
    ...common,
    ping: (_services, _params, _caller, reader) => finish({}, reader),
    'logging/setLevel': setLevel,
    'resources/subscribe': subscribe,
    'resources/unsubscribe': unsubscribe,
  },
}

/** The method of that name in that era; undefined when the era has none. */
export const findMethod = (era: Era, name: string): Method | undefined => (Object.hasOwn(methods[era], name) ? methods[era][name] : undefined)

/** A list that is told whole. */
function whole(list: (services: Services, caller: Caller, reader: Reader) => string | Promise<string>): Method {
  return (services, params, caller, reader) => {
    checkCursor(params)
    return list(services, caller, reader)
  }
}

/** Throws -32602 for a cursor: lists have one page, so none was ever given out. */
export function checkCursor({ cursor }: JsonObject): void {
  if (cursor !== undefined && cursor !== null)
    throw new RpcError(codes.invalidParams, 'Invalid params: no such cursor; the list has one page, which is asked for without')
}

async function setLevel({ subscriptions }: Services, { level }: JsonObject, caller: Caller, reader: Reader): Promise<string> {
  if (typeof level !== 'string' || !logLevels.includes(level))
    throw new RpcError(codes.invalidParams, `Invalid params: level must be one of ${logLevels.join(', ')}`)
  await caller.session?.setLogLevel(level)
  if (caller.session) for (const { connector } of caller.view.upstreams) subscriptions.listen(connector.spec.name, level)
  return finish({}, reader)
}

async function subscribe(_services: Services, { uri }: JsonObject, caller: Caller, reader: Reader): Promise<string> {
  const address = readable(uri, caller)
  await sessionOf(caller).subscribe(address)
  return finish({}, reader)
}

async function unsubscribe(_services: Services, { uri }: JsonObject, caller: Caller, reader: Reader): Promise<string> {
  if (typeof uri !== 'string') throw new RpcError(codes.invalidParams, 'Invalid params: uri must be a string')
  await sessionOf(caller).unsubscribe(uri)
  return finish({}, reader)
}

function readable(uri: Json | undefined, caller: Caller): string {
  if (typeof uri !== 'string') throw new RpcError(codes.invalidParams, 'Invalid params: uri must be a string')
  checkLength(uri)
  const known = caller.view.resources.some((resource) => resource.match(uri) !== undefined) || findUpstream(uri, caller) !== undefined
  if (!known) throw notFound(uri)
  return uri
}

function sessionOf({ session }: Caller): CallerSession {
  if (!session) throw new RpcError(codes.methodNotFound, 'Method not found: subscriptions need a session')
  return session
}
