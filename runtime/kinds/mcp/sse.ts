import { StringDecoder } from 'node:string_decoder'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import { createParser } from 'eventsource-parser'
import { HubError } from '../../contract/errors.ts'
import { isObject, parseJson } from '../../contract/json.ts'
import type { Json } from '../../contract/json.ts'
import type { Egress } from '../../contract/kind.ts'
import type { Effect } from '../../contract/principal.ts'
import { Failure, down, garbled, statusFault } from './faults.ts'
import type { Flight } from './flight.ts'
import type { Link, Receiver } from './link.ts'
import { replyBytesAtMost } from './reply.ts'

const startMs = 30_000
const tellMs = 30_000

/** What a legacy SSE link is made of. */
export interface SseParts {
  readonly connector: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly egress: Egress
  readonly receiver: Receiver
  readonly trouble: (error: unknown) => void
}

/** HTTP+SSE of 2024-11-05: one event stream carries every answer, requests are POSTed to the address its first event names. */
export function openSse(parts: SseParts): Link {
  const { connector, egress, receiver, trouble } = parts
  const stopping = new AbortController()
  let endpoint: URL | undefined
  let version: string | undefined
  let why = 'ended its event stream'

  const transport: Transport = {
    start: () =>
      new Promise((done, fail) => {
        const late = setTimeout(() => {
          fail(new Failure('did not say where it takes requests in time'))
          void transport.close()
        }, startMs)
        const opened = (): void => (clearTimeout(late), done())
        const ended = (error: Error): void => (clearTimeout(late), fail(error))
        listen(opened).then(() => ended(down(connector, why, 1000)), ended)
      }),
    async send(message) {
      await post(JSON.stringify(message), AbortSignal.timeout(tellMs))
    },
    async close() {
      stopping.abort()
      transport.onclose?.()
    },
    setProtocolVersion: (agreed) => void (version = agreed),
  }

  /** Reads the stream to its end; `opened` is called when the address for requests is known. */
  async function listen(opened: () => void): Promise<void> {
    const response = await egress.fetch(parts.url, { headers: { ...parts.headers, accept: 'text/event-stream' }, signal: stopping.signal })
    if (!response.ok || response.body === null) throw statusFault(connector, response.status, Object.fromEntries(response.headers))
    const decoder = new StringDecoder('utf8')
    const events = createParser({
      maxBufferSize: replyBytesAtMost,
      onEvent({ event, data }) {
        if (event === 'endpoint') endpoint = endpointOf(data)
        if (event === 'endpoint') opened()
        else take(data)
      },
    })
    try {
      for await (const chunk of response.body) events.feed(decoder.write(chunk as Buffer))
    } catch (error) {
      if (!stopping.signal.aborted) trouble(error)
    }
    if (stopping.signal.aborted) return
    receiver.broken(why, true)
    transport.onclose?.()
  }

  function endpointOf(data: string): URL {
    if (!URL.canParse(data, parts.url.href)) throw garbled(connector, (why = 'names no address for its requests'))
    const address = new URL(data, parts.url)
    if (address.origin !== parts.url.origin) throw garbled(connector, (why = 'wants its requests sent to another origin'))
    return address
  }

  function take(data: string): void {
    let message: Json
    try {
      message = parseJson(data)
    } catch {
      return trouble(garbled(connector, 'sent an event that is not JSON'))
    }
    for (const one of Array.isArray(message) ? (message as readonly Json[]) : [message])
      if (isObject(one) && !receiver.receive(one)) transport.onmessage?.(one as unknown as JSONRPCMessage)
  }

  async function post(body: string, until: AbortSignal, lost?: Effect): Promise<void> {
    const headers: Record<string, string> = { ...parts.headers, 'content-type': 'application/json' }
    if (version !== undefined) headers['mcp-protocol-version'] = version
    const response = await egress.fetch(endpoint as URL, { method: 'POST', headers, body, signal: AbortSignal.any([stopping.signal, until]) })
    await response.body?.cancel()
    if (!response.ok) throw statusFault(connector, response.status, Object.fromEntries(response.headers), lost)
  }

  return {
    transport,
    post(flight: Flight, body) {
      const gone = new AbortController()
      flight.handle = gone
      post(body, gone.signal, flight.ask.effect).catch((error: unknown) => {
        if (error instanceof HubError) receiver.lose(flight, { error, seen: 'no' })
        else receiver.lose(flight, { error: down(connector, 'broke the connection', 1000, flight.ask.effect), seen: 'perhaps' })
      })
    },
    tell: (body) => void post(body, AbortSignal.timeout(tellMs)).catch(trouble),
    abandon(flight) {
      flight.handle?.abort()
      return false
    },
    agreed: () => undefined,
    async close() {
      await transport.close()
    },
  }
}
