import { SSEClientTransport, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client'
import { HubError } from '../../runtime/contract/errors.ts'
import { createEgress } from '../../runtime/guards/egress.ts'

/** A transport to a server, and how it is ended. */
export interface Road {
  readonly transport: Transport
  readonly close: () => Promise<void>
  /** What the egress guard refused on it: the SDK's own errors do not always tell. */
  readonly refused?: () => HubError | undefined
}

/** How an address is reached. */
export interface HttpReach {
  readonly transport: 'http' | 'sse' | 'stdio'
  readonly headers: Readonly<Record<string, string>>
  /** Which private addresses may be reached. */
  readonly allow: readonly string[]
}

/** Opens an address, over Streamable HTTP or the older HTTP+SSE, through the egress guard. */
export function openHttp(address: string, { headers, allow, transport: way }: HttpReach): Road {
  const url = URL.parse(address)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new HubError('HUB_CONFIG_VALUE', `"${address}" is not an http or https address: give an address as in https://example.com/mcp, or a command`)
  }
  const egress = createEgress({ allow })
  let refused: HubError | undefined
  const guarded = async (input: string | URL, init?: RequestInit): Promise<Response> => {
    try {
      return await egress.fetch(input, init)
    } catch (error) {
      if (error instanceof HubError) refused = error
      throw error
    }
  }
  const options = { requestInit: { headers: { ...headers } }, fetch: guarded }
  const transport = way === 'sse' ? new SSEClientTransport(url, options) : new StreamableHTTPClientTransport(url, options)
  return {
    transport,
    refused: () => refused,
    async close() {
      await transport.close().catch(() => undefined)
      await egress.close()
    },
  }
}
