import { typical } from '../candles/candles.ts'
import { add, ago, at, both, change, each, less, over, scaled, series, windows, type Series } from '../engine/vectors.ts'
import { factor, index, of, percent, period, price, ratio, flag, type Indicator, type Parameter, type Parameters } from './types.ts'

const close = ['close'] as const
const hlc = ['high', 'low', 'close'] as const
const ohlc = ['open', 'high', 'low', 'close'] as const
const bands = (upper: string, middle: string, lower: string) => [price('upper', upper), price('middle', middle), price('lower', lower)]
const year: Parameter = {
  name: 'yearLength',
  description: 'Candles in a year: 252 for days of a stock exchange, 365 for days of markets that never close; 1 leaves it per candle.',
  type: 'integer',
  default: 252,
  minimum: 1,
  maximum: 600_000,
}
const perYear = (p: Parameters, a: Series): Series => each(a, (variance) => 100 * Math.sqrt(Math.max(variance, 0) * of(p, 'yearLength')))
const logOf = (a: Series, b: Series): Series => both(a, b, (x, y) => (x > 0 && y > 0 ? Math.log(x / y) : NaN))
const estimates = (what: string): string => `Volatility per year in percent, from ${what}: how much price moves, whichever way.`

/** Indicators of how much price moves. */
export const volatility: readonly Indicator[] = [
  {
    id: 'true_range',
    name: 'True range',
    family: 'volatility',
    tells: 'The range of a candle with the gap before it.',
    formula: 'max(high, close₁) − min(low, close₁)',
    source: 'Wilder 1978, chapter 3',
    inputs: hlc,
    parameters: [],
    outputs: [price('true_range', 'The range.', { minimum: 0 })],
    warmup: () => 1,
    memory: 'window',
    compute: (c, _p, k) => [k.trueRange(c)],
  },
  {
    id: 'atr',
    name: 'Average true range',
    family: 'volatility',
    tells: 'How far price moves in a candle, gaps included, in money: for stops and sizes of positions.',
    formula: 'Wilder’s average of the true range; the first is the mean of the first n, each of which needs a close before',
    source: 'Wilder 1978, chapter 3',
    inputs: hlc,
    parameters: [period(14, 1)],
    outputs: [price('atr', 'The average.', { minimum: 0 })],
    warmup: (p) => of(p, 'period'),
    memory: 'fading',
    compute: (c, p, k) => [k.atr(c, of(p, 'period'))],
  },
  {
    id: 'natr',
    name: 'Normalized average true range',
    family: 'volatility',
    tells: 'Average true range in percent of the close, so that instruments can be compared.',
    formula: '100 · ATR / close',
    source: 'Forman 2006, Technical Analysis of Stocks & Commodities 24:5',
    inputs: hlc,
    parameters: [period(14, 1)],
    outputs: [percent('natr', 'Percent of the close.', { minimum: 0 })],
    warmup: (p) => of(p, 'period'),
    memory: 'fading',
    undefinedWhen: 'the close is zero',
    compute: (c, p, k) => [scaled(over(k.atr(c, of(p, 'period')), c.close), 100)],
  },
  {
    id: 'bollinger',
    name: 'Bollinger bands',
    family: 'volatility',
    tells:
      'An average and lines a number of standard deviations away: narrow bands come before moves, closes outside are strong; touching a band is no signal by itself.',
    formula: 'SMA ± multiplier · population standard deviation',
    source: 'Bollinger 2001, Bollinger on Bollinger Bands',
    inputs: close,
    parameters: [period(20), factor('multiplier', 2, 0.1, 20, 'How many standard deviations away.')],
    outputs: bands('Upper band.', 'The average.', 'Lower band.'),
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p, k) => {
      const middle = k.sma(c.close, of(p, 'period'))
      const room = scaled(k.deviation(c.close, of(p, 'period')), of(p, 'multiplier'))
      return [add(middle, room), middle, less(middle, room)]
    },
  },
  {
    id: 'percent_b',
    name: 'Bollinger %b',
    family: 'volatility',
    tells: 'Where the close lies between Bollinger’s bands: 0 on the lower, 1 on the upper, beyond outside.',
    formula: '(close − lower) / (upper − lower)',
    source: 'Bollinger 2001',
    inputs: close,
    parameters: [period(20), factor('multiplier', 2, 0.1, 20, 'How many standard deviations away.')],
    outputs: [ratio('percent_b', 'Place between the bands.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'price did not move in the window',
    compute: (c, p, k) => {
      const room = scaled(k.deviation(c.close, of(p, 'period')), of(p, 'multiplier'))
      return [each(over(less(c.close, k.sma(c.close, of(p, 'period'))), scaled(room, 2)), (off) => off + 0.5)]
    },
  },
  {
    id: 'bandwidth',
    name: 'Bollinger bandwidth',
    family: 'volatility',
    tells: 'How wide Bollinger’s bands are, in percent of the average: its lowest of six months is a “squeeze”.',
    formula: '100 · (upper − lower) / middle',
    source: 'Bollinger 2001',
    inputs: close,
    parameters: [period(20), factor('multiplier', 2, 0.1, 20, 'How many standard deviations away.')],
    outputs: [percent('bandwidth', 'Width.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'an average of zero',
    compute: (c, p, k) => [scaled(over(k.deviation(c.close, of(p, 'period')), k.sma(c.close, of(p, 'period'))), 200 * of(p, 'multiplier'))],
  },
  {
    id: 'keltner',
    name: 'Keltner channels',
    family: 'volatility',
    tells: 'An exponential average with lines a number of average true ranges away: closes outside are strong moves.',
    formula: 'EMA(n) ± multiplier · ATR(atr)',
    source: 'Keltner 1960, in the form of Bradford Raschke; StockCharts ChartSchool',
    inputs: hlc,
    parameters: [
      period(20, 1),
      factor('multiplier', 2, 0.1, 20, 'How many average true ranges away.'),
      period(10, 1, 'atr', 'Candles of the average true range.'),
    ],
    outputs: bands('Upper line.', 'The average.', 'Lower line.'),
    warmup: (p) => Math.max(of(p, 'period') - 1, of(p, 'atr')),
    memory: 'fading',
    compute: (c, p, k) => {
      const room = scaled(k.atr(c, of(p, 'atr')), of(p, 'multiplier'))
      // Where the average has no value yet neither have the lines, and the other way round.
      const middle = both(k.ema(c.close, of(p, 'period')), room, (value, off) => (Number.isNaN(off) ? NaN : value))
      return [add(middle, room), middle, less(middle, room)]
    },
  },
  {
    id: 'donchian',
    name: 'Donchian channels',
    family: 'volatility',
    tells: 'The highest high and lowest low of the window, this candle included: a new extreme is a breakout.',
    formula: 'highest high, lowest low, their mean',
    source: 'Donchian 1960; Faith 2003, The Original Turtle Trading Rules',
    inputs: ['high', 'low'],
    parameters: [period(20)],
    outputs: bands('Highest high.', 'Their mean.', 'Lowest low.'),
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p, k) => {
      const [upper, lower] = [k.highest(c.high, of(p, 'period')), k.lowest(c.low, of(p, 'period'))]
      return [upper, both(upper, lower, (a, b) => (a + b) / 2), lower]
    },
  },
  {
    id: 'starc',
    name: 'STARC bands',
    family: 'volatility',
    tells: 'A simple average with lines a number of average true ranges away: beyond them price seldom goes on.',
    formula: 'SMA(n) ± multiplier · ATR(atr)',
    source: 'Stoller 1980s, Stoller Average Range Channels',
    inputs: hlc,
    parameters: [
      period(6, 1),
      factor('multiplier', 2, 0.1, 20, 'How many average true ranges away.'),
      period(15, 1, 'atr', 'Candles of the average true range.'),
    ],
    outputs: bands('Upper line.', 'The average.', 'Lower line.'),
    warmup: (p) => Math.max(of(p, 'period') - 1, of(p, 'atr')),
    memory: 'fading',
    compute: (c, p, k) => {
      const room = scaled(k.atr(c, of(p, 'atr')), of(p, 'multiplier'))
      const middle = both(k.sma(c.close, of(p, 'period')), room, (value, off) => (Number.isNaN(off) ? NaN : value))
      return [add(middle, room), middle, less(middle, room)]
    },
  },
  {
    id: 'acceleration_bands',
    name: 'Acceleration bands',
    family: 'volatility',
    tells: 'Bands that widen with the range of the candles: two closes outside are a breakout that accelerates.',
    formula: 'SMA of high · (1 + 4 (high − low) / (high + low)), SMA of close, SMA of low · (1 − 4 (high − low) / (high + low))',
    source: 'Headley 2002, Big Trends in Trading; TA-Lib ACCBANDS',
    inputs: hlc,
    parameters: [period(20)],
    outputs: bands('Upper band.', 'The average.', 'Lower band.'),
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'high and low that sum to zero',
    compute: (c, p, k) => {
      const share = scaled(over(less(c.high, c.low), add(c.high, c.low)), 4)
      const n = of(p, 'period')
      return [
        k.sma(
          both(c.high, share, (a, b) => a * (1 + b)),
          n,
        ),
        k.sma(c.close, n),
        k.sma(
          both(c.low, share, (a, b) => a * (1 - b)),
          n,
        ),
      ]
    },
  },
  {
    id: 'chaikin_volatility',
    name: 'Chaikin volatility',
    family: 'volatility',
    tells: 'Whether ranges widen (above zero) or narrow: a fast rise near a low is panic, a slow fall near a high complacency.',
    formula: '100 · change over n of EMA(n) of high − low',
    source: 'Chaikin, in Achelis 1995, Technical Analysis from A to Z',
    inputs: ['high', 'low'],
    parameters: [period(10, 1)],
    outputs: [percent('volatility', 'Change in percent.')],
    warmup: (p) => 2 * of(p, 'period') - 1,
    memory: 'fading',
    undefinedWhen: 'no range at all',
    compute: (c, p, k) => {
      const range = k.ema(less(c.high, c.low), of(p, 'period'))
      return [scaled(over(change(range, of(p, 'period')), ago(range, of(p, 'period'))), 100)]
    },
  },
  {
    id: 'ulcer',
    name: 'Ulcer index',
    family: 'volatility',
    tells: 'Depth and length of drawdowns: only falls from the last high count, rises are no risk.',
    formula: 'root of the mean square of 100 · (close − highest close so far in the window) / that, over n candles',
    source: 'Martin and McCann 1989, The Investor’s Guide to Fidelity Funds',
    inputs: close,
    parameters: [period(14, 2, 'period', 'Candles it looks back over.', 250)],
    outputs: [percent('ulcer', 'The index.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'prices not above zero',
    compute: (c, p) => [
      windows([c.close], of(p, 'period'), (from, to) => {
        let [highest, sum] = [-Infinity, 0]
        for (let i = from; i < to; i += 1) {
          highest = Math.max(highest, at(c.close, i))
          sum += ((100 * (at(c.close, i) - highest)) / highest) ** 2
        }
        return highest > 0 ? Math.sqrt(sum / (to - from)) : NaN
      }),
    ],
  },
  {
    id: 'relative_volatility',
    name: 'Relative volatility index',
    family: 'volatility',
    tells: 'RSI of standard deviations: above 50 volatility comes with rises; it confirms signals of others.',
    formula: '100 · Wilder’s average of deviation on rising closes / that of all',
    source: 'Dorsey 1993, Technical Analysis of Stocks & Commodities 11:6',
    inputs: close,
    parameters: [period(14, 1), period(10, 2, 'deviation', 'Candles of the standard deviation.')],
    outputs: [index('rvi', 'The index.', 0, 100)],
    warmup: (p) => of(p, 'deviation') + of(p, 'period') - 2,
    memory: 'fading',
    undefinedWhen: 'price has not moved',
    compute: (c, p, k) => {
      const deviation = k.deviation(c.close, of(p, 'deviation'))
      const moves = change(c.close)
      const side = (way: number): Series =>
        k.rma(
          both(deviation, moves, (value, move) => (Number.isNaN(value + move) ? NaN : way * move > 0 ? value : 0)),
          of(p, 'period'),
        )
      const [up, down] = [side(1), side(-1)]
      return [scaled(over(up, add(up, down)), 100)]
    },
  },
  {
    id: 'historical_volatility',
    name: 'Historical volatility',
    family: 'volatility',
    tells: estimates('closes'),
    formula: '100 · sample standard deviation of ln(close / close₁) · √yearLength',
    source: 'Hull, Options, Futures, and Other Derivatives, Estimating volatility from historical data',
    inputs: close,
    parameters: [period(20), year],
    outputs: [percent('volatility', 'Percent a year.', { minimum: 0 })],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'prices not above zero',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      const deviation = k.deviation(logOf(c.close, ago(c.close, 1)), n)
      return [
        perYear(
          p,
          each(deviation, (value) => (value * value * n) / (n - 1)),
        ),
      ]
    },
  },
  {
    id: 'parkinson',
    name: 'Parkinson volatility',
    family: 'volatility',
    tells: estimates('highs and lows; five times as efficient as closes, blind to gaps'),
    formula: 'mean of ln(high / low)² / (4 ln 2)',
    source: 'Parkinson 1980, Journal of Business 53:61',
    inputs: ['high', 'low'],
    parameters: [period(20, 1), year],
    outputs: [percent('volatility', 'Percent a year.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'prices not above zero',
    compute: (c, p, k) => [
      perYear(
        p,
        k.sma(
          each(logOf(c.high, c.low), (value) => (value * value) / (4 * Math.LN2)),
          of(p, 'period'),
        ),
      ),
    ],
  },
  {
    id: 'garman_klass',
    name: 'Garman Klass volatility',
    family: 'volatility',
    tells: estimates('open, high, low and close; blind to gaps and drift'),
    formula: 'mean of ln(high / low)² / 2 − (2 ln 2 − 1) · ln(close / open)²',
    source: 'Garman and Klass 1980, Journal of Business 53:67',
    inputs: ohlc,
    parameters: [period(20, 1), year],
    outputs: [percent('volatility', 'Percent a year.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'prices not above zero',
    compute: (c, p, k) => [
      perYear(
        p,
        k.sma(
          both(logOf(c.high, c.low), logOf(c.close, c.open), (range, body) => (range * range) / 2 - (2 * Math.LN2 - 1) * body * body),
          of(p, 'period'),
        ),
      ),
    ],
  },
  {
    id: 'rogers_satchell',
    name: 'Rogers Satchell volatility',
    family: 'volatility',
    tells: estimates('open, high, low and close; right also while price drifts'),
    formula: 'mean of ln(high / close) · ln(high / open) + ln(low / close) · ln(low / open)',
    source: 'Rogers and Satchell 1991, Annals of Applied Probability 1:504',
    inputs: ohlc,
    parameters: [period(20, 1), year],
    outputs: [percent('volatility', 'Percent a year.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'prices not above zero',
    compute: (c, p, k) => [perYear(p, k.sma(rogersSatchell(c), of(p, 'period')))],
  },
  {
    id: 'yang_zhang',
    name: 'Yang Zhang volatility',
    family: 'volatility',
    tells: estimates('open, high, low, close and the gap before: the most efficient of these'),
    formula:
      'variance of ln(open / close₁) + k · variance of ln(close / open) + (1 − k) · Rogers Satchell, k = 0.34 / (1.34 + (n + 1) / (n − 1)); sample variances',
    source: 'Yang and Zhang 2000, Journal of Business 73:477',
    inputs: ohlc,
    parameters: [period(20), year],
    outputs: [percent('volatility', 'Percent a year.', { minimum: 0 })],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'prices not above zero',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      const sample = (a: Series): Series => each(k.deviation(a, n), (value) => (value * value * n) / (n - 1))
      const weight = 0.34 / (1.34 + (n + 1) / (n - 1))
      const [gaps, bodies, within] = [sample(logOf(c.open, ago(c.close, 1))), sample(logOf(c.close, c.open)), k.sma(rogersSatchell(c), n)]
      return [
        perYear(
          p,
          series(c.length, (i) => at(gaps, i) + weight * at(bodies, i) + (1 - weight) * at(within, i)),
        ),
      ]
    },
  },
  {
    id: 'gapo',
    name: 'Gopalakrishnan range index',
    family: 'volatility',
    tells: 'The logarithm of the range: high in erratic markets. It depends on the money prices are quoted in.',
    formula: 'ln(highest high − lowest low) / ln n',
    source: 'Gopalakrishnan 2001, Technical Analysis of Stocks & Commodities 19:1',
    inputs: ['high', 'low'],
    parameters: [period(5)],
    outputs: [ratio('gapo', 'The index.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'no range in the window',
    compute: (c, p, k) => [
      each(less(k.highest(c.high, of(p, 'period')), k.lowest(c.low, of(p, 'period'))), (range) =>
        range > 0 ? Math.log(range) / Math.log(of(p, 'period')) : NaN,
      ),
    ],
  },
  {
    id: 'projection_oscillator',
    name: 'Projection oscillator',
    family: 'volatility',
    tells: 'Where the close lies between bands drawn along the slope of highs and lows: above 80 near the top of its path, below 20 near the bottom.',
    formula: '100 · (close − lower) / (upper − lower); upper: highest of each high carried on by the regression slope of highs; lower alike with lows',
    source: 'Widner 1995, Technical Analysis of Stocks & Commodities 13:7',
    inputs: hlc,
    parameters: [period(14, 2, 'period', 'Candles it looks back over.', 250)],
    outputs: [index('projection', 'Place in the path.', 0, 100)],
    warmup: (p) => 2 * (of(p, 'period') - 1),
    memory: 'window',
    undefinedWhen: 'both bands at one price',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      const carried = (a: Series, best: (x: number, y: number) => number): Series => {
        const slope = k.one('LINEARREG_SLOPE', [a], [n])
        return windows([slope], n, (from, to) => {
          let found = at(a, to - 1)
          for (let i = from; i < to - 1; i += 1) found = best(found, at(a, i) + at(slope, to - 1) * (to - 1 - i))
          return found
        })
      }
      const [upper, lower] = [carried(c.high, Math.max), carried(c.low, Math.min)]
      return [scaled(over(less(c.close, lower), less(upper, lower)), 100)]
    },
  },
  {
    id: 'typical_range',
    name: 'Average daily range',
    family: 'volatility',
    tells: 'The mean range of the candles in percent of the typical price, without gaps.',
    formula: '100 · SMA of (high − low) / typical price',
    source: 'Customary in currency trading (ADR)',
    inputs: hlc,
    parameters: [period(14, 1)],
    outputs: [percent('range', 'Percent of price.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'a typical price of zero',
    compute: (c, p, k) => [scaled(k.sma(over(less(c.high, c.low), typical(c)), of(p, 'period')), 100)],
  },
  {
    id: 'narrow_range',
    name: 'Narrowest range',
    family: 'volatility',
    tells: '1 where the candle has the narrowest range of the window (NR7 by default): a breakout often follows.',
    formula: 'high − low smaller than that of each of the n − 1 candles before',
    source: 'Crabel 1990, Day Trading with Short Term Price Patterns',
    inputs: ['high', 'low'],
    parameters: [period(7, 2, 'period', 'Candles compared.', 100)],
    outputs: [flag('narrow', '1 narrowest, 0 not.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p) => {
      const range = less(c.high, c.low)
      return [
        windows([range], of(p, 'period'), (from, to) => {
          for (let i = from; i < to - 1; i += 1) if (at(range, i) <= at(range, to - 1)) return 0
          return 1
        }),
      ]
    },
  },
]

function rogersSatchell(c: { readonly open: Series; readonly high: Series; readonly low: Series; readonly close: Series; readonly length: number }): Series {
  const [top, topOpen, bottom, bottomOpen] = [logOf(c.high, c.close), logOf(c.high, c.open), logOf(c.low, c.close), logOf(c.low, c.open)]
  return series(c.length, (i) => at(top, i) * at(topOpen, i) + at(bottom, i) * at(bottomOpen, i))
}
