import type { IncomingHttpHeaders } from 'node:http'
import { approximate, isObject, type Json, type JsonObject, type JsonSchema } from '../contract/json.ts'
import { codes, RpcError } from './protocol.ts'

const sentinelStart = '=?base64?'
const sentinelEnd = '?='
const canonicalBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A header value as the protocol encodes it: plain, or UTF-8 behind a Base64 sentinel; undefined when the sentinel's payload is broken. */
export function readHeaderValue(value: string): string | undefined {
  const text = value.trim()
  if (!text.startsWith(sentinelStart) || !text.endsWith(sentinelEnd)) return text
  const payload = text.slice(sentinelStart.length, -sentinelEnd.length)
  if (!canonicalBase64.test(payload)) return undefined
  try {
    return utf8.decode(Buffer.from(payload, 'base64'))
  } catch {
    return undefined
  }
}

/** A tool argument that modern callers must repeat in an `Mcp-Param-*` header. */
export interface HeaderParameter {
  readonly header: string
  readonly path: readonly string[]
  readonly numeric: boolean
}

const none: readonly HeaderParameter[] = Object.freeze([])
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** The `x-mcp-header` declarations of an input schema, found along `properties`; a declaration that breaks the rules of the protocol counts for nothing. */
export function findHeaderParameters(schema: JsonSchema): readonly HeaderParameter[] {
  const found: HeaderParameter[] = []
  collect(schema, [], found)
  return found.length === 0 ? none : found
}

function collect(schema: Json, path: readonly string[], found: HeaderParameter[]): void {
  if (!isObject(schema)) return
  const name = schema['x-mcp-header']
  const type = schema['type']
  const primitive = type === 'string' || type === 'boolean' || type === 'integer' || type === 'number'
  if (typeof name === 'string' && headerName.test(name) && path.length > 0 && primitive)
    found.push({ header: name, path, numeric: type === 'integer' || type === 'number' })
  const properties = schema['properties']
  if (!isObject(properties)) return
  for (const [key, inner] of Object.entries(properties)) collect(inner, [...path, key], found)
}

const decimal = /^-?\d+(\.\d+)?$/

/** Throws -32020 when a declared header is missing, broken or names another value than the arguments do. */
export function checkHeaderParameters(parameters: readonly HeaderParameter[], args: JsonObject, headers: IncomingHttpHeaders): void {
  for (const { header, path, numeric } of parameters) {
    const value = valueAt(args, path)
    const text = primitiveText(value)
    if (text === undefined) continue
    const key = `Mcp-Param-${header}`
    const sent = headers[key.toLowerCase()]
    if (typeof sent !== 'string') throw mismatch(key, `the body carries ${path.join('.')}=${JSON.stringify(value)} but the ${key} header is absent`)
    const decoded = readHeaderValue(sent)
    if (decoded === undefined) throw mismatch(key, `the ${key} header carries an invalid Base64 sentinel value`)
    const agrees = numeric && typeof value === 'number' && decimal.test(decoded) ? Number(decoded) === value : decoded === text
    if (!agrees) throw mismatch(key, `the ${key} header decodes to ${JSON.stringify(decoded)} but the body carries ${path.join('.')}=${JSON.stringify(value)}`)
  }
}

function valueAt(args: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = args
  for (const key of path) value = isObject(value) ? value[key] : undefined
  return value
}

function primitiveText(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  const number = value === undefined ? undefined : approximate(value)
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? undefined : String(number)
}

function mismatch(header: string, body: string): RpcError {
  return new RpcError(codes.headerMismatch, `Bad Request: the request headers and body disagree: ${body}`, { mismatch: { header, body } }, 400)
}
