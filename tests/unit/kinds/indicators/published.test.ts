import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../runtime/contract/json.ts'
import { indicators } from '../../../../runtime/kinds/indicators/catalogue/indicators.ts'
import { formulas } from './formulas.ts'
import { candlesOf, computed, csv, wanted, type Row } from './ground.ts'

/** Values somebody published for candles everybody has, by index of the candle. */
interface Published {
  readonly from: string
  readonly request: JsonObject
  readonly output: string
  readonly values: Readonly<Record<string, number>>
}

const fixture = (name: string): string => `tests/fixtures/indicators/${name}`
const stockIndicators = JSON.parse(readFileSync(new URL(`../../../../${fixture('stock-indicators.json')}`, import.meta.url), 'utf8')) as readonly Published[]
const spy = candlesOf(csv(fixture('spy.csv')) as unknown as readonly Row[])
const byTaLib = candlesOf(csv(fixture('talib.csv')).map((row) => ({ ...row, open: row['close'], volume: 1 })) as unknown as readonly Row[])
const closes = (...values: readonly number[]) => candlesOf(values.map((close) => ({ open: close, high: close, low: close, close, volume: 1 })))

test.each(stockIndicators)('$from of Stock Indicators for .NET, computed there in spreadsheets', ({ request, output, values }) => {
  const found = computed(request, spy)[output] as Float64Array
  // Where a stochastic of RSI is nearly zero, only its distance from zero means something.
  for (const [index, value] of Object.entries(values))
    expect(Math.abs((found[Number(index)] as number) - value)).toBeLessThanOrEqual(Math.max(1e-6, Math.abs(value) * 1e-9))
})

/** TA-Lib's own regression tests: test_1in_1out.c, test_1in_2out.c and test_ma.c; of (high + low) / 2 where they say so. Two digits are theirs. */
const regression: readonly (Published & { readonly digits: number })[] = [
  { from: 'HT_DCPERIOD', request: { indicator: 'ht_cycle_period', of: 'hl2' }, output: 'period', values: { 32: 15.5527, 251: 18.614 }, digits: 4 },
  {
    from: 'HT_DCPHASE',
    request: { indicator: 'ht_cycle_phase', of: 'hl2' },
    output: 'phase',
    values: { 63: 22.1495, 249: -31.182, 250: 23.2691, 251: 47.2765 },
    digits: 3,
  },
  {
    from: 'HT_TRENDLINE',
    request: { indicator: 'ht_trendline', of: 'hl2' },
    output: 'trendline',
    values: { 63: 88.257, 249: 109.69, 250: 110.18, 251: 110.46 },
    digits: 2,
  },
  { from: 'HT_TRENDMODE', request: { indicator: 'ht_trendmode', of: 'hl2' }, output: 'trendmode', values: { 63: 1 }, digits: 9 },
  {
    from: 'HT_SINE',
    request: { indicator: 'ht_sine', of: 'hl2' },
    output: 'sine',
    values: { 63: 0.38, 64: 0.77, 68: 0.65, 248: -0.94, 249: -0.52, 251: 0.73 },
    digits: 2,
  },
  {
    from: 'HT_SINE lead',
    request: { indicator: 'ht_sine', of: 'hl2' },
    output: 'lead',
    values: { 63: 0.92, 64: 1, 68: -0.08, 248: -0.44, 249: 0.24, 251: 1 },
    digits: 2,
  },
  {
    from: 'HT_PHASOR',
    request: { indicator: 'ht_phasor', of: 'hl2' },
    output: 'in_phase',
    values: { 32: 0.9456, 33: 2.7539, 41: -0.7235, 250: 0.8386, 251: 0.3258 },
    digits: 4,
  },
  {
    from: 'HT_PHASOR quadrature',
    request: { indicator: 'ht_phasor', of: 'hl2' },
    output: 'quadrature',
    values: { 32: 5.2143, 33: 2.4129, 41: -5.9336, 250: -0.8913, 251: -0.9447 },
    digits: 3,
  },
  { from: 'MAMA', request: { indicator: 'mama', of: 'hl2' }, output: 'mama', values: { 32: 85.3643, 251: 110.1116 }, digits: 4 },
  { from: 'FAMA', request: { indicator: 'mama', of: 'hl2' }, output: 'fama', values: { 32: 81.88, 251: 108.82 }, digits: 2 },
  { from: 'TRIMA of 10', request: { indicator: 'trima', period: 10 }, output: 'trima', values: { 250: 109.185, 251: 109.1407 }, digits: 4 },
  { from: 'TRIMA of 9', request: { indicator: 'trima', period: 9 }, output: 'trima', values: { 8: 93.8176, 251: 109.1312 }, digits: 4 },
  { from: 'TRIMA of 12', request: { indicator: 'trima', period: 12 }, output: 'trima', values: { 11: 93.5329, 251: 109.1157 }, digits: 4 },
  { from: 'T3 of 5', request: { indicator: 't3', period: 5 }, output: 't3', values: { 24: 85.73, 25: 84.37 }, digits: 2 },
]
test.each(regression)('$from of TA-Lib’s regression tests', ({ request, output, values, digits }) => {
  const found = computed(request, byTaLib)[output] as Float64Array
  for (const [index, value] of Object.entries(values)) expect(Math.abs((found[Number(index)] as number) - value)).toBeLessThanOrEqual(10 ** -digits)
})

