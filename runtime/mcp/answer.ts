import type { Answer, ContentBlock } from '../contract/answer.ts'
import { errorTable, type HubError } from '../contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { Freshness, Outcome, Polished } from '../pipeline/call.ts'
import { neededFor } from './capabilities.ts'
import { carriesUri, exposeBlocks, exposeMeta } from './names.ts'
import { codes, hubMeta, metaKeys, RpcError, type Era } from './protocol.ts'

/** What of the caller decides the shape of an answer. */
export interface Reader {
  readonly era: Era
  /** True where the endpoint rewrites an upstream's addresses. */
  readonly prefixed: boolean
  /** `"io.modelcontextprotocol/serverInfo":{…}`, for modern results. */
  readonly serverMember: string
}

/** The MCP result of a call as JSON text. Throws an RpcError for what is told as a JSON-RPC error. */
export function toolResult(outcome: Outcome, reader: Reader, now: number): string {
  const { polished, error } = outcome
  if (error) return errorResult(error, outcome.callId, reader)
  const { answer } = polished as Polished
  const meta = metaMembers(answer, outcome, reader, now)
  return closed(`{${fragmentOf(polished as Polished, outcome, reader)}`, meta, reader)
}

/** The result object of an upstream's other acts (a prompt, a read, a completion). Throws an RpcError for every error. */
export function actResult(outcome: Outcome): JsonObject {
  if (outcome.error) throw rpcError(outcome.error, outcome.callId)
  const answer = outcome.polished?.answer
  if (answer?.type !== 'data' || !isObject(answer.data))
    throw new RpcError(codes.internal, 'HUB_UPSTREAM_FAILED: the upstream answered with something else than an object')
  const { _meta, ...result } = answer.data
  const meta = withoutServer(_meta)
  return meta === undefined ? result : { ...result, _meta: meta }
}

/** A result object as JSON text, with what the era adds to every result. */
export function finish(result: JsonObject, reader: Reader, cacheable = false): string {
  if (reader.era === 'legacy') return JSON.stringify(result)
  const meta = isObject(result['_meta']) ? result['_meta'] : {}
  const text = JSON.stringify({ ...result, resultType: 'complete', ...(cacheable ? { ttlMs: ttlOf(result), cacheScope: 'private' } : {}), _meta: undefined })
  const members = JSON.stringify(meta).slice(1, -1)
  return `${text.slice(0, -1)},"_meta":{${members === '' ? '' : `${members},`}${reader.serverMember}}}`
}

const ttlOf = ({ ttlMs }: JsonObject): number => (Number.isSafeInteger(ttlMs) && (ttlMs as number) >= 0 ? (ttlMs as number) : 0)

/** What a modern caller is answered when its user must be asked first. */
export function inputRequired(requests: JsonObject, state: string | undefined, reader: Reader): string {
  const stateMember = state === undefined ? '' : `,"requestState":${JSON.stringify(state)}`
  return `{"resultType":"input_required","inputRequests":${JSON.stringify(requests)}${stateMember},"_meta":{${reader.serverMember}}}`
}

/** How fresh an answer is, as one JSON object for `_meta`. */
export function freshnessJson(freshness: Freshness, callId: string, now: number): string {
  const ageMs = Math.max(0, now - freshness.storedAt)
  return `{"asOf":${JSON.stringify(freshness.asOf)},"ageMs":${ageMs},"source":${JSON.stringify(freshness.source)},"cache":"${freshness.cache}","callId":${JSON.stringify(callId)}}`
}

function closed(text: string, meta: string, { era, serverMember }: Reader): string {
  if (era === 'legacy') return `${text},"_meta":{${meta}}}`
  return `${text},"resultType":"complete","_meta":{${meta === '' ? '' : `${meta},`}${serverMember}}}`
}

function metaMembers(answer: Answer, { freshness, callId, tool }: Outcome, { prefixed }: Reader, now: number): string {
  let members =
    freshness === undefined ? `"${hubMeta.freshness}":{"callId":${JSON.stringify(callId)}}` : `"${hubMeta.freshness}":${freshnessJson(freshness, callId, now)}`
  if (answer.type !== 'content' || answer.meta === undefined) return members
  const own = withoutServer(prefixed ? exposeMeta(answer.meta, tool.spec.connector) : answer.meta)
  const text = own === undefined ? '' : JSON.stringify(own).slice(1, -1)
  if (text !== '') members = `${text},${members}`
  return members
}

/** The members of a result that do not change from call to call. Kept on the answer where neither era nor endpoint changes them, so that a cached answer is spliced text. */
function fragmentOf(polished: Polished, { tool }: Outcome, reader: Reader): string {
  const { answer, json } = polished
  if (polished.fragment !== undefined) return polished.fragment
  if (answer.type === 'data') {
    const data = json ?? JSON.stringify(answer.data)
    const content = dataContent(data, answer.notes)
    const fragment = `${content}${structuredMember(answer.data, data, tool.spec.output, reader.era)}`
    if (isSameInBothEras(answer.data, tool.spec.output)) polished.fragment = fragment
    return fragment
  }
  if (answer.type === 'content') return contentFragment(polished, answer, tool.spec.connector, tool.spec.output, reader)
  if (answer.type === 'job')
    return (polished.fragment = `"content":[{"type":"text","text":${JSON.stringify(`job ${answer.id} was started`)}}],"structuredContent":{"job":${JSON.stringify(answer.id)}}`)
  throw new RpcError(codes.internal, 'HUB_INTERNAL: a question reached the caller as an answer')
}

