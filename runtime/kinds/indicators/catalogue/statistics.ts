import { moments } from '../engine/moments.ts'
import { ago, at, both, change, each, less, over, scaled, series, windows, type Series } from '../engine/vectors.ts'
import { rateOfChange } from './trend.ts'
import { mixed, of, percent, period, price, ratio, type Indicator } from './types.ts'

const close = ['close'] as const
const line = (what: string): string => `${what} of the straight line that fits the last closes best.`

/** Statistics of prices. */
export const statistics: readonly Indicator[] = [
  {
    id: 'stdev',
    name: 'Standard deviation',
    family: 'statistics',
    tells: 'How far closes are from their mean, in money.',
    formula: 'population standard deviation of n closes (divisor n)',
    source: 'Pearson 1894; TA-Lib STDDEV',
    inputs: close,
    parameters: [period(20)],
    outputs: [price('stdev', 'The deviation.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p, k) => [k.deviation(c.close, of(p, 'period'))],
  },
  {
    id: 'variance',
    name: 'Variance',
    family: 'statistics',
    tells: 'The square of the standard deviation.',
    formula: 'mean square distance of n closes from their mean (divisor n)',
    source: 'Fisher 1918; TA-Lib VAR',
    inputs: close,
    parameters: [period(20)],
    outputs: [mixed('variance', 'Money squared.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p) => [windows([c.close], of(p, 'period'), (from, to) => moments(c.close, from, to).variance)],
  },
  {
    id: 'zscore',
    name: 'Z-score',
    family: 'statistics',
    tells: 'How many standard deviations the close is from its mean: beyond ±2 it is unusual.',
    formula: '(close − mean) / population standard deviation',
    source: 'Elementary statistics',
    inputs: close,
    parameters: [period(20)],
    outputs: [ratio('zscore', 'Deviations from the mean.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'price did not move in the window',
    compute: (c, p, k) => [over(less(c.close, k.sma(c.close, of(p, 'period'))), k.deviation(c.close, of(p, 'period')))],
  },
  {
    id: 'skewness',
    name: 'Skewness of returns',
    family: 'statistics',
    tells: 'Below zero the large moves are falls, above zero rises.',
    formula: 'third central moment / deviation³ of the last n relative changes',
    source: 'Pearson 1895',
    inputs: close,
    parameters: [period(60, 3)],
    outputs: [ratio('skewness', 'Skewness.')],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'all changes are equal',
    compute: (c, p) => {
      const moves = rateOfChange(c.close, 1)
      return [
        windows([moves], of(p, 'period'), (from, to) => {
          const { variance, third } = moments(moves, from, to)
          return variance === 0 ? NaN : third / variance ** 1.5
        }),
      ]
    },
  },
  {
    id: 'kurtosis',
    name: 'Excess kurtosis of returns',
    family: 'statistics',
    tells: 'Above zero extreme moves are more frequent than in a normal distribution.',
    formula: 'fourth central moment / variance² − 3 of the last n relative changes',
    source: 'Pearson 1905',
    inputs: close,
    parameters: [period(60, 4)],
    outputs: [ratio('kurtosis', 'Excess kurtosis.', { minimum: -2 })],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'all changes are equal',
    compute: (c, p) => {
      const moves = rateOfChange(c.close, 1)
      return [
        windows([moves], of(p, 'period'), (from, to) => {
          const { variance, fourth } = moments(moves, from, to)
          return variance === 0 ? NaN : fourth / variance ** 2 - 3
        }),
      ]
    },
  },
  {
    id: 'linreg_slope',
    name: 'Linear regression slope',
    family: 'statistics',
    tells: `${line('The slope')} Money per candle: above zero up.`,
    formula: 'least squares slope over n closes',
    source: 'Legendre 1805; TA-Lib LINEARREG_SLOPE',
    inputs: close,
    parameters: [period(14)],
    outputs: [price('slope', 'Money per candle.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p, k) => [k.one('LINEARREG_SLOPE', [c.close], [of(p, 'period')])],
  },
  {
    id: 'linreg_intercept',
    name: 'Linear regression intercept',
    family: 'statistics',
    tells: line('Where it begins: the value at the oldest candle'),
    formula: 'least squares value at the first of n closes',
    source: 'Legendre 1805; TA-Lib LINEARREG_INTERCEPT',
    inputs: close,
    parameters: [period(14)],
    outputs: [price('intercept', 'The beginning of the line.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p, k) => [k.one('LINEARREG_INTERCEPT', [c.close], [of(p, 'period')])],
  },
  {
    id: 'linreg_angle',
    name: 'Linear regression angle',
    family: 'statistics',
    tells: `${line('The angle')} In degrees, of money per candle: it depends on the scale of prices.`,
    formula: 'arctangent of the slope in degrees',
    source: 'TA-Lib LINEARREG_ANGLE',
    inputs: close,
    parameters: [period(14)],
    outputs: [mixed('angle', 'Degrees.', { minimum: -90, maximum: 90 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p, k) => [each(k.one('LINEARREG_SLOPE', [c.close], [of(p, 'period')]), (slope) => (Math.atan(slope) * 180) / Math.PI)],
  },
  {
    id: 'tsf',
    name: 'Time series forecast',
    family: 'statistics',
    tells: line('The value at the next candle'),
    formula: 'least squares value one candle after the newest of n closes',
    source: 'Chande and Kroll 1994; TA-Lib TSF',
    inputs: close,
    parameters: [period(14)],
    outputs: [price('tsf', 'The forecast.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p, k) => [k.one('TSF', [c.close], [of(p, 'period')])],
  },
  {
    id: 'r_squared',
    name: 'R squared of the trend',
    family: 'statistics',
    tells: 'How much of the movement a straight line explains: near 1 a clean trend, near 0 none.',
    formula: 'square of the correlation of close and time over n',
    source: 'Chande and Kroll 1994, The New Technical Trader',
    inputs: close,
    parameters: [period(14, 3)],
    outputs: [ratio('r_squared', 'Share explained.', { minimum: 0, maximum: 1 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'price did not move in the window',
    compute: (c, p) => {
      const time = series(c.length, (i) => i)
      return [each(correlation(c.close, time, of(p, 'period')), (value) => value * value)]
    },
  },
  {
    id: 'volume_correlation',
    name: 'Correlation of price and volume',
    family: 'statistics',
    tells: 'Whether volume comes with higher prices (1) or with lower ones (−1).',
    formula: 'Pearson’s correlation of close and volume over n',
    source: 'Pearson 1895; TA-Lib CORREL',
    inputs: ['close', 'volume'],
    parameters: [period(20, 3)],
    outputs: [ratio('correlation', 'Correlation.', { minimum: -1, maximum: 1 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'price or volume did not change in the window',
    compute: (c, p) => [correlation(c.close, c.volume, of(p, 'period'))],
  },
  {
    id: 'autocorrelation',
    name: 'Autocorrelation of returns',
    family: 'statistics',
    tells: 'Above zero moves tend to go on, below zero to turn back.',
    formula: 'Pearson’s correlation of the relative change with that `lag` candles before, over n pairs',
    source: 'Box and Jenkins 1970',
    inputs: close,
    parameters: [period(60, 3), period(1, 1, 'lag', 'Candles between the two.', 100)],
    outputs: [ratio('autocorrelation', 'Correlation.', { minimum: -1, maximum: 1 })],
    warmup: (p) => of(p, 'period') + of(p, 'lag'),
    memory: 'window',
    undefinedWhen: 'all changes are equal',
    compute: (c, p) => {
      const moves = rateOfChange(c.close, 1)
      return [correlation(moves, ago(moves, of(p, 'lag')), of(p, 'period'))]
    },
  },
  {
    id: 'percent_rank',
    name: 'Percent rank',
    family: 'statistics',
    tells: 'The share of the closes before that are below this one: 100 is a new high of the window.',
    formula: '100 · closes among the n before that are below / n',
    source: 'Connors Research 2012; Pine ta.percentrank (there: below or equal)',
    inputs: close,
    parameters: [period(100, 1, 'period', 'Closes it is compared with.', 250)],
    outputs: [percent('percent_rank', 'Share below.', { minimum: 0, maximum: 100 })],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    compute: (c, p) => [
      windows([c.close], of(p, 'period') + 1, (from, to) => {
        let below = 0
        for (let i = from; i < to - 1; i += 1) if (at(c.close, i) < at(c.close, to - 1)) below += 1
        return (100 * below) / (to - from - 1)
      }),
    ],
  },
  {
    id: 'highest',
    name: 'Highest value',
    family: 'statistics',
    tells: 'The highest close of the window.',
    formula: 'maximum of n closes',
    source: 'TA-Lib MAX',
    inputs: close,
    parameters: [period(30)],
    outputs: [price('highest', 'The maximum.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p, k) => [k.highest(c.close, of(p, 'period'))],
  },
  {
    id: 'lowest',
    name: 'Lowest value',
    family: 'statistics',
    tells: 'The lowest close of the window.',
    formula: 'minimum of n closes',
    source: 'TA-Lib MIN',
    inputs: close,
    parameters: [period(30)],
    outputs: [price('lowest', 'The minimum.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p, k) => [k.lowest(c.close, of(p, 'period'))],
  },
  {
    id: 'mean_deviation',
    name: 'Mean absolute deviation',
    family: 'statistics',
    tells: 'The mean distance of closes from their mean, in money; single extremes count less than in the standard deviation.',
    formula: 'mean of |close − mean| over n',
    source: 'Lambert 1980; TA-Lib AVGDEV',
    inputs: close,
    parameters: [period(14)],
    outputs: [price('deviation', 'The mean distance.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p) => [
      windows([c.close], of(p, 'period'), (from, to) => {
        const { mean } = moments(c.close, from, to)
        let sum = 0
        for (let i = from; i < to; i += 1) sum += Math.abs(at(c.close, i) - mean)
        return sum / (to - from)
      }),
    ],
  },
  {
    id: 'median_deviation',
    name: 'Median absolute deviation',
    family: 'statistics',
    tells: 'The median distance of closes from their median: spread that spikes do not move.',
    formula: 'median of |close − median| over n',
    source: 'Hampel 1974',
    inputs: close,
    parameters: [period(20, 2, 'period', 'Candles it looks back over.', 100)],
    outputs: [price('deviation', 'The median distance.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p) => [
      windows([c.close], of(p, 'period'), (from, to) => {
        const values = c.close.slice(from, to)
        const middle = middleOf(values)
        return middleOf(values.map((value) => Math.abs(value - middle)))
      }),
    ],
  },
  {
    id: 'interquartile_range',
    name: 'Interquartile range',
    family: 'statistics',
    tells: 'The width of the middle half of the closes.',
    formula: 'third less first quartile of n closes, interpolated between neighbours (R-7)',
    source: 'Hyndman and Fan 1996, The American Statistician 50:361, definition 7',
    inputs: close,
    parameters: [period(20, 2, 'period', 'Candles it looks back over.', 100)],
    outputs: [price('range', 'The width.', { minimum: 0 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p) => [
      windows([c.close], of(p, 'period'), (from, to) => {
        const sorted = c.close.slice(from, to).sort()
        return quantile(sorted, 0.75) - quantile(sorted, 0.25)
      }),
    ],
  },
  {
    id: 'drawdown',
    name: 'Drawdown',
    family: 'statistics',
    tells: 'How far the close is below the highest close so far, in percent: 0 at a new high.',
    formula: '100 · (close / highest close since the first candle − 1)',
    source: 'Magdon-Ismail and Atiya 2004',
    inputs: close,
    parameters: [],
    outputs: [percent('drawdown', 'Percent below the high.', { minimum: -100, maximum: 0 })],
    warmup: () => 0,
    memory: 'all',
    undefinedWhen: 'no close above zero yet',
    compute: (c) => {
      let highest = -Infinity
      return [
        each(c.close, (value) => {
          if (value > highest) highest = value
          return highest > 0 ? 100 * (value / highest - 1) : NaN
        }),
      ]
    },
  },
  {
    id: 'sharpe',
    name: 'Rolling Sharpe ratio',
    family: 'statistics',
    tells: 'Mean change per unit of its deviation, a year, without a risk-free rate: above 1 the trend paid for its risk.',
    formula: 'mean / sample standard deviation of the last n relative changes · √yearLength',
    source: 'Sharpe 1966, Journal of Business 39:119',
    inputs: close,
    parameters: [
      period(60, 2),
      {
        name: 'yearLength',
        description: 'Candles in a year: 252 for days of a stock exchange, 365 for days of markets that never close.',
        type: 'integer',
        default: 252,
        minimum: 1,
        maximum: 600_000,
      },
    ],
    outputs: [ratio('sharpe', 'The ratio.')],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'all changes are equal',
    compute: (c, p) => {
      const moves = over(change(c.close), ago(c.close, 1))
      return [
        windows([moves], of(p, 'period'), (from, to) => {
          const { mean, variance } = moments(moves, from, to)
          const n = to - from
          return variance === 0 ? NaN : (mean / Math.sqrt((variance * n) / (n - 1))) * Math.sqrt(of(p, 'yearLength'))
        }),
      ]
    },
  },
  {
    id: 'log_return',
    name: 'Logarithmic return',
    family: 'statistics',
    tells: 'The change in percent that adds up over time.',
    formula: '100 · ln(close / close n candles ago)',
    source: 'Campbell, Lo and MacKinlay 1997, The Econometrics of Financial Markets',
    inputs: close,
    parameters: [period(1, 1)],
    outputs: [percent('log_return', 'Change in percent.')],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'prices not above zero',
    compute: (c, p) => [both(c.close, ago(c.close, of(p, 'period')), (now, before) => (now > 0 && before > 0 ? 100 * Math.log(now / before) : NaN))],
  },
  {
    id: 'typical_price',
    name: 'Typical price',
    family: 'price',
    tells: 'One price for the candle, from high, low and close.',
    formula: '(high + low + close) / 3',
    source: 'TA-Lib TYPPRICE',
    inputs: ['high', 'low', 'close'],
    parameters: [],
    outputs: [price('typical', 'The price.')],
    warmup: () => 0,
    memory: 'window',
    compute: (c, _p, k) => [k.one('TYPPRICE', [c.high, c.low, c.close])],
  },
  {
    id: 'median_price',
    name: 'Median price',
    family: 'price',
    tells: 'The middle of the candle.',
    formula: '(high + low) / 2',
    source: 'TA-Lib MEDPRICE',
    inputs: ['high', 'low'],
    parameters: [],
    outputs: [price('median', 'The price.')],
    warmup: () => 0,
    memory: 'window',
    compute: (c, _p, k) => [k.one('MEDPRICE', [c.high, c.low])],
  },
  {
    id: 'weighted_close',
    name: 'Weighted close',
    family: 'price',
    tells: 'One price for the candle in which the close counts twice.',
    formula: '(high + low + 2 · close) / 4',
    source: 'TA-Lib WCLPRICE',
    inputs: ['high', 'low', 'close'],
    parameters: [],
    outputs: [price('weighted', 'The price.')],
    warmup: () => 0,
    memory: 'window',
    compute: (c, _p, k) => [k.one('WCLPRICE', [c.high, c.low, c.close])],
  },
  {
    id: 'average_price',
    name: 'Average price',
    family: 'price',
    tells: 'The mean of the four prices of a candle.',
    formula: '(open + high + low + close) / 4',
    source: 'TA-Lib AVGPRICE',
    inputs: ['open', 'high', 'low', 'close'],
    parameters: [],
    outputs: [price('average', 'The price.')],
    warmup: () => 0,
    memory: 'window',
    compute: (c, _p, k) => [k.one('AVGPRICE', [c.open, c.high, c.low, c.close])],
  },
  {
    id: 'pivot_points',
    name: 'Pivot points',
    family: 'price',
    tells: 'Support and resistance for this candle from the one before: floor traders’ levels.',
    formula: 'pivot: (high₁ + low₁ + close₁) / 3; r1: 2 · pivot − low₁; s1: 2 · pivot − high₁; r2, s2: pivot ± (high₁ − low₁)',
    source: 'Murphy 1999; StockCharts ChartSchool, Pivot Points (standard)',
    inputs: ['high', 'low', 'close'],
    parameters: [],
    outputs: [
      price('pivot', 'The pivot.'),
      price('r1', 'First resistance.'),
      price('s1', 'First support.'),
      price('r2', 'Second resistance.'),
      price('s2', 'Second support.'),
    ],
    warmup: () => 1,
    memory: 'window',
    compute: (c) => {
      const [high, low, end] = [ago(c.high, 1), ago(c.low, 1), ago(c.close, 1)]
      const pivot = series(c.length, (i) => (at(high, i) + at(low, i) + at(end, i)) / 3)
      const range = less(high, low)
      return [pivot, less(scaled(pivot, 2), low), less(scaled(pivot, 2), high), both(pivot, range, (a, b) => a + b), less(pivot, range)]
    },
  },
]

/** Pearson's correlation over a window, from distances to the means: running sums of squares, as in TA-Lib, lose the digits of large numbers that vary little. */
function correlation(a: Series, b: Series, n: number): Series {
  return windows([a, b], n, (from, to) => {
    const [first, second] = [moments(a, from, to), moments(b, from, to)]
    if (first.variance === 0 || second.variance === 0) return NaN
    let together = 0
    for (let i = from; i < to; i += 1) together += (at(a, i) - first.mean) * (at(b, i) - second.mean)
    return Math.max(-1, Math.min(1, together / n / Math.sqrt(first.variance * second.variance)))
  })
}

const middleOf = (values: Series): number => quantile(values.slice().sort(), 0.5)

function quantile(sorted: Series, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return at(sorted, below) + (place - below) * (at(sorted, above) - at(sorted, below))
}
