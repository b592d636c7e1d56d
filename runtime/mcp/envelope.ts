import type { IncomingHttpHeaders } from 'node:http'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { readHeaderValue } from './headers.ts'
import type { RequestMessage } from './message.ts'
import { metaOf } from './message.ts'
import { logLevels, metaKeys, modernVersion } from './protocol.ts'

/** True when a message names a protocol version in its `_meta`: it claims to be modern, whatever else is wrong with it. */
export const claimsModern = (params: JsonObject): boolean => metaOf(params)?.[metaKeys.version] !== undefined

/**
 * True for a modern request in perfect order: envelope complete and of the plain shapes clients send, standard headers there and in agreement with the body.
 * False says nothing against a request, only that the SDK must judge it: its schemas know every shape and its answers name what is wrong.
 */
export function isPlainModern(request: RequestMessage, headers: IncomingHttpHeaders): boolean {
  const meta = metaOf(request.params)
  if (meta?.[metaKeys.version] !== modernVersion) return false
  if (headers['mcp-protocol-version'] !== modernVersion || headers['mcp-method'] !== request.method) return false
  if (!isPlainCapabilities(meta[metaKeys.capabilities]) || !isPlainClient(meta[metaKeys.client])) return false
  const level = meta[metaKeys.logLevel]
  if (level !== undefined && !logLevels.includes(level as string)) return false
  return namesAgree(request, headers['mcp-name'])
}

const nameFields: Readonly<Record<string, string>> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' }

function namesAgree({ method, params }: RequestMessage, header: string | string[] | undefined): boolean {
  if (!Object.hasOwn(nameFields, method)) return true
  const name = params[nameFields[method] as string]
  if (typeof name !== 'string' || typeof header !== 'string') return false
  return header === name || readHeaderValue(header) === name
}

const clientTexts = ['name', 'version', 'title', 'description', 'websiteUrl']

function isPlainClient(client: Json | undefined): boolean {
  if (client === undefined) return true
  if (!isObject(client) || typeof client['name'] !== 'string' || typeof client['version'] !== 'string') return false
  for (const key in client) if (!clientTexts.includes(key) || typeof client[key] !== 'string') return false
  return true
}

function isPlainCapabilities(capabilities: Json | undefined): boolean {
  if (!isObject(capabilities)) return false
  for (const key in capabilities) {
    if (key === 'elicitation' || key === 'sampling') {
      if (!isObjectOfObjects(capabilities[key])) return false
    } else if (key === 'roots') {
      const roots = capabilities[key]
      if (!isObject(roots) || (roots['listChanged'] !== undefined && typeof roots['listChanged'] !== 'boolean')) return false
    } else if (key === 'extensions' || key === 'experimental') {
      if (!isObjectOfObjects(capabilities[key])) return false
    } else return false
  }
  return true
}

function isObjectOfObjects(value: Json | undefined): boolean {
  if (!isObject(value)) return false
  for (const key in value) {
    const inner = value[key]
    if (!isObject(inner) || (inner['applyDefaults'] !== undefined && typeof inner['applyDefaults'] !== 'boolean')) return false
  }
  return true
}

/** What the envelope says of the caller. */
export function readEnvelope(params: JsonObject): { readonly capabilities: JsonObject; readonly logLevel: string | undefined } {
  const meta = metaOf(params)
  const capabilities = meta?.[metaKeys.capabilities]
  const level = meta?.[metaKeys.logLevel]
  return { capabilities: isObject(capabilities) ? capabilities : {}, logLevel: typeof level === 'string' ? level : undefined }
}
