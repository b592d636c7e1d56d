import { expect, test } from 'vitest'
import { median, quantile, spread } from '../../../../bench/measure/statistics.ts'

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
  [[], Number.NaN],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected)
})

test('the 99th percentile of a hundred values is the 99th, by nearest rank', () => {
  const sorted = Float64Array.from({ length: 100 }, (_, index) => index + 1)
  expect([quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 1), quantile(sorted, 0)]).toEqual([50, 99, 100, 1])
  expect(quantile([], 0.5)).toBeNaN()
})

test('the spread is told in parts of the median', () => {
  expect(spread([90, 100, 120])).toBeCloseTo(0.3)
})
