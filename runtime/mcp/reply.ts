import type { ServerResponse } from 'node:http'
import type { HubError } from '../contract/errors.ts'
import { atTurnEnd } from '../contract/turn.ts'

const keepAliveMs = 15_000
// A reader that takes nothing while a stream goes on must not fill the hub's memory.
const mostWaitingBytes = 4 * 1024 * 1024
const slicedOverBytes = 64 * 1024

const guards = ['X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-store', 'Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"]
const streamGuards = ['X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-cache, no-transform', 'X-Accel-Buffering', 'no']

/** Where the answer to one HTTP request is written: once as JSON, or as an event stream. The only place that writes MCP answers to a socket. */
export class Reply {
  readonly #response: ServerResponse
  #extra: readonly string[] | undefined
  #timer: NodeJS.Timeout | undefined
  /** True once all is said, though the bytes go out with those of the turn. */
  #said = false
  /** True once the answer is an event stream. */
  streaming = false
  /** Called when the caller goes away before the answer is complete, or, with the reason, when the hub cannot wait for it any longer. */
  onLost: ((why?: HubError) => void) | undefined

  constructor(response: ServerResponse, extra?: readonly string[]) {
    this.#response = response
    this.#extra = extra
  }

  /** True once nothing more can be written, because all is said or the caller went away. */
  get closed(): boolean {
    return this.#said || this.#response.writableEnded || this.#response.destroyed
  }

  get #answered(): boolean {
    return this.#response.headersSent || this.closed
  }

  /** Adds headers, as name, value, name, value, to those of the answer. */
  addHeaders(headers: readonly string[]): void {
    this.#extra = this.#extra ? [...this.#extra, ...headers] : headers
  }

  /** Gives the answer these headers instead of those added before. */
  replaceHeaders(headers: readonly string[]): void {
    this.#extra = headers
  }

  /** Answers with JSON text. */
  json(status: number, text: string): void {
    if (this.#answered) return
    const bytes = Buffer.byteLength(text)
    this.#head(status, 'application/json', bytes)
    // Text of ASCII alone, as nearly every answer is, need not be encoded on its way out.
    const encoding = bytes === text.length ? 'latin1' : 'utf8'
    const response = this.#response
    this.#said = true
    atTurnEnd(() => response.end(text, encoding))
  }

  /** Answers 200 with JSON in two parts: a short one of this request, and prepared bytes that many requests share. */
  spliced(head: string, tail: Buffer): void {
    if (this.#answered) return
    const size = Buffer.byteLength(head)
    this.#head(200, 'application/json', size + tail.length)
    if (tail.length > slicedOverBytes) {
      this.#response.write(head)
      this.#response.end(tail)
      return
    }
    const whole = Buffer.allocUnsafe(size + tail.length)
    whole.write(head, 0)
    tail.copy(whole, size)
    this.#response.end(whole)
  }

  /** Answers without a body. */
  empty(status: number): void {
    if (this.#answered) return
    this.#response.writeHead(status, this.#extra ? [...guards, ...this.#extra] : guards)
    this.#response.end()
  }

  /** Becomes an event stream, if it is none yet. */
  open(): void {
    if (this.#answered) return
    this.streaming = true
    const headers = ['Content-Type', 'text/event-stream', ...streamGuards]
    this.#response.writeHead(200, this.#extra ? [...headers, ...this.#extra] : headers)
    this.#response.flushHeaders()
    this.#timer = setInterval(() => this.raw(': keepalive\n\n'), keepAliveMs)
    this.#timer.unref()
    this.#response.once('close', () => clearInterval(this.#timer))
  }

  /** Writes one message to the event stream. */
  event(text: string, id?: string): void {
    this.raw(id === undefined ? `event: message\ndata: ${text}\n\n` : `event: message\nid: ${id}\ndata: ${text}\n\n`)
  }

  /** Writes text in event stream form as it is. */
  raw(text: string): void {
    if (this.closed) return
    // What waited before counts: one long message is no sign of a reader that takes nothing.
    if (this.#response.writableLength > mostWaitingBytes) return void this.#response.destroy()
    this.#response.write(text)
  }

  /** Ends an event stream. */
  end(): void {
    clearInterval(this.#timer)
    if (!this.closed) this.#response.end()
  }

  #head(status: number, type: string, length: number): void {
    const headers = ['Content-Type', type, 'Content-Length', String(length), ...guards]
    this.#response.writeHead(status, this.#extra ? [...headers, ...this.#extra] : headers)
  }
}
