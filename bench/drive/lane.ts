import { checkOf, isRight, type Check } from './check.ts'
import { closeSession, frame, openSession } from './handshake.ts'
import type { KeptStreams } from './stream.ts'
import { Connection, requestBytes } from './http.ts'
import type { HttpTarget } from './target.ts'

/** The id of a lane’s first exchange; a canned answer carries it. */
export const firstId = 100_000

/** Where lanes tell their answers. */
export interface Tally {
  /** `started` is `performance.now()` when the request was written. */
  answer(started: number, bytes: number, wrong?: string): void
  failed(error: Error): void
}

/** One caller: one request under way, the next as soon as it is answered. */
export interface Lane {
  start(): void
  /** Ends after the answer under way, and lets connections and sessions go. */
  stop(): Promise<void>
}

interface Prepared {
  readonly request: Buffer
  readonly check: Check
}

/** Opens the `index`th lane to a target: connections and handshake done, nothing sent yet. */
export async function openLane(target: HttpTarget, index: number, tally: Tally, streams: KeptStreams): Promise<Lane> {
  const url = new URL(target.urls[index % target.urls.length]!)
  if (target.dialect === 'sse') return streamLane(target, url, index, tally, streams)
  if (target.dialect !== 'session') return postLane(target, url, {}, index, tally)
  const session = await openSession(url, target.headers)
  const lane = postLane(target, url, { 'mcp-session-id': session }, index, tally)
  return {
    start: lane.start,
    stop: async () => {
      await lane.stop()
      await closeSession(url, target.headers, session)
    },
  }
}

function prepare(target: HttpTarget, url: URL, headers: Readonly<Record<string, string>>): Prepared[] {
  return target.exchanges.map((exchange, at) => {
    const { headers: own, body } = frame(target.dialect, firstId + at, exchange.method, exchange.params)
    return { request: requestBytes('POST', url, { ...own, ...target.headers, ...headers }, body), check: checkOf(exchange, firstId + at) }
  })
}

/** The sending half every lane has: what is next, when it began, whether to go on. */
class Turns {
  readonly #prepared: readonly Prepared[]
  readonly #write: (request: Buffer) => void
  readonly #tally: Tally
  #at: number
  #started = 0
  #waiting = false
  #stopping = false
  #stopped?: () => void

  constructor(prepared: readonly Prepared[], index: number, write: (request: Buffer) => void, tally: Tally) {
    this.#prepared = prepared
    this.#at = (index * 7) % prepared.length
    this.#write = write
    this.#tally = tally
  }

  next(): void {
    this.#at = this.#at + 1 === this.#prepared.length ? 0 : this.#at + 1
    this.#waiting = true
    this.#started = performance.now()
    this.#write(this.#prepared[this.#at]!.request)
  }

  answered(status: number, body: Buffer): void {
    const right = status === 200 && isRight(body, this.#prepared[this.#at]!.check)
    this.#waiting = false
    this.#tally.answer(this.#started, body.length, right ? undefined : `${status} ${body.toString('utf8', 0, 600)}`)
    if (this.#stopping) this.#stopped?.()
    else this.next()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#waiting) await new Promise<void>((resolve) => (this.#stopped = resolve))
  }
}

function postLane(target: HttpTarget, url: URL, headers: Readonly<Record<string, string>>, index: number, tally: Tally): Lane {
  const connection = new Connection(url, { answered: (status, _head, body) => turns.answered(status, body), failed: (error) => tally.failed(error) })
  const turns = new Turns(prepare(target, url, headers), index, (request) => connection.send(request), tally)
  return {
    start: () => turns.next(),
    stop: async () => {
      await turns.stop()
      connection.close()
    },
  }
}

async function streamLane(target: HttpTarget, url: URL, index: number, tally: Tally, streams: KeptStreams): Promise<Lane> {
  const stream = await streams.take(url, target.headers, index)
  const posting = stream.post(
    (text) => turns.answered(200, text),
    (error) => tally.failed(error),
  )
  const turns = new Turns(prepare(target, stream.endpoint, {}), index, (request) => posting.send(request), tally)
  return {
    start: () => turns.next(),
    stop: async () => {
      await turns.stop()
      posting.close()
    },
  }
}
