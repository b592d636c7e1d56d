/** Arithmetic over whole series. NaN stands for a value that does not exist, and whatever is made of it does not exist either. */
export type Series = Float64Array

/** One value of a series. */
export const at = (values: Series, index: number): number => values[index] as number

/** A series of so many values that do not exist. */
export const blank = (length: number): Series => new Float64Array(length).fill(NaN)

/** A series made value by value. */
export function series(length: number, value: (index: number) => number): Series {
  const made = new Float64Array(length)
  for (let i = 0; i < length; i += 1) made[i] = value(i)
  return made
}

/** f of each value. */
export const each = (a: Series, f: (a: number) => number): Series => series(a.length, (i) => f(at(a, i)))

/** f of two series, value by value. */
export const both = (a: Series, b: Series, f: (a: number, b: number) => number): Series => series(a.length, (i) => f(at(a, i), at(b, i)))

/** a + b. */
export const add = (a: Series, b: Series): Series => both(a, b, (x, y) => x + y)
/** a − b. */
export const less = (a: Series, b: Series): Series => both(a, b, (x, y) => x - y)
/** a · b. */
export const times = (a: Series, b: Series): Series => both(a, b, (x, y) => x * y)
/** a / b; what is divided by zero does not exist. */
export const over = (a: Series, b: Series): Series => both(a, b, (x, y) => (y === 0 ? NaN : x / y))
/** a · factor. */
export const scaled = (a: Series, factor: number): Series => each(a, (x) => x * factor)

/** The value so many candles ago. */
export const ago = (a: Series, count: number): Series => series(a.length, (i) => (i < count ? NaN : at(a, i - count)))

/** Change since so many candles ago. */
export const change = (a: Series, count = 1): Series => series(a.length, (i) => (i < count ? NaN : at(a, i) - at(a, i - count)))

/** f of each window of `period` values that all exist: f(from, to) with `to` not included. O(length · period) at worst. */
export function windows(inputs: readonly Series[], period: number, f: (from: number, to: number) => number): Series {
  const [first = blank(0)] = inputs
  const made = blank(first.length)
  let whole = 0
  for (let i = 0; i < made.length; i += 1) {
    whole = isWhole(inputs, i) ? whole + 1 : 0
    if (whole >= period) made[i] = f(i + 1 - period, i + 1)
  }
  return made
}

/** True where every input has a value. */
export function isWhole(inputs: readonly Series[], index: number): boolean {
  for (const input of inputs) if (!Number.isFinite(input[index])) return false
  return true
}

/** The sum of what is added at each candle, from the first value on; a gap begins anew. */
export function running(a: Series, first = 0): Series {
  let sum = NaN
  return each(a, (value) => {
    if (Number.isNaN(value)) sum = NaN
    else sum = (Number.isNaN(sum) ? first : sum) + value
    return sum
  })
}
