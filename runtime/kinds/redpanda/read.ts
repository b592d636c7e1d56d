import type { Answer } from '../../contract/answer.ts'
import { HubError } from '../../contract/errors.ts'
import type { Json } from '../../contract/json.ts'
import type { ToolPolicy } from '../../contract/tool.ts'
import { durationMs } from '../../contract/duration.ts'
import { Kept } from './kept.ts'
import { rowOf, type MessageRow, type Reading } from './message.ts'
import { earliestOffsets, latestOffsets, offsetsAt, type Offsets } from './offsets.ts'
import type { ReadFormat } from './operation.ts'
import type { RawMessage } from './records.ts'
import { scan, type Chunk, type Grounds } from './scan.ts'
import { partitionsOf, type Topic } from './topics.ts'
import type { Waiting } from '../../contract/waiting.ts'

/** Where to begin. */
export type From =
  | { readonly type: 'latest' | 'earliest' }
  | { readonly type: 'offset'; readonly offset: number }
  | { readonly type: 'time'; readonly epochMs: number }

/** What is to be read. */
export interface ReadRequest {
  readonly topic: string
  readonly limit: number
  readonly partition?: number | undefined
  readonly from: From
  /** By partition; `from` has then no meaning. */
  readonly offsets?: Offsets | undefined
  readonly key?: string | undefined
  readonly format: ReadFormat
}

type Caps = ToolPolicy['result']

/** So many messages are looked through for a key, at most. */
const mostScanned = 2_000_000
const mostLookedBack = 100_000
// An answer that says how far it came is worth more than a deadline that was met.
const spareMs = 300
const expectedBytes = 1_024

/** Reads what is there, up to the tool’s caps. Nothing of it is left on the broker. */
export async function readMessages(grounds: Grounds, reading: Reading, request: ReadRequest, caps: Caps, waiting: Waiting): Promise<Answer> {
  const limit = Math.min(request.limit, caps.rows)
  const { starts, ends } = await grounds.link.use(waiting, (cluster) => startsOf(grounds, cluster, request, limit))
  const next = new Map(starts)
  const latest = new Map(ends)
  const open = new Map([...starts].filter(([partition, start]) => start < (ends.get(partition) ?? Infinity)))
  const room = Math.max(1_024, caps.bytes - 512 - starts.size * 48)
  const isLatest = request.offsets === undefined && request.from.type === 'latest'
  const kept = new Kept(isLatest ? 'last' : 'first', limit, room)
  const counts = new Map<number, number>()
  const until = Math.min(waiting.deadline - spareMs, waiting.deadline)
  const outOfRange = request.offsets !== undefined || request.from.type === 'offset' ? 'fail' : 'earliest'
  let scanned = 0
  let isShort = false

  /** Takes the messages of a chunk; false when enough of its partition was seen. */
  async function take({ partition, messages, next: after }: Chunk): Promise<boolean> {
    let at = times.get(partition) ?? -1
    for (const message of messages) {
      scanned += 1
      next.set(partition, (message.through ?? message.offset) + 1)
      if (request.key !== undefined && !hasKey(message, request.key)) continue
      const made = rowOf(reading, request.topic, partition, message, request.format, room * 0.7)
      const { row, bytes } = fitting(made instanceof Promise ? await made : made, room)
      at = Math.max(at, message.timestamp)
      times.set(partition, at)
      kept.add(row, at, bytes)
      const count = (counts.get(partition) ?? 0) + 1
      counts.set(partition, count)
      if (isLatest) continue
      const full = count >= limit ? at : kept.full
      if (full !== undefined && full <= at) return false
    }
    next.set(partition, after)
    return true
  }

  const times = new Map<number, number>()
  const firstBytes = request.key === undefined ? limit * expectedBytes : 1_048_576
  for await (const chunk of scan(grounds, request.topic, open, waiting, { firstBytes, outOfRange })) {
    latest.set(chunk.partition, chunk.end)
    if (!(await take(chunk))) open.delete(chunk.partition)
    isShort = open.size > 0 && (scanned >= mostScanned || Date.now() >= until)
    if (isShort) break
  }
  const rows = kept.rows()
  if (!isLatest) for (const [partition, offset] of kept.dropped) next.set(partition, Math.min(offset, next.get(partition) ?? offset))
  const data = { topic: request.topic, rows, next: numbered(next), latest: numbered(latest), scanned }
  const notes = [
    ...(rows.length === 0 && !isShort ? [nothing(request)] : []),
    ...(isShort ? [`looked through ${scanned} messages and stopped there; to go on, give next as offsets`] : []),
  ]
  const hasMore = isLatest || [...next].some(([partition, offset]) => offset < (latest.get(partition) ?? 0))
  const by = kept.cut === 'bytes' ? 'bytes' : limit < request.limit && rows.length === limit && hasMore ? 'rows' : undefined
  return { type: 'data', data, ...(notes.length > 0 && { notes }), ...(by && { truncated: { by, kept: rows.length, limit: caps[by] } }) }
}

