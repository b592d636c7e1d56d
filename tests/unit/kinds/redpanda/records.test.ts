import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { mostUnfolded } from '../../../../runtime/kinds/redpanda/codecs.ts'
import { messagesIn, nextAfter } from '../../../../runtime/kinds/redpanda/records.ts'

const zigzag = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value >= 0 ? value * 2 : -value * 2 - 1
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}
const run = (text: string | null): Buffer => (text === null ? zigzag(-1) : Buffer.concat([zigzag(Buffer.byteLength(text)), Buffer.from(text)]))

function record(delta: number, value: string | null, timeDelta = 0): Buffer {
  const body = Buffer.concat([Buffer.from([0]), zigzag(timeDelta), zigzag(delta), run(null), run(value), zigzag(0)])
  return Buffer.concat([zigzag(body.length), body])
}

interface Written {
  readonly magic?: number
  readonly attributes?: number
  readonly producerId?: bigint
  readonly body?: Buffer
}

/** A batch as Kafka's documentation lays it out. */
function batch(first: number, values: readonly (string | null)[], { magic = 2, attributes = 0, producerId = -1n, body }: Written = {}): Buffer {
  const records = body ?? Buffer.concat(values.map((value, index) => record(index, value, index * 5_000_000_000)))
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(BigInt(first), 0)
  head.writeInt32BE(49 + records.length, 8)
  head[16] = magic
  head.writeInt16BE(attributes, 21)
  head.writeInt32BE(values.length - 1, 23)
  head.writeBigInt64BE(1_700_000_000_000n, 27)
  head.writeBigInt64BE(1_800_000_000_000n, 35)
  head.writeBigInt64BE(producerId, 43)
  head.writeInt32BE(values.length, 57)
  return Buffer.concat([head, records])
}
const read = (records: Buffer, from = 0, aborted: Parameters<typeof messagesIn>[2] = []): readonly unknown[] =>
  [...messagesIn(records, from, aborted)].map(({ offset, value, fault }) => fault ?? `${offset} ${String(value)}`)

describe('messages of a run of batches', () => {
  test('come with their offsets and times, from an offset on, over batches that are cut off', () => {
    const whole = Buffer.concat([batch(10, ['a', 'b', 'c']), batch(13, ['d', null])])
    expect(read(whole, 11)).toEqual(['11 b', '12 c', '13 d', '14 null'])
    expect(nextAfter(whole)).toBe(15)
    const cut = whole.subarray(0, whole.length - 1)
    expect(read(cut)).toEqual(['10 a', '11 b', '12 c'])
    expect(nextAfter(cut)).toBe(13)
    expect(nextAfter(cut.subarray(0, 20))).toBeUndefined()
    expect([...messagesIn(whole, 0)].map(({ timestamp }) => timestamp)).toEqual([0, 5e9, 1e10, 0, 5e9].map((delta) => 1_700_000_000_000 + delta))
    expect([...messagesIn(batch(0, ['a'], { attributes: 0x08 }), 0)][0]?.timestamp).toBe(1_800_000_000_000)
  })

  test('of transactions that were given up are left out, up to their end', () => {
    const transactional = 0x10
    const control = 0x30
    const records = Buffer.concat([
      batch(0, ['kept'], { attributes: transactional, producerId: 7n }),
      batch(1, ['marker'], { attributes: control, producerId: 7n }),
      batch(2, ['given up'], { attributes: transactional, producerId: 7n }),
      batch(3, ['of another'], { attributes: transactional, producerId: 8n }),
      batch(4, ['marker'], { attributes: control, producerId: 7n }),
      batch(5, ['kept again'], { attributes: transactional, producerId: 7n }),
    ])
    expect(read(records, 0, [{ producerId: 7n, firstOffset: 2 }])).toEqual(['0 kept', '3 of another', '5 kept again'])
  })

  test('that cannot be read are one message that says why, and the next batch is read', () => {
    const after = batch(20, ['after'])
    const faults: readonly (readonly [Buffer, string])[] = [
      [batch(10, ['x', 'y'], { magic: 1 }), 'message format 1'],
      [batch(10, ['x', 'y'], { attributes: 1, body: Buffer.from('no gzip') }), 'its batch cannot be read'],
      [batch(10, ['x', 'y'], { attributes: 7 }), 'codec 7 is none of Kafka’s'],
      [batch(10, ['x', 'y'], { body: zigzag(1_000) }), 'longer than its batch'],
      [batch(10, ['x', 'y'], { body: Buffer.concat([zigzag(6), Buffer.from([0, 0, 0, 1, 200, 0])]) }), 'longer than its record'],
      [batch(10, ['x', 'y'], { body: Buffer.alloc(12, 0xff) }), 'a number runs over the end'],
    ]
    for (const [bad, said] of faults) {
      const found = [...messagesIn(Buffer.concat([bad, after]), 10)]
      expect(found[0]).toMatchObject({ offset: 10, fault: expect.stringContaining(said) })
      expect(found.at(-1)).toMatchObject({ offset: 20 })
    }
  })

  test('a batch that would unfold to more than the bound is no bomb', () => {
    const bomb = batch(0, ['x'], { attributes: 1, body: gzipSync(Buffer.alloc(mostUnfolded + 1)) })
    expect(bomb.length).toBeLessThan(100_000)
    expect(read(bomb)).toEqual([expect.stringContaining('its batch cannot be read')])
  })
})
