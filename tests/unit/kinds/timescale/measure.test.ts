import { once } from 'node:events'
import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { measured, TooLarge } from '../../../../runtime/kinds/timescale/measure.ts'

const most = 64 * 1024 * 1024

/** A connection as far as it is read: what a test pushes is what arrived. */
function arriving() {
  const stream = measured(new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }))
  const got: Buffer[] = []
  stream.on('data', (chunk: Buffer) => void got.push(chunk))
  return { stream, seen: () => Buffer.concat(got) }
}

/** A message as the server sends it: a letter, the length of itself and what follows, the payload. */
function message(letter: number, payload: Uint8Array, length = 4 + payload.length): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt8(letter)
  header.writeUInt32BE(length, 1)
  return Buffer.concat([header, payload])
}

const messages = fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 })).map(([letter, payload]) => message(letter, payload)))
const cuts = fc.array(fc.nat({ max: 10_000 }), { maxLength: 30 })
const tooLong = fc.oneof(fc.constantFrom(most + 1, 2 ** 31, 2 ** 32 - 1), fc.integer({ min: most + 1, max: 2 ** 32 - 1 }))

function chunksOf(bytes: Buffer, at: readonly number[]): readonly Buffer[] {
  const ends = [...new Set(at.map((cut) => cut % (bytes.length + 1))), 0, bytes.length].toSorted((a, b) => a - b)
  return ends.slice(1).map((end, index) => Buffer.from(bytes.subarray(ends[index], end)))
}

test('every byte of messages that are taken passes in its order, wherever the chunks are cut', async () => {
  await fc.assert(
    fc.asyncProperty(messages, cuts, async (list, at) => {
      const { stream, seen } = arriving()
      const bytes = Buffer.concat(list)
      for (const chunk of chunksOf(bytes, at)) stream.push(chunk)
      stream.push(null)
      await once(stream, 'end')
      expect(seen().equals(bytes)).toBe(true)
    }),
  )
})

test('a message of 64 MB passes, and what comes after it is measured still', async () => {
  const { stream, seen } = arriving()
  stream.push(message(68, Buffer.alloc(0), most))
  for (let left = most - 4; left > 0; left -= 1024 * 1024) stream.push(Buffer.alloc(Math.min(left, 1024 * 1024)))
  stream.push(message(90, Buffer.from('I')))
  const ended = once(stream, 'error')
  stream.push(message(68, Buffer.alloc(0), most + 1))
  expect((await ended)[0]).toBeInstanceOf(TooLarge)
  expect(seen().length).toBe(1 + most + 6)
})

test('a message beyond 64 MB ends the stream before the chunk that completes its head is seen, wherever that is cut', async () => {
  await fc.assert(
    fc.asyncProperty(messages, tooLong, fc.integer({ min: 0, max: 4 }), cuts, fc.uint8Array({ maxLength: 40 }), async (list, length, cut, at, behind) => {
      const { stream, seen } = arriving()
      const before = Buffer.concat(list)
      const head = message(68, behind, length)
      for (const chunk of chunksOf(Buffer.concat([before, head.subarray(0, cut)]), at)) stream.push(chunk)
      const ended = once(stream, 'error')
      expect(stream.destroyed).toBe(false)
      expect(stream.push(head.subarray(cut))).toBe(false)
      expect(stream.destroyed).toBe(true)
      expect((await ended)[0]).toBeInstanceOf(TooLarge)
      expect(seen().equals(Buffer.concat([before, head.subarray(0, cut)]))).toBe(true)
    }),
  )
})

test('a message beyond 64 MB ends the stream also where smaller ones came in the same chunk', async () => {
  await fc.assert(
    fc.asyncProperty(messages, tooLong, async (list, length) => {
      const { stream, seen } = arriving()
      const ended = once(stream, 'error')
      stream.push(Buffer.concat([...list, message(68, Buffer.alloc(0), length)]))
      expect((await ended)[0]).toBeInstanceOf(TooLarge)
      expect(seen()).toHaveLength(0)
    }),
  )
})
