import type * as TradingSignals from 'trading-signals'
import type { Candles } from '../candles/candles.ts'
import { deviationOf } from './moments.ts'
import { stretches, type TaLib } from './talib.ts'
import { at, blank, both, each, less, series, windows, type Series } from './vectors.ts'

/** An indicator object of trading-signals, as far as it is used. */
interface Stream<Input, Result> {
  update(input: Input, replace: false): Result | null
  readonly isStable?: boolean
}

/** What formulas are made with: TA-Lib, trading-signals, and the few functions neither has right. */
export interface Toolbox {
  /** A TA-Lib function of one output; `degree` as in `TaLib.run`. */
  one(name: string, inputs: readonly Series[], options?: readonly number[], degree?: number): Series
  /** A TA-Lib function of several outputs. */
  many(name: string, inputs: readonly Series[], options: readonly number[], degrees: readonly number[]): readonly Series[]
  /** A TA-Lib function that is handed volumes too, as they are. */
  unscaled(name: string, inputs: readonly Series[]): Series
  /** A TA-Lib function that answers integers. */
  integers(name: string, inputs: readonly Series[], options?: readonly number[]): Series
  /** The classes of trading-signals. */
  readonly signals: typeof TradingSignals
  /** Feeds candle after candle to a new trading-signals object, and reads numbers of each result. A gap begins anew. */
  feed<Input, Result>(
    inputs: readonly Series[],
    make: () => Stream<Input, Result>,
    input: (index: number) => Input,
    ...read: readonly ((result: Result) => number)[]
  ): Series[]
  sma(a: Series, period: number): Series
  /** Begins with the simple average of the first `period` values. */
  ema(a: Series, period: number): Series
  wma(a: Series, period: number): Series
  /** Wilder's smoothing: previous + (value − previous) / period, beginning with a simple average. */
  rma(a: Series, period: number): Series
  sum(a: Series, period: number): Series
  highest(a: Series, period: number): Series
  lowest(a: Series, period: number): Series
  /** Population standard deviation. */
  deviation(a: Series, period: number): Series
  rsi(a: Series, period: number): Series
  /** True range; the first candle has none, since it needs a close before. */
  trueRange(candles: Candles): Series
  atr(candles: Candles, period: number): Series
}

// TA-Lib's SUM, SMA and WMA carry a running total, in which one huge value leaves its rounding error for ever, and a window of zeros is not quite zero: added window by window they do not.
const sum = (a: Series, period: number): Series => windows([a], period, (from, to) => total(a, from, to))
const sma = (a: Series, period: number): Series => windows([a], period, (from, to) => total(a, from, to) / period)
const wma = (a: Series, period: number): Series =>
  windows([a], period, (from, to) => {
    let weighted = 0
    for (let i = from; i < to; i += 1) weighted += at(a, i) * (i - from + 1)
    return weighted / ((period * (period + 1)) / 2)
  })

function total(a: Series, from: number, to: number): number {
  let added = 0
  for (let i = from; i < to; i += 1) added += at(a, i)
  return added
}

/** The toolbox over loaded libraries. */
export function toolboxOf(ta: TaLib, signals: typeof TradingSignals): Toolbox {
  const one = (name: string, inputs: readonly Series[], options: readonly number[] = [], degree = 1): Series =>
    ta.run(name, inputs, options, [degree], 1)[0] as Series
  const feed: Toolbox['feed'] = (inputs, make, input, ...read) => {
    const results = read.map(() => blank(inputs[0]?.length ?? 0))
    for (const [from, to] of stretches(inputs)) {
      const stream = make()
      for (let i = from; i < to; i += 1) {
        const result = stream.update(input(i), false)
        if (result === null || stream.isStable === false) continue
        for (const [k, values] of results.entries()) {
          values[i] = read[k]?.(result) ?? NaN
        }
      }
    }
    return results
  }
  const single = (name: string) => (a: Series, period: number) => (period === 1 ? a : one(name, [a], [period]))
  const trueRange = ({ high, low, close }: Candles): Series => one('TRANGE', [high, low, close])
  const rma = (a: Series, period: number): Series => {
    if (period === 1) return a
    const made = blank(a.length)
    for (const [from, to] of stretches([a])) {
      if (to - from < period) continue
      const seed = total(a, from, from + period) / period
      // An exponential average over 2 · period − 1 has Wilder's factor 1 / period; as many seeds before it make it begin with his mean.
      const lead = 2 * period - 1
      const padded = new Float64Array(lead + to - from - period).fill(seed, 0, lead)
      padded.set(a.subarray(from + period, to), lead)
      made.set(one('EMA', [padded], [lead]).subarray(lead - 1), from + period - 1)
    }
    return made
  }
  return {
    one,
    many: (name, inputs, options, degrees) => ta.run(name, inputs, options, degrees, degrees.length),
    unscaled: (name, inputs) => ta.run(name, inputs, [], undefined, 1)[0] as Series,
    integers: (name, inputs, options = []) => ta.integers(name, inputs, options),
    signals,
    feed,
    sma,
    ema: single('EMA'),
    wma,
    rma,
    sum,
    highest: single('MAX'),
    lowest: single('MIN'),
    deviation: (a, period) => windows([a], period, (from, to) => deviationOf(a, from, to)),
    rsi: (a, period) => {
      // TA-Lib answers 0 where a price never moved, which would be the strongest fall there is.
      const moved = movedSince(a)
      return both(period === 1 ? strengthOfOne(a) : one('RSI', [a], [period], 0), moved, (value, hasMoved) => (hasMoved === 1 ? value : NaN))
    },
    trueRange,
    atr: (candles, period) => (period === 1 ? trueRange(candles) : rma(trueRange(candles), period)),
  }
}

const strengthOfOne = (a: Series): Series => series(a.length, (i) => (i === 0 ? NaN : at(a, i) > at(a, i - 1) ? 100 : 0))

/** 1 from the first change of a stretch on. */
function movedSince(a: Series): Series {
  let hasMoved = 0
  let last = NaN
  return each(a, (value) => {
    if (Number.isNaN(value)) hasMoved = 0
    else if (!Number.isNaN(last) && value !== last) hasMoved = 1
    last = value
    return hasMoved
  })
}

/** The absolute difference of two series. */
export const distance = (a: Series, b: Series): Series => each(less(a, b), Math.abs)
