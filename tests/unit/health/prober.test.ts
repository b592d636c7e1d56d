import { expect, test } from 'vitest'
import type { Health } from '../../../runtime/contract/health.ts'
import { createProber, type Target, type Timers } from '../../../runtime/health/prober.ts'

/** A clock that goes when it is told to. */
function handClock() {
  let now = 1_000_000
  const due = new Map<object, { readonly at: number; readonly run: () => void }>()
  const timers: Timers = {
    set(run, ms) {
      const timer = {}
      due.set(timer, { at: now + ms, run })
      return timer
    },
    clear: (timer) => void due.delete(timer as object),
  }
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    timers,
    now: () => now,
    waiting: () => due.size,
    /** Goes on in time, stopping at every timer on the way. */
    async advance(ms: number) {
      const until = now + ms
      await settle()
      for (;;) {
        const next = [...due].filter(([, { at }]) => at <= until).toSorted(([, one], [, other]) => one.at - other.at)[0]
        if (next === undefined) break
        due.delete(next[0])
        now = next[1].at
        next[1].run()
        await settle()
      }
      now = until
    },
  }
}

function target(name: string, probe: Target['probe'], health: Health = { state: 'unknown' }): Target {
  return { name, probe, health: () => health }
}

const up: Health = { state: 'up', latencyMs: 1 }

test('every target is asked once in each period, not all at one moment', async () => {
  const clock = handClock()
  const asked: string[] = []
  const targets = ['a', 'b', 'c'].map((name) =>
    target(name, async () => {
      asked.push(`${name}@${clock.now() - 1_000_000}`)
      return up
    }),
  )
  const prober = createProber({ everyMs: 30_000, targets: () => targets, now: clock.now, timers: clock.timers })
  prober.start()
  prober.start()
  await clock.advance(59_999)
  expect(asked).toEqual(['a@0', 'b@10000', 'c@20000', 'a@30000', 'b@40000', 'c@50000'])
  await prober.stop()
  expect(clock.waiting()).toBe(0)
})

test('a failed probe is reported and asked again: it is not death', async () => {
  const clock = handClock()
  const results: (Health | Error)[] = [up, new Error('reset by peer'), up]
  const changes: unknown[] = []
  const one = target('a', async () => {
    const result = results.shift() ?? up
    if (result instanceof Error) throw result
    return result
  })
  const prober = createProber({
    everyMs: 30_000,
    targets: () => [one],
    now: clock.now,
    timers: clock.timers,
    onChange: (name, health, before) => changes.push([name, before?.state, health.state]),
  })
  prober.start()
  await clock.advance(95_000)
  expect(prober.history('a').map(({ state, detail, checkedAt }) => [state, detail, checkedAt])).toEqual([
    ['up', undefined, new Date(1_000_000).toISOString()],
    ['down', 'reset by peer', new Date(1_030_000).toISOString()],
    ['up', undefined, new Date(1_060_000).toISOString()],
    ['up', undefined, new Date(1_090_000).toISOString()],
  ])
  expect(changes).toEqual([
    ['a', undefined, 'up'],
    ['a', 'up', 'down'],
    ['a', 'down', 'up'],
  ])
  await prober.stop()
})

test('a probe that hangs is cut off after 10 s and holds up nobody else', async () => {
  const clock = handClock()
  const asked: string[] = []
  const hanging = target('slow', () => {
    asked.push('slow')
    return new Promise(() => undefined)
  })
  const quick = target('quick', async () => up)
  const prober = createProber({ everyMs: 30_000, targets: () => [hanging, quick], now: clock.now, timers: clock.timers })
  prober.start()
  await clock.advance(20_000)
  expect(prober.history('slow')).toMatchObject([{ state: 'down', detail: 'no answer within 10000 ms', latencyMs: 10_000 }])
  expect(prober.history('quick')).toHaveLength(1)
  await clock.advance(30_000)
  expect(asked).toHaveLength(2)
  await prober.stop()
})

test('a target is not asked while it still answers the last time', async () => {
  const clock = handClock()
  let asked = 0
  const slow = target('slow', () => {
    asked++
    return new Promise(() => undefined)
  })
  const targets = [slow, slow]
  const prober = createProber({ everyMs: 8_000, targets: () => targets, now: clock.now, timers: clock.timers })
  prober.start()
  await clock.advance(7_000)
  expect(asked).toBe(1)
  await prober.stop()
})

test('what is off is not asked, and what is gone is forgotten', async () => {
  const clock = handClock()
  let targets = [target('a', async () => up), target('b', () => Promise.reject(new Error('asked')), { state: 'off' })]
  const prober = createProber({ everyMs: 30_000, targets: () => targets, now: clock.now, timers: clock.timers })
  prober.start()
  await clock.advance(1_000)
  expect([prober.history('a').length, prober.history('b').length]).toEqual([1, 0])
  targets = []
  await clock.advance(30_000)
  expect(prober.history('a')).toEqual([])
  await prober.stop()
})

test('the history is bounded and ends with the latest', async () => {
  const clock = handClock()
  let count = 0
  const one = target('a', async () => ({ state: 'up', detail: String(++count) }))
  const prober = createProber({ everyMs: 1_000, targets: () => [one], now: clock.now, timers: clock.timers })
  prober.start()
  await clock.advance(150_000)
  expect(prober.history('a')).toHaveLength(120)
  expect(prober.history('a').at(-1)?.detail).toBe(String(count))
  await prober.stop()
})

test('stopping cancels what is under way and reports nothing of it', async () => {
  const clock = handClock()
  let heard: AbortSignal | undefined
  const one = target('a', (signal) => {
    heard = signal
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))))
  })
  const prober = createProber({ everyMs: 30_000, targets: () => [one], now: clock.now, timers: clock.timers })
  prober.start()
  await clock.advance(1)
  await prober.stop()
  expect([heard?.aborted, prober.history('a'), clock.waiting()]).toEqual([true, [], 0])
})

test('without timers of its own it keeps real time', async () => {
  const asked = Promise.withResolvers<void>()
  const one = target('a', async () => {
    asked.resolve()
    throw new Error('')
  })
  const prober = createProber({ everyMs: 30_000, targets: () => [one] })
  prober.start()
  await asked.promise
  await expect.poll(() => prober.history('a')).toMatchObject([{ state: 'down', detail: 'the probe failed' }])
  await prober.stop()
})
