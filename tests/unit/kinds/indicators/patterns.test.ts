import { expect, test } from 'vitest'
import { patterns } from '../../../../runtime/kinds/indicators/catalogue/patterns.ts'
import { directionOf, valuesOf } from '../../../../runtime/kinds/indicators/tools/patterns.ts'
import { candlesOf, sp500, tools, type Row } from './ground.ts'
import { seenByTaLib } from './pattern-counts.ts'
import { context, examples, type Bar } from './pattern-examples.ts'

const rowsOf = (bars: readonly Bar[], factor = 1): readonly Row[] =>
  bars.map(([open, high, low, close]) => ({ open: open * factor, high: high * factor, low: low * factor, close: close * factor, volume: 1 }))

const named = (id: string) => {
  const pattern = patterns.find((one) => one.id === id)
  if (!pattern) throw new Error(`there is no pattern ${id}`)
  return pattern
}

function seen(id: string, rows: readonly Row[]): Float64Array {
  const { open, high, low, close } = candlesOf(rows)
  return valuesOf(named(id), [open, high, low, close], tools)
}

test('every pattern has an example', () => {
  expect(examples.map(({ pattern }) => pattern).toSorted()).toEqual(patterns.map(({ id }) => id).toSorted())
  expect(patterns.length).toBeGreaterThanOrEqual(30)
})

test.each(examples)('$pattern, $direction, as the book draws it', ({ pattern, direction, is }) => {
  const value = seen(pattern, rowsOf([...context, ...is])).at(-1) as number
  expect([80, 100, 200]).toContain(Math.abs(value))
  const { bias } = named(pattern)
  expect(bias === 'neutral' ? 'neutral' : directionOf(named(pattern), value)).toBe(bias === 'neutral' ? 'neutral' : direction)
})

test.each(examples)('no $pattern where $but', ({ pattern, isNot }) => {
  expect(seen(pattern, rowsOf([...context, ...isNot])).at(-1)).toBe(0)
})

test.each(examples)('$pattern: seen at any scale of prices, and never with a look ahead', ({ pattern, is }) => {
  const bars = [...context, ...is]
  const value = seen(pattern, rowsOf(bars)).at(-1)
  expect(seen(pattern, rowsOf(bars, 2 ** -40)).at(-1)).toBe(value)
  expect(seen(pattern, rowsOf(bars, 2 ** 30)).at(-1)).toBe(value)
  const whole = seen(pattern, sp500.slice(0, 600))
  for (const length of [599, 431, 260]) expect(seen(pattern, sp500.slice(0, length))).toEqual(whole.slice(0, length))
})

// All that points both ways, mirrored at 100: rising becomes falling.
const mirrored = examples.filter(({ pattern }) => named(pattern).bias === 'both')
test.each(mirrored)('$pattern upside down points the other way', ({ pattern, is }) => {
  const turned = [...context, ...is].map(([open, high, low, close]): Bar => [200 - open, 200 - low, 200 - high, 200 - close])
  const value = seen(pattern, rowsOf([...context, ...is])).at(-1) as number
  const other = seen(pattern, rowsOf(turned)).at(-1) as number
  expect(other).toBe(pattern === 'gap_side_by_side_white' ? 0 : -value)
})

test.each(patterns)('$id is seen in twenty years of the S&P 500 where TA-Lib in C sees it', ({ id, function: name }) => {
  const values = seen(id, sp500)
  let [times, sum] = [0, 0]
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value) || value === 0) continue
    times += 1
    sum += index * value
  }
  expect([times, sum]).toEqual(seenByTaLib[name])
})
