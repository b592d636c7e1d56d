/** What a request to the bench's upstream is answered with; undefined for notifications. */
export function answerTo(message: Message, tools: readonly object[]): string | undefined {
  if (message.id === undefined) return undefined
  const result = resultOf(message, tools)
  if (result) return JSON.stringify({ jsonrpc: '2.0', id: message.id, result })
  return JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32601, message: `no method ${message.method}` } })
}

/** A JSON-RPC request or notification, as far as the upstream reads it. */
export interface Message {
  readonly id?: number | string
  readonly method: string
  readonly params?: { readonly arguments?: { readonly text?: string }; readonly protocolVersion?: string }
}

const serverInfo = { name: 'bench-upstream', version: '1.0.0' }
const capabilities = { tools: {} }

function resultOf(message: Message, tools: readonly object[]): object | undefined {
  switch (message.method) {
    case 'tools/call':
      return { content: [{ type: 'text', text: message.params?.arguments?.text ?? '' }], resultType: 'complete' }
    case 'tools/list':
      return { tools, resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
    case 'initialize':
      return { protocolVersion: message.params?.protocolVersion, capabilities, serverInfo }
    case 'server/discover':
      return {
        supportedVersions: ['2026-07-28'],
        capabilities,
        resultType: 'complete',
        ttlMs: 0,
        cacheScope: 'private',
        _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
      }
    case 'ping':
      return {}
    default:
      return undefined
  }
}

/** The tool every federation row calls. */
export const echoTool = {
  name: 'echo',
  description: 'Answers the text it is given.',
  inputSchema: { type: 'object', required: ['text'], properties: { text: { type: 'string', description: 'Any text' } } },
}

/** So many tools with schemas of an everyday size, sorted by name. */
export function manyTools(count: number): { name: string; description: string; inputSchema: object }[] {
  return Array.from({ length: count }, (_, index) => ({ ...echoTool, name: toolName(index), description: toolDescription(index), inputSchema: candleInput }))
}

/** The name of the nth of many tools. */
export const toolName = (index: number): string => `candles_${String(index).padStart(4, '0')}`
/** What the nth of many tools says it does. */
export const toolDescription = (index: number): string => `The latest candles of one symbol, newest first, from source number ${index}.`
/** The input of the query tool, on every server that declares schemas. */
export const candleInput = {
  type: 'object',
  required: ['symbol'],
  properties: {
    symbol: { type: 'string', description: 'Pair as BASE/QUOTE' },
    limit: { type: 'integer', description: 'How many candles', minimum: 1, maximum: 1000, default: 100 },
  },
}
