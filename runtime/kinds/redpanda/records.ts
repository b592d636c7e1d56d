import { unfold } from './codecs.ts'

/** One message as it lies in its partition. */
export interface RawMessage {
  readonly offset: number
  /** Epoch milliseconds; -1 where it has none. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [string, Buffer | null])[]
  /** Why messages from this offset on, up to `through`, cannot be read. */
  readonly fault?: string
  readonly through?: number
}

/** A transaction that was given up: its messages are nobody’s. */
export interface Aborted {
  readonly producerId: bigint
  readonly firstOffset: number
}

const overhead = 12
const headerLength = 61

/**
 * The messages of what a broker sent of one partition, from an offset on, one by one: what nobody asks for is not unfolded. Messages of transactions that were given up are left out.
 * A batch that cannot be read is one message with a `fault`; the batches after it are read. A batch cut off at the end is left for the next request.
 */
export function* messagesIn(records: Buffer, from: number, aborted: readonly Aborted[] = []): Generator<RawMessage, void, undefined> {
  const waiting = [...aborted].sort((left, right) => left.firstOffset - right.firstOffset)
  const given = new Set<bigint>()
  for (let at = 0; at + overhead <= records.length;) {
    const length = records.readInt32BE(at + 8)
    const end = at + overhead + length
    if (length <= 0 || end > records.length) return
    const batch = records.subarray(at, end)
    at = end
    const last = lastOffset(batch)
    while (waiting[0] !== undefined && waiting[0].firstOffset <= last) given.add((waiting.shift() as Aborted).producerId)
    yield* messagesOf(batch, from, last, given)
  }
}

/** The offset to go on from after everything that came whole; undefined where nothing did. */
export function nextAfter(records: Buffer): number | undefined {
  let next: number | undefined
  for (let at = 0; at + overhead <= records.length;) {
    const end = at + overhead + records.readInt32BE(at + 8)
    if (end <= at + overhead || end > records.length) return next
    next = lastOffset(records.subarray(at, end)) + 1
    at = end
  }
  return next
}

const firstOffset = (batch: Buffer): number => Number(batch.readBigInt64BE(0))
const lastOffset = (batch: Buffer): number => firstOffset(batch) + (batch.length >= headerLength && batch[16] === 2 ? batch.readInt32BE(23) : 0)

const poison = (offset: number, through: number, fault: string): RawMessage => ({ offset, timestamp: -1, key: null, value: null, headers: [], fault, through })

function* messagesOf(batch: Buffer, from: number, last: number, given: Set<bigint>): Generator<RawMessage, void, undefined> {
  if (last < from) return
  const first = firstOffset(batch)
  const magic = batch[16]
  if (magic !== 2 || batch.length < headerLength)
    return yield poison(Math.max(first, from), last, `it is written in message format ${magic}; the hub reads format 2, of Kafka 0.11 and later`)
  const attributes = batch.readInt16BE(21)
  const producerId = batch.readBigInt64BE(43)
  const isControl = (attributes & 0x20) !== 0
  const count = batch.readInt32BE(57)
  try {
    const codec = attributes & 0x07
    const body = batch.subarray(headerLength)
    const reader = new Reader(codec === 0 ? body : unfold(codec, body))
    if (isControl) {
      // A transaction of this producer has ended; the marker itself is no message.
      given.delete(producerId)
      return
    }
    if ((attributes & 0x10) !== 0 && given.has(producerId)) return
    const base = Number(batch.readBigInt64BE(27))
    // Log append time: the broker’s own, one for all.
    const appended = (attributes & 0x08) !== 0 ? Number(batch.readBigInt64BE(35)) : undefined
    for (let index = 0; index < count; index += 1) {
      const message = reader.message(first, base, appended)
      if (message.offset >= from) yield message
    }
  } catch (error) {
    yield poison(Math.max(first, from), last, `its batch cannot be read: ${(error as Error).message}`)
  }
}

/** The variable-length fields of records. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  message(first: number, base: number, appended: number | undefined): RawMessage {
    const length = this.#varint()
    const end = this.#at + length
    if (length < 0 || end > this.#bytes.length) throw new RangeError('a record is longer than its batch')
    this.#at += 1
    const timestamp = base + this.#varint()
    const offset = first + this.#varint()
    const key = this.#run()
    const value = this.#run()
    const count = this.#varint()
    const headers: [string, Buffer | null][] = []
    for (let index = 0; index < count; index += 1) headers.push([(this.#run() ?? Buffer.alloc(0)).toString('utf8'), this.#run()])
    this.#at = end
    return { offset, timestamp: appended ?? timestamp, key, value, headers }
  }

  #run(): Buffer | null {
    const length = this.#varint()
    if (length < 0) return null
    const start = this.#at
    this.#at += length
    if (this.#at > this.#bytes.length) throw new RangeError('a field is longer than its record')
    return this.#bytes.subarray(start, this.#at)
  }

  /** Zigzag; by arithmetic beyond 31 bits, since differences of times need more. */
  #varint(): number {
    let result = 0
    let scale = 1
    for (;;) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined || scale > 2 ** 63) throw new RangeError('a number runs over the end')
      this.#at += 1
      result += (byte & 0x7f) * scale
      if (byte < 0x80) return result % 2 === 0 ? result / 2 : -(result + 1) / 2
      scale *= 128
    }
  }
}