const nothing = ({ key }: ReadRequest): string =>
  key === undefined ? 'there is no message from there on' : 'there is no message of this key from there on; from: earliest looks from the beginning'

const numbered = (offsets: Offsets): Json =>
  Object.fromEntries([...offsets].sort(([left], [right]) => left - right).map(([partition, offset]) => [String(partition), offset]))

const hasKey = ({ key }: RawMessage, wanted: string): boolean => key !== null && key.toString('utf8') === wanted

/** A row and its size as printed; one that would fill the answer by itself is told without its value. */
function fitting(row: MessageRow, room: number): { readonly row: MessageRow; readonly bytes: number } {
  const bytes = Buffer.byteLength(JSON.stringify(row)) + 1
  if (bytes <= room) return { row, bytes }
  const { partition, offset } = row
  const short: MessageRow = {
    partition,
    offset,
    timestamp: row['timestamp'] ?? null,
    key: null,
    value: null,
    format: 'too-long',
    error: `the message is ${bytes} bytes as printed, more than an answer of this tool takes`,
  }
  return { row: short, bytes: Buffer.byteLength(JSON.stringify(short)) + 1 }
}

async function startsOf(
  { topics }: Grounds,
  cluster: Parameters<typeof latestOffsets>[0],
  request: ReadRequest,
  limit: number,
): Promise<{ readonly starts: Offsets; readonly ends: Offsets }> {
  const topic = await topics.get(cluster, request.topic)
  const { from, offsets } = request
  if (offsets !== undefined) {
    for (const partition of offsets.keys()) partitionsOf(topic, partition)
    return { starts: offsets, ends: new Map() }
  }
  const partitions = partitionsOf(topic, request.partition)
  if (from.type === 'offset') {
    if (partitions.length === 1) return { starts: new Map([[partitions[0] as number, from.offset]]), ends: new Map() }
    throw new HubError(
      'HUB_ARGS_INVALID',
      `an offset is one of a partition, and topic "${topic.name}" has ${partitions.length}: say which, or give offsets by partition`,
      { topic: topic.name },
    )
  }
  if (from.type === 'earliest') return { starts: await earliestOffsets(cluster, topic, partitions), ends: new Map() }
  if (from.type === 'time') return { starts: await offsetsAt(cluster, topic, partitions, from.epochMs), ends: new Map() }
  return lastOnes(cluster, topic, partitions, request.key === undefined ? limit : mostLookedBack)
}

async function lastOnes(
  cluster: Parameters<typeof latestOffsets>[0],
  topic: Topic,
  partitions: readonly number[],
  count: number,
): Promise<{ readonly starts: Offsets; readonly ends: Offsets }> {
  const [earliest, ends] = await Promise.all([earliestOffsets(cluster, topic, partitions), latestOffsets(cluster, topic, partitions)])
  const starts = new Map(partitions.map((partition) => [partition, Math.max(earliest.get(partition) ?? 0, (ends.get(partition) ?? 0) - count)]))
  return { starts, ends }
}

/** Where to begin, as callers write it. Throws HUB_ARGS_INVALID for what is no place to begin. */
export function fromOf(value: Json | undefined, now: number = Date.now()): From {
  if (value === undefined || value === null || value === 'latest') return { type: 'latest' }
  if (value === 'earliest') return { type: 'earliest' }
  const text = String(value)
  if (/^\d{1,16}$/.test(text)) return { type: 'offset', offset: Number(text) }
  const agoMs = durationMs(text)
  if (!Number.isNaN(agoMs)) return { type: 'time', epochMs: Math.max(0, now - agoMs) }
  const epochMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(epochMs)) return { type: 'time', epochMs: Math.max(0, epochMs) }
  throw new HubError(
    'HUB_ARGS_INVALID',
    `"${text.slice(0, 60)}" is no place to begin; it takes latest, earliest, an offset, a time in ISO 8601 (2026-01-31T09:00:00Z), or so long ago (15m)`,
  )
}
