import { HubError } from '../../contract/errors.ts'
import { codecNumber } from './codecs.ts'
import type { Settings } from './config.ts'
import { requestFor, type Cluster, type WireMessage } from './driver.ts'
import { abandoned, down, typeOf } from './failures.ts'
import { anyBroker, Unsent, type Link } from './link.ts'
import { murmur2 } from './murmur2.ts'
import { leaderOf, partitionsOf, type Topic, type Topics } from './topics.ts'
import type { Waiting } from '../../contract/waiting.ts'

/** Where a message went; no offset where the broker had it from an attempt whose answer was lost. */
export interface Placed {
  readonly partition: number
  readonly offset: number | null
}

/** Whom the brokers know a run of batches by: they take each number once. */
interface Generation {
  readonly producerId: string
  readonly producerEpoch: number
}

interface Item {
  readonly message: WireMessage
  readonly bytes: number
  readonly deadline: number
  done(placed: Placed): void
  failed(error: HubError): void
}

/** What waits for one partition. One batch of it is under way at a time, so that order holds. */
interface Lane {
  readonly topic: string
  readonly partition: number
  readonly items: Item[]
  generation: Generation | undefined
  sequence: number
  isBusy: boolean
}

const mostBatch = 1_000
const mostBatchBytes = 800_000
const compressedFrom = 4_096
const mostWaitingBytes = 64 * 1_048_576
const mostLanes = 10_000
const sequences = 2 ** 31
/** How long a batch is sent again while the brokers are away or moving, if its callers wait so long. */
const lostMs = 30_000
const perMessage = 100

