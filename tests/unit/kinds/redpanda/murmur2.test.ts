import { expect, test } from 'vitest'
import { murmur2 } from '../../../../runtime/kinds/redpanda/murmur2.ts'

// The vectors of Kafka's own UtilsTest.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('%s', (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash)
})

test('a megabyte', () => {
  expect(murmur2(Buffer.alloc(1_048_576, 'k'))).toBe(murmur2(Buffer.from('k'.repeat(1_048_576))))
})
