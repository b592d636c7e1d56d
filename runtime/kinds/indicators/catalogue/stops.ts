import { median, type Candles } from '../candles/candles.ts'
import type { Toolbox } from '../engine/toolbox.ts'
import { at, blank, both, type Series } from '../engine/vectors.ts'

/** Wilder's parabolic SAR by TA-Lib, and which side of price it is on. */
export function parabolic(candles: Candles, step: number, maximum: number, tools: Toolbox): readonly Series[] {
  const { high, low } = candles
  const stop = tools.one('SAR', [high, low], [step, maximum])
  return [stop, both(stop, high, (value, top) => (Number.isNaN(value) ? NaN : value >= top ? -1 : 1))]
}

/**
 * Supertrend (Seban 2008): bands of the median price ± multiplier · ATR that only move towards price while the close stays inside; the first direction is the side of the median price the
 * first close is on. trading-signals counts the first candle's range as a true range and always begins downwards, so it is done here.
 */
export function superTrend(candles: Candles, period: number, multiplier: number, tools: Toolbox): readonly Series[] {
  const { length, close } = candles
  const middle = median(candles)
  const range = tools.atr(candles, period)
  const [line, direction] = [blank(length), blank(length)]
  let [upper, lower, way, before] = [NaN, NaN, 0, NaN]
  for (let i = 0; i < length; i += 1) {
    const now = at(close, i)
    const room = multiplier * at(range, i)
    const [above, below] = [at(middle, i) + room, at(middle, i) - room]
    if (Number.isNaN(above)) {
      way = 0
      continue
    }
    if (way === 0) [upper, lower, way] = [above, below, now >= at(middle, i) ? 1 : -1]
    else {
      upper = above < upper || before > upper ? above : upper
      lower = below > lower || before < lower ? below : lower
      way = now <= (way === 1 ? lower : upper) ? -1 : 1
    }
    line[i] = way === 1 ? lower : upper
    direction[i] = way
    before = now
  }
  return [line, direction]
}

/**
 * The volatility system (Wilder 1978, chapter 3): the stop lies multiplier · ATR (of the candle before) from the significant close, the best close of the position; a close beyond it turns the
 * position, and that close is the first significant one. Begins long where the close is above the first one.
 */
export function volatilityStop(candles: Candles, period: number, multiplier: number, tools: Toolbox): readonly Series[] {
  const { length, close } = candles
  const range = tools.atr(candles, period)
  const [stop, direction] = [blank(length), blank(length)]
  let [best, way, first] = [NaN, 0, NaN]
  for (let i = 0; i < length; i += 1) {
    const now = at(close, i)
    const room = i === 0 ? NaN : multiplier * at(range, i - 1)
    if (Number.isNaN(first)) first = now
    if (Number.isNaN(room) || Number.isNaN(now)) continue
    if (way === 0) [way, best] = [at(close, i - 1) >= first ? 1 : -1, at(close, i - 1)]
    const limit = best - way * room
    if (way === 1 ? now < limit : now > limit) [way, best] = [-way, now]
    else best = way === 1 ? Math.max(best, now) : Math.min(best, now)
    stop[i] = limit
    direction[i] = way
  }
  return [stop, direction]
}
