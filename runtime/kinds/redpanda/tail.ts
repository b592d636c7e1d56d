import type { Logger } from '../../contract/telemetry.ts'
import { asHubError } from '../../contract/errors.ts'
import type { Patience } from './link.ts'
import { latestOffsets } from './offsets.ts'
import type { Grounds } from './scan.ts'
import { Stream, type Arrival } from './stream.ts'
import { pause, type Waiting } from '../../contract/waiting.ts'

/** Hears what comes of a topic. */
export type Listener = (arrival: Arrival) => void

const lookMs = 30_000
const missingLookMs = 2_000
const pauseMs = 1_000

/** The ends of topics, followed once for all who listen: one connection, however many they are. */
export class Tail {
  readonly #grounds: Grounds
  readonly #log: Logger
  readonly #stream: Stream
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #closing = new AbortController()
  #isRunning = false
  #lookedAt = 0

  constructor(grounds: Grounds, log: Logger) {
    this.#grounds = grounds
    this.#log = log
    this.#stream = new Stream(grounds)
  }

  /** Listens to topics from now on: resolves when nothing written later can be missed. The returned function ends it. */
  async follow(names: readonly string[], listener: Listener, waiting: Waiting, patience?: Patience): Promise<() => void> {
    const { link, topics } = this.#grounds
    const ends = await link.use(
      waiting,
      (cluster) =>
        Promise.all(
          names.map(async (name) => {
            const topic = await topics.get(cluster, name)
            return [
              name,
              await latestOffsets(
                cluster,
                topic,
                topic.partitions.map(({ partitionId }) => partitionId),
              ),
            ] as const
          }),
        ),
      patience,
    )
    for (const [name, offsets] of ends) {
      this.#stream.follow(name, offsets)
      const own = this.#listeners.get(name) ?? new Set()
      own.add(listener)
      this.#listeners.set(name, own)
    }
    if (!this.#isRunning) void this.#run()
    return () => {
      for (const name of names) this.#leave(name, listener)
    }
  }

  close(): void {
    this.#closing.abort(new Error('the connector is closed'))
    this.#listeners.clear()
  }

  #leave(name: string, listener: Listener): void {
    const own = this.#listeners.get(name)
    if (own === undefined || !own.delete(listener) || own.size > 0) return
    this.#listeners.delete(name)
    this.#stream.leave(name)
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    const waiting = { signal: this.#closing.signal, deadline: Infinity }
    while (this.#listeners.size > 0 && !waiting.signal.aborted) {
      try {
        await this.#look(waiting)
        if (this.#stream.isEmpty) {
          await pause(pauseMs, waiting.signal)
          continue
        }
        for (const arrival of await this.#stream.next(waiting)) this.#tell(arrival)
      } catch (error) {
        if (waiting.signal.aborted) break
        this.#log.warn('following topics failed', { code: asHubError(error).code, said: asHubError(error).message })
        await pause(pauseMs, waiting.signal).catch(() => {})
      }
    }
    this.#isRunning = false
  }

  #tell(arrival: Arrival): void {
    // Read once for all: a generator gives its messages to the first who asks.
    const whole: Arrival = { ...arrival, messages: [...arrival.messages] }
    for (const listener of this.#listeners.get(arrival.topic) ?? []) listener(whole)
  }

  /** Partitions that were added since, and topics that were deleted and are there again, are followed from their beginning. */
  async #look(waiting: Waiting): Promise<void> {
    const isOneMissing = [...this.#listeners.keys()].some((name) => this.#stream.positions(name) === undefined)
    if (Date.now() - this.#lookedAt < (isOneMissing ? missingLookMs : lookMs)) return
    this.#lookedAt = Date.now()
    const { link, topics } = this.#grounds
    for (const name of this.#listeners.keys()) {
      const topic = await link.use(waiting, (cluster) => topics.get(cluster, name)).catch(() => undefined)
      if (topic !== undefined) this.#stream.follow(name, new Map(topic.partitions.map(({ partitionId }) => [partitionId, 0])))
    }
  }
}
