import { describe, expect, test } from 'vitest'
import { indicators, warmupOf } from '../../../../runtime/kinds/indicators/catalogue/indicators.ts'
import type { Indicator, Parameters } from '../../../../runtime/kinds/indicators/catalogue/types.ts'
import { compute } from '../../../../runtime/kinds/indicators/run-request.ts'
import { candlesOf, sp500, tools, type Row } from './ground.ts'

const usual = ({ parameters }: Indicator): Parameters => Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.default]))

/** Parameters other than the usual ones: every period a little longer. */
function other(indicator: Indicator): Parameters {
  const changed = indicator.parameters.map(
    ({ name, type, default: value, maximum }) => [name, Math.min(maximum, type === 'integer' ? value + (name === 'daily' ? 1 : 2) : value * 1.25)] as const,
  )
  return Object.fromEntries(changed)
}

/** The smallest ones that go together. */
function smallest(indicator: Indicator): Parameters {
  const least = Object.fromEntries(indicator.parameters.map(({ name, minimum, type, default: value }) => [name, type === 'integer' ? minimum : value]))
  return indicator.refuse?.(least) === undefined ? least : { ...least, ...('slow' in least && { slow: 3, fast: 2 }) }
}

const run = (indicator: Indicator, parameters: Parameters, rows: readonly Row[]): readonly Float64Array[] =>
  compute({ indicator, parameters, of: 'close', alias: indicator.id, hasOwnAlias: false }, candlesOf(rows), tools)

const rows = sp500.slice(1_000, 1_700)
const isNear = (a: number, b: number, tolerance: number): boolean =>
  Number.isNaN(a) ? Number.isNaN(b) : a === b || Math.abs(a - b) <= tolerance * Math.max(1e-6, Math.abs(a), Math.abs(b))
/** The candles at which two series are not the same. */
const apart = (a: Float64Array, b: Float64Array | undefined, tolerance: number, length = a.length): readonly number[] =>
  Array.from({ length }, (_nothing, i) => i).filter((i) => !isNear(a[i] as number, b?.[i] ?? NaN, tolerance))
// What swings were confirmed decides when there is a first value.
const dependsOnPrices = new Set(['williams_fractal', 'gann_hilo'])

describe.each(indicators)('$id', (indicator) => {
  test.each([['usual', usual(indicator)] as const, ['other', other(indicator)] as const, ['smallest', smallest(indicator)] as const])(
    'warm-up is exactly as declared, and every later value exists (%s parameters)',
    (_name, parameters) => {
      expect(indicator.refuse?.(parameters)).toBeUndefined()
      const outputs = run(indicator, parameters, rows)
      expect(outputs.length).toBe(indicator.outputs.length)
      for (const [output, values] of outputs.entries()) {
        expect(values.length).toBe(rows.length)
        const first = values.findIndex((value) => !Number.isNaN(value))
        const declared = warmupOf(indicator, output, parameters)
        if (dependsOnPrices.has(indicator.id)) expect(first).toBeGreaterThanOrEqual(declared)
        else expect(first, indicator.outputs[output]?.name).toBe(declared)
        // The smallest windows may be flat for once: then there is no value, and the catalogue says so.
        const undefinedLater = values.slice(first).filter((value) => !Number.isFinite(value)).length
        if (indicator.undefinedWhen === undefined) expect(undefinedLater).toBe(0)
        else expect(undefinedLater).toBeLessThan(rows.length / 10)
      }
    },
  )

  test('values are within what is declared', () => {
    for (const parameters of [usual(indicator), other(indicator)]) {
      for (const [output, values] of run(indicator, parameters, rows).entries()) {
        const { minimum = -Infinity, maximum = Infinity, unit } = indicator.outputs[output] ?? {}
        const outside = values.filter(
          (value) => value < minimum - 1e-9 || value > maximum + 1e-9 || (unit === 'flag' && !Number.isNaN(value) && !Number.isInteger(value)),
        )
        expect([...outside]).toEqual([])
      }
    }
  })

  test('nothing looks ahead: what is known of the first candles stays, whatever follows', () => {
    const whole = run(indicator, usual(indicator), rows)
    for (const length of [rows.length - 1, 400, 257]) {
      const part = run(indicator, usual(indicator), rows.slice(0, length))
      for (const [output, values] of part.entries()) {
        expect(apart(values, whole[output], 1e-9, length)).toEqual([])
      }
    }
  })

  test('a scale of prices changes what is a price and leaves what is not', () => {
    // Far below what TA-Lib takes for zero: prices of tokens with ten decimals.
    const factor = 2 ** -40
    const tiny = rows.map((row) => ({ open: row.open * factor, high: row.high * factor, low: row.low * factor, close: row.close * factor, volume: row.volume }))
    const scaledBy: Parameters = indicator.id === 'swing_index' ? { limitMove: 300 * factor } : {}
    const [large, small] = [run(indicator, usual(indicator), rows), run(indicator, { ...usual(indicator), ...scaledBy }, tiny)]
    for (const [output, { unit, name }] of indicator.outputs.entries()) {
      if (unit === 'mixed' && !['phase', 'swing', 'accumulated'].includes(name)) continue
      if (indicator.id === 'gapo') continue
      const expected = unit === 'price' ? factor : 1
      const wanted = large[output]?.map((value) => value * expected) ?? Float64Array.of()
      // A flag may lie on its threshold.
      expect(
        apart(
          wanted.map((value) => value / expected),
          small[output]?.map((value) => value / expected),
          unit === 'price' ? 1e-9 : 1e-6,
        ).length,
        name,
      ).toBeLessThanOrEqual(unit === 'flag' ? 1 : 0)
    }
  })

  test('what is missing in the middle leaves a gap, and what comes after it begins anew', () => {
    const hole = 300
    const broken = rows.map((row, i) => (i === hole ? { open: NaN, high: NaN, low: NaN, close: NaN, volume: NaN } : row))
    const parameters = usual(indicator)
    const outputs = run(indicator, parameters, broken)
    const before = run(indicator, parameters, rows)
    for (const [output, values] of outputs.entries()) {
      expect(apart(values, before[output], 1e-9, hole)).toEqual([])
      expect(Number.isFinite(values.at(-1)), indicator.outputs[output]?.name).toBe(true)
      expect(values.some((value) => Math.abs(value) === Infinity)).toBe(false)
    }
  })

  test('a market that stands still, without range and without volume, has no infinite value', () => {
    const still = Array.from({ length: 300 }, () => ({ open: 5, high: 5, low: 5, close: 5, volume: 0 }))
    const outputs = run(indicator, usual(indicator), still)
    for (const values of outputs) expect(values.some((value) => Math.abs(value) === Infinity)).toBe(false)
    // Undefined is said, not called zero.
    const isUndefined = outputs.every((values) => values.every(Number.isNaN))
    if (isUndefined) expect(indicator.undefinedWhen).toBeDefined()
  })

  test('no candles, one candle, and one too few', () => {
    for (const length of [0, 1, warmupOf(indicator, 0, usual(indicator))]) {
      const outputs = run(indicator, usual(indicator), rows.slice(0, length))
      for (const values of outputs) expect(values.length).toBe(length)
    }
    const [few] = run(indicator, usual(indicator), rows.slice(0, warmupOf(indicator, 0, usual(indicator))))
    expect(few?.every(Number.isNaN)).toBe(true)
  })
})

