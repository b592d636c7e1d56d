import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { RequestId } from './protocol.ts'

/** A JSON-RPC request. */
export interface RequestMessage {
  readonly id: RequestId
  readonly method: string
  readonly params: JsonObject
}

/** A JSON-RPC notification. */
export interface NotificationMessage {
  readonly method: string
  readonly params: JsonObject
}

/** A JSON-RPC response: a client's answer to a question of the hub. */
export interface ResponseMessage {
  readonly id: RequestId
  readonly result?: JsonObject
  readonly error?: JsonObject
}

/** One JSON-RPC message, told apart; undefined when it is none. */
export type Message =
  | { readonly kind: 'request'; readonly request: RequestMessage }
  | { readonly kind: 'notification'; readonly notification: NotificationMessage }
  | { readonly kind: 'response'; readonly response: ResponseMessage }

const noParams: JsonObject = Object.freeze({})

/** True for what JSON-RPC and MCP accept as an id. */
export const isRequestId = (value: unknown): value is RequestId => typeof value === 'string' || Number.isInteger(value)

/** The id to answer an unusable message with: its own when it can be read, else null. */
export function readableId(body: Json | undefined): RequestId | null {
  if (!isObject(body) || typeof body['method'] !== 'string') return null
  const id = body['id']
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id)) ? id : null
}

/** Tells a message's kind by its members; the same strictness as the SDK: no member besides JSON-RPC's own, params an object. */
export function readMessage(value: Json): Message | undefined {
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return undefined
  let members = 0
  for (const key in value) {
    if (key !== 'jsonrpc' && key !== 'id' && key !== 'method' && key !== 'params' && key !== 'result' && key !== 'error') return undefined
    members += 1
  }
  const { id, method, params, result, error } = value
  if (typeof method === 'string') return result === undefined && error === undefined ? readCall(id, method, params) : undefined
  if (!isRequestId(id) || members !== 3) return undefined
  if (isObject(result)) return { kind: 'response', response: { id, result } }
  if (isObject(error) && Number.isInteger(error['code']) && typeof error['message'] === 'string') return { kind: 'response', response: { id, error } }
  return undefined
}

function readCall(id: Json | undefined, method: string, params: Json | undefined): Message | undefined {
  if (params !== undefined && !isUsable(params)) return undefined
  if (id === undefined) return { kind: 'notification', notification: { method, params: params ?? noParams } }
  if (!isRequestId(id)) return undefined
  return { kind: 'request', request: { id, method, params: params ?? noParams } }
}

function isUsable(params: Json): params is JsonObject {
  if (!isObject(params)) return false
  const meta = params['_meta']
  if (meta === undefined) return true
  return isObject(meta) && (meta['progressToken'] === undefined || isRequestId(meta['progressToken']))
}

/** The `_meta` of a message's params. */
export function metaOf(params: JsonObject): JsonObject | undefined {
  const meta = params['_meta']
  return isObject(meta) ? meta : undefined
}
