import { HubError } from '../../contract/errors.ts'
import type { Cluster } from './driver.ts'
import { isMoving } from './failures.ts'
import { fetchFrom, type Fetched, type Wanted } from './fetch.ts'
import type { Link } from './link.ts'
import { earliestOffsets, latestOffsets } from './offsets.ts'
import { messagesIn, nextAfter, type RawMessage } from './records.ts'
import { leaderOf, type Topics } from './topics.ts'
import type { Waiting } from '../../contract/waiting.ts'

/** What reading stands on. */
export interface Grounds {
  readonly link: Link
  readonly topics: Topics
}

/** A part of one partition. */
export interface Chunk {
  readonly partition: number
  readonly messages: Iterable<RawMessage>
  /** Where to go on after all of them. */
  readonly next: number
  /** The offset the partition’s next message gets. */
  readonly end: number
}

/** How a scan goes about it. */
export interface Pace {
  /** What the first request asks of each partition; the next ones ask for more. */
  readonly firstBytes: number
  /** For so long a lost connection is made anew. */
  readonly lostMs?: number
  /** What to do where the start is no longer there: fail says so, earliest goes on with what is. */
  readonly outOfRange: 'fail' | 'earliest'
}

/** No request brings more than this, whatever the number of partitions, but for one batch that is larger by itself. */
const mostBytes = 2 * 1_048_576
const leastBytes = 16_384

/**
 * Reads partitions of one topic from their offsets in `open` up to their ends as they are at the beginning, a chunk at a time: the next is fetched when it is asked for.
 * The reader may take partitions out of `open`. No consumer group is used.
 */
export async function* scan(grounds: Grounds, name: string, open: Map<number, number>, waiting: Waiting, pace: Pace): AsyncGenerator<Chunk, void, undefined> {
  const ends = new Map<number, number>()
  let bytes = Math.max(leastBytes, pace.firstBytes)
  while (open.size > 0) {
    const fetched = await fetchOpen(grounds, name, open, waiting, Math.min(bytes, mostBytes), pace)
    bytes *= 4
    for (const { partition, fault, end, records, aborted } of fetched) {
      const from = open.get(partition)
      if (from === undefined) continue
      if (fault !== undefined) {
        await settle(grounds, name, partition, open, fault, waiting, pace)
        continue
      }
      if (!ends.has(partition)) ends.set(partition, end)
      const next = Math.max(from, nextAfter(records) ?? from)
      // Nothing came although there should be more: what was there is compacted away.
      const isDone = next >= (ends.get(partition) ?? 0) || (next === from && records.length === 0)
      if (isDone) open.delete(partition)
      else open.set(partition, next)
      yield { partition, messages: messagesIn(records, from, aborted), next, end }
    }
  }
}

function fetchOpen(
  { link, topics }: Grounds,
  name: string,
  open: ReadonlyMap<number, number>,
  waiting: Waiting,
  bytes: number,
  { lostMs = 0 }: Pace,
): Promise<readonly Fetched[]> {
  return link.use(
    waiting,
    async (cluster) => {
      const topic = await topics.get(cluster, name)
      const byLeader = new Map<number, Wanted[]>()
      for (const [partition, offset] of open) {
        const leader = leaderOf(topic, partition)
        const wanted = byLeader.get(leader) ?? []
        wanted.push({ topic: name, partition, offset })
        byLeader.set(leader, wanted)
      }
      const ask = async ([nodeId, wanted]: readonly [number, readonly Wanted[]]): Promise<readonly Fetched[]> =>
        fetchFrom(await cluster.findBroker({ nodeId }), wanted, { waitMs: 0, bytes: Math.min(bytes * wanted.length, mostBytes), partitionBytes: bytes })
      const fetched = (await Promise.all([...byLeader].map(ask))).flat()
      const moved = fetched.find(({ fault }) => fault !== undefined && isMoving(fault))
      if (moved === undefined) return fetched
      topics.forget(name)
      throw moved.fault as Error
    },
    { lostMs },
  )
}

async function settle(
  { link, topics }: Grounds,
  name: string,
  partition: number,
  open: Map<number, number>,
  fault: Error & { readonly type: string },
  waiting: Waiting,
  pace: Pace,
): Promise<void> {
  if (fault.type === 'UNKNOWN_TOPIC_OR_PARTITION' || fault.type === 'UNKNOWN_TOPIC_ID') {
    topics.forget(name)
    throw new HubError('HUB_QUERY_FAILED', `topic "${name}" was deleted while it was read; list_topics tells what there is now`, { topic: name })
  }
  if (fault.type !== 'OFFSET_OUT_OF_RANGE') return link.use(waiting, () => Promise.reject(fault))
  const [earliest, latest] = await link.use(waiting, (cluster) => rangeOf(cluster, topics, name, partition))
  const from = open.get(partition) ?? 0
  if (pace.outOfRange === 'fail') {
    throw new HubError(
      'HUB_ARGS_INVALID',
      `offset ${from} is out of range: partition ${partition} of "${name}" holds ${earliest} up to, not including, ${latest}`,
      { topic: name, partition, earliest, latest },
    )
  }
  if (from < earliest) open.set(partition, earliest)
  else open.delete(partition)
}

async function rangeOf(cluster: Cluster, topics: Topics, name: string, partition: number): Promise<readonly [number, number]> {
  const topic = await topics.get(cluster, name)
  const [earliest, latest] = await Promise.all([earliestOffsets(cluster, topic, [partition]), latestOffsets(cluster, topic, [partition])])
  return [earliest.get(partition) ?? 0, latest.get(partition) ?? 0]
}
