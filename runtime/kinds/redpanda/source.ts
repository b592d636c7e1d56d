import type { Batch, Position, Row, Source } from '../../contract/flow.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, isRawNumber, type Json, type JsonObject } from '../../contract/json.ts'
import type { Logger, Meter } from '../../contract/telemetry.ts'
import { committedOffsets, commit } from './groups.ts'
import type { Hold } from './hold.ts'
import { rowOf, type MessageRow } from './message.ts'
import { numberOf } from './numbers.ts'
import { earliestOffsets, latestOffsets, offsetsAt, type Offsets } from './offsets.ts'
import { fromOf } from './read.ts'
import type { Cluster } from './driver.ts'
import type { RawMessage } from './records.ts'
import type { Grounds } from './scan.ts'
import { Stream, type Arrival } from './stream.ts'
import type { SourceSpec } from './stream-specs.ts'
import { partitionsOf, type Topic } from './topics.ts'
import type { Waiting } from '../../contract/waiting.ts'

const mostRows = 1_000
const lookMs = 30_000
const registryPauseMs = 500

type Places = Map<string, Map<number, number>>

/** What a source tells besides its rows. */
export interface Telling {
  readonly log: Logger
  readonly meter: Meter
}

/** Topics as a stream of rows, in order within each partition. Throws HUB_CONFIG_VALUE for a beginning that is none. */
export function openSource(spec: SourceSpec, hold: Hold, telling: Telling): Source {
  const from = fromOfSpec(spec)
  return {
    async *read(position, signal) {
      if (signal.aborted) return
      const grounds: Grounds = { link: hold.openLink(), topics: hold.topics }
      const waiting: Waiting = { signal, deadline: Infinity }
      const reader = new Reader(spec, from, grounds, hold, telling)
      try {
        await reader.begin(position, waiting)
        yield* reader.batches(waiting)
      } catch (error) {
        // Whoever reads has enough.
        if (!signal.aborted) throw error
      } finally {
        await grounds.link.close()
      }
    },
  }
}

function fromOfSpec({ from }: SourceSpec): ReturnType<typeof fromOf> {
  try {
    const place = fromOf(from ?? 'latest')
    if (place.type !== 'offset') return place
  } catch (error) {
    throw new HubError('HUB_CONFIG_VALUE', `from: ${(error as Error).message}`)
  }
  throw new HubError('HUB_CONFIG_VALUE', 'from: an offset is one of a partition; say earliest, latest, a time, or so long ago')
}

/** One reading of a source. */
class Reader {
  readonly #spec: SourceSpec
  readonly #from: ReturnType<typeof fromOf>
  readonly #grounds: Grounds
  readonly #hold: Hold
  readonly #telling: Telling
  readonly #stream: Stream
  /** Where to go on after what was handed out. */
  readonly #places: Places = new Map()
  #lookedAt = 0
  #lost = 0

  constructor(spec: SourceSpec, from: ReturnType<typeof fromOf>, grounds: Grounds, hold: Hold, telling: Telling) {
    this.#spec = spec
    this.#from = from
    this.#grounds = grounds
    this.#hold = hold
    this.#telling = telling
    this.#stream = new Stream(grounds)
  }

  async begin(position: Position | undefined, waiting: Waiting): Promise<void> {
    const known = placesOf(position)
    await this.#look(waiting, (cluster, topic) => this.#startsOf(cluster, topic, known.get(topic.name)))
  }

