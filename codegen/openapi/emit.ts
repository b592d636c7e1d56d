import type { Emitter } from '../emitter.ts'
import { openApiParts } from './document.ts'
import { documentText } from './text.ts'

/** `openapi.json`: every tool of every connector as plain REST. What a caller of a running hub sees of it is served at `/api/openapi.json`. */
export const openapiEmitter: Emitter = {
  name: 'openapi',
  whole: ({ plan: { hub, connectors } }) => {
    const described = connectors.map((connector) => ({ connector, tools: connector.tools }))
    const parts = openApiParts({ name: hub.name, version: hub.version, server: hub.publicUrl, auth: hub.auth.mode, connectors: described })
    return [{ path: 'openapi.json', content: documentText(parts) }]
  },
}
