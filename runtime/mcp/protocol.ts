import type { Json, JsonObject } from '../contract/json.ts'

/** Which of the protocol's two eras a request belongs to: with `initialize` and sessions, or with an envelope in every request. */
export type Era = 'legacy' | 'modern'

/** The revision of the modern era. */
export const modernVersion = '2026-07-28'
/** The revisions of the legacy era, newest first. */
export const legacyVersions: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']
/** The legacy revision a request without a version header speaks. */
export const unnamedVersion = '2025-03-26'

/** The members of a modern request's `_meta` that make its envelope, and those of results and notifications. */
export const metaKeys = {
  version: 'io.modelcontextprotocol/protocolVersion',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  client: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  server: 'io.modelcontextprotocol/serverInfo',
} as const

/** The hub's own members of a result's `_meta`: how fresh an answer is and where it came from, and what went wrong. */
export const hubMeta = { freshness: 'io.integration-hub/freshness', error: 'io.integration-hub/error' } as const

/** JSON-RPC and MCP error codes. */
export const codes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  server: -32000,
  sessionNotFound: -32001,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const

/** Log levels, the least severe first. */
export const logLevels: readonly string[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

/** True when a message of `level` is wanted by a caller that named `wanted`. */
export const isWanted = (level: string, wanted: string): boolean => logLevels.indexOf(level) >= logLevels.indexOf(wanted)

/** A JSON-RPC request id. */
export type RequestId = string | number

/** An error as JSON-RPC has it. `status` is the HTTP status where it is not told in-band, `challenge` the scopes a stronger token would need. */
export class RpcError extends Error {
  readonly code: number
  readonly data: Json | undefined
  readonly status: number

  constructor(code: number, message: string, data?: Json, status = 200) {
    super(message)
    this.name = 'RpcError'
    this.code = code
    this.data = data
    this.status = status
  }
}

/** The text of a JSON-RPC id. */
export const idText = (id: RequestId | null): string => (typeof id === 'string' ? JSON.stringify(id) : String(id))

/** The text of a JSON-RPC result; `result` is JSON already. */
export const resultMessage = (id: RequestId, result: string): string => `{"jsonrpc":"2.0","id":${idText(id)},"result":${result}}`

/** The text of a JSON-RPC error. */
export function errorMessage(id: RequestId | null, error: { readonly code: number; readonly message: string; readonly data?: Json | undefined }): string {
  const data = error.data === undefined ? '' : `,"data":${JSON.stringify(error.data)}`
  return `{"jsonrpc":"2.0","id":${idText(id)},"error":{"code":${error.code},"message":${JSON.stringify(error.message)}${data}}}`
}

/** The text of a JSON-RPC notification. */
export const notificationMessage = (method: string, params?: JsonObject): string =>
  JSON.stringify(params === undefined ? { jsonrpc: '2.0', method } : { jsonrpc: '2.0', method, params })
