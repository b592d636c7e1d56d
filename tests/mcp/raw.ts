import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'

/** A message as it was on the wire. Tests look into it where they know what must be there; anything else fails them. */
export type Wire = any

/** One HTTP answer, read whole. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The messages of the body: of JSON, or of each event of a stream. */
  readonly messages: readonly Wire[]
  readonly events: readonly RawEvent[]
}

/** One event of an event stream. */
export interface RawEvent {
  readonly id?: string
  readonly retry?: string
  readonly data?: string
}

const modernHeaders = (method: string, name?: string): Record<string, string> => ({
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': method,
  ...(name === undefined ? {} : { 'mcp-name': name }),
})

/** Sends bytes as they are and reads the answer to its end. */
export function send(
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string | Buffer },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method: options.method ?? 'POST', agent: false, headers: options.headers },
      (response) => void readWhole(response).then(resolve, reject),
    )
    request.on('error', reject)
    request.end(options.body)
  })
}

async function readWhole(response: IncomingMessage): Promise<RawAnswer> {
  let text = ''
  for await (const chunk of response) text += chunk
  const events = String(response.headers['content-type']).startsWith('text/event-stream') ? readEvents(text) : []
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    events,
    messages: events.length > 0 ? events.flatMap(({ data }) => (data ? [JSON.parse(data)] : [])) : readJson(text),
  }
}

function readJson(text: string): readonly Wire[] {
  if (text === '') return []
  try {
    const body = JSON.parse(text)
    return Array.isArray(body) ? body : [body]
  } catch {
    return []
  }
}

/** The events in the text of a stream. */
export function readEvents(text: string): readonly RawEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block.trim() !== '' && !block.startsWith(':'))
    .map((block) => Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()])))
}

const legacyHeaders = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/** A legacy POST. */
export const legacyPost = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  send(url, { headers: { ...legacyHeaders, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) })

/** A modern POST with a whole envelope and every standard header. */
export function modernPost(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  options: { readonly capabilities?: object; readonly meta?: object; readonly headers?: Record<string, string>; readonly id?: unknown } = {},
): Promise<RawAnswer> {
  const { capabilities = {}, meta = {}, headers = {}, id = 1 } = options
  const name = (params['name'] ?? params['uri']) as string | undefined
  const named = ['tools/call', 'prompts/get', 'resources/read'].includes(method) ? name : undefined
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    ...meta,
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: envelope } })
  return send(url, { headers: { ...legacyHeaders, ...modernHeaders(method, named), ...headers }, body })
}

/** Opens a legacy session and tells its id. */
export async function openSession(
  url: string,
  options: { readonly version?: string; readonly capabilities?: object; readonly headers?: Record<string, string> } = {},
): Promise<{ readonly id: string; readonly result: Wire; readonly headers: Record<string, string> }> {
  const { version = '2025-11-25', capabilities = {}, headers = {} } = options
  const answer = await legacyPost(
    url,
    { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: version, capabilities, clientInfo: { name: 'raw', version: '1' } } },
    headers,
  )
  const id = String(answer.headers['mcp-session-id'])
  const session = { ...headers, 'mcp-session-id': id, 'mcp-protocol-version': answer.messages[0].result.protocolVersion as string }
  await legacyPost(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, session)
  return { id, result: answer.messages[0].result, headers: session }
}

/** An event stream that is read while it goes on. */
export interface OpenStream {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The first event that fits, waiting for it. */
  next(fits: (message: Wire, event: RawEvent) => boolean): Promise<{ readonly message: Wire; readonly event: RawEvent }>
  readonly events: readonly RawEvent[]
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>
  close(): void
}

/** Opens an event stream, by GET unless told otherwise. */
export function openStream(
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: unknown },
): Promise<OpenStream> {
  return new Promise((resolve, reject) => {
    const headers = options.body === undefined ? { accept: 'text/event-stream', ...options.headers } : { ...legacyHeaders, ...options.headers }
    const request = httpRequest(url, { method: options.method ?? (options.body === undefined ? 'GET' : 'POST'), agent: false, headers }, (response) => {
      const events: RawEvent[] = []
      const waiting = new Set<() => void>()
      let rest = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        rest += chunk
        const end = rest.lastIndexOf('\n\n')
        if (end < 0) return
        events.push(...readEvents(rest.slice(0, end + 2)))
        rest = rest.slice(end + 2)
        for (const wake of waiting) wake()
      })
      const ended = new Promise<void>((done) => response.on('close', () => done()))
      response.on('error', () => undefined)
      const find = (fits: (message: Wire, event: RawEvent) => boolean) => {
        for (const event of events) {
          const message = event.data ? JSON.parse(event.data) : undefined
          if (message !== undefined && fits(message, event)) return { message, event }
        }
        return undefined
      }
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        events,
        ended,
        close: () => request.destroy(),
        next: (fits) =>
          new Promise((found, lost) => {
            const look = (): void => {
              const match = find(fits)
              if (!match) return
              waiting.delete(look)
              found(match)
            }
            waiting.add(look)
            look()
            void ended.then(() => waiting.has(look) && lost(new Error(`the stream ended; it said ${JSON.stringify(events)}`)))
          }),
      })
    })
    request.on('error', reject)
    request.end(options.body === undefined ? undefined : JSON.stringify(options.body))
  })
}