function dataContent(json: string, notes: readonly string[] | undefined): string {
  let blocks = `{"type":"text","text":${JSON.stringify(json)}}`
  for (const note of notes ?? []) blocks += `,{"type":"text","text":${JSON.stringify(note)}}`
  return `"content":[${blocks}]`
}

type Content = Extract<Answer, { type: 'content' }>

function contentFragment(polished: Polished, answer: Content, connector: string, output: Json | undefined, reader: Reader): string {
  const moves = answer.content.some(carriesUri)
  const blocks: readonly ContentBlock[] = moves && reader.prefixed ? exposeBlocks(answer.content, connector) : answer.content
  const { structured } = answer
  const structuredText = structured === undefined ? '' : structuredMember(structured, JSON.stringify(structured), output, reader.era)
  const written = blocks === answer.content && structured === undefined ? polished.json?.slice(1, -1) : undefined
  const fragment = `${written ?? `"content":${JSON.stringify(blocks)}`}${structuredText}${answer.isError === true ? ',"isError":true' : ''}`
  if (!moves && isSameInBothEras(structured, output)) polished.fragment = fragment
  return fragment
}

// A legacy client takes objects only. Where the tool declares another shape the list wraps its schema, and so the value is wrapped; undeclared, it is in the text alone.
function structuredMember(value: Json, text: string, output: Json | undefined, era: Era): string {
  if (era === 'modern' || isSameInBothEras(value, output)) return `,"structuredContent":${text}`
  return output === undefined ? '' : `,"structuredContent":{"result":${text}}`
}

const isSameInBothEras = (value: Json | undefined, output: Json | undefined): boolean =>
  value === undefined || (isObject(value) && (output === undefined || (isObject(output) && output['type'] === 'object')))

/** `_meta` of an upstream without the upstream's own identity, which is not the hub's. */
function withoutServer(meta: Json | undefined): JsonObject | undefined {
  if (!isObject(meta)) return undefined
  if (!(metaKeys.server in meta)) return meta
  const { [metaKeys.server]: _server, ...rest } = meta
  return Object.keys(rest).length > 0 ? rest : undefined
}

/** Errors a model can act on are results it can read; the others are JSON-RPC errors. */
function errorResult(error: HubError, callId: string, reader: Reader): string {
  if (reader.era === 'modern' && error.code === 'HUB_INPUT_UNSUPPORTED') throw missingCapability(error)
  if (errorTable[error.code].reader !== 'model' || error.code === 'HUB_TOOL_UNKNOWN') throw rpcError(error, callId)
  const text = `"content":[{"type":"text","text":${JSON.stringify(`${error.code}: ${error.message}`)}}],"isError":true`
  return closed(`{${text}`, `"${hubMeta.error}":${JSON.stringify({ code: error.code, ...plainDetails(error), callId })}`, reader)
}

/** Any error as JSON-RPC tells it. What is written for operators alone keeps its words to the log; the caller gets the code and the call id. */
export function rpcError(error: HubError, callId?: string): RpcError {
  const { code, message } = error
  const data = { code, ...(errorTable[code].reader === 'operator' ? {} : plainDetails(error)), ...(callId === undefined ? {} : { callId }) }
  if (code === 'HUB_RESOURCE_UNKNOWN' && typeof error.details['uri'] === 'string')
    return new RpcError(codes.invalidParams, `Resource not found: ${error.details['uri']}`, { uri: error.details['uri'] })
  if (code === 'HUB_SCOPE_INSUFFICIENT') return new RpcError(codes.server, `${code}: ${message}`, data, 403)
  if (code === 'HUB_INPUT_EXPIRED') return new RpcError(codes.invalidParams, `${code}: ${message}`, { reason: 'invalid_request_state', ...data })
  if (code === 'HUB_TOOL_UNKNOWN' || code === 'HUB_PROMPT_UNKNOWN' || code === 'HUB_ARGS_INVALID')
    return new RpcError(codes.invalidParams, `${code}: ${message}`, data)
  if (errorTable[code].reader === 'operator') return new RpcError(codes.internal, `${code}: ${errorTable[code].meaning}; the call id finds it in the log`, data)
  return new RpcError(codes.internal, `${code}: ${message}`, data)
}

function missingCapability(error: HubError): RpcError {
  const { requiredCapabilities, method } = error.details
  const required = requiredCapabilities ?? (typeof method === 'string' ? neededFor({ method }) : undefined)
  return new RpcError(codes.missingCapability, `HUB_INPUT_UNSUPPORTED: ${error.message}`, { requiredCapabilities: isObject(required) ? required : {} }, 400)
}

// Details may hold what JSON has no word for.
const plainDetails = (error: HubError): JsonObject => JSON.parse(JSON.stringify(error.details)) as JsonObject
