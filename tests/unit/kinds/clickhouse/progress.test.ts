import { afterEach, expect, test, vi } from 'vitest'
import { follow } from '../../../../runtime/kinds/clickhouse/progress.ts'

afterEach(() => vi.useRealTimers())

test('a caller is told once a second while the server says how far a statement is, and no more when that is stopped', async () => {
  vi.useFakeTimers()
  const found: (readonly [number, number] | undefined)[] = [[10, 100], undefined, [50, 40]]
  const told: unknown[] = []
  const stop = follow({ progress: () => Promise.resolve(found.shift()) }, 'q', { progress: (...all) => void told.push(all) })
  await vi.advanceTimersByTimeAsync(3_500)
  expect(told).toEqual([
    [10, 100, '10 rows read'],
    [50, undefined, '50 rows read'],
  ])
  stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('nobody to tell: nothing is asked', () => {
  vi.useFakeTimers()
  follow({ progress: () => Promise.reject(new Error('asked')) }, 'q', {})
  expect(vi.getTimerCount()).toBe(0)
})
