import { median } from '../candles/candles.ts'
import { distance, type Toolbox } from '../engine/toolbox.ts'
import { add, ago, at, blank, both, change, each, less, over, scaled, series, windows, type Series } from '../engine/vectors.ts'
import { directional } from './directional.ts'
import { parabolic, superTrend, volatilityStop } from './stops.ts'
import { factor, flag, index, mixed, of, percent, period, price, ratio, type Indicator, type Parameters } from './types.ts'

const close = ['close'] as const
const hlc = ['high', 'low', 'close'] as const
const slowerThanFast = (p: Parameters): string | undefined => (of(p, 'slow') > of(p, 'fast') ? undefined : 'slow must be larger than fast')

/** Indicators of direction and of its strength. */
export const trend: readonly Indicator[] = [
  {
    id: 'macd',
    name: 'Moving average convergence divergence',
    family: 'trend',
    tells:
      'The distance of a fast and a slow exponential average. Above zero: up trend; MACD crossing above its signal: upward push begins; the histogram shrinks before it ends.',
    formula: 'EMA(fast) − EMA(slow); signal: EMA of that; histogram: their difference. Each EMA begins with the simple average of its own first closes.',
    source: 'Appel 1979, The Moving Average Convergence-Divergence Method; Aspray 1986 (histogram)',
    inputs: close,
    parameters: [
      period(12, 1, 'fast', 'Candles of the fast average.'),
      period(26, 2, 'slow', 'Candles of the slow average.'),
      period(9, 1, 'signal', 'Candles of the signal line.'),
    ],
    outputs: [
      price('macd', 'The distance of the averages.', { warmup: (p) => of(p, 'slow') - 1 }),
      price('signal', 'The signal line.', { warmup: (p) => of(p, 'slow') + of(p, 'signal') - 2 }),
      price('histogram', 'MACD less signal.', { warmup: (p) => of(p, 'slow') + of(p, 'signal') - 2 }),
    ],
    warmup: (p) => of(p, 'slow') - 1,
    memory: 'fading',
    refuse: slowerThanFast,
    compute: (c, p, k) => {
      // TA-Lib begins both averages at the slow one's first value, which is neither Appel's nor the usual worksheet.
      const macd = less(k.ema(c.close, of(p, 'fast')), k.ema(c.close, of(p, 'slow')))
      const signal = k.ema(macd, of(p, 'signal'))
      return [macd, signal, less(macd, signal)]
    },
  },
  {
    id: 'adx',
    name: 'Average directional index',
    family: 'trend',
    tells: 'How strong a trend is, whichever way: above 25 a trend, below 20 none. plus_di above minus_di: upwards.',
    formula: 'Wilder’s average of DX; +DI and −DI are smoothed directional movement in percent of smoothed true range',
    source: 'Wilder 1978, chapter 4',
    inputs: hlc,
    parameters: [period(14)],
    outputs: [
      index('adx', 'Strength of the trend.', 0, 100, { warmup: (p) => 2 * of(p, 'period') - 1 }),
      index('plus_di', 'Upward directional indicator.', 0, 100),
      index('minus_di', 'Downward directional indicator.', 0, 100),
    ],
    warmup: (p) => of(p, 'period'),
    memory: 'fading',
    undefinedWhen: 'no range or no directional movement at all',
    compute: (c, p, k) => {
      const { plus, minus, dx } = directional(c, of(p, 'period'), k)
      return [k.rma(dx, of(p, 'period')), plus, minus]
    },
  },
  {
    id: 'adxr',
    name: 'Average directional index rating',
    family: 'trend',
    tells: 'ADX averaged with itself a period before: how much trend there is to trade, with less jitter.',
    formula: '(ADX + ADX n candles ago) / 2',
    source: 'Wilder 1978, chapter 4',
    inputs: hlc,
    parameters: [period(14)],
    outputs: [index('adxr', 'The rating.', 0, 100)],
    warmup: (p) => 3 * of(p, 'period') - 1,
    memory: 'fading',
    undefinedWhen: 'no range or no directional movement at all',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      const adx = k.rma(directional(c, n, k).dx, n)
      return [both(adx, ago(adx, n), (now, before) => (now + before) / 2)]
    },
  },
  {
    id: 'dx',
    name: 'Directional movement index',
    family: 'trend',
    tells: 'How one-sided the movement is: 100 all one way, 0 balanced.',
    formula: '100 · |+DI − −DI| / (+DI + −DI)',
    source: 'Wilder 1978, chapter 4',
    inputs: hlc,
    parameters: [period(14)],
    outputs: [index('dx', 'One-sidedness.', 0, 100)],
    warmup: (p) => of(p, 'period'),
    memory: 'fading',
    undefinedWhen: 'no range or no directional movement at all',
    compute: (c, p, k) => [directional(c, of(p, 'period'), k).dx],
  },
  {
    id: 'aroon',
    name: 'Aroon',
    family: 'trend',
    tells:
      'How recent the highest high and the lowest low are: up near 100 and down near 0 is an up trend; both near 50 or falling, none. The oscillator is up less down.',
    formula: '100 · (n − candles since the highest high) / n, over the last n + 1 candles; the same for the lowest low',
    source: 'Chande 1995, Technical Analysis of Stocks & Commodities 13:9',
    inputs: ['high', 'low'],
    parameters: [period(25)],
    outputs: [
      index('up', 'Recency of the highest high.', 0, 100),
      index('down', 'Recency of the lowest low.', 0, 100),
      index('oscillator', 'Up less down.', -100, 100),
    ],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    compute: (c, p, k) => {
      const [down, up] = k.many('AROON', [c.high, c.low], [of(p, 'period')], [0, 0]) as [Series, Series]
      return [up, down, less(up, down)]
    },
  },
  {
    id: 'psar',
    name: 'Parabolic stop and reverse',
    family: 'trend',
    tells: 'A stop that follows price ever closer: below price while long, above while short; when price touches it, direction changes. direction is 1 or -1.',
    formula:
      'SAR + AF · (extreme − SAR), AF grows by step with each new extreme up to maximum; never within the last two candles’ range. The first direction is that of the first directional movement.',
    source: 'Wilder 1978, chapter 2',
    inputs: ['high', 'low'],
    parameters: [factor('step', 0.02, 0.001, 1, 'First acceleration, and its growth.'), factor('maximum', 0.2, 0.001, 1, 'Largest acceleration.')],
    outputs: [price('psar', 'The stop for this candle.'), flag('direction', '1 long, -1 short.')],
    warmup: () => 1,
    memory: 'fading',
    refuse: (p) => (of(p, 'maximum') >= of(p, 'step') ? undefined : 'maximum must not be smaller than step'),
    compute: (c, p, k) => parabolic(c, of(p, 'step'), of(p, 'maximum'), k),
  },
  {
    id: 'supertrend',
    name: 'Supertrend',
    family: 'trend',
    tells: 'A stop at a multiple of the average true range: below price in an up trend, above in a down trend. direction turns when the close crosses it.',
    formula: '(high + low) / 2 ± multiplier · ATR, ratcheted while the trend lasts',
    source: 'Seban 2008',
    inputs: hlc,
    parameters: [period(10), factor('multiplier', 3, 0.1, 50, 'How many average true ranges away.')],
    outputs: [price('supertrend', 'The stop.'), flag('direction', '1 up, -1 down.')],
    warmup: (p) => of(p, 'period'),
    memory: 'fading',
    compute: (c, p, k) => superTrend(c, of(p, 'period'), of(p, 'multiplier'), k),
  },
  {
    id: 'volatility_stop',
    name: 'Wilder’s volatility stop',
    family: 'trend',
    tells: 'A stop at a multiple of the average true range from the best close since the last turn; direction turns when the close crosses it.',
    formula: 'best close of the position ∓ multiplier · ATR of the candle before',
    source: 'Wilder 1978, chapter 3, The Volatility System',
    inputs: hlc,
    parameters: [period(7), factor('multiplier', 3, 0.1, 50, 'How many average true ranges away.')],
    outputs: [price('stop', 'The stop for this candle.'), flag('direction', '1 long, -1 short.')],
    warmup: (p) => of(p, 'period') + 1,
    memory: 'fading',
    compute: (c, p, k) => volatilityStop(c, of(p, 'period'), of(p, 'multiplier'), k),
  },
  {
    id: 'chandelier_exit',
    name: 'Chandelier exit',
    family: 'trend',
    tells: 'Where to leave a long (long) or a short (short) position: a multiple of the average true range from the extreme of the window.',
    formula: 'highest high − multiplier · ATR; lowest low + multiplier · ATR',
    source: 'Le Beau 1992; Elder 2002, Come Into My Trading Room',
    inputs: hlc,
    parameters: [period(22), factor('multiplier', 3, 0.1, 50, 'How many average true ranges away.')],
    outputs: [price('long', 'Exit of a long position.'), price('short', 'Exit of a short position.')],
    warmup: (p) => of(p, 'period'),
    memory: 'fading',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      const room = scaled(k.atr(c, n), of(p, 'multiplier'))
      return [less(k.highest(c.high, n), room), add(k.lowest(c.low, n), room)]
    },
  },
  {
    id: 'chande_kroll_stop',
    name: 'Chande Kroll stop',
    family: 'trend',
    tells: 'Two stops from extremes and average true range: price above both is an up trend, below both a down trend.',
    formula: 'highest over q of (highest high over p − x · ATR(p)); lowest over q of (lowest low over p + x · ATR(p))',
    source: 'Chande and Kroll 1994, The New Technical Trader',
    inputs: hlc,
    parameters: [
      period(10),
      factor('multiplier', 1, 0.1, 50, 'How many average true ranges away.'),
      period(9, 1, 'stopPeriod', 'Candles over which the first stops are taken again.'),
    ],
    outputs: [price('short', 'Stop of a short position.'), price('long', 'Stop of a long position.')],
    warmup: (p) => of(p, 'period') + of(p, 'stopPeriod') - 1,
    memory: 'fading',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      const room = scaled(k.atr(c, n), of(p, 'multiplier'))
      const again = of(p, 'stopPeriod')
      return [
        again === 1 ? less(k.highest(c.high, n), room) : k.highest(less(k.highest(c.high, n), room), again),
        again === 1 ? add(k.lowest(c.low, n), room) : k.lowest(add(k.lowest(c.low, n), room), again),
      ]
    },
  },
  {
    id: 'ichimoku',
    name: 'Ichimoku kinko hyo',
    family: 'trend',
    tells:
      'Price above the cloud (span_a, span_b as they lie under this candle): up trend; conversion crossing above base: buying; a thick cloud is support. Future spans and the lagging line are read off at other candles; nothing here looks ahead.',
    formula:
      'conversion and base: midpoints of 9 and 26 candles; span A: their mean, span B: midpoint of 52, both drawn 26 candles ahead; lagging: the close, drawn 26 candles back',
    source: 'Hosoda 1969; Patel 2010, Trading with Ichimoku Clouds',
    inputs: hlc,
    parameters: [
      period(9, 2, 'conversion', 'Candles of the conversion line.'),
      period(26, 2, 'base', 'Candles of the base line.'),
      period(52, 2, 'span', 'Candles of span B.'),
      period(26, 1, 'displacement', 'How far the cloud is drawn ahead.', 200),
    ],
    outputs: [
      price('conversion', 'Tenkan-sen.', { warmup: (p) => of(p, 'conversion') - 1 }),
      price('base', 'Kijun-sen.', { warmup: (p) => of(p, 'base') - 1 }),
      price('span_a', 'Senkou span A under this candle.', { warmup: (p) => Math.max(of(p, 'conversion'), of(p, 'base')) - 1 + of(p, 'displacement') }),
      price('span_b', 'Senkou span B under this candle.', { warmup: (p) => of(p, 'span') - 1 + of(p, 'displacement') }),
      price('lagging_base', 'The close that this candle’s close is compared with as chikou span: that of `displacement` candles ago.', {
        warmup: (p) => of(p, 'displacement'),
      }),
    ],
    warmup: (p) => Math.min(of(p, 'conversion') - 1, of(p, 'base') - 1, of(p, 'displacement')),
    memory: 'window',
    compute: (c, p, k) => {
      const middle = (n: number): Series => k.one('MIDPRICE', [c.high, c.low], [n])
      const [conversion, base, far, ahead] = [middle(of(p, 'conversion')), middle(of(p, 'base')), middle(of(p, 'span')), of(p, 'displacement')]
      return [
        conversion,
        base,
        ago(
          both(conversion, base, (a, b) => (a + b) / 2),
          ahead,
        ),
        ago(far, ahead),
        ago(c.close, ahead),
      ]
    },
  },
  {
    id: 'vortex',
    name: 'Vortex indicator',
    family: 'trend',
    tells: 'Upward against downward movement between neighbouring candles: plus above minus is an up trend, their crossing its beginning.',
    formula: 'sum of |high − low₁| / sum of true range; sum of |low − high₁| / sum of true range',
    source: 'Botes and Siepman 2010, Technical Analysis of Stocks & Commodities 28:1',
    inputs: hlc,
    parameters: [period(14)],
    outputs: [ratio('plus', 'Upward movement.', { minimum: 0 }), ratio('minus', 'Downward movement.', { minimum: 0 })],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'no range in the window',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      const range = k.sum(k.trueRange(c), n)
      return [over(k.sum(distance(c.high, ago(c.low, 1)), n), range), over(k.sum(distance(c.low, ago(c.high, 1)), n), range)]
    },
  },
  {
    id: 'trix',
    name: 'TRIX',
    family: 'trend',
    tells: 'The change per candle, in percent, of a triply smoothed close: above zero up; it filters out moves shorter than its period.',
    formula: '100 · change of EMA of EMA of EMA / that value one candle ago; signal: its EMA',
    source: 'Hutson 1983, Technical Analysis of Stocks & Commodities 1:5',
    inputs: close,
    parameters: [period(15, 1), period(9, 1, 'signal', 'Candles of the signal line.')],
    outputs: [percent('trix', 'Change in percent.'), percent('signal', 'The signal line.', { warmup: (p) => 3 * of(p, 'period') - 3 + of(p, 'signal') })],
    warmup: (p) => 3 * (of(p, 'period') - 1) + 1,
    memory: 'fading',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      const triple = k.ema(k.ema(k.ema(c.close, n), n), n)
      const trix = scaled(over(change(triple), ago(triple, 1)), 100)
      return [trix, k.ema(trix, of(p, 'signal'))]
    },
  },
  {
    id: 'mass_index',
    name: 'Mass index',
    family: 'trend',
    tells: 'Widening ranges announce a turn: a rise above 27 and fall below 26.5 is the “reversal bulge”; which way, the trend says.',
    formula: 'sum over n of EMA(9) of the range / EMA(9) of that',
    source: 'Dorsey 1992, Technical Analysis of Stocks & Commodities 10:6',
    inputs: ['high', 'low'],
    parameters: [period(25), period(9, 1, 'smoothing', 'Candles of both averages.')],
    outputs: [index('mass_index', 'The sum; about n when ranges stay the same.', 0)],
    warmup: (p) => 2 * (of(p, 'smoothing') - 1) + of(p, 'period') - 1,
    memory: 'fading',
    undefinedWhen: 'no range at all',
    compute: (c, p, k) => {
      const once = k.ema(less(c.high, c.low), of(p, 'smoothing'))
      return [k.sum(over(once, k.ema(once, of(p, 'smoothing'))), of(p, 'period'))]
    },
  },
  {
    id: 'dpo',
    name: 'Detrended price oscillator',
    family: 'trend',
    tells:
      'Price without its trend: its highs and lows show the length of cycles. It compares an older close with the average around it, so it says nothing of today.',
    formula: 'close n/2 + 1 candles ago − SMA(n), n/2 rounded down',
    source: 'Murphy 1999; StockCharts ChartSchool, Detrended Price Oscillator (not shifted back, so that nothing looks ahead)',
    inputs: close,
    parameters: [period(20)],
    outputs: [price('dpo', 'Distance from the average.')],
    warmup: (p) => Math.max(of(p, 'period') - 1, Math.floor(of(p, 'period') / 2) + 1),
    memory: 'window',
    compute: (c, p, k) => [less(ago(c.close, Math.floor(of(p, 'period') / 2) + 1), k.sma(c.close, of(p, 'period')))],
  },
  {
    id: 'kst',
    name: 'Know sure thing',
    family: 'trend',
    tells: 'Four rates of change, smoothed and summed, longer ones weighing more: crossing its signal or zero is a turn of the larger trend.',
    formula: '1 · SMA(10) of ROC(10) + 2 · SMA(10) of ROC(15) + 3 · SMA(10) of ROC(20) + 4 · SMA(15) of ROC(30); signal: SMA(9)',
    source: 'Pring 1992, Technical Analysis of Stocks & Commodities 10:9',
    inputs: close,
    parameters: [period(9, 1, 'signal', 'Candles of the signal line.')],
    outputs: [index('kst', 'The sum.'), index('signal', 'The signal line.', undefined, undefined, { warmup: (p) => 43 + of(p, 'signal') })],
    warmup: () => 44,
    memory: 'window',
    compute: (c, p, k) => {
      const parts = (
        [
          [10, 10],
          [15, 10],
          [20, 10],
          [30, 15],
        ] as const
      ).map(([n, smooth], i) => scaled(k.sma(rateOfChange(c.close, n), smooth), i + 1))
      const kst = parts.reduce(add)
      return [kst, k.sma(kst, of(p, 'signal'))]
    },
  },
  {
    id: 'schaff_trend_cycle',
    name: 'Schaff trend cycle',
    family: 'trend',
    tells: 'A stochastic of a stochastic of MACD: above 75 an established up trend, below 25 down; leaving these levels is the signal.',
    formula: 'EMA(3) of %K(cycle) of EMA(3) of %K(cycle) of EMA(fast) − EMA(slow); %K is 50 where the window is flat',
    source: 'Schaff 1999, Schaff Trend Cycle',
    inputs: close,
    parameters: [
      period(23, 1, 'fast', 'Candles of the fast average.'),
      period(50, 2, 'slow', 'Candles of the slow average.'),
      period(10, 2, 'cycle', 'Candles of both stochastics.'),
    ],
    outputs: [index('stc', 'The cycle.', 0, 100)],
    warmup: (p) => of(p, 'slow') - 1 + 2 * (of(p, 'cycle') - 1) + 4,
    memory: 'fading',
    refuse: slowerThanFast,
    compute: (c, p, k) => {
      const n = of(p, 'cycle')
      const position = (a: Series): Series => {
        const low = k.lowest(a, n)
        const range = less(k.highest(a, n), low)
        return series(a.length, (i) => (at(range, i) === 0 ? 50 : (100 * (at(a, i) - at(low, i))) / at(range, i)))
      }
      const macd = less(k.ema(c.close, of(p, 'fast')), k.ema(c.close, of(p, 'slow')))
      return [k.ema(position(k.ema(position(macd), 3)), 3)]
    },
  },
  {
    id: 'random_walk_index',
    name: 'Random walk index',
    family: 'trend',
    tells: 'How much further price went than a random walk would: high above 1 an up trend, low above 1 a down trend.',
    formula: 'largest over m = 2 … n of (high − low of m candles ago) / (average true range of the m candles before · √m); low alike',
    source: 'Poulos 1991, Technical Analysis of Stocks & Commodities 9:2',
    inputs: hlc,
    parameters: [period(14, 2, 'period', 'The longest way looked at.', 60)],
    outputs: [ratio('high', 'Upwards.'), ratio('low', 'Downwards.')],
    warmup: (p) => of(p, 'period') + 1,
    memory: 'window',
    undefinedWhen: 'no range in the window',
    compute: (c, p, k) => {
      const range = ago(k.trueRange(c), 1)
      const up = blank(c.length)
      const down = blank(c.length)
      const best = (a: number, b: number): number => (Number.isNaN(a) ? b : Math.max(a, b))
      const n = of(p, 'period')
      for (let m = 2; m <= n; m += 1) {
        const drift = scaled(k.sma(range, m), Math.sqrt(m))
        for (let i = n + 1; i < c.length; i += 1) {
          if (!(at(drift, i) > 0)) continue
          up[i] = best(at(up, i), (at(c.high, i) - at(c.low, i - m)) / at(drift, i))
          down[i] = best(at(down, i), (at(c.high, i - m) - at(c.low, i)) / at(drift, i))
        }
      }
      return [up, down]
    },
  },
  {
    id: 'vertical_horizontal_filter',
    name: 'Vertical horizontal filter',
    family: 'trend',
    tells: 'How straight the way was: near 1 a trend, near 0 none.',
    formula: '(highest close − lowest close) / sum of |change| over n changes',
    source: 'White 1991, Futures 20:10',
    inputs: close,
    parameters: [period(28)],
    outputs: [ratio('vhf', 'Straightness.', { minimum: 0, maximum: 1 })],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'price did not move',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      return [over(less(k.highest(c.close, n + 1), k.lowest(c.close, n + 1)), k.sum(each(change(c.close), Math.abs), n))]
    },
  },
  {
    id: 'efficiency_ratio',
    name: 'Kaufman’s efficiency ratio',
    family: 'trend',
    tells: 'Net change over the way walked: 1 straight, 0 back where it began.',
    formula: '|close − close n candles ago| / sum of |change|',
    source: 'Kaufman 1995, Smarter Trading',
    inputs: close,
    parameters: [period(10)],
    outputs: [ratio('efficiency', 'Efficiency.', { minimum: 0, maximum: 1 })],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'price did not move',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      return [over(each(change(c.close, n), Math.abs), k.sum(each(change(c.close), Math.abs), n))]
    },
  },
  {
    id: 'choppiness',
    name: 'Choppiness index',
    family: 'trend',
    tells: 'Above 61.8 the market goes sideways, below 38.2 it trends; it does not say which way.',
    formula: '100 · log10(sum of true range / (highest true high − lowest true low)) / log10 n',
    source: 'Dreiss 1993',
    inputs: hlc,
    parameters: [period(14)],
    outputs: [index('choppiness', 'Choppiness.', 0, 100)],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'no range in the window',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      const before = ago(c.close, 1)
      const highest = k.highest(both(c.high, before, Math.max), n)
      const lowest = k.lowest(both(c.low, before, Math.min), n)
      return [each(over(k.sum(k.trueRange(c), n), less(highest, lowest)), (ways) => (100 * Math.log10(ways)) / Math.log10(n))]
    },
  },
  {
    id: 'qstick',
    name: 'Qstick',
    family: 'trend',
    tells: 'The average candle body: above zero buyers ended the candles, below sellers.',
    formula: 'SMA of close − open',
    source: 'Chande and Kroll 1994, The New Technical Trader',
    inputs: ['open', 'close'],
    parameters: [period(8)],
    outputs: [price('qstick', 'The average body.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    compute: (c, p, k) => [k.sma(less(c.close, c.open), of(p, 'period'))],
  },
  {
    id: 'swing_index',
    name: 'Accumulative swing index',
    family: 'trend',
    tells: 'Wilder’s “phantom line” of real price: its break of a former high or low confirms the one of price. swing is one candle’s share.',
    formula: '50 · (C − C₁ + (C − O)/2 + (C₁ − O₁)/4) / R · K / T, summed',
    source: 'Wilder 1978, chapter 8',
    inputs: ['open', 'high', 'low', 'close'],
    parameters: [factor('limitMove', 300, 0.000001, 1e12, 'The largest move of a day, in the money of the candles: it only scales.')],
    outputs: [mixed('swing', 'Swing of the candle.'), mixed('accumulated', 'Sum since the first candle.')],
    warmup: () => 1,
    memory: 'all',
    compute: (c, p, k) => {
      const inputs = [c.open, c.high, c.low, c.close]
      const candle = (i: number) => ({ open: at(c.open, i), high: at(c.high, i), low: at(c.low, i), close: at(c.close, i) })
      const [swing] = k.feed(
        inputs,
        () => new k.signals.SwingIndex(of(p, 'limitMove')),
        candle,
        (value) => value,
      ) as [Series]
      let sum = 0
      return [swing, each(swing, (value) => (Number.isNaN(value) ? NaN : (sum += value)))]
    },
  },
  {
    id: 'williams_fractal',
    name: 'Williams fractal',
    family: 'trend',
    tells:
      'The last confirmed swing high (up) and swing low (down): a candle whose high is above, or whose low is below, those of the two candles on either side. Told at the candle that confirms it, two after the fractal.',
    formula: 'high of the middle one of 2 · n + 1 candles above all others; kept until the next',
    source: 'Williams 1995, Trading Chaos',
    inputs: ['high', 'low'],
    parameters: [period(2, 1, 'side', 'Candles on either side.', 50)],
    outputs: [price('up', 'The last swing high; none before the first one.'), price('down', 'The last swing low; none before the first one.')],
    warmup: (p) => 2 * of(p, 'side'),
    memory: 'all',
    undefinedWhen: 'no swing was confirmed yet',
    compute: (c, p) => [lastSwing(c.high, of(p, 'side')), scaled(lastSwing(scaled(c.low, -1), of(p, 'side')), -1)],
  },
  {
    id: 'ht_trendmode',
    name: 'Hilbert transform trend mode',
    family: 'trend',
    tells: '1: the market trends; 0: it cycles.',
    formula: 'by the phase of the dominant cycle and the distance of price from the instantaneous trendline',
    source: 'Ehlers 2001, Rocket Science for Traders, chapter 11; TA-Lib HT_TRENDMODE',
    inputs: close,
    parameters: [],
    outputs: [flag('trendmode', '1 trend, 0 cycle.')],
    warmup: () => 63,
    memory: 'fading',
    compute: (c, _p, k) => [k.integers('HT_TRENDMODE', [c.close])],
  },
  {
    id: 'gann_hilo',
    name: 'Gann high low activator',
    family: 'trend',
    tells:
      'An average of lows below price in an up trend, of highs above it in a down trend; direction turns when the close crosses the average of the candle before.',
    formula: 'close above SMA of highs one candle ago: SMA of lows; close below SMA of lows one candle ago: SMA of highs; else as before',
    source: 'Krausz 1998, The New Gann Swing Chartist, Stocks & Commodities 16:2',
    inputs: hlc,
    parameters: [period(3, 1)],
    outputs: [price('activator', 'The line.'), flag('direction', '1 up, -1 down.')],
    warmup: (p) => of(p, 'period'),
    memory: 'all',
    undefinedWhen: 'neither average was crossed yet',
    compute: (c, p, k) => {
      const high = k.sma(c.high, of(p, 'period'))
      const low = k.sma(c.low, of(p, 'period'))
      let direction = NaN
      const directions = series(c.length, (i) => {
        if (i > 0 && at(c.close, i) > at(high, i - 1)) direction = 1
        else if (i > 0 && at(c.close, i) < at(low, i - 1)) direction = -1
        return direction
      })
      return [series(c.length, (i) => (at(directions, i) === 1 ? at(low, i) : at(directions, i) === -1 ? at(high, i) : NaN)), directions]
    },
  },
  {
    id: 'heikin_ashi',
    name: 'Heikin-Ashi candles',
    family: 'price',
    tells: 'Averaged candles in which trends show as runs of one colour; close above open is up. Their prices were never traded.',
    formula: 'close: mean of open, high, low, close; open: mean of the Heikin-Ashi open and close before, first of open and close; high and low take both in',
    source: 'Valcu 2004, Technical Analysis of Stocks & Commodities 22:2',
    inputs: ['open', 'high', 'low', 'close'],
    parameters: [],
    outputs: [price('open', 'Averaged open.'), price('high', 'Averaged high.'), price('low', 'Averaged low.'), price('close', 'Averaged close.')],
    warmup: () => 0,
    memory: 'fading',
    compute: (c) => {
      const end = series(c.length, (i) => (at(c.open, i) + at(c.high, i) + at(c.low, i) + at(c.close, i)) / 4)
      const begin = blank(c.length)
      for (let i = 0; i < c.length; i += 1) {
        const before = i === 0 ? NaN : (at(begin, i - 1) + at(end, i - 1)) / 2
        begin[i] = Number.isNaN(before) ? (at(c.open, i) + at(c.close, i)) / 2 : before
      }
      return [
        begin,
        series(c.length, (i) => Math.max(at(c.high, i), at(begin, i), at(end, i))),
        series(c.length, (i) => Math.min(at(c.low, i), at(begin, i), at(end, i))),
        end,
      ]
    },
  },
  {
    id: 'awesome',
    name: 'Awesome oscillator',
    family: 'momentum',
    tells: 'Recent against older median prices: crossing zero is a turn; two falling peaks above zero (“twin peaks”) warn.',
    formula: 'SMA(fast) − SMA(slow) of (high + low) / 2',
    source: 'Williams 1998, New Trading Dimensions',
    inputs: ['high', 'low'],
    parameters: [period(5, 1, 'fast', 'Candles of the fast average.'), period(34, 2, 'slow', 'Candles of the slow average.')],
    outputs: [price('ao', 'The difference.')],
    warmup: (p) => of(p, 'slow') - 1,
    memory: 'window',
    refuse: slowerThanFast,
    compute: (c, p, k) => [awesome(median(c), of(p, 'fast'), of(p, 'slow'), k)],
  },
  {
    id: 'accelerator',
    name: 'Accelerator oscillator',
    family: 'momentum',
    tells: 'Whether the awesome oscillator speeds up (above zero) or slows down: it turns before momentum does.',
    formula: 'AO − SMA(5) of AO',
    source: 'Williams 1998, New Trading Dimensions',
    inputs: ['high', 'low'],
    parameters: [],
    outputs: [price('ac', 'The acceleration.')],
    warmup: () => 37,
    memory: 'window',
    compute: (c, _p, k) => {
      const ao = awesome(median(c), 5, 34, k)
      return [less(ao, k.sma(ao, 5))]
    },
  },
  {
    id: 'center_of_gravity',
    name: 'Center of gravity',
    family: 'momentum',
    tells: 'Where in the window the weight of prices lies, with almost no lag: it turns with price; crossing its own value of a candle before is the signal.',
    formula: '−sum of (1 + candles ago) · price / sum of price, price (high + low) / 2',
    source: 'Ehlers 2002, Technical Analysis of Stocks & Commodities 20:5',
    inputs: ['high', 'low'],
    parameters: [period(10)],
    outputs: [index('cg', 'Center of gravity.', undefined, 0)],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'prices that sum to zero',
    compute: (c, p) => {
      const middle = median(c)
      return [
        windows([middle], of(p, 'period'), (from, to) => {
          let weighted = 0
          let sum = 0
          for (let i = from; i < to; i += 1) {
            weighted += at(middle, i) * (to - i)
            sum += at(middle, i)
          }
          return sum === 0 ? NaN : -weighted / sum
        }),
      ]
    },
  },
]

const awesome = (middle: Series, fast: number, slow: number, k: Toolbox): Series => less(k.sma(middle, fast), k.sma(middle, slow))

/** 100 · (value − value n ago) / value n ago. */
export const rateOfChange = (a: Series, n: number): Series => scaled(over(change(a, n), ago(a, n)), 100)

/** The last high that stands above `side` candles on both its sides, told when the last of them is there. */
function lastSwing(high: Series, side: number): Series {
  let last = NaN
  return series(high.length, (i) => {
    const middle = i - side
    let isSwing = middle >= side
    for (let off = 1; isSwing && off <= side; off += 1) isSwing = at(high, middle) > at(high, middle - off) && at(high, middle) > at(high, middle + off)
    if (isSwing) last = at(high, middle)
    return last
  })
}
