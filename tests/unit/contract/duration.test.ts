import { expect, test } from 'vitest'
import { durationMs, durationPattern, timerMs } from '../../../runtime/contract/duration.ts'

test.each([
  ['250ms', 250],
  ['5s', 5_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['0s', 0],
])('%s is %d ms, and the schema takes it', (text, expected) => {
  expect(durationMs(text)).toBe(expected)
  expect(text).toMatch(new RegExp(durationPattern))
})

test.each(['5', 's', '', '-5s', '5 s', '5weeks', '1e3s'])('%j is no duration, for the schema as for the reader', (text) => {
  expect(durationMs(text)).toBeNaN()
  expect(text).not.toMatch(new RegExp(durationPattern))
})

test('a time too long for a timer becomes the longest it takes, and any other stays', () => {
  expect(timerMs(durationMs('30d'))).toBeLessThan(2 ** 31)
  expect(timerMs(durationMs('30d'))).toBeGreaterThan(durationMs('24d'))
  expect(timerMs(durationMs('5s'))).toBe(5_000)
})
