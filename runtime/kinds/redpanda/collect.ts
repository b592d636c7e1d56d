import type { Answer } from '../../contract/answer.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, type Json } from '../../contract/json.ts'
import type { ToolPolicy } from '../../contract/tool.ts'
import { abandoned } from './failures.ts'
import { rowOf, type MessageRow, type Reading } from './message.ts'
import { earliestOffsets, latestOffsets } from './offsets.ts'
import type { ReadFormat } from './operation.ts'
import type { RawMessage } from './records.ts'
import { scan, type Grounds } from './scan.ts'
import type { Tail } from './tail.ts'
import { textOf } from './template.ts'
import type { Topic } from './topics.ts'
import type { Waiting } from '../../contract/waiting.ts'

/** What is to be collected. */
export interface CollectRequest {
  /** A topic or a glob. */
  readonly topic: string
  readonly by?: string | undefined
  readonly want?: readonly string[] | undefined
  readonly atMostMs: number
  readonly limit: number
  readonly lookBack: number
  readonly format: ReadFormat
}

type Caps = ToolPolicy['result']

interface Latest {
  readonly row: MessageRow
  readonly at: number
  readonly bytes: number
}

const mostPartitions = 1_000
const chunkBytes = 262_144
// An answer with what came is worth more than a deadline that was met.
const spareMs = 300

/** Looks back a little, then waits until all wanted keys came or the time is up. Answers what came, and says what is missing. */
export async function collectLatest(grounds: Grounds, tail: Tail, reading: Reading, request: CollectRequest, caps: Caps, waiting: Waiting): Promise<Answer> {
  const until = Math.min(Date.now() + request.atMostMs, waiting.deadline - spareMs)
  const fitting = await grounds.link.use(waiting, (cluster) => topicsOf(grounds, cluster, request.topic))
  const found = new Found(request, reading, caps)
  if (fitting.length === 0) return found.answer(0, [`no topic fits ${request.topic}; list_topics tells which there are`])
  const ended = new AbortController()
  const names = fitting.map(({ name }) => name)
  const unfollow = await tail.follow(
    names,
    ({ topic, partition, messages }) => found.takeAll(topic, partition, messages),
    { signal: waiting.signal, deadline: until },
    { lostMs: Infinity },
  )
  const timer = setTimeout(() => ended.abort(), Math.max(0, until - Date.now()))
  const onAbort = (): void => ended.abort()
  waiting.signal.addEventListener('abort', onAbort, { once: true })
  let notes: readonly string[] = []
  try {
    notes = await lookBack(grounds, fitting, request, found, { signal: ended.signal, deadline: until })
    if (!ended.signal.aborted) await found.complete(ended.signal)
  } finally {
    clearTimeout(timer)
    waiting.signal.removeEventListener('abort', onAbort)
    unfollow()
  }
  if (waiting.signal.aborted) throw abandoned(waiting.signal, waiting.deadline)
  return found.answer(names.length, notes)
}

async function topicsOf({ topics }: Grounds, cluster: Parameters<typeof latestOffsets>[0], glob: string): Promise<readonly Topic[]> {
  const found = glob.includes('*') ? await topics.list(cluster, glob) : [await topics.get(cluster, glob)]
  const partitions = found.reduce((sum, topic) => sum + topic.partitions.length, 0)
  if (partitions > mostPartitions)
    throw new HubError(
      'HUB_ARGS_INVALID',
      `${glob} stands for ${found.length} topics with ${partitions} partitions, and ${mostPartitions} are followed at most; name fewer`,
    )
  return found
}

/** Reads the last messages of each partition; what keeps it from that is said, since what comes from now on is collected all the same. */
async function lookBack(grounds: Grounds, fitting: readonly Topic[], request: CollectRequest, found: Found, waiting: Waiting): Promise<readonly string[]> {
  if (request.lookBack === 0) return []
  for (const topic of fitting) {
    try {
      const starts = await grounds.link.use(waiting, (cluster) => lastOf(cluster, topic, request.lookBack), { lostMs: Infinity })
      for await (const { partition, messages } of scan(grounds, topic.name, starts, waiting, {
        firstBytes: chunkBytes,
        lostMs: Infinity,
        outOfRange: 'earliest',
      })) {
        await found.look(topic.name, partition, messages)
      }
    } catch (error) {
      if (waiting.signal.aborted) return [`the time was up before the last ${request.lookBack} messages were looked through`]
      if (!(error instanceof HubError) || error.code !== 'HUB_QUERY_FAILED') throw error
      return [error.message]
    }
  }
  return []
}

async function lastOf(cluster: Parameters<typeof latestOffsets>[0], topic: Topic, count: number): Promise<Map<number, number>> {
  const partitions = topic.partitions.map(({ partitionId }) => partitionId)
  const [earliest, ends] = await Promise.all([earliestOffsets(cluster, topic, partitions), latestOffsets(cluster, topic, partitions)])
  const starts = partitions.map((partition) => [partition, Math.max(earliest.get(partition) ?? 0, (ends.get(partition) ?? 0) - count)] as const)
  return new Map(starts.filter(([partition, start]) => start < (ends.get(partition) ?? 0)))
}

