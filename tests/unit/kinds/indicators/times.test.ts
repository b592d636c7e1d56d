import { expect, test } from 'vitest'
import { gapsIn, instantOf, isoOf, plainInstant } from '../../../../runtime/kinds/indicators/candles/times.ts'

const noon = Date.UTC(2024, 2, 10, 12)

test.each([
  ['2024-03-10T12:00:00Z', noon],
  ['2024-03-10T14:00:00+02:00', noon],
  ['2024-03-10 12:00:00', noon],
  ['2024-03-10T12:00:00', noon],
  ['2024-03-10', Date.UTC(2024, 2, 10)],
  [noon, noon],
  [noon / 1_000, noon],
  [noon * 1_000, noon],
  [String(noon), noon],
  ['1710072000000000000', noon],
  ['soon', undefined],
  ['2024-13-40', undefined],
  [null, undefined],
  [true, undefined],
] as const)('%j is %j', (given, at) => expect(instantOf(given)).toBe(at))

test('times are told in UTC, without fractions that are zero', () => {
  expect(isoOf(noon)).toBe('2024-03-10T12:00:00Z')
  expect(isoOf(noon + 5)).toBe('2024-03-10T12:00:00.005Z')
})

test('a missing hour is a gap, a weekend between days is none', () => {
  const hours = [0, 1, 2, 3, 6, 7].map((hour) => noon + hour * 3_600_000)
  expect(gapsIn(Float64Array.from(hours))).toEqual([
    expect.stringContaining('missing in 1 place (the longest from 2024-03-10T15:00:00Z to 2024-03-10T18:00:00Z)'),
  ])
  const days = [4, 5, 6, 7, 8, 11, 12, 13].map((day) => Date.UTC(2024, 2, day))
  expect(gapsIn(Float64Array.from(days))).toEqual([])
  expect(gapsIn(Float64Array.of(...days, Date.UTC(2024, 2, 25)))).toHaveLength(1)
  expect(gapsIn(Float64Array.of(noon))).toEqual([])
})

test('a plain timestamp is the instant Date.parse reads, for every day of centuries; what is none is left to it', () => {
  for (let at = Date.UTC(1899, 11, 30); at < Date.UTC(2105, 0, 1); at += 86_400_000 - 61_000) {
    const text = isoOf(at)
    const read = plainInstant(text)
    expect(Number.isNaN(read) ? text.slice(5, 10) : read).toBe(Number.isNaN(read) ? '02-29' : at)
  }
  for (const text of [
    '2024-13-01T00:00:00Z',
    '2024-02-30T00:00:00Z',
    '2023-04-31T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01 00:00:00Z',
    '2024-0a-01T00:00:00Z',
    '2024-01-01T00:00:00',
  ]) {
    expect(plainInstant(text)).toBeNaN()
  }
})
