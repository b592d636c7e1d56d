import type { Cluster } from './driver.ts'
import { leaderOf, type Topic } from './topics.ts'

const latest = '-1'
const earliest = '-2'
const readCommitted = 1

/** Offsets by partition. */
export type Offsets = ReadonlyMap<number, number>

/** The offset each partition’s next readable message gets: up to here one can read. */
export const latestOffsets = (cluster: Cluster, topic: Topic, partitions: readonly number[]): Promise<Offsets> =>
  listOffsets(cluster, topic, partitions, latest)

/** The first offset of each partition that is still there. */
export const earliestOffsets = (cluster: Cluster, topic: Topic, partitions: readonly number[]): Promise<Offsets> =>
  listOffsets(cluster, topic, partitions, earliest)

/** The first offset of each partition at or after a time; where there is none, the latest. */
export async function offsetsAt(cluster: Cluster, topic: Topic, partitions: readonly number[], epochMs: number): Promise<Offsets> {
  const [found, ends] = await Promise.all([listOffsets(cluster, topic, partitions, String(epochMs)), latestOffsets(cluster, topic, partitions)])
  return new Map(partitions.map((partition) => [partition, orEnd(found.get(partition), ends.get(partition))]))
}

const orEnd = (offset = -1, end = 0): number => (offset < 0 ? end : offset)

async function listOffsets(cluster: Cluster, topic: Topic, partitions: readonly number[], timestamp: string): Promise<Offsets> {
  const byLeader = new Map<number, number[]>()
  for (const partition of partitions) {
    const leader = leaderOf(topic, partition)
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition])
  }
  const offsets = new Map<number, number>()
  const ask = async ([nodeId, own]: readonly [number, readonly number[]]): Promise<void> => {
    const broker = await cluster.findBroker({ nodeId })
    const topics = [{ topic: topic.name, partitions: own.map((partition) => ({ partition, timestamp })) }]
    const { responses } = await broker.listOffsets({ replicaId: -1, isolationLevel: readCommitted, topics })
    for (const { partition, offset } of responses[0]?.partitions ?? []) offsets.set(partition, Number(offset))
  }
  await Promise.all([...byLeader].map(ask))
  return offsets
}
