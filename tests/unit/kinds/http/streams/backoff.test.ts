import { describe, expect, test } from 'vitest'
import { Backoff } from '../../../../../runtime/kinds/http/streams/backoff.ts'

describe('pauses between attempts', () => {
  test('grow to the longest, none like the next, and never below half', () => {
    const backoff = new Backoff(100, 1_000)
    const pauses = Array.from({ length: 40 }, () => backoff.next())
    for (const [attempt, pause] of pauses.entries()) {
      const steady = Math.min(100 * 2 ** attempt, 1_000)
      expect(pause).toBeGreaterThanOrEqual(steady / 2)
      expect(pause).toBeLessThanOrEqual(steady)
    }
    expect(new Set(pauses).size).toBeGreaterThan(10)
  })

  test('are as long as the service asks, within reason', () => {
    const backoff = new Backoff(10, 100)
    expect(backoff.next(5_000)).toBe(5_000)
    expect(backoff.next(86_400_000)).toBe(300_000)
  })

  test('are short again only after a connection that held', () => {
    const backoff = new Backoff(10, 1_000)
    for (let n = 0; n < 10; n++) backoff.next()
    backoff.held(999)
    expect(backoff.next()).toBeGreaterThanOrEqual(500)
    backoff.held(1_000)
    expect(backoff.next()).toBeLessThanOrEqual(10)
    expect(backoff.attempts).toBe(1)
  })
})
