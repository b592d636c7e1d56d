import { StringDecoder } from 'node:string_decoder'
import type { Readable, Writable } from 'node:stream'
import { parseJSONRPCMessage, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/server'
import { parseJson } from '../contract/json.ts'
import { codes, errorMessage } from './protocol.ts'

const mostLineChars = 10 * 1024 * 1024

/** JSON-RPC over a pair of streams, one message a line. The SDK's own would round big numbers on their way in. */
export function createStdioWire(stdin: Readable, stdout: Writable, onInbound: (message: JSONRPCMessage) => void): Transport {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let closed = false

  const wire: Transport = {
    start: async () => {
      stdin.on('data', onData)
      stdin.on('end', onEnd)
      stdin.on('close', onEnd)
      stdin.on('error', onEnd)
      stdout.on('error', onEnd)
    },
    send: (message) => write(JSON.stringify(message)),
    close: async () => {
      if (closed) return
      closed = true
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
    wire.onerror?.(new Error(`a line on stdin is over ${mostLineChars} characters`))
    void wire.close()
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
    onInbound(message)
    wire.onmessage?.(message)
  }

  function onEnd(): void {
    void wire.close()
  }

  function write(text: string): Promise<void> {
    if (closed) return Promise.resolve()
    return new Promise((resolve) => stdout.write(`${text}\n`, () => resolve()))
  }

  return wire
}