  async *batches(waiting: Waiting): AsyncGenerator<Batch, void, undefined> {
    while (!waiting.signal.aborted) {
      if (Date.now() - this.#lookedAt >= lookMs || this.#stream.isEmpty)
        await this.#look(waiting, (cluster, topic) => earliestOffsets(cluster, topic, partitionsOf(topic, undefined)))
      if (this.#stream.isEmpty) {
        await wait(lookMs, waiting.signal)
        continue
      }
      for (const arrival of await this.#stream.next(waiting)) {
        if (waiting.signal.aborted) return
        yield* this.#batchesOf(arrival, waiting)
      }
    }
  }

  async *#batchesOf(arrival: Arrival, waiting: Waiting): AsyncGenerator<Batch, void, undefined> {
    const { topic, partition, messages, next, lost = 0, isGone } = arrival
    if (isGone === true) return this.#gone(topic)
    if (lost > 0) this.#telling.log.warn('messages were removed before they were read', { topic, partition, lost })
    this.#lost += lost
    let rows: Row[] = []
    for (const message of messages) {
      const made = rowOf(this.#hold.reading, topic, partition, message, this.#spec.format ?? 'auto')
      const row = this.#rowFor(topic, made instanceof Promise ? await this.#patiently(made, topic, partition, message, waiting) : made)
      this.#place(topic, partition, (message.through ?? message.offset) + 1)
      if (row !== undefined) rows.push(row)
      if (rows.length < mostRows) continue
      yield* this.#handOut(rows, waiting)
      rows = []
    }
    this.#place(topic, partition, next)
    // Without rows too: markers and what is compacted away are passed for good.
    yield* this.#handOut(rows, waiting)
  }

  /** A registry that is away is waited for: a message it would have explained is not poison. */
  async #patiently(made: Promise<MessageRow>, topic: string, partition: number, message: RawMessage, waiting: Waiting): Promise<MessageRow> {
    for (let trial = made; ;) {
      try {
        return await trial
      } catch (error) {
        if (waiting.signal.aborted || !(error instanceof HubError) || error.code !== 'HUB_CONNECTOR_DOWN') throw error
        this.#telling.log.warn('the schema registry is waited for', { topic, said: error.message })
        await wait(registryPauseMs, waiting.signal)
        trial = Promise.resolve(rowOf(this.#hold.reading, topic, partition, message, this.#spec.format ?? 'auto'))
      }
    }
  }

  async *#handOut(rows: readonly Row[], waiting: Waiting): AsyncGenerator<Batch, void, undefined> {
    const lost = this.#lost
    this.#lost = 0
    const position = {
      offsets: Object.fromEntries(
        [...this.#places].map(([topic, own]) => [topic, Object.fromEntries([...own].map(([partition, offset]) => [String(partition), offset]))]),
      ),
    }
    yield { rows, position, ...(lost > 0 && { lost }) }
    // Asked for more, the reader has done with these.
    if (this.#spec.group !== undefined) await this.#commit(this.#spec.group, waiting)
  }

  async #commit(group: string, waiting: Waiting): Promise<void> {
    const offsets = new Map([...this.#places].map(([topic, own]) => [topic, new Map(own)]))
    try {
      await this.#grounds.link.use(waiting, (cluster) => commit(cluster, group, offsets))
    } catch (error) {
      // The flow's own position counts; the group's is for others to see.
      if (!waiting.signal.aborted) this.#telling.log.warn('a group’s offsets could not be committed', { group, said: (error as Error).message })
    }
  }

  #place(topic: string, partition: number, offset: number): void {
    const own = this.#places.get(topic) ?? new Map<number, number>()
    own.set(partition, offset)
    this.#places.set(topic, own)
  }

  #gone(topic: string): void {
    this.#places.delete(topic)
    const named = this.#spec.topic ?? this.#spec.topics?.find((one) => one === topic)
    if (named === topic) throw new HubError('HUB_QUERY_FAILED', `topic "${topic}" was deleted while it was read`, { topic })
    this.#telling.log.warn('a topic was deleted while it was read', { topic })
  }

  #rowFor(topic: string, row: MessageRow): Row | undefined {
    const { onPoison = 'keep', envelope = false } = this.#spec
    if (row['format'] === 'poison') {
      const { partition, offset, error, value } = row
      this.#telling.meter.count('poison_messages', {})
      if (onPoison === 'fail')
        throw new HubError('HUB_QUERY_FAILED', `the message at offset ${offset} of partition ${partition} of "${topic}" cannot be decoded: ${String(error)}`, {
          topic,
          partition,
          offset,
        })
      if (onPoison === 'skip') this.#telling.log.warn('a message that cannot be decoded was passed over', { topic, partition, offset, said: String(error) })
      return onPoison === 'skip' ? undefined : { poison: { topic, partition, offset, error: error ?? null, value: value ?? null } }
    }
    if (envelope) return exactText({ topic, ...row }) as Row
    const value = exactText(row['value'] ?? null)
    return isObject(value) ? value : { value }
  }

  /** Follows topics that are not followed yet, from where `starts` says. */
  async #look(waiting: Waiting, starts: (cluster: Cluster, topic: Topic) => Promise<Offsets>): Promise<void> {
    this.#lookedAt = Date.now()
    const { link, topics } = this.#grounds
    const { topic, topics: named = [] } = this.#spec
    const found = await link.use(
      waiting,
      async (cluster) => {
        const lists = await Promise.all(
          [...(topic === undefined ? [] : [topic]), ...named].map((glob) =>
            glob.includes('*') ? topics.list(cluster, glob) : topics.get(cluster, glob).then((one) => [one]),
          ),
        )
        const fresh = lists.flat().filter((one) => one.partitions.some(({ partitionId }) => this.#stream.positions(one.name)?.has(partitionId) !== true))
        return Promise.all(fresh.map(async (one) => [one.name, await starts(cluster, one)] as const))
      },
      { lostMs: Infinity },
    )
    for (const [name, offsets] of found) {
      this.#stream.follow(name, offsets)
      for (const [partition, offset] of this.#stream.positions(name) ?? [])
        if (this.#places.get(name)?.has(partition) !== true) this.#place(name, partition, offset)
    }
  }

  async #startsOf(cluster: Cluster, topic: Topic, known: ReadonlyMap<number, number> | undefined): Promise<Offsets> {
    const partitions = partitionsOf(topic, undefined)
    // A flow that has a position has read all there was: what is new since is read from its beginning.
    if (known !== undefined) return new Map([...(await earliestOffsets(cluster, topic, partitions)), ...known])
    const committed = this.#spec.group === undefined ? new Map<number, number>() : await committedOffsets(cluster, this.#spec.group, topic)
    const { type } = this.#from
    const begun =
      type === 'earliest'
        ? earliestOffsets(cluster, topic, partitions)
        : type === 'time'
          ? offsetsAt(cluster, topic, partitions, this.#from.epochMs)
          : latestOffsets(cluster, topic, partitions)
    return new Map([...(await begun), ...committed])
  }
}

function placesOf(position: Position | undefined): Places {
  const offsets = position?.['offsets']
  if (!isObject(offsets)) return new Map()
  return new Map(
    Object.entries(offsets).map(([topic, own]) => [
      topic,
      new Map(Object.entries(own as JsonObject).map(([partition, offset]) => [Number(partition), numberOf(offset)])),
    ]),
  )
}

/** Numbers that a double cannot hold, as texts: rows of flows have them so. */
function exactText(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (isRawNumber(value)) return value.rawJSON
  if (Array.isArray(value)) return value.map(exactText)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, exactText(inner)]))
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(ms, 1_000))
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