describe('worked examples', () => {
  test('RSI of 14 (Wilder 1978; the table of StockCharts ChartSchool)', () => {
    const candles = closes(
      ...[44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.614, 46.282, 46.282, 46.0028, 46.0328],
      ...[46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314],
    )
    const table = [70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87, 45.46, 37.3, 33.08, 37.77]
    const { rsi } = computed({ indicator: 'rsi' }, candles)
    expect([...(rsi as Float64Array).slice(14)].map((value) => Number(value.toFixed(2)))).toEqual(table)
    expect([...(rsi as Float64Array).slice(0, 14)].every(Number.isNaN)).toBe(true)
  })

  test('simple and exponential average of 10 (StockCharts ChartSchool, Moving Averages: Intel)', () => {
    const candles = closes(
      22.27,
      22.19,
      22.08,
      22.17,
      22.18,
      22.13,
      22.23,
      22.43,
      22.24,
      22.29,
      22.15,
      22.39,
      22.38,
      22.61,
      23.36,
      24.05,
      23.75,
      23.83,
      23.95,
      23.63,
    )
    const round = (values: Float64Array | undefined) => [...(values ?? [])].slice(9).map((value) => Number(value.toFixed(2)))
    expect(round(computed({ indicator: 'sma', period: 10 }, candles)['sma'])).toEqual([
      22.22, 22.21, 22.23, 22.26, 22.3, 22.42, 22.61, 22.77, 22.91, 23.08, 23.21,
    ])
    expect(round(computed({ indicator: 'ema', period: 10 }, candles)['ema'])).toEqual([
      22.22, 22.21, 22.24, 22.27, 22.33, 22.52, 22.8, 22.97, 23.13, 23.28, 23.34,
    ])
  })

  test('by hand: weighted, Hull and Wilder averages of few closes', () => {
    const candles = closes(1, 2, 4, 8, 16)
    // (1·2 + 2·4 + 3·8) / 6 and (1·4 + 2·8 + 3·16) / 6
    expect(computed({ indicator: 'wma', period: 3 }, candles)['wma']?.slice(3)).toEqual(Float64Array.of(34 / 6, 68 / 6))
    // 2 · WMA(2) − WMA(4) at the last: 2 · (8 + 32) / 3 − (2 + 8 + 24 + 64) / 10; WMA(√4) of that and the one before, 2 · (4 + 16) / 3 − (1 + 4 + 12 + 32) / 10
    expect(computed({ indicator: 'hma', period: 4 }, candles)['hma']?.at(-1)).toBeCloseTo((2 * (80 / 3 - 9.8) + (40 / 3 - 4.9)) / 3, 12)
    // mean(1, 2, 4), then + (8 − 7/3) / 3, then + (16 − that) / 3
    expect(computed({ indicator: 'rma', period: 3 }, candles)['rma']?.slice(2)).toEqual(
      Float64Array.of(7 / 3, 7 / 3 + (8 - 7 / 3) / 3, 7 / 3 + (8 - 7 / 3) / 3 + (16 - (7 / 3 + (8 - 7 / 3) / 3)) / 3),
    )
  })

  test('on-balance volume (StockCharts ChartSchool)', () => {
    const rows = [
      [53.26, 8200],
      [53.3, 8100],
      [53.32, 8300],
      [53.72, 8900],
      [54.19, 9200],
      [53.92, 13300],
      [54.65, 10300],
      [54.6, 9900],
      [54.21, 10100],
      [54.53, 11300],
    ] as const
    const { obv } = computed({ indicator: 'obv' }, candlesOf(rows.map(([close, volume]) => ({ open: close, high: close, low: close, close, volume }))))
    // Each step is what the worksheet adds; where its sum begins is a matter of taste.
    expect([...(obv as Float64Array)].map((value, i, all) => (i === 0 ? value : value - (all[i - 1] as number)))).toEqual([
      8200, 8100, 8300, 8900, 9200, -13300, 10300, -9900, -10100, 11300,
    ])
  })
})