// The broker no longer knows the producer, or not this run of numbers.
const outOfStep = new Set(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH', 'INVALID_PRODUCER_ID_MAPPING'])
const stale = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION'])
// Said of what may be written all the same.
const doubtful = new Set(['REQUEST_TIMED_OUT', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'NETWORK_EXCEPTION', 'KAFKA_STORAGE_ERROR'])
const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** Writes messages, each once: batches carry numbers by which the brokers know one that was sent again. */
export class Producer {
  readonly #link: Link
  readonly #topics: Topics
  readonly #settings: Settings
  readonly #lanes = new Map<string, Lane>()
  readonly #closing = new AbortController()
  #generation: Promise<Generation> | undefined
  #waitingBytes = 0
  #turn = 0

  constructor(link: Link, topics: Topics, settings: Settings) {
    this.#link = link
    this.#topics = topics
    this.#settings = settings
  }

  /** The partition a message goes to: the one that is named, else by its key as every client of Kafka does, else in turn. */
  partitionFor(topic: Topic, message: WireMessage, partition: number | undefined): number {
    if (partition !== undefined) return partitionsOf(topic, partition)[0] as number
    const { length } = topic.partitions
    if (message.key !== null) return (murmur2(message.key) & 0x7fffffff) % length
    const alive = topic.partitions.filter(({ leader }) => leader >= 0)
    this.#turn = (this.#turn + 1) % 1_000_000
    return (alive[this.#turn % Math.max(1, alive.length)] ?? topic.partitions[0])?.partitionId ?? 0
  }

  /** Resolves when all replicas in sync have the message. Rejects HUB_ARGS_INVALID for one the topic does not take; an error with `outcome: unknown` where nobody can say whether it was written. */
  send(topic: string, partition: number, message: WireMessage, { signal, deadline }: Waiting): Promise<Placed> {
    const bytes = sizeOf(message)
    if (this.#closing.signal.aborted) return Promise.reject(down('the connector is closed'))
    if (this.#waitingBytes + bytes > mostWaitingBytes)
      return Promise.reject(new HubError('HUB_LIMITED', 'too much waits to be written already', { retryAfterMs: 1_000 }))
    const lane = this.#laneOf(topic, partition)
    this.#waitingBytes += bytes
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        signal.removeEventListener('abort', onAbort)
        this.#waitingBytes -= bytes
      }
      const item: Item = {
        message,
        bytes,
        deadline,
        done: (placed) => {
          settle()
          resolve(placed)
        },
        failed: (error) => {
          settle()
          reject(error)
        },
      }
      const onAbort = (): void => {
        const index = lane.items.indexOf(item)
        const wasWaiting = index >= 0
        if (wasWaiting) lane.items.splice(index, 1)
        const error = abandoned(signal, deadline)
        if (wasWaiting) item.failed(error)
        // What is under way cannot be called back; its answer is then nobody’s.
        else reject(inDoubt(error))
      }
      if (signal.aborted) return item.failed(abandoned(signal, deadline))
      signal.addEventListener('abort', onAbort, { once: true })
      lane.items.push(item)
      if (!lane.isBusy) void this.#drain(lane)
    })
  }

  close(): void {
    this.#closing.abort()
    for (const lane of this.#lanes.values()) for (const item of lane.items.splice(0)) item.failed(down('the connector is closed'))
    this.#lanes.clear()
  }

  #laneOf(topic: string, partition: number): Lane {
    const key = `${topic}/${partition}`
    const known = this.#lanes.get(key)
    if (known !== undefined) return known
    if (this.#lanes.size >= mostLanes) this.#forgetIdle()
    const lane: Lane = { topic, partition, items: [], generation: undefined, sequence: 0, isBusy: false }
    this.#lanes.set(key, lane)
    return lane
  }

  #forgetIdle(): void {
    for (const [name, lane] of this.#lanes) if (!lane.isBusy) this.#lanes.delete(name)
    // A lane that was forgotten must not come back under the same identity with numbers from zero.
    this.#generation = undefined
  }

  async #drain(lane: Lane): Promise<void> {
    lane.isBusy = true
    while (lane.items.length > 0) {
      const batch = taken(lane.items)
      await this.#write(lane, batch)
    }
    lane.isBusy = false
  }

  async #write(lane: Lane, batch: readonly Item[]): Promise<void> {
    try {
      const offset = await this.#send(lane, batch)
      for (const [index, item] of batch.entries()) item.done({ partition: lane.partition, offset: offset === null ? null : offset + index })
    } catch (error) {
      // One of them is too large: each by itself, so that the others are written.
      if (error instanceof TooLarge && batch.length > 1) {
        for (const item of batch) await this.#write(lane, [item])
        return
      }
      const failure = error instanceof TooLarge ? await this.#tooLarge(lane.topic, batch[0] as Item) : (error as HubError)
      for (const item of batch) item.failed(failure)
      // What waits behind was not sent, and would wait as long in its turn.
      if (failure.code === 'HUB_CONNECTOR_DOWN') for (const item of lane.items.splice(0)) item.failed(down('none for a while now'))
    }
  }

  /** The offset of the batch’s first message. */
  async #send(lane: Lane, batch: readonly Item[]): Promise<number | null> {
    const deadline = Math.max(...batch.map((item) => item.deadline))
    let isInDoubt = false
    try {
      const offset = await this.#link.use(
        { signal: this.#closing.signal, deadline },
        async (cluster) => {
          const topic = await this.#topics.get(cluster, lane.topic)
          const broker = await cluster.findBroker({ nodeId: leaderOf(topic, lane.partition) })
          const generation = (lane.generation ??= await this.#identity(cluster, lane))
          const request = requestFor(broker, 'Produce', {
            acks: -1,
            timeout: this.#settings.requestTimeoutMs,
            compression: batch.reduce((sum, { bytes }) => sum + bytes, 0) < compressedFrom ? 0 : codecNumber(this.#settings.compression),
            ...generation,
            topicData: [
              { topic: lane.topic, partitions: [{ partition: lane.partition, firstSequence: lane.sequence, messages: batch.map(({ message }) => message) }] },
            ],
          })
          const before = isInDoubt
          try {
            isInDoubt = true
            const answer = (await broker.connectionPool.send(request)) as { topics: readonly { partitions: readonly { baseOffset: string }[] }[] }
            isInDoubt = false
            return Number(answer.topics[0]?.partitions[0]?.baseOffset ?? -1)
          } catch (error) {
            const type = typeOf(error)
            if (type === 'DUPLICATE_SEQUENCE_NUMBER') return -1
            isInDoubt = before || type === undefined || doubtful.has(type)
            throw this.#judged(lane, error, type, before)
          }
        },
        { lostMs },
      )
      lane.sequence = (lane.sequence + batch.length) % sequences
      return offset < 0 ? null : offset
    } catch (error) {
      if (!isInDoubt) throw error
      // The next batch must not look like this one sent again.
      this.#leave(lane)
      throw error instanceof HubError ? inDoubt(error) : error
    }
  }

  /** What an attempt's failure means for the next one. */
  #judged(lane: Lane, error: unknown, type: string | undefined, wasInDoubt: boolean): unknown {
    if (type === undefined) return error
    if (tooLarge.has(type)) return new TooLarge()
    if (stale.has(type)) this.#topics.forget(lane.topic)
    // Asked anew, the cluster says whether the topic is gone, and then which names are close.
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return again('the topic is not there')
    if (!outOfStep.has(type)) return error
    this.#leave(lane)
    // Under another identity the broker would not know it for the same.
    return wasInDoubt ? down('it no longer knows what it was sent before') : again('the broker does not know the producer')
  }

  async #identity(cluster: Cluster, lane: Lane): Promise<Generation> {
    this.#generation ??= this.#begin(cluster)
    lane.sequence = 0
    return this.#generation
  }

  #begin(cluster: Cluster): Promise<Generation> {
    const beginning = anyBroker(cluster)
      .then((broker) => broker.initProducerId({ transactionTimeout: 60_000 }))
      .then(({ producerId, producerEpoch }) => ({ producerId, producerEpoch }))
    beginning.catch(() => {
      if (this.#generation === beginning) this.#generation = undefined
    })
    return beginning
  }

  /** From now on under another identity. Lanes that stand well go on under theirs. */
  #leave(lane: Lane): void {
    lane.generation = undefined
    this.#generation = undefined
  }

  async #tooLarge(topic: string, { bytes }: Item): Promise<HubError> {
    const most = await this.#link
      .use({ signal: this.#closing.signal, deadline: Date.now() + 2_000 }, (cluster) => largestOf(cluster, topic))
      .catch(() => undefined)
    const bound = most === undefined ? 'than its topic takes' : `than the ${most} bytes its topic takes (max.message.bytes)`
    return new HubError('HUB_ARGS_INVALID', `the message is ${bytes} bytes, more ${bound}`, { topic, bytes, ...(most !== undefined && { most }) })
  }
}

