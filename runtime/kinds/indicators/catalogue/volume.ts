import { median, typical } from '../candles/candles.ts'
import { add, ago, at, both, change, less, over, running, scaled, series, times, type Series } from '../engine/vectors.ts'
import { oscillator } from './momentum.ts'
import { rateOfChange } from './trend.ts'
import { factor, index, mixed, of, percent, period, price, ratio, volume as amount, type Indicator, type Parameters } from './types.ts'

const hlcv = ['high', 'low', 'close', 'volume'] as const
const closeAndVolume = ['close', 'volume'] as const
const slowerThanFast = (p: Parameters): string | undefined => (of(p, 'slow') > of(p, 'fast') ? undefined : 'slow must be larger than fast')
const line = 'Only its direction and its divergence from price matter, not its size, which depends on where the candles begin.'

/** Indicators of how much was traded. */
export const volumes: readonly Indicator[] = [
  {
    id: 'obv',
    name: 'On-balance volume',
    family: 'volume',
    tells: `Volume of rising closes less that of falling ones, added up: it should go where price goes. ${line}`,
    formula: 'OBV₁ + volume where the close rose, − volume where it fell; begins with the first volume',
    source: 'Granville 1963, Granville’s New Key to Stock Market Profits',
    inputs: closeAndVolume,
    parameters: [],
    outputs: [amount('obv', 'The sum.')],
    warmup: () => 0,
    memory: 'all',
    compute: (c, _p, k) => [k.unscaled('OBV', [c.close, c.volume])],
  },
  {
    id: 'ad',
    name: 'Accumulation distribution line',
    family: 'volume',
    tells: `Volume weighed by where the close lies in its candle, added up: rising is accumulation. ${line}`,
    formula: 'sum of ((close − low) − (high − close)) / (high − low) · volume; a candle without range adds nothing',
    source: 'Chaikin, in Achelis 1995, Technical Analysis from A to Z',
    inputs: hlcv,
    parameters: [],
    outputs: [amount('ad', 'The sum.')],
    warmup: () => 0,
    memory: 'all',
    compute: (c, _p, k) => [k.unscaled('AD', [c.high, c.low, c.close, c.volume])],
  },
  {
    id: 'adosc',
    name: 'Chaikin oscillator',
    family: 'volume',
    tells: 'Momentum of the accumulation distribution line: above zero money flows in.',
    formula: 'EMA(fast) − EMA(slow) of the accumulation distribution line',
    source: 'Chaikin, in Achelis 1995; StockCharts ChartSchool',
    inputs: hlcv,
    parameters: [period(3, 1, 'fast', 'Candles of the fast average.'), period(10, 2, 'slow', 'Candles of the slow average.')],
    outputs: [amount('adosc', 'The difference.')],
    warmup: (p) => of(p, 'slow') - 1,
    memory: 'fading',
    refuse: slowerThanFast,
    compute: (c, p, k) => {
      const sum = k.unscaled('AD', [c.high, c.low, c.close, c.volume])
      return [less(k.ema(sum, of(p, 'fast')), k.ema(sum, of(p, 'slow')))]
    },
  },
  {
    id: 'cmf',
    name: 'Chaikin money flow',
    family: 'volume',
    tells: 'Buying (above 0) or selling pressure of the window: beyond ±0.25 strong.',
    formula: 'sum of money flow volume / sum of volume over n',
    source: 'Chaikin, in Achelis 1995; StockCharts ChartSchool',
    inputs: hlcv,
    parameters: [period(20, 1)],
    outputs: [ratio('cmf', 'Money flow.', { minimum: -1, maximum: 1 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'no volume in the window',
    compute: (c, p, k) => {
      const flow = series(c.length, (i) => {
        const range = at(c.high, i) - at(c.low, i)
        return range === 0 ? 0 : ((2 * at(c.close, i) - at(c.low, i) - at(c.high, i)) / range) * at(c.volume, i)
      })
      return [over(k.sum(flow, of(p, 'period')), k.sum(c.volume, of(p, 'period')))]
    },
  },
  {
    id: 'mfi',
    name: 'Money flow index',
    family: 'volume',
    tells: 'RSI with volume: above 80 overbought, below 20 oversold; divergences warn.',
    formula: '100 · positive flow / all flow; flow is typical price · volume, positive where the typical price rose',
    source: 'Quong and Soudack 1989, Technical Analysis of Stocks & Commodities 7:3',
    inputs: hlcv,
    parameters: [period(14, 1)],
    outputs: [index('mfi', 'The index.', 0, 100)],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'no flow in the window: no volume, or the typical price did not move',
    compute: (c, p, k) => {
      // TA-Lib takes a flow below 1 for none, which that of a small token is.
      const middle = typical(c)
      const moves = change(middle)
      const flow = times(middle, c.volume)
      const side = (way: number): Series =>
        k.sum(
          both(flow, moves, (value, move) => (Number.isNaN(value + move) ? NaN : way * move > 0 ? value : 0)),
          of(p, 'period'),
        )
      const [up, down] = [side(1), side(-1)]
      return [scaled(over(up, add(up, down)), 100)]
    },
  },
  {
    id: 'force',
    name: 'Force index',
    family: 'volume',
    tells: 'Change of the close times volume, smoothed: above zero buyers have the force; over 2 candles for entries, over 13 for the trend.',
    formula: 'EMA of change · volume',
    source: 'Elder 1993, Trading for a Living',
    inputs: closeAndVolume,
    parameters: [period(13, 1)],
    outputs: [mixed('force', 'Money times volume.')],
    warmup: (p) => of(p, 'period'),
    memory: 'fading',
    compute: (c, p, k) => [k.ema(times(change(c.close), c.volume), of(p, 'period'))],
  },
  {
    id: 'emv',
    name: 'Ease of movement',
    family: 'volume',
    tells: 'How far price moves for its volume: high above zero it rises with ease.',
    formula: 'SMA of (change of (high + low) / 2) / (volume / divisor / (high − low))',
    source: 'Arms 1989, Volume Cycles in the Stock Market; StockCharts ChartSchool',
    inputs: ['high', 'low', 'volume'],
    parameters: [period(14, 1), factor('divisor', 100_000_000, 0.000001, 1e18, 'What volume is divided by; it only scales.')],
    outputs: [mixed('emv', 'Ease.')],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'a candle of the window has no volume',
    compute: (c, p, k) => [k.sma(over(times(change(median(c)), less(c.high, c.low)), scaled(c.volume, 1 / of(p, 'divisor'))), of(p, 'period'))],
  },
  {
    id: 'nvi',
    name: 'Negative volume index',
    family: 'volume',
    tells: 'Price on days of less volume, when, Fosback says, the smart money is at work: above its year’s average a bull market is likely.',
    formula: 'NVI₁ · close / close₁ where volume fell, else as before; begins at 1000',
    source: 'Dysart 1936; Fosback 1976, Stock Market Logic',
    inputs: closeAndVolume,
    parameters: [],
    outputs: [index('nvi', 'The index.')],
    warmup: () => 0,
    memory: 'all',
    compute: (c) => [volumeIndex(c.close, c.volume, (now, before) => now < before)],
  },
  {
    id: 'pvi',
    name: 'Positive volume index',
    family: 'volume',
    tells: 'Price on days of more volume, when the crowd is at work.',
    formula: 'PVI₁ · close / close₁ where volume rose, else as before; begins at 1000',
    source: 'Dysart 1936; Fosback 1976, Stock Market Logic',
    inputs: closeAndVolume,
    parameters: [],
    outputs: [index('pvi', 'The index.')],
    warmup: () => 0,
    memory: 'all',
    compute: (c) => [volumeIndex(c.close, c.volume, (now, before) => now > before)],
  },
  {
    id: 'pvt',
    name: 'Price volume trend',
    family: 'volume',
    tells: `Volume times the relative change of the close, added up: like on-balance volume, but small moves count little. ${line}`,
    formula: 'sum of (close − close₁) / close₁ · volume',
    source: 'Achelis 1995, Technical Analysis from A to Z',
    inputs: closeAndVolume,
    parameters: [],
    outputs: [amount('pvt', 'The sum.')],
    warmup: () => 1,
    memory: 'all',
    compute: (c) => [running(times(over(change(c.close), ago(c.close, 1)), c.volume))],
  },
  {
    id: 'klinger',
    name: 'Klinger volume oscillator',
    family: 'volume',
    tells: 'Long-term money flow against short-term: crossing its signal in the direction of the trend is the signal.',
    formula:
      'EMA(fast) − EMA(slow) of volume force = volume · |2 (dm / cm − 1)| · trend · 100; dm: high − low, cm: their sum since the trend of high + low + close turned; signal: EMA',
    source: 'Klinger 1997, Technical Analysis of Stocks & Commodities 15:12',
    inputs: hlcv,
    parameters: [
      period(34, 1, 'fast', 'Candles of the fast average.'),
      period(55, 2, 'slow', 'Candles of the slow average.'),
      period(13, 1, 'signal', 'Candles of the signal line.'),
    ],
    outputs: [amount('klinger', 'The difference.'), amount('signal', 'The signal line.', { warmup: (p) => of(p, 'slow') + of(p, 'signal') })],
    warmup: (p) => of(p, 'slow') + 1,
    memory: 'fading',
    refuse: slowerThanFast,
    compute: (c, p, k) => {
      const force = volumeForce(c)
      const difference = less(k.ema(force, of(p, 'fast')), k.ema(force, of(p, 'slow')))
      return [difference, k.ema(difference, of(p, 'signal'))]
    },
  },
  {
    id: 'pvo',
    name: 'Percentage volume oscillator',
    family: 'volume',
    tells: 'Recent against usual volume in percent: above zero interest grows, which confirms a move.',
    formula: '100 · (EMA(fast) − EMA(slow)) / EMA(slow) of volume; signal: EMA; histogram: their difference',
    source: 'StockCharts ChartSchool, Percentage Volume Oscillator',
    inputs: ['volume'],
    parameters: [
      period(12, 1, 'fast', 'Candles of the fast average.'),
      period(26, 2, 'slow', 'Candles of the slow average.'),
      period(9, 1, 'signal', 'Candles of the signal line.'),
    ],
    outputs: [
      percent('pvo', 'The oscillator.'),
      percent('signal', 'The signal line.', { warmup: (p) => of(p, 'slow') + of(p, 'signal') - 2 }),
      percent('histogram', 'PVO less signal.', { warmup: (p) => of(p, 'slow') + of(p, 'signal') - 2 }),
    ],
    warmup: (p) => of(p, 'slow') - 1,
    memory: 'fading',
    undefinedWhen: 'no volume at all',
    refuse: slowerThanFast,
    compute: (c, p, k) => oscillator(c.volume, p, k),
  },
  {
    id: 'volume_roc',
    name: 'Volume rate of change',
    family: 'volume',
    tells: 'Change of volume in percent over the period: moves without it are weak.',
    formula: '100 · (volume − volume n candles ago) / volume n candles ago',
    source: 'Achelis 1995, Technical Analysis from A to Z',
    inputs: ['volume'],
    parameters: [period(14, 1)],
    outputs: [percent('volume_roc', 'Change in percent.')],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'no volume in the candle compared with',
    compute: (c, p) => [rateOfChange(c.volume, of(p, 'period'))],
  },
  {
    id: 'relative_volume',
    name: 'Relative volume',
    family: 'volume',
    tells: 'Volume against its average of the candles before: 2 is twice the usual.',
    formula: 'volume / SMA of the n volumes before',
    source: 'Customary in stock screening (RVOL)',
    inputs: ['volume'],
    parameters: [period(20, 1)],
    outputs: [ratio('relative_volume', 'Times the usual.', { minimum: 0 })],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'no volume in the candles before',
    compute: (c, p, k) => [over(c.volume, ago(k.sma(c.volume, of(p, 'period')), 1))],
  },
  {
    id: 'market_facilitation',
    name: 'Market facilitation index',
    family: 'volume',
    tells: 'Range per unit of volume: rising with volume “green”, falling with rising volume “squat”, a battle before a move.',
    formula: '(high − low) / volume',
    source: 'Williams 1995, Trading Chaos',
    inputs: ['high', 'low', 'volume'],
    parameters: [],
    outputs: [mixed('mfi', 'Money per unit of volume.', { minimum: 0 })],
    warmup: () => 0,
    memory: 'window',
    undefinedWhen: 'no volume',
    compute: (c) => [over(less(c.high, c.low), c.volume)],
  },
  {
    id: 'williams_ad',
    name: 'Williams accumulation distribution',
    family: 'volume',
    tells: `Distance of the close from the true low when it rose, from the true high when it fell, added up; without volume. ${line}`,
    formula: 'sum of close − min(low, close₁) where the close rose, of close − max(high, close₁) where it fell',
    source: 'Williams 1972, in Achelis 1995',
    inputs: ['high', 'low', 'close'],
    parameters: [],
    outputs: [price('wad', 'The sum.')],
    warmup: () => 1,
    memory: 'all',
    compute: (c) => {
      const before = ago(c.close, 1)
      const steps = series(c.length, (i) => {
        const [now, then] = [at(c.close, i), at(before, i)]
        if (now > then) return now - Math.min(at(c.low, i), then)
        return now < then ? now - Math.max(at(c.high, i), then) : now - then
      })
      return [running(steps)]
    },
  },
  {
    id: 'twiggs',
    name: 'Twiggs money flow',
    family: 'volume',
    tells: 'Chaikin’s money flow with gaps and with Wilder’s smoothing: above zero accumulation.',
    formula: 'Wilder’s average of (2 close − true low − true high) / (true high − true low) · volume / that of volume',
    source: 'Twiggs 2002, Incredible Charts',
    inputs: hlcv,
    parameters: [period(21, 1)],
    outputs: [ratio('twiggs', 'Money flow.', { minimum: -1, maximum: 1 })],
    warmup: (p) => of(p, 'period'),
    memory: 'fading',
    undefinedWhen: 'no volume so far',
    compute: (c, p, k) => {
      const before = ago(c.close, 1)
      const [top, bottom] = [both(c.high, before, Math.max), both(c.low, before, Math.min)]
      const flow = series(c.length, (i) => {
        const range = at(top, i) - at(bottom, i)
        return range === 0 ? 0 : ((2 * at(c.close, i) - at(bottom, i) - at(top, i)) / range) * at(c.volume, i)
      })
      // The first candle has no close before it, so its volume does not count either.
      const counted = both(c.volume, before, (value, close) => (Number.isNaN(close) ? NaN : value))
      return [over(k.rma(flow, of(p, 'period')), k.rma(counted, of(p, 'period')))]
    },
  },
  {
    id: 'volume_zscore',
    name: 'Volume z-score',
    family: 'volume',
    tells: 'How unusual the volume is, in standard deviations from its mean: above 2 something happened.',
    formula: '(volume − mean) / population standard deviation over n',
    source: 'Elementary statistics',
    inputs: ['volume'],
    parameters: [period(20)],
    outputs: [ratio('zscore', 'Deviations from the mean.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'the same volume throughout the window',
    compute: (c, p, k) => [over(less(c.volume, k.sma(c.volume, of(p, 'period'))), k.deviation(c.volume, of(p, 'period')))],
  },
]

/** An index that follows the close on some days only. Where a library has it, it begins with another first value or lets a day without a close before it through. */
function volumeIndex(close: Series, volume: Series, counts: (now: number, before: number) => boolean): Series {
  let value = 1_000
  return series(close.length, (i) => {
    const [now, before] = [at(close, i), i === 0 ? NaN : at(close, i - 1)]
    if (Number.isNaN(now) || Number.isNaN(at(volume, i))) return NaN
    if (i > 0 && before > 0 && counts(at(volume, i), at(volume, i - 1))) value *= now / before
    return value
  })
}

/** Klinger's volume force. trading-signals has |2 dm / cm − 1|, as some charts do, and begins its averages at the first force. */
function volumeForce(c: { readonly length: number; readonly high: Series; readonly low: Series; readonly close: Series; readonly volume: Series }): Series {
  let [trend, sum] = [0, NaN]
  return series(c.length, (i) => {
    const total = (index: number): number => at(c.high, index) + at(c.low, index) + at(c.close, index)
    const range = (index: number): number => at(c.high, index) - at(c.low, index)
    if (i === 0 || Number.isNaN(total(i - 1))) {
      trend = 0
      return NaN
    }
    const way = total(i) > total(i - 1) ? 1 : -1
    const isFirst = trend === 0
    sum = !isFirst && way === trend ? sum + range(i) : range(i - 1) + range(i)
    trend = way
    if (isFirst) return NaN
    return sum === 0 ? 0 : at(c.volume, i) * Math.abs(2 * (range(i) / sum - 1)) * way * 100
  })
}
