import { at, type Series } from './vectors.ts'

/** Mean and central moments of a window. */
export interface Moments {
  readonly mean: number
  /** Of the population: divisor n. */
  readonly variance: number
  readonly third: number
  readonly fourth: number
}

/**
 * Moments in two passes, mean first. TA-Lib takes mean(x²) − mean(x)², which keeps no digit where a price is large and moves little (Chan, Golub and LeVeque 1983).
 */
export function moments(a: Series, from: number, to: number): Moments {
  const count = to - from
  let sum = 0
  for (let i = from; i < to; i += 1) sum += at(a, i)
  const mean = sum / count
  let second = 0
  let third = 0
  let fourth = 0
  for (let i = from; i < to; i += 1) {
    const off = at(a, i) - mean
    const square = off * off
    second += square
    third += square * off
    fourth += square * square
  }
  return { mean, variance: isFlat(a, from, to) ? 0 : second / count, third: third / count, fourth: fourth / count }
}

/** Equal values have no variance, whatever their rounded mean says. */
function isFlat(a: Series, from: number, to: number): boolean {
  const first = at(a, from)
  for (let i = from + 1; i < to; i += 1) if (at(a, i) !== first) return false
  return true
}

/** The population's standard deviation alone. */
export function deviationOf(a: Series, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i += 1) sum += at(a, i)
  const mean = sum / (to - from)
  let squares = 0
  for (let i = from; i < to; i += 1) squares += (at(a, i) - mean) ** 2
  return squares === 0 || isFlat(a, from, to) ? 0 : Math.sqrt(squares / (to - from))
}