/** A batch or a message over what its topic takes. */
class TooLarge extends Unsent {}

/** An error after which the same is tried again. */
const again = (message: string): Error => Object.assign(new Error(message), { type: 'LEADER_NOT_AVAILABLE' })

async function largestOf(cluster: Cluster, topic: string): Promise<number | undefined> {
  const broker = await cluster.findControllerBroker()
  const { resources } = await broker.describeConfigs({ resources: [{ type: 2, name: topic, configNames: ['max.message.bytes'] }] })
  const value = resources[0]?.configEntries[0]?.configValue
  return value === null || value === undefined ? undefined : Number(value)
}

function sizeOf({ key, value, headers }: WireMessage): number {
  let bytes = perMessage + (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, header] of Object.entries(headers)) bytes += name.length + header.length
  return bytes
}

function taken(items: Item[]): readonly Item[] {
  let [count, bytes] = [0, 0]
  for (const item of items) {
    if (count > 0 && (count === mostBatch || bytes + item.bytes > mostBatchBytes)) break
    count += 1
    bytes += item.bytes
  }
  return items.splice(0, count)
}

// No retryAfterMs: trying again might write twice.
function inDoubt({ code, message, details }: HubError): HubError {
  const { retryAfterMs: _retryAfterMs, ...facts } = details
  return new HubError(code, `${message}; whether the message was written is not known, so look before trying again`, { ...facts, outcome: 'unknown' })
}