test('volumes beyond 2^53 and prices with eighteen decimals lose no more than a double must', () => {
  const big = rows.map((row, i) => ({ ...row, volume: 2 ** 60 + i * 2 ** 12 }))
  const [obv] = run(indicators.find(({ id }) => id === 'obv') as Indicator, {}, big) as [Float64Array]
  expect(Number.isFinite(obv.at(-1))).toBe(true)
  // One huge volume leaves nothing behind once it is out of the window.
  const spiked = rows.map((row, i) => ({ ...row, volume: i === 50 ? 1e300 : 3 }))
  const [relative] = run(indicators.find(({ id }) => id === 'relative_volume') as Indicator, { period: 20 }, spiked) as [Float64Array]
  expect(relative.slice(80)).toEqual(new Float64Array(rows.length - 80).fill(1))
  // A large price that moves little: mean(x²) − mean(x)² has no digit left here.
  const close = [100_000_000.01, 100_000_000.02, 100_000_000.03, 100_000_000.02]
  const [stdev] = run(
    indicators.find(({ id }) => id === 'stdev') as Indicator,
    { period: 4 },
    close.map((price) => ({ open: price, high: price, low: price, close: price, volume: 1 })),
  ) as [Float64Array]
  expect(stdev.at(-1)).toBeCloseTo(Math.sqrt(0.00005), 7)
})

test.each(indicators.filter(({ memory }) => memory === 'window'))('$id: a value depends on its window only', (indicator) => {
  const parameters = usual(indicator)
  const whole = run(indicator, parameters, rows)
  for (const [output, _output] of indicator.outputs.entries()) {
    const needed = warmupOf(indicator, output, parameters) + 1
    const end = rows.length - 7
    const part = run(indicator, parameters, rows.slice(end - needed, end))
    expect(isNear(part[output]?.at(-1) as number, whole[output]?.[end - 1] as number, 1e-7)).toBe(true)
  }
})

test.each(indicators.filter(({ memory }) => memory === 'fading'))('$id: older candles count less and less', (indicator) => {
  const whole = run(indicator, usual(indicator), sp500.slice(0, 3_000))
  const part = run(indicator, usual(indicator), sp500.slice(1_000, 3_000))
  for (const [output, values] of part.entries()) expect(isNear(values.at(-1) as number, whole[output]?.at(-1) as number, 1e-6)).toBe(true)
})
