import { HubError } from '../../contract/errors.ts'
import type { Cluster } from './driver.ts'
import { isMoving } from './failures.ts'
import { fetchFrom, type Fetched, type Wanted } from './fetch.ts'
import { earliestOffsets } from './offsets.ts'
import { messagesIn, nextAfter, type RawMessage } from './records.ts'
import type { Grounds } from './scan.ts'
import { leaderOf } from './topics.ts'
import { pause, type Waiting } from '../../contract/waiting.ts'

/** What came of one partition. */
export interface Arrival {
  readonly topic: string
  readonly partition: number
  readonly messages: Iterable<RawMessage>
  /** Where to go on after all of them. */
  readonly next: number
  /** Messages that were removed before they were read. */
  readonly lost?: number
  /** The topic is there no more. */
  readonly isGone?: boolean
}

const waitMs = 500
const bytesAtMost = 1_048_576
const partitionBytes = 262_144
const pauseMs = 100

interface Flight {
  readonly nodeId: number
  readonly fetched: readonly Fetched[]
}

/** Partitions of any number of topics, followed for as long as one likes, without a group. One request to each leader waits at a time. */
export class Stream {
  readonly #grounds: Grounds
  readonly #positions = new Map<string, Map<number, number>>()
  readonly #flights = new Map<number, Promise<Flight>>()
  #cluster: Cluster | undefined

  constructor(grounds: Grounds) {
    this.#grounds = grounds
  }

  get isEmpty(): boolean {
    return this.#positions.size === 0
  }

  /** Follows partitions of a topic from these offsets on; those that are followed already stay where they are. */
  follow(topic: string, offsets: ReadonlyMap<number, number>): void {
    const own = this.#positions.get(topic) ?? new Map<number, number>()
    for (const [partition, offset] of offsets) if (!own.has(partition)) own.set(partition, offset)
    this.#positions.set(topic, own)
  }

  leave(topic: string): void {
    this.#positions.delete(topic)
  }

  /** Where a topic's partitions stand; undefined while it is not followed. */
  positions(topic: string): ReadonlyMap<number, number> | undefined {
    return this.#positions.get(topic)
  }

  /** What comes next, at the latest after half a second with nothing. Lost connections are made anew for as long as the caller waits. */
  async next(waiting: Waiting): Promise<readonly Arrival[]> {
    const fetched = await this.#grounds.link.use(waiting, (cluster) => this.#race(cluster), { lostMs: Infinity })
    const arrivals: Arrival[] = []
    for (const one of fetched) arrivals.push(...(await this.#arrivalsOf(one, waiting)))
    return arrivals
  }

  async #race(cluster: Cluster): Promise<readonly Fetched[]> {
    if (cluster !== this.#cluster) this.#flights.clear()
    this.#cluster = cluster
    for (const [nodeId, wanted] of await this.#byLeader(cluster)) {
      if (this.#flights.has(nodeId)) continue
      const flight = cluster
        .findBroker({ nodeId })
        .then((broker) => fetchFrom(broker, wanted, { waitMs, bytes: bytesAtMost, partitionBytes }))
        .then((fetched) => ({ nodeId, fetched }))
      // Whoever waits next hears of it.
      flight.catch(() => {})
      this.#flights.set(nodeId, flight)
    }
    try {
      const { nodeId, fetched } = await Promise.race(this.#flights.values())
      this.#flights.delete(nodeId)
      return fetched
    } catch (error) {
      this.#flights.clear()
      throw error
    }
  }

  async #byLeader(cluster: Cluster): Promise<ReadonlyMap<number, readonly Wanted[]>> {
    const byLeader = new Map<number, Wanted[]>()
    for (const [name, own] of this.#positions) {
      const topic = await this.#grounds.topics.get(cluster, name).catch((error: unknown) => {
        if (error instanceof HubError && error.code === 'HUB_ARGS_INVALID') return undefined
        throw error
      })
      for (const [partition, offset] of own) {
        // A topic that is gone is asked for all the same: the broker's answer says so.
        const leader = topic === undefined ? cluster.brokerPool.metadata?.controllerId : leaderOf(topic, partition)
        if (leader === undefined) continue
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), { topic: name, partition, offset }])
      }
    }
    return byLeader
  }

  async #arrivalsOf({ topic, partition, fault, records, aborted }: Fetched, waiting: Waiting): Promise<readonly Arrival[]> {
    const own = this.#positions.get(topic)
    const from = own?.get(partition)
    if (own === undefined || from === undefined) return []
    if (fault !== undefined) return this.#settle(topic, partition, from, fault, waiting)
    const next = Math.max(from, nextAfter(records) ?? from)
    if (next === from) return []
    own.set(partition, next)
    return [{ topic, partition, messages: messagesIn(records, from, aborted), next }]
  }

  async #settle(topic: string, partition: number, from: number, fault: Error & { readonly type: string }, waiting: Waiting): Promise<readonly Arrival[]> {
    const { link, topics } = this.#grounds
    topics.forget(topic)
    if (fault.type === 'OFFSET_OUT_OF_RANGE') return this.#resume(topic, partition, from, waiting)
    if (fault.type !== 'UNKNOWN_TOPIC_OR_PARTITION' && fault.type !== 'UNKNOWN_TOPIC_ID') {
      if (!isMoving(fault)) return link.use(waiting, () => Promise.reject(fault))
      await pause(pauseMs, waiting.signal).catch(() => {})
      return []
    }
    const isThere = await link
      .use(waiting, (cluster) => topics.get(cluster, topic))
      .then(
        () => true,
        (error: HubError) => {
          if (error.code === 'HUB_ARGS_INVALID') return false
          throw error
        },
      )
    // A broker may learn of a topic later than the one that was asked.
    if (isThere) await pause(pauseMs, waiting.signal).catch(() => {})
    if (isThere) return []
    this.#positions.delete(topic)
    return [{ topic, partition, messages: [], next: from, isGone: true }]
  }

  async #resume(name: string, partition: number, from: number, waiting: Waiting): Promise<readonly Arrival[]> {
    const { link, topics } = this.#grounds
    const earliest = await link.use(
      waiting,
      async (cluster) => (await earliestOffsets(cluster, await topics.get(cluster, name), [partition])).get(partition) ?? 0,
    )
    // Beyond the end: the topic was made anew, and is read from its beginning.
    this.#positions.get(name)?.set(partition, earliest)
    return [{ topic: name, partition, messages: [], next: earliest, ...(from < earliest && { lost: earliest - from }) }]
  }
}
