import type { Reply } from './reply.ts'

const retryMs = 3_000

/** How much of a stream is kept for those who come back. */
export interface StreamBounds {
  readonly events: number
  readonly bytes: number
}

/** One event stream of a session: the long one of GET, or that of one POST. It outlives its connection, so that a client can come back and miss nothing. */
export class EventStream {
  readonly id: string
  /** True when all that will ever be written is written. */
  ended = false
  readonly #bounds: StreamBounds
  // From 2025-11-25 on clients take an event without data, which tells them where to resume before anything was said.
  readonly #primes: boolean
  readonly #kept: { readonly number: number; readonly text: string }[] = []
  #bytes = 0
  #written = 0
  #delivered = 0
  #reply: Reply | undefined

  constructor(id: string, bounds: StreamBounds, primes: boolean) {
    this.id = id
    this.#bounds = bounds
    this.#primes = primes
  }

  /** True while a connection takes what is written. */
  get connected(): boolean {
    return this.#reply !== undefined && !this.#reply.closed
  }

  /** Writes one message, and keeps it. */
  write(text: string): void {
    this.#written += 1
    this.#kept.push({ number: this.#written, text })
    this.#bytes += text.length
    while (this.#kept.length > 1 && (this.#kept.length > this.#bounds.events || this.#bytes > this.#bounds.bytes)) {
      const first = this.#kept.shift()
      if (!first) break
      this.#bytes -= first.text.length
    }
    if (this.connected) this.#deliver(this.#written, text)
  }

  /** Goes on over a connection: with what was not delivered yet, or with what came after event number `after`. */
  connect(reply: Reply, after: number = this.#delivered): void {
    const before = this.#reply
    this.#reply = reply
    if (before !== reply) before?.end()
    reply.open()
    if (this.#primes) reply.raw(`id: ${this.id}_${after}\nretry: ${retryMs}\ndata: \n\n`)
    else reply.raw(`retry: ${retryMs}\n\n`)
    for (const { number, text } of this.#kept) if (number > after) this.#deliver(number, text)
    if (this.ended) reply.end()
  }

  /** Forgets a connection that was lost. */
  disconnect(reply: Reply): void {
    if (this.#reply === reply) this.#reply = undefined
  }

  /** Ends the stream and its connection. */
  end(): void {
    this.ended = true
    this.#reply?.end()
    this.#reply = undefined
  }

  #deliver(number: number, text: string): void {
    this.#delivered = number
    this.#reply?.event(text, `${this.id}_${number}`)
  }
}

/** Stream and number of an event id. */
export function readEventId(id: string): { readonly stream: string; readonly number: number } | undefined {
  const match = /^([a-z]\d*)_(\d{1,15})$/.exec(id)
  return match ? { stream: match[1] as string, number: Number(match[2]) } : undefined
}
