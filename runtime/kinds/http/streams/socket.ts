import { inflateSync, gunzipSync } from 'node:zlib'
import { ping, WebSocket, type Dispatcher } from 'undici'
import type { Ending } from './ending.ts'
import { closedEnding, handshakeEnding, lostEnding } from './ending.ts'
import { Handshake } from './handshake.ts'

/** What a connection is opened with. */
export interface SocketParts {
  readonly url: string
  /** Names and values in turn. */
  readonly headers: readonly string[]
  readonly protocols: readonly string[]
  readonly dispatcher: Dispatcher
  readonly messageBytes: number
  /** Close codes by which the service refuses the hub. */
  readonly denialCodes: readonly number[]
  readonly scrub: (text: string) => string
  onOpen(headers: Handshake['headers']): void
  /** A message as text; undefined for one that is none. */
  onMessage(text: string | undefined): void
  /** Called once, whatever ended it; never after `close`. */
  onEnd(ending: Ending): void
}

const goodbyeMs = 500

/** One WebSocket, guarded and bounded. */
export class Socket {
  readonly #parts: SocketParts
  readonly #handshake: Handshake
  readonly #web: WebSocket
  #heardAt = performance.now()
  #hasOpened = false
  #isOver = false
  /** The other side ended the connection, or the network did. */
  #isBroken: string | undefined
  #goodbye: NodeJS.Timeout | undefined

  constructor(parts: SocketParts) {
    this.#parts = parts
    this.#handshake = new Handshake(parts.dispatcher, parts.messageBytes)
    const pairs: [string, string][] = []
    for (let at = 0; at < parts.headers.length; at += 2) pairs.push([parts.headers[at] as string, parts.headers[at + 1] as string])
    this.#web = new WebSocket(parts.url, { dispatcher: this.#handshake.dispatcher, headers: pairs, protocols: [...parts.protocols] })
    this.#web.binaryType = 'arraybuffer'
    this.#web.addEventListener('open', () => this.#opened())
    this.#web.addEventListener('message', ({ data }: { readonly data: unknown }) => this.#received(data))
    this.#web.addEventListener('close', ({ code, reason, wasClean }) => this.#closed(code, reason, wasClean))
    // What there is to say of an error is said at its close.
    this.#web.addEventListener('error', () => undefined)
  }

  /** When anything at all came last, by `performance.now()`. */
  get heardAt(): number {
    return this.#heardAt
  }

  send(text: string): void {
    this.#web.send(text)
  }

  ping(): void {
    ping(this.#web)
  }

  /** Breaks off: the other side does not answer. */
  break(words: string): void {
    this.#over(lostEnding(words))
    this.#handshake.socket?.destroy()
    if (!this.#hasOpened) this.#web.close()
  }

  /** Says goodbye and ends it, soon at the latest. */
  close(): void {
    this.#isOver = true
    this.#web.close(1000)
    const { socket } = this.#handshake
    if (socket === undefined || socket.destroyed) return
    this.#goodbye = setTimeout(() => socket.destroy(), goodbyeMs)
    socket.once('close', () => clearTimeout(this.#goodbye))
  }

  #opened(): void {
    this.#hasOpened = true
    this.#heard()
    const { socket, headers } = this.#handshake
    // Any byte shows that the other side is there: answers to pings, and parts of long messages.
    socket?.on('data', () => this.#heard())
    socket?.once('end', () => (this.#isBroken ??= 'the service ended the connection'))
    socket?.once('error', (error: NodeJS.ErrnoException) => (this.#isBroken ??= error.code ?? 'connection failed'))
    if (!this.#isOver) this.#parts.onOpen(headers)
  }

  #heard(): void {
    this.#heardAt = performance.now()
  }

  #received(data: unknown): void {
    if (this.#isOver) return
    this.#parts.onMessage(typeof data === 'string' ? data : unpacked(data as ArrayBuffer, this.#parts.messageBytes))
  }

  #closed(code: number, reason: string, wasClean: boolean): void {
    clearTimeout(this.#goodbye)
    const { denialCodes, messageBytes, scrub } = this.#parts
    if (!this.#hasOpened) this.#over(handshakeEnding(this.#handshake, scrub))
    else if (wasClean || code !== 1006) this.#over(closedEnding(code, scrub(reason), denialCodes))
    else this.#over(lostEnding(this.#isBroken ?? `a message was longer than ${messageBytes} bytes or no WebSocket frame`))
  }

  #over(ending: Ending): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#parts.onEnd(ending)
  }
}

/** The text of a binary message: packed by gzip or zlib as some services do, or plain. */
function unpacked(data: ArrayBuffer, maxOutputLength: number): string | undefined {
  const bytes = Buffer.from(data)
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, { maxOutputLength }).toString()
    if (bytes[0] === 0x78 && bytes.length > 1 && bytes.readUInt16BE(0) % 31 === 0) return inflateSync(bytes, { maxOutputLength }).toString()
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
