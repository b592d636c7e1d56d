import type { IncomingHttpHeaders } from 'node:http'
import type { Message } from './message.ts'
import { codes, legacyVersions, RpcError, unnamedVersion } from './protocol.ts'

const mostInBatch = 100
/** The last revision with batches. */
const batchVersion = '2025-03-26'

/** Throws what a POST is refused with before its session is looked for. */
export function checkPost({ accept }: IncomingHttpHeaders, messages: readonly Message[], batch: boolean): void {
  if (!accept?.includes('application/json') || !accept.includes('text/event-stream'))
    throw new RpcError(codes.server, 'Not Acceptable: Client must accept both application/json and text/event-stream', undefined, 406)
  if (!batch) return
  if (messages.length > mostInBatch) throw new RpcError(codes.invalidRequest, `Invalid Request: Batch must not exceed ${mostInBatch} messages`, undefined, 400)
  if (messages.some((message) => message.kind === 'request' && message.request.method === 'initialize'))
    throw new RpcError(codes.invalidRequest, 'Invalid Request: Only one initialization request is allowed', undefined, 400)
}

/** Throws for a version header the hub does not speak, and for a batch where the revision has none. */
export function checkVersion(headers: IncomingHttpHeaders, batch: boolean, ofSession: string | undefined): void {
  const named = headers['mcp-protocol-version']
  if (named !== undefined && !legacyVersions.includes(String(named)))
    throw new RpcError(
      codes.server,
      `Bad Request: Unsupported protocol version: ${String(named).slice(0, 40)} (supported versions: ${legacyVersions.join(', ')})`,
      undefined,
      400,
    )
  const version = ofSession ?? (named === undefined ? unnamedVersion : String(named))
  if (batch && version > batchVersion) throw new RpcError(codes.invalidRequest, `Invalid Request: protocol version ${version} has no batches`, undefined, 400)
}
