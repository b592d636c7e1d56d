import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import type { JsonObject } from '../../contract/json.ts'

/** The same transport for the SDK's client, with every message first offered to `take`; what it takes the client does not see. */
export function tapped(inner: Transport & { setProtocolVersion(version: string): void }, take: (message: JsonObject) => boolean): Transport {
  const outer: Transport = {
    get sessionId() {
      return inner.sessionId
    },
    hasPerRequestStream: true,
    setProtocolVersion: (version) => inner.setProtocolVersion(version),
    start: () => inner.start(),
    send: (message, options) => inner.send(message, options),
    close: () => inner.close(),
  }
  inner.onmessage = (message) => {
    if (!take(message as unknown as JsonObject)) outer.onmessage?.(message as JSONRPCMessage)
  }
  inner.onclose = () => outer.onclose?.()
  inner.onerror = (error) => outer.onerror?.(error)
  return outer
}
