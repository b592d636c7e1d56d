import { createErrorFromCode, requestFor, type Broker } from './driver.ts'
import type { Aborted } from './records.ts'

/** Where to read one partition from. */
export interface Wanted {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** What a broker sent of one partition. */
export interface Fetched {
  readonly topic: string
  readonly partition: number
  /** What the broker refused it with. */
  readonly fault?: Error & { readonly type: string }
  /** The offset up to which messages may be read. */
  readonly end: number
  readonly records: Buffer
  readonly aborted: readonly Aborted[]
}

/** How much one request may bring, and how long the broker may wait for something to come. */
export interface Amount {
  readonly waitMs: number
  readonly bytes: number
  readonly partitionBytes: number
}

const readCommitted = 1
const oldestVersion = 4

/** Reads partitions from their leader. No group is named, so none comes to be. */
export async function fetchFrom(broker: Broker, wanted: readonly Wanted[], { waitMs, bytes, partitionBytes }: Amount): Promise<readonly Fetched[]> {
  const topics = new Map<string, { partition: number; fetchOffset: string; maxBytes: number }[]>()
  for (const { topic, partition, offset } of wanted) {
    const partitions = topics.get(topic) ?? []
    partitions.push({ partition, fetchOffset: String(offset), maxBytes: partitionBytes })
    topics.set(topic, partitions)
  }
  const asked = requestFor(broker, 'Fetch', {
    replicaId: -1,
    isolationLevel: readCommitted,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes: bytes,
    topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
  })
  const version = asked.request.apiVersion
  if (version < oldestVersion) throw createErrorFromCode(35)
  const response = { decode: (raw: Buffer) => Promise.resolve(decode(raw, version)), parse: (data: unknown) => Promise.resolve(data) }
  const { partitions } = (await broker.connectionPool.send({ ...asked, response })) as { readonly partitions: readonly Fetched[] }
  return partitions
}

/** The answer to a fetch request of version 4 to 11: headers are read, records are left as they came. */
function decode(raw: Buffer, version: number): { readonly clientSideThrottleTime: number; readonly partitions: readonly Fetched[] } {
  let at = 0
  const int16 = (): number => raw.readInt16BE((at += 2) - 2)
  const int32 = (): number => raw.readInt32BE((at += 4) - 4)
  const int64 = (): bigint => raw.readBigInt64BE((at += 8) - 8)
  const run = (length: number): Buffer => raw.subarray(at, (at += Math.max(0, length)))
  const throttleMs = int32()
  if (version >= 7) {
    const code = int16()
    if (code !== 0) throw createErrorFromCode(code)
    int32()
  }
  const partitions: Fetched[] = []
  for (let topics = int32(); topics > 0; topics -= 1) {
    const topic = run(int16()).toString('utf8')
    for (let count = int32(); count > 0; count -= 1) {
      const partition = int32()
      const code = int16()
      int64()
      const end = Number(int64())
      if (version >= 5) int64()
      const aborted: Aborted[] = []
      for (let transactions = int32(); transactions > 0; transactions -= 1) aborted.push({ producerId: int64(), firstOffset: Number(int64()) })
      if (version >= 11) int32()
      const records = run(int32())
      partitions.push({ topic, partition, end, records, aborted, ...(code !== 0 && { fault: createErrorFromCode(code) }) })
    }
  }
  return { clientSideThrottleTime: version >= 8 ? throttleMs : 0, partitions }
}
