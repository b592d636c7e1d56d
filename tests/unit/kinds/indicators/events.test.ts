import { describe, expect, test } from 'vitest'
import { crossings, divergences, thresholds } from '../../../../runtime/kinds/indicators/tools/events.ts'
import { ruleOf, type Rule } from '../../../../runtime/kinds/indicators/tools/rules.ts'
import { candlesOf } from './ground.ts'

const line = (...values: readonly number[]): Float64Array => Float64Array.from(values)
const told = (events: readonly { readonly at: number; readonly event: string }[]): readonly string[] => events.map(({ at, event }) => `${at} ${event}`)

describe('crossings', () => {
  test('are told where the other side is reached, with the values before and after', () => {
    const events = crossings(line(1, 2, 4, 5, 2), line(3, 3, 3, 3, 3), ['a', 'b'], 'both')
    expect(told(events)).toEqual(['2 crosses above', '4 crosses below'])
    expect(events[0]?.values).toEqual({ a: 4, b: 3, 'a before': 2, 'b before': 3 })
  })
  test('touching is none; staying on the line and then going on is told when the other side is reached', () => {
    expect(told(crossings(line(1, 3, 1), line(3, 3, 3), ['a', 'b'], 'both'))).toEqual([])
    expect(told(crossings(line(1, 3, 3, 4), line(3, 3, 3, 3), ['a', 'b'], 'both'))).toEqual(['3 crosses above'])
  })
  test('one way only, and none over a gap', () => {
    expect(told(crossings(line(1, 4, 1, 4), line(3, 3, 3, 3), ['a', 'b'], 'up'))).toEqual(['1 crosses above', '3 crosses above'])
    expect(told(crossings(line(1, 4, 1), line(3, 3, 3), ['a', 'b'], 'down'))).toEqual(['2 crosses below'])
    expect(told(crossings(line(1, NaN, 4), line(3, 3, 3), ['a', 'b'], 'both'))).toEqual([])
  })
})

test('thresholds: entering and leaving both zones, through the middle or at once; on the level is not beyond it', () => {
  expect(told(thresholds(line(50, 71, 70, 50, 29, 75, 50), 'rsi', 70, 30))).toEqual([
    '1 enters above',
    '2 leaves above',
    '4 enters below',
    '5 leaves below',
    '5 enters above',
    '6 leaves above',
  ])
  expect(told(thresholds(line(80, NaN, 50, 80), 'rsi', 70, undefined))).toEqual(['3 enters above'])
})

describe('divergences', () => {
  const rule = (over: object = {}): Extract<Rule, { type: 'divergence' }> =>
    ruleOf({ type: 'divergence', of: { indicator: 'rsi' }, side: 1, ...over }).rule as Extract<Rule, { type: 'divergence' }>
  const prices = (...lows: readonly number[]) => candlesOf(lows.map((low) => ({ open: low, high: low + 100, low, close: low, volume: 1 })))
  test('a lower low of price with a higher one of the oscillator is bullish, and told when the swing is confirmed', () => {
    const candles = prices(10, 8, 10, 7, 10)
    const events = divergences(candles, line(50, 30, 50, 35, 50), rule())
    expect(events).toMatchObject([{ at: 4, event: 'regular divergence', direction: 'bullish' }])
    expect(events[0]?.values).toEqual({
      first: candles.timestamps[1],
      second: candles.timestamps[3],
      'low at first': 8,
      'low at second': 7,
      'rsi(14) at first': 30,
      'rsi(14) at second': 35,
    })
    // Before the candle that confirms the swing nothing is told.
    expect(divergences(prices(10, 8, 10, 7), line(50, 30, 50, 35), rule())).toEqual([])
  })
  test('a higher high of price with a lower one of the oscillator is bearish', () => {
    expect(divergences(prices(1, 3, 1, 4, 1), line(50, 80, 50, 70, 50), rule())).toMatchObject([{ at: 4, direction: 'bearish', event: 'regular divergence' }])
  })
  test('none where both agree, where the swings are too far apart, or where the oscillator has no value', () => {
    expect(divergences(prices(10, 8, 10, 7, 10), line(50, 35, 50, 30, 50), rule())).toEqual([])
    expect(divergences(prices(10, 8, 10, 10, 10, 10, 10, 10, 7, 10), line(50, 30, 50, 50, 50, 50, 50, 50, 35, 50), rule({ within: 5 }))).toEqual([])
    expect(divergences(prices(10, 8, 10, 7, 10), line(NaN, NaN, 50, 35, 50), rule())).toEqual([])
  })
  test('hidden ones only where they are asked for', () => {
    const [candles, oscillator] = [prices(10, 7, 10, 8, 10), line(50, 35, 50, 30, 50)]
    expect(divergences(candles, oscillator, rule())).toEqual([])
    expect(divergences(candles, oscillator, rule({ hidden: true }))).toMatchObject([{ event: 'hidden divergence', direction: 'bullish' }])
  })
})

test.each([
  [{ type: 'cross', of: { indicator: 'rsi' }, with: 50, direction: 'sideways' }, 'direction'],
  [{ type: 'threshold', of: 'close', above: 1, below: 2 }, 'below'],
  [{ type: 'threshold', of: 'clos', above: 1 }, 'of'],
  [{ type: 'divergence', of: 'close' }, 'of'],
  [{ type: 'divergence', of: { indicator: 'rsi' }, side: 0, within: 3, hidden: 'yes' }, 'side,within,hidden'],
  [{ type: 'cross', of: { indicator: 'rsi' } }, 'with'],
  [{ type: 'cross', of: { indicator: 'rsi' }, with: 50, above: 3 }, 'above'],
  [{ type: 'threshold', of: { indicator: 'rsi' }, above: 'high' }, 'above'],
])('a rule that cannot be: %j', (entry, paths) => {
  const { rule, faults } = ruleOf(entry)
  expect(rule).toBeUndefined()
  expect(faults.map(({ path }) => path.join('.')).join(',')).toBe(paths)
})
