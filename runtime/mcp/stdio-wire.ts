import { StringDecoder } from 'node:string_decoder'
import type { Readable, Writable } from 'node:stream'
import { parseJSONRPCMessage, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/server'
import { parseJson } from '../contract/json.ts'
import { codes, errorMessage } from './protocol.ts'

const mostLineChars = 10 * 1024 * 1024

/** For calls under way when the client has no more to say. */
const lastAnswersMs = 5_000

/** JSON-RPC over a pair of streams, one message a line. The SDK's own would round big numbers on their way in. Closes when the client has no more to say and has its answers. */
export function createStdioWire(stdin: Readable, stdout: Writable, onInbound: (message: JSONRPCMessage) => void): Transport {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let closed = false
  /** Requests of the client's that have no answer yet. */
  const unanswered = new Set<unknown>()
  let ended: NodeJS.Timeout | undefined

  const wire: Transport = {
    start: async () => {
      stdin.on('data', onData)
      stdin.on('end', onEnd)
      stdin.on('close', onEnd)
      stdin.on('error', onEnd)
      stdout.on('error', () => void wire.close())
    },
    send(message) {
      if ('result' in message || 'error' in message) unanswered.delete(message.id)
      const written = write(JSON.stringify(message))
      if (ended && unanswered.size === 0) void written.then(wire.close)
      return written
    },
    close: async () => {
      if (closed) return
      closed = true
      clearTimeout(ended)
      stdin.off('data', onData)
      stdin.off('end', onEnd)
      stdin.off('close', onEnd)
      stdin.pause()
      rest = ''
      wire.onclose?.()
    },
  }

  function onData(chunk: Buffer): void {
    rest += decoder.write(chunk)
    for (let end = rest.indexOf('\n'); end >= 0 && !closed; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end)
      rest = rest.slice(end + 1)
      if (line.trim() !== '') onLine(line)
    }
    if (rest.length <= mostLineChars) return
    const message = `a line is over ${mostLineChars} characters`
    wire.onerror?.(new Error(`${message}; the connection is closed`))
    void write(errorMessage(null, { code: codes.invalidRequest, message: `Invalid Request: ${message}` })).then(wire.close)
  }

  function onLine(line: string): void {
    let value: unknown
    try {
      value = parseJson(line)
    } catch {
      return void write(errorMessage(null, { code: codes.parse, message: 'Parse error: Invalid JSON' }))
    }
    let message: JSONRPCMessage
    try {
      message = parseJSONRPCMessage(value)
    } catch {
      return void write(errorMessage(null, { code: codes.invalidRequest, message: 'Invalid Request: not a JSON-RPC message' }))
    }
    follow(message)
    onInbound(message)
    wire.onmessage?.(message)
  }

  function follow(message: JSONRPCMessage): void {
    if (!('method' in message)) return
    // A subscription has no answer before it ends, and what was cancelled has none at all.
    if ('id' in message && message.method !== 'subscriptions/listen') unanswered.add(message.id)
    if (message.method === 'notifications/cancelled') unanswered.delete(message.params?.['requestId'])
  }

  function onEnd(): void {
    if (unanswered.size === 0) void wire.close()
    else ended ??= setTimeout(() => void wire.close(), lastAnswersMs)
  }

  function write(text: string): Promise<void> {
    if (closed) return Promise.resolve()
    return new Promise((resolve) => stdout.write(`${text}\n`, () => resolve()))
  }

  return wire
}
