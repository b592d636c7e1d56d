import { expect, test } from 'vitest'
import { columnsOf, formulas } from './formulas.ts'
import { candlesOf, computed, sp500 } from './ground.ts'

// Enough for every usual parameter and its fading, few enough for formulas that look at each window anew.
const rows = sp500.slice(-900)
const candles = candlesOf(rows)
const columns = columnsOf(rows)

test.each(Object.keys(formulas))('%s is what its formula says, on the S&P 500', (indicator) => {
  const expected = formulas[indicator]?.(columns) ?? {}
  const found = computed({ indicator }, candles)
  expect(Object.keys(expected).toSorted()).toEqual(Object.keys(found).toSorted())
  for (const [output, values] of Object.entries(expected)) {
    const worst = { apart: 0, at: -1, expected: 0 as number | null, found: 0 }
    for (const [i, value] of values.entries()) {
      const other = found[output]?.[i] ?? NaN
      const apart =
        value === null || Number.isNaN(other)
          ? (value === null) === Number.isNaN(other)
            ? 0
            : Infinity
          : Math.abs(value - other) / Math.max(1e-3, Math.abs(value))
      if (apart > worst.apart) Object.assign(worst, { apart, at: i, expected: value, found: other })
    }
    expect(worst.apart, `${output}: ${JSON.stringify(worst)}`).toBeLessThan(1e-8)
  }
})
