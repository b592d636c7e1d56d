import type { Candles } from '../candles/candles.ts'
import type { Toolbox } from '../engine/toolbox.ts'
import { add, at, each, less, over, scaled, series, type Series } from '../engine/vectors.ts'

/**
 * Wilder's directional movement (1978, chapter 4): of two candles only the larger outward move counts. Smoothed over the first n moves as he does; TA-Lib's PLUS_DI begins with n − 1 of
 * them, which changes the first values by up to a few percent.
 */
export function directional(candles: Candles, period: number, tools: Toolbox): { readonly plus: Series; readonly minus: Series; readonly dx: Series } {
  const { length, high, low } = candles
  const up = (i: number): number => (i === 0 ? NaN : at(high, i) - at(high, i - 1))
  const down = (i: number): number => (i === 0 ? NaN : at(low, i - 1) - at(low, i))
  const plusMove = series(length, (i) => (Number.isNaN(up(i)) ? NaN : up(i) > down(i) && up(i) > 0 ? up(i) : 0))
  const minusMove = series(length, (i) => (Number.isNaN(up(i)) ? NaN : down(i) > up(i) && down(i) > 0 ? down(i) : 0))
  const range = tools.rma(tools.trueRange(candles), period)
  const share = (moves: Series): Series => scaled(over(tools.rma(moves, period), range), 100)
  const [plus, minus] = [share(plusMove), share(minusMove)]
  return { plus, minus, dx: scaled(over(each(less(plus, minus), Math.abs), add(plus, minus)), 100) }
}
