import { connect, type Socket } from 'node:net'

const headEnd = Buffer.from('\r\n\r\n')
const lineEnd = Buffer.from('\r\n')
const eventEnd = Buffer.from('\n\n')
const nothing = Buffer.alloc(0)

/** What a connection tells of an answer. */
export interface Listener {
  answered(status: number, head: string, body: Buffer): void
  /** One event of a stream that does not end. */
  event?(text: Buffer): void
  failed(error: Error): void
}

/** One keep-alive HTTP/1.1 connection with one request under way: as little work as a correct reading allows, so that the driver is not what is measured. */
export class Connection {
  readonly #socket: Socket
  readonly #listener: Listener
  readonly #follow: boolean
  #reading: 'head' | 'length' | 'chunks' | 'stream' = 'head'
  #pending: Buffer = nothing
  #parts: Buffer[] = []
  #missing = 0
  #status = 0
  #head = ''
  #closed = false

  /** With `follow`, a chunked text/event-stream answer is told event by event and need never end. */
  constructor(url: URL, listener: Listener, follow = false) {
    this.#listener = listener
    this.#follow = follow
    this.#socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port), noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')))
  }

  send(request: Buffer): void {
    this.#socket.write(request)
  }

  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }

  #fail(error: Error): void {
    if (this.#closed) return
    this.close()
    this.#listener.failed(error)
  }

  #take(chunk: Buffer): void {
    if (this.#reading === 'length') return this.#takeLength(chunk)
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    this.#pending = nothing
    if (this.#reading === 'head') return this.#takeHead(bytes)
    this.#takeChunks(bytes)
  }

  #takeHead(bytes: Buffer): void {
    const end = bytes.indexOf(headEnd)
    if (end < 0) {
      this.#pending = bytes
      return
    }
    this.#head = bytes.toString('latin1', 0, end)
    this.#status = Number(this.#head.slice(9, 12))
    const rest = bytes.subarray(end + 4)
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head)
    if (length) {
      this.#reading = 'length'
      this.#missing = Number(length[1])
      return this.#takeLength(rest)
    }
    if (/\r\ntransfer-encoding: *chunked/i.test(this.#head)) {
      this.#reading = this.#follow && /\r\ncontent-type: *text\/event-stream/i.test(this.#head) ? 'stream' : 'chunks'
      return this.#takeChunks(rest)
    }
    this.#finish()
  }

  #takeLength(bytes: Buffer): void {
    this.#missing -= bytes.length
    if (bytes.length > 0) this.#parts.push(bytes)
    if (this.#missing < 0) return this.#fail(new Error('more bytes than the answer announced'))
    if (this.#missing === 0) this.#finish()
  }

  #takeChunks(bytes: Buffer): void {
    let at = 0
    for (;;) {
      const end = bytes.indexOf(lineEnd, at)
      const size = end < 0 ? -1 : Number.parseInt(bytes.toString('latin1', at, end), 16)
      const next = end + 2 + size + 2
      if (end < 0 || next > bytes.length) {
        this.#pending = at === 0 ? bytes : bytes.subarray(at)
        break
      }
      if (Number.isNaN(size)) return this.#fail(new Error('a chunk without a size'))
      if (size === 0) return this.#finish()
      this.#parts.push(bytes.subarray(end + 2, end + 2 + size))
      at = next
    }
    if (this.#reading === 'stream') this.#tellEvents()
  }

  #tellEvents(): void {
    if (this.#parts.length === 0) return
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    let at = 0
    for (let end = bytes.indexOf(eventEnd); end >= 0; end = bytes.indexOf(eventEnd, at)) {
      this.#listener.event?.(bytes.subarray(at, end))
      at = end + 2
    }
    this.#parts = at < bytes.length ? [bytes.subarray(at)] : []
  }

  #finish(): void {
    const body = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    this.#parts = []
    this.#pending = nothing
    this.#reading = 'head'
    this.#listener.answered(this.#status, this.#head, body)
  }
}

/** The bytes of one HTTP request. */
export function requestBytes(method: 'GET' | 'POST' | 'DELETE', url: URL, headers: Readonly<Record<string, string>>, body = ''): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = method === 'POST' ? `content-length: ${Buffer.byteLength(body)}\r\n` : ''
  return Buffer.from(`${method} ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${lines.join('')}${length}\r\n${body}`)
}

/** One header's value out of an answer's head. */
export function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1]
}
