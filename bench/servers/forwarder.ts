import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { Pool } from 'undici'
import type { Message } from './echo.ts'

// The least a gateway can do, for comparison: read a call, send it on, read the answer, send it back. Nothing is checked, limited, counted or kept.
type Forward = (message: Message, answered: (result: unknown) => void) => void
const [target = '', ...rest] = process.argv.slice(2)
const forward: Forward = target.startsWith('http') ? overHttp(new URL(target)) : overStdio(target, rest)

const server = createServer((request, response) => {
  let text = ''
  request.on('data', (part: Buffer) => (text += part.toString()))
  request.once('end', () => {
    const message = JSON.parse(text) as Message
    forward({ ...message, params: { ...message.params, name: 'echo' } as Message['params'] & object }, (result) => {
      const answer = JSON.stringify({ jsonrpc: '2.0', id: message.id, result })
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) }).end(answer)
    })
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}`)
})
process.once('SIGTERM', () => process.exit())

function overHttp({ origin, pathname }: URL): Forward {
  const pool = new Pool(origin, { connections: 256 })
  const common = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream', 'mcp-protocol-version', '2026-07-28']
  return (message, answered) => {
    let text = ''
    const headers = [...common, 'mcp-method', message.method, 'mcp-name', 'echo']
    pool.dispatch(
      { path: pathname, method: 'POST', headers, body: JSON.stringify(message) },
      {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: (_controller, part) => void (text += part.toString()),
        onResponseEnd: () => answered((JSON.parse(text) as { readonly result: unknown }).result),
        onResponseError: (_controller, error) => console.error(error),
      },
    )
  }
}

function overStdio(command: string, args: readonly string[]): Forward {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map<number, (result: unknown) => void>()
  let last = 0
  let pending = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (pending + text).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) {
      const { id, result } = JSON.parse(line) as { readonly id: number; readonly result: unknown }
      waiting.get(id)?.(result)
      waiting.delete(id)
    }
  })
  process.once('exit', () => child.kill())
  return (message, answered) => {
    last += 1
    waiting.set(last, answered)
    child.stdin.write(`${JSON.stringify({ ...message, id: last })}\n`)
  }
}
