import { both, series, type Series } from '../engine/vectors.ts'

/** Candles in columns, oldest first. */
export interface Candles {
  readonly length: number
  /** ISO 8601 in UTC. */
  readonly timestamps: readonly string[]
  readonly open: Series
  readonly high: Series
  readonly low: Series
  readonly close: Series
  readonly volume: Series
}

/** The numbers a candle has. */
export type InputColumn = 'open' | 'high' | 'low' | 'close' | 'volume'

/** Prices an indicator of the close may be computed of instead. */
export const priceNames = ['close', 'open', 'high', 'low', 'hl2', 'hlc3', 'ohlc4', 'hlcc4', 'volume'] as const
/** One of them. */
export type PriceName = (typeof priceNames)[number]

/** (high + low) / 2. */
export const median = (candles: Candles): Series => both(candles.high, candles.low, (high, low) => (high + low) / 2)

/** (high + low + close) / 3. */
export const typical = ({ length, high, low, close }: Candles): Series =>
  series(length, (i) => ((high[i] as number) + (low[i] as number) + (close[i] as number)) / 3)

/** One price of every candle. */
export function priceOf(candles: Candles, name: PriceName): Series {
  const { length, open, high, low, close } = candles
  if (name === 'hl2') return median(candles)
  if (name === 'hlc3') return typical(candles)
  if (name === 'ohlc4') return series(length, (i) => ((open[i] as number) + (high[i] as number) + (low[i] as number) + (close[i] as number)) / 4)
  if (name === 'hlcc4') return series(length, (i) => ((high[i] as number) + (low[i] as number) + 2 * (close[i] as number)) / 4)
  return candles[name]
}