/** The latest message of each key so far. */
class Found {
  readonly #request: CollectRequest
  readonly #reading: Reading
  readonly #caps: Caps
  readonly #rows: number
  readonly #room: number
  readonly #wanted: Set<string> | undefined
  readonly #missing: Set<string>
  readonly #latest = new Map<string, Latest>()
  readonly #pending = new Set<Promise<void>>()
  #bytes = 0
  #scanned = 0
  #cut: 'rows' | 'bytes' | undefined
  #fault: Error | undefined
  #wake: () => void = () => {}

  constructor(request: CollectRequest, reading: Reading, caps: Caps) {
    this.#request = request
    this.#reading = reading
    this.#caps = caps
    this.#rows = Math.min(request.limit, caps.rows)
    this.#wanted = request.want === undefined || request.want.length === 0 ? undefined : new Set(request.want)
    this.#missing = new Set(this.#wanted)
    this.#room = Math.max(1_024, caps.bytes - 512 - [...this.#missing].reduce((sum, key) => sum + key.length * 3 + 4, 0))
  }

  /** Messages as they come from the tail. */
  takeAll(topic: string, partition: number, messages: Iterable<RawMessage>): void {
    const work = this.look(topic, partition, messages).catch((error: unknown) => {
      this.#fault = error as Error
      this.#wake()
    })
    this.#pending.add(work)
    void work.finally(() => this.#pending.delete(work))
  }

  async look(topic: string, partition: number, messages: Iterable<RawMessage>): Promise<void> {
    for (const message of messages) {
      this.#scanned += 1
      if (message.fault !== undefined || !this.#mayBeWanted(message)) continue
      const made = rowOf(this.#reading, topic, partition, message, this.#request.format, this.#room / 2)
      this.#take(made instanceof Promise ? await made : made, topic, message.timestamp)
    }
    if (this.#isComplete) this.#wake()
  }

  /** Resolves when all wanted keys came, or with the signal. */
  async complete(signal: AbortSignal): Promise<void> {
    if (!this.#isComplete && this.#fault === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    await Promise.all(this.#pending)
    if (this.#fault !== undefined) throw this.#fault
  }

  answer(topics: number, notes: readonly string[]): Answer {
    const rows = [...this.#latest].sort(([left], [right]) => (left < right ? -1 : 1)).map(([by, { row }]) => ({ by, ...row }))
    const missing = [...this.#missing]
    const data: Json = { rows, missing, complete: this.#wanted !== undefined && missing.length === 0, scanned: this.#scanned, topics }
    const by = this.#cut === 'rows' && this.#request.limit <= this.#caps.rows ? undefined : this.#cut
    const more = this.#cut === undefined ? [] : ['there are more keys than the answer has room for; say which are wanted']
    const said = [...notes, ...more]
    return { type: 'data', data, ...(said.length > 0 && { notes: said }), ...(by && { truncated: { by, kept: rows.length, limit: this.#caps[by] } }) }
  }

  get #isComplete(): boolean {
    return this.#wanted !== undefined && this.#missing.size === 0
  }

  /** Without decoding the value, where the key of the message decides. */
  #mayBeWanted({ key }: RawMessage): boolean {
    if (this.#request.by !== undefined) return true
    if (key === null) return false
    return this.#wanted === undefined || this.#reading.registry !== undefined || this.#wanted.has(key.toString('utf8'))
  }

  #take(row: MessageRow, topic: string, at: number): void {
    const { by } = this.#request
    const key = textOf(by === undefined ? row['key'] : fieldOf(row['value'], by))
    if (key === undefined || (this.#wanted !== undefined && !this.#wanted.has(key))) return
    const known = this.#latest.get(key)
    if (known !== undefined && isNewer(known, at, topic, row)) return
    const whole: MessageRow = { ...row, topic }
    const bytes = Buffer.byteLength(JSON.stringify(whole)) + key.length + 10
    const sum = this.#bytes - (known?.bytes ?? 0) + bytes
    if (sum > this.#room) return void (this.#cut = 'bytes')
    if (known === undefined && this.#latest.size >= this.#rows) return void (this.#cut ??= 'rows')
    this.#bytes = sum
    this.#latest.set(key, { row: whole, at, bytes })
    this.#missing.delete(key)
  }
}

/** True when what is known is later than what came: by offset in one partition, by time between them. */
function isNewer({ row, at }: Latest, other: number, topic: string, next: MessageRow): boolean {
  if (row['topic'] === topic && row.partition === next.partition) return row.offset >= next.offset
  return at > other
}

function fieldOf(value: Json | undefined, path: string): Json | undefined {
  if (isObject(value) && value[path] !== undefined) return value[path]
  let found: Json | undefined = value
  for (const name of path.split('.')) found = isObject(found) ? found[name] : undefined
  return found
}
