import type { EventStream } from './legacy-stream.ts'
import type { LegacySession } from './legacy-session.ts'
import type { Reply } from './reply.ts'

/** Where the answers of one legacy POST go: JSON when nothing was said before the last of them, else an event stream, which in a session outlives its connection. */
export class PostAnswer {
  readonly #reply: Reply
  readonly #session: LegacySession | undefined
  readonly #batch: boolean
  readonly #collected: string[] = []
  #left: number
  #stream: EventStream | undefined

  constructor(reply: Reply, session: LegacySession | undefined, requests: number, batch: boolean) {
    this.#reply = reply
    this.#session = session
    this.#left = requests
    this.#batch = batch
  }

  /** True when the answers can still be fetched after the connection is gone. */
  get resumable(): boolean {
    return this.#stream !== undefined
  }

  /** True while prepared bytes may be written as the whole answer. */
  get isPlain(): boolean {
    return !this.#batch && this.#stream === undefined && !this.#reply.streaming
  }

  /** Sends a message ahead of the answer. */
  notify(text: string): void {
    if (!this.#session) {
      this.#reply.open()
      return this.#reply.event(text)
    }
    if (!this.#stream) {
      this.#stream = this.#session.openStream()
      this.#stream.connect(this.#reply)
      for (const earlier of this.#collected.splice(0)) this.#stream.write(earlier)
    }
    this.#stream.write(text)
  }

  /** Gives the answer to one request. `status` is for an answer that is alone and plain. */
  respond(text: string, status = 200): void {
    this.#left -= 1
    if (this.#stream) {
      this.#stream.write(text)
      if (this.#left === 0) this.#stream.end()
      return
    }
    if (this.#reply.streaming) {
      this.#reply.event(text)
      if (this.#left === 0) this.#reply.end()
      return
    }
    this.#collected.push(text)
    if (this.#left > 0) return
    if (this.#batch) this.#reply.json(200, `[${this.#collected.join(',')}]`)
    else this.#reply.json(status, text)
  }

  /** Writes prepared bytes as the whole answer. */
  respondBytes(head: string, tail: Buffer): void {
    this.#left -= 1
    this.#reply.spliced(head, tail)
  }

  /** The connection is gone. */
  lose(): void {
    this.#stream?.disconnect(this.#reply)
  }
}
