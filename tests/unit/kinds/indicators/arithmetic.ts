/** Slow, obvious arithmetic for checking faster one: a value that does not exist is null, and what is made of it is null. */
export type Value = number | null
/** Values by candle. */
export type Values = readonly Value[]

/** f of every index; null where f says so or is not finite. */
export const make = (length: number, f: (i: number) => Value): Values =>
  Array.from({ length }, (_nothing, i) => {
    const value = f(i)
    return value !== null && Number.isFinite(value) ? value : null
  })

/** f of values that all exist. */
export const with_ = (values: readonly (Value | undefined)[], f: (...values: readonly number[]) => Value): Value =>
  values.some((value) => value === null || value === undefined) ? null : f(...(values as readonly number[]))

/** The last n values up to i, when all exist. */
export function last(a: Values, i: number, n: number): readonly number[] | null {
  if (i + 1 < n) return null
  const window = a.slice(i + 1 - n, i + 1)
  return window.some((value) => value === null) ? null : (window as readonly number[])
}

/** f of each window of n. */
export const rolling = (a: Values, n: number, f: (window: readonly number[]) => Value): Values =>
  make(a.length, (i) => {
    const window = last(a, i, n)
    return window === null ? null : f(window)
  })

export const sum = (window: readonly number[]): number => window.reduce((total, value) => total + value, 0)
export const mean = (window: readonly number[]): number => sum(window) / window.length
export const sma = (a: Values, n: number): Values => rolling(a, n, mean)
export const highest = (a: Values, n: number): Values => rolling(a, n, (window) => Math.max(...window))
export const lowest = (a: Values, n: number): Values => rolling(a, n, (window) => Math.min(...window))
export const wma = (a: Values, n: number): Values =>
  rolling(a, n, (window) => sum(window.map((value, i) => value * (i + 1))) / sum(window.map((_value, i) => i + 1)))

/** Smoothing that begins with the mean of the first n values that exist. */
function smoothed(a: Values, n: number, alpha: number): Values {
  let before: Value = null
  return make(a.length, (i) => {
    const now = a[i] as Value
    const window = last(a, i, n)
    if (now === null) before = null
    else if (before !== null) before = alpha * now + (1 - alpha) * before
    else before = window === null ? null : mean(window)
    return before
  })
}
export const ema = (a: Values, n: number): Values => smoothed(a, n, 2 / (n + 1))
export const rma = (a: Values, n: number): Values => smoothed(a, n, 1 / n)
export const swenlin = (a: Values, n: number): Values => smoothed(a, n, 2 / n)

/** Value by value. */
export const zip = (f: (...values: readonly number[]) => Value, ...all: readonly Values[]): Values =>
  make(all[0]?.length ?? 0, (i) =>
    with_(
      all.map((values) => values[i]),
      f,
    ),
  )
export const shift = (a: Values, n: number): Values => make(a.length, (i) => (i < n ? null : (a[i - n] as Value)))
export const change = (a: Values, n = 1): Values => zip((now, before) => (now as number) - (before as number), a, shift(a, n))
export const growth = (a: Values, n = 1): Values => zip((now, before) => ((now as number) / (before as number) - 1) * 100, a, shift(a, n))

export function variance(window: readonly number[], divisor = window.length): number {
  const center = mean(window)
  return sum(window.map((value) => (value - center) ** 2)) / divisor
}
export const deviation = (window: readonly number[]): number => Math.sqrt(variance(window))

/** Pearson's correlation. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [mean(a), mean(b)]
  return (
    sum(a.map((value, i) => (value - x) * ((b[i] as number) - y))) /
    Math.sqrt(sum(a.map((value) => (value - x) ** 2)) * sum(b.map((value) => (value - y) ** 2)))
  )
}

/** Least squares line over 0 … n − 1. */
export function lineOf(window: readonly number[]): { readonly slope: number; readonly begin: number } {
  const times = window.map((_value, i) => i)
  const middle = mean(times)
  const center = mean(window)
  const slope = sum(window.map((value, i) => (i - middle) * (value - center))) / sum(times.map((time) => (time - middle) ** 2))
  return { slope, begin: center - slope * middle }
}

/** Quantile by interpolation between neighbours. */
export function quantile(window: readonly number[], share: number): number {
  const sorted = window.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  return (sorted[below] as number) + (place - below) * ((sorted[below + 1] ?? sorted[below]) as number) - (place - below) * (sorted[below] as number)
}

/** RSI by its definition. */
export function rsi(a: Values, n: number): Values {
  const moves = change(a)
  const gains = rma(
    zip((move) => Math.max(move as number, 0), moves),
    n,
  )
  const losses = rma(
    zip((move) => Math.max(-(move as number), 0), moves),
    n,
  )
  return zip(
    (gain, loss) => ((gain as number) + (loss as number) === 0 ? null : (100 * (gain as number)) / ((gain as number) + (loss as number))),
    gains,
    losses,
  )
}
