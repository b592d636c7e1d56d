import { classifyInboundRequest } from '@modelcontextprotocol/server'
import type { Json } from '../contract/json.ts'
import type { Visit } from './visit.ts'

/** What the SDK makes of a POST that is not plainly of one era. */
export type Judgement = ReturnType<typeof classifyInboundRequest>

/** Judges one POST by the SDK's own rules. */
export function judge({ headers }: Visit, body: Json): Judgement {
  return classifyInboundRequest({
    httpMethod: 'POST',
    body,
    ...(headers['mcp-protocol-version'] === undefined ? {} : { protocolVersionHeader: String(headers['mcp-protocol-version']) }),
    ...(headers['mcp-method'] === undefined ? {} : { mcpMethodHeader: String(headers['mcp-method']) }),
    ...(headers['mcp-name'] === undefined ? {} : { mcpNameHeader: String(headers['mcp-name']) }),
  })
}
