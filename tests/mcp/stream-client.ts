import type { Readable, Writable } from 'node:stream'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'

/** A client transport over a pair of streams: what a client of a stdio server has, without the process between. */
export function createStreamClient(input: Readable, output: Writable): Transport {
  let rest = ''
  const transport: Transport = {
    start: async () => {
      input.setEncoding('utf8')
      input.on('data', (chunk: string) => {
        rest += chunk
        const lines = rest.split('\n')
        rest = lines.pop() as string
        for (const line of lines) transport.onmessage?.(JSON.parse(line) as JSONRPCMessage)
      })
    },
    send: async (message) => void output.write(`${JSON.stringify(message)}\n`),
    close: async () => {
      output.end()
      transport.onclose?.()
    },
  }
  return transport
}