test('every indicator is held to published values or to an independent formula', () => {
  const held = new Set([...stockIndicators, ...regression].map(({ request }) => wanted(request).indicator.id))
  const loose = indicators.filter(({ id }) => !held.has(id) && formulas[id] === undefined).map(({ id }) => id)
  expect(loose).toEqual([])
  expect(indicators.length).toBeGreaterThanOrEqual(100)
})

test('every output is held, not only the first', () => {
  const held = new Set([...stockIndicators, ...regression].map(({ request, output }) => `${wanted(request).indicator.id}.${output}`))
  // Directions are the sign of where the line is; they are held below.
  const loose = indicators.filter(({ id }) => formulas[id] === undefined).flatMap(({ id, outputs }) => outputs.map(({ name }) => `${id}.${name}`))
  expect(loose.filter((name) => !held.has(name) && !name.endsWith('.direction'))).toEqual(
    ['trix.signal', 'ichimoku.lagging_base'].filter((name) => !held.has(name)),
  )
})

test.each(['psar', 'supertrend', 'volatility_stop'])('%s: its direction is the side of the stop', (indicator) => {
  const { direction, ...lines } = computed({ indicator }, spy)
  const [stop] = Object.values(lines) as [Float64Array]
  let turns = 0
  for (let i = 20; i < spy.length; i += 1) {
    const way = direction?.[i] as number
    expect(Math.abs(way)).toBe(1)
    if (way !== direction?.[i - 1]) turns += 1
    // A volatility stop is turned by the close that breaks it, so that it lies beyond that close for once.
    else expect(Math.sign((spy.close[i] as number) - (stop[i] as number))).toBe(way)
  }
  expect(turns).toBeGreaterThan(5)
})

test('the signal of TRIX is the exponential average of TRIX', () => {
  const { trix, signal } = computed({ indicator: 'trix', period: 5, signal: 3 }, spy)
  const line = [...(trix as Float64Array)]
  const first = line.findIndex((value) => !Number.isNaN(value))
  let expected = ((line[first] as number) + (line[first + 1] as number) + (line[first + 2] as number)) / 3
  for (let i = first + 3; i < line.length; i += 1) expected += ((line[i] as number) - expected) / 2
  expect(signal?.at(-1)).toBeCloseTo(expected, 12)
})
