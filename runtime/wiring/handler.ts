import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../mcp/body.ts'
import { isJsonContentType } from '../mcp/content-type.ts'
import { createDoor } from '../mcp/door.ts'
import { createHttpEdge, type EdgeParts } from '../mcp/http.ts'
import { createRestEdge, isRest } from '../rest/edge.ts'

/** Both edges behind one socket. */
export interface Handling {
  /** For `http.createServer`. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /** Refuses new requests, ends streams and sessions, waits for calls in flight within bounds. */
  close(): Promise<void>
}

/** MCP, plain endpoints and plain REST, each by its path. */
export function createHandling(parts: EdgeParts): Handling {
  const mcp = createHttpEdge(parts)
  const rest = createRestEdge({ ...parts, door: createDoor(parts.config), readBody, isJsonContentType })
  return {
    handler: (request, response) => (isRest(request.url) ? rest : mcp).handler(request, response),
    close: async () => void (await Promise.all([mcp.close(), rest.close()])),
  }
}
