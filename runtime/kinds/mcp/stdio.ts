import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import { isObject, parseJson } from '../../contract/json.ts'
import type { Json } from '../../contract/json.ts'
import { atTurnEnd } from '../../contract/turn.ts'
import { garbled } from './faults.ts'
import { Lines } from './lines.ts'
import type { Link, Receiver } from './link.ts'
import type { Tree } from './tree.ts'

/** Longest message taken from an upstream, in characters. */
export const messageAtMost = 16 * 1024 * 1024
const unreadAtMost = 16 * 1024 * 1024
const stderrLineAtMost = 4096
// The id of an answer stands before its result or at the very end of it: rows of the result have ids of their own.
const idBefore = /^\s*\{[^{[]*?"id"\s*:\s*(\d+)/
const idBehind = /,\s*"id"\s*:\s*(\d+)\s*\}\s*$/

/** What a stdio link is made of. */
export interface StdioParts {
  readonly connector: string
  readonly tree: Tree
  readonly receiver: Receiver
  /** Text the child printed where only messages belong, and its error output; already bounded in length. */
  readonly printed: (stream: 'stdout' | 'stderr', text: string) => void
}

/** JSON-RPC by lines over a child's input and output; all requests share the one pipe. */
export function openStdio(parts: StdioParts): Link {
  const { connector, tree, receiver, printed } = parts
  const { stdin, stdout, stderr } = tree.child
  const transport = transportOf(tree, write)
  let waiting = ''
  let broken = false

  function write(text: string): void {
    if (broken) return
    if (waiting === '') atTurnEnd(flush)
    waiting += `${text}\n`
  }
  // Calls made in one turn of the event loop leave in one write.
  function flush(): void {
    const text = waiting
    waiting = ''
    if (stdin.writable) stdin.write(text)
  }

  function take(line: string): void {
    let message: Json
    try {
      message = parseJson(line)
    } catch {
      return printed('stdout', line.slice(0, stderrLineAtMost))
    }
    // Before 2025-06-18 messages could come in batches.
    for (const one of Array.isArray(message) ? (message as readonly Json[]) : [message]) {
      if (!isObject(one) || one.jsonrpc !== '2.0') printed('stdout', line.slice(0, stderrLineAtMost))
      else if (!receiver.receive(one)) transport.onmessage?.(one as unknown as JSONRPCMessage)
    }
  }

  const output = new Lines(messageAtMost, take, (head, tail) => {
    const id = Number((idBefore.exec(head) ?? idBehind.exec(tail))?.[1])
    printed('stdout', `${head} … (a line longer than ${messageAtMost} characters)`)
    receiver.receive({ jsonrpc: '2.0', id, error: { code: -32_603, message: `its answer is longer than ${messageAtMost} characters` } })
  })
  const errors = new Lines(
    stderrLineAtMost,
    (line) => printed('stderr', line),
    (head) => printed('stderr', `${head} …`),
  )
  stdout.setEncoding('utf8').on('data', (text: string) => output.push(text))
  stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text))
  // A child that is gone tells by its exit.
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => undefined)

  void tree.closed.then((how) => {
    broken = true
    output.end()
    errors.end()
    receiver.broken(how, true)
    transport.onclose?.()
  })

  return {
    transport,
    post(flight, body) {
      if (stdin.writableLength + waiting.length < unreadAtMost) return write(body)
      receiver.lose(flight, { error: garbled(connector, 'does not read what it is sent'), seen: 'no' })
    },
    tell: write,
    abandon: () => false,
    agreed: () => undefined,
    async close() {
      flush()
      await tree.end()
    },
  }
}

/** `stderr` and `pid` are how the SDK's client knows a pipe, on which silence means an upstream of the older era. */
function transportOf(tree: Tree, write: (text: string) => void): Transport & { readonly stderr: null; readonly pid: number | undefined } {
  return {
    stderr: null,
    pid: tree.child.pid,
    start: async () => undefined,
    send: async (message) => write(JSON.stringify(message)),
    close: () => tree.end(),
  }
}
