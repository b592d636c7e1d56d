import { median, typical } from '../candles/candles.ts'
import type { Toolbox } from '../engine/toolbox.ts'
import { add, ago, at, blank, both, change, each, less, over, scaled, series, windows, type Series } from '../engine/vectors.ts'
import { rateOfChange } from './trend.ts'
import { factor, flag, index, mixed, of, percent, period, price, ratio, type Indicator, type Parameters } from './types.ts'

const close = ['close'] as const
const hlc = ['high', 'low', 'close'] as const
const slowerThanFast = (p: Parameters): string | undefined => (of(p, 'slow') > of(p, 'fast') ? undefined : 'slow must be larger than fast')
const swings = (high: number, low: number): string => `Above ${high} overbought, below ${low} oversold; in a strong trend it can stay there.`
const flat = 'the highest high equals the lowest low in the window'

/** Indicators of speed and of exhaustion. */
export const momentum: readonly Indicator[] = [
  {
    id: 'rsi',
    name: 'Relative strength index',
    family: 'momentum',
    tells: `Average gains against average losses. ${swings(70, 30)} Above 50 gains outweigh; divergences from price warn.`,
    formula: '100 − 100 / (1 + average gain / average loss), Wilder’s averages that begin with a simple one',
    source: 'Wilder 1978, chapter 6',
    inputs: close,
    parameters: [period(14, 1)],
    outputs: [index('rsi', 'Strength.', 0, 100)],
    warmup: (p) => of(p, 'period'),
    memory: 'fading',
    undefinedWhen: 'price has not moved since the first candle',
    compute: (c, p, k) => [k.rsi(c.close, of(p, 'period'))],
  },
  {
    id: 'stochastic',
    name: 'Stochastic oscillator',
    family: 'momentum',
    tells: `Where the close lies in the range of the window. ${swings(80, 20)} %K crossing %D at an extreme is the signal.`,
    formula: '%K: SMA(slowing) of 100 · (close − lowest low) / (highest high − lowest low); %D: SMA(d) of %K. Slowing 1 is the fast stochastic',
    source: 'Lane 1984, Technical Analysis of Stocks & Commodities 2:3',
    inputs: hlc,
    parameters: [period(14, 1), period(3, 1, 'slowing', 'Candles over which %K is smoothed; 1: not at all.'), period(3, 1, 'd', 'Candles of %D.')],
    outputs: [index('k', '%K.', 0, 100), index('d', '%D.', 0, 100, { warmup: (p) => of(p, 'period') + of(p, 'slowing') + of(p, 'd') - 3 })],
    warmup: (p) => of(p, 'period') + of(p, 'slowing') - 2,
    memory: 'window',
    undefinedWhen: flat,
    compute: (c, p, k) => {
      const line = k.sma(scaled(position(c.close, c.high, c.low, of(p, 'period'), k), 100), of(p, 'slowing'))
      return [line, k.sma(line, of(p, 'd'))]
    },
  },
  {
    id: 'kdj',
    name: 'KDJ',
    family: 'momentum',
    tells: `The stochastic with slow averages and J, which runs ahead of both. ${swings(80, 20)} J beyond 100 or below 0 is extreme.`,
    formula: 'K: 2/3 · K₁ + 1/3 · RSV, D: 2/3 · D₁ + 1/3 · K, both beginning at 50; J: 3 K − 2 D; RSV is the raw %K over n',
    source: 'Customary in Chinese and Taiwanese charting, after Lane 1984',
    inputs: hlc,
    parameters: [period(9, 1)],
    outputs: [index('k', 'K.', 0, 100), index('d', 'D.', 0, 100), index('j', 'J.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'fading',
    undefinedWhen: flat,
    compute: (c, p, k) => {
      const raw = scaled(position(c.close, c.high, c.low, of(p, 'period'), k), 100)
      const third = (a: Series): Series => {
        let value = 50
        return each(a, (now) => (Number.isNaN(now) ? NaN : (value = (2 * value + now) / 3)))
      }
      const line = third(raw)
      const slow = third(line)
      return [line, slow, both(line, slow, (a, b) => 3 * a - 2 * b)]
    },
  },
  {
    id: 'stochastic_rsi',
    name: 'Stochastic RSI',
    family: 'momentum',
    tells: `Where RSI lies in its own range: quicker and noisier than RSI. ${swings(80, 20)}`,
    formula: '100 · (RSI − lowest RSI) / (highest RSI − lowest RSI) over `stochastic` candles; k: its SMA, d: SMA of k',
    source: 'Chande and Kroll 1994, The New Technical Trader',
    inputs: close,
    parameters: [
      period(14, 2),
      period(14, 3, 'stochastic', 'Candles of the range of RSI.'),
      period(1, 1, 'k', 'Candles over which it is smoothed.'),
      period(3, 1, 'd', 'Candles of the signal line.'),
    ],
    outputs: [
      index('k', 'Stochastic RSI.', 0, 100),
      index('d', 'The signal line.', 0, 100, { warmup: (p) => of(p, 'period') + of(p, 'stochastic') + of(p, 'k') + of(p, 'd') - 3 }),
    ],
    warmup: (p) => of(p, 'period') + of(p, 'stochastic') + of(p, 'k') - 2,
    memory: 'fading',
    undefinedWhen: 'RSI did not move in the window',
    compute: (c, p, k) => {
      const rsi = k.rsi(c.close, of(p, 'period'))
      const line = k.sma(scaled(position(rsi, rsi, rsi, of(p, 'stochastic'), k), 100), of(p, 'k'))
      return [line, k.sma(line, of(p, 'd'))]
    },
  },
  {
    id: 'williams_r',
    name: 'Williams %R',
    family: 'momentum',
    tells: 'How far below the top of the window the close is: above −20 overbought, below −80 oversold.',
    formula: '−100 · (highest high − close) / (highest high − lowest low)',
    source: 'Williams 1973, How I Made One Million Dollars',
    inputs: hlc,
    parameters: [period(14, 1)],
    outputs: [index('williams_r', '%R.', -100, 0)],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: flat,
    compute: (c, p, k) => {
      const high = highestOf(c.high, of(p, 'period'), k)
      return [scaled(over(less(high, c.close), less(high, lowestOf(c.low, of(p, 'period'), k))), -100)]
    },
  },
  {
    id: 'cci',
    name: 'Commodity channel index',
    family: 'momentum',
    tells: 'How far the typical price is from its mean, in mean deviations: three quarters of the time within ±100; leaving that is a new trend or an extreme.',
    formula: '(typical − SMA of typical) / (0.015 · mean absolute deviation)',
    source: 'Lambert 1980, Commodities 9:10',
    inputs: hlc,
    parameters: [period(20, 2, 'period', 'Candles it looks back over.', 250)],
    outputs: [index('cci', 'The index.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'the typical price did not move in the window',
    compute: (c, p, k) => {
      const middle = typical(c)
      const n = of(p, 'period')
      // TA-Lib answers 0 for a window without any movement.
      const range = less(k.highest(middle, n), k.lowest(middle, n))
      return [both(k.one('CCI', [c.high, c.low, c.close], [n], 0), range, (value, moved) => (moved === 0 ? NaN : value))]
    },
  },
  {
    id: 'roc',
    name: 'Rate of change',
    family: 'momentum',
    tells: 'The change over the period in percent: above zero price is higher than then; extremes of its own past are its levels.',
    formula: '100 · (close − close n candles ago) / close n candles ago',
    source: 'Murphy 1999, chapter 10',
    inputs: close,
    parameters: [period(12, 1)],
    outputs: [percent('roc', 'Change in percent.')],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'the close compared with is zero',
    compute: (c, p) => [rateOfChange(c.close, of(p, 'period'))],
  },
  {
    id: 'mom',
    name: 'Momentum',
    family: 'momentum',
    tells: 'The change over the period in money.',
    formula: 'close − close n candles ago',
    source: 'Murphy 1999, chapter 10',
    inputs: close,
    parameters: [period(10, 1)],
    outputs: [price('mom', 'The change.')],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    compute: (c, p, k) => [k.one('MOM', [c.close], [of(p, 'period')])],
  },
  {
    id: 'cmo',
    name: 'Chande momentum oscillator',
    family: 'momentum',
    tells: 'Gains less losses over gains plus losses: above 50 overbought, below −50 oversold.',
    formula: '100 · (sum of gains − sum of losses) / (sum of gains + sum of losses)',
    source: 'Chande and Kroll 1994, The New Technical Trader',
    inputs: close,
    parameters: [period(14, 1)],
    outputs: [index('cmo', 'The oscillator.', -100, 100)],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'price did not move in the window',
    compute: (c, p, k) => {
      // TA-Lib's CMO smooths as RSI does; Chande sums.
      const moves = change(c.close)
      return [scaled(over(k.sum(moves, of(p, 'period')), k.sum(each(moves, Math.abs), of(p, 'period'))), 100)]
    },
  },
  {
    id: 'ultimate',
    name: 'Ultimate oscillator',
    family: 'momentum',
    tells: `Buying pressure over three lengths at once. ${swings(70, 30)} A divergence below 30 that price then breaks is Williams’ signal.`,
    formula: '100 · (4 · short + 2 · middle + long) / 7, each the sum of close − true low over the sum of true range',
    source: 'Williams 1985, Technical Analysis of Stocks & Commodities 3:4',
    inputs: hlc,
    parameters: [
      period(7, 1, 'short', 'Candles of the short length.'),
      period(14, 1, 'middle', 'Candles of the middle length.'),
      period(28, 1, 'long', 'Candles of the long length.'),
    ],
    outputs: [index('ultimate', 'The oscillator.', 0, 100)],
    warmup: (p) => Math.max(of(p, 'short'), of(p, 'middle'), of(p, 'long')),
    memory: 'window',
    undefinedWhen: 'no range in one of the windows',
    compute: (c, p, k) => {
      const range = k.trueRange(c)
      const pressure = less(c.close, both(c.low, ago(c.close, 1), Math.min))
      const share = (name: string): Series => over(k.sum(pressure, of(p, name)), k.sum(range, of(p, name)))
      const [short, middle, long] = [share('short'), share('middle'), share('long')]
      return [series(c.length, (i) => (100 * (4 * at(short, i) + 2 * at(middle, i) + at(long, i))) / 7)]
    },
  },
  {
    id: 'apo',
    name: 'Absolute price oscillator',
    family: 'momentum',
    tells: 'The distance of two exponential averages in money: MACD’s line with any lengths.',
    formula: 'EMA(fast) − EMA(slow)',
    source: 'Appel 1979; TA-Lib APO',
    inputs: close,
    parameters: [period(12, 1, 'fast', 'Candles of the fast average.'), period(26, 2, 'slow', 'Candles of the slow average.')],
    outputs: [price('apo', 'The distance.')],
    warmup: (p) => of(p, 'slow') - 1,
    memory: 'fading',
    refuse: slowerThanFast,
    compute: (c, p, k) => [less(k.ema(c.close, of(p, 'fast')), k.ema(c.close, of(p, 'slow')))],
  },
  {
    id: 'ppo',
    name: 'Percentage price oscillator',
    family: 'momentum',
    tells: 'MACD in percent of the slow average, so that instruments of different price can be compared.',
    formula: '100 · (EMA(fast) − EMA(slow)) / EMA(slow); signal: EMA; histogram: their difference',
    source: 'StockCharts ChartSchool, Percentage Price Oscillator',
    inputs: close,
    parameters: [
      period(12, 1, 'fast', 'Candles of the fast average.'),
      period(26, 2, 'slow', 'Candles of the slow average.'),
      period(9, 1, 'signal', 'Candles of the signal line.'),
    ],
    outputs: [
      percent('ppo', 'The distance.'),
      percent('signal', 'The signal line.', { warmup: (p) => of(p, 'slow') + of(p, 'signal') - 2 }),
      percent('histogram', 'PPO less signal.', { warmup: (p) => of(p, 'slow') + of(p, 'signal') - 2 }),
    ],
    warmup: (p) => of(p, 'slow') - 1,
    memory: 'fading',
    refuse: slowerThanFast,
    compute: (c, p, k) => oscillator(c.close, p, k),
  },
  {
    id: 'tsi',
    name: 'True strength index',
    family: 'momentum',
    tells: 'Doubly smoothed change over doubly smoothed absolute change: above zero up; crossing its signal is early, crossing zero late.',
    formula: '100 · EMA(short) of EMA(long) of change / the same of |change|; signal: EMA',
    source: 'Blau 1991, Technical Analysis of Stocks & Commodities 9:11',
    inputs: close,
    parameters: [
      period(25, 1, 'long', 'Candles of the first smoothing.'),
      period(13, 1, 'short', 'Candles of the second smoothing.'),
      period(7, 1, 'signal', 'Candles of the signal line.'),
    ],
    outputs: [
      index('tsi', 'The index.', -100, 100),
      index('signal', 'The signal line.', -100, 100, { warmup: (p) => of(p, 'long') + of(p, 'short') + of(p, 'signal') - 2 }),
    ],
    warmup: (p) => of(p, 'long') + of(p, 'short') - 1,
    memory: 'fading',
    undefinedWhen: 'price has not moved',
    compute: (c, p, k) => {
      const twice = (a: Series): Series => k.ema(k.ema(a, of(p, 'long')), of(p, 'short'))
      const moves = change(c.close)
      const tsi = scaled(over(twice(moves), twice(each(moves, Math.abs))), 100)
      return [tsi, k.ema(tsi, of(p, 'signal'))]
    },
  },
  {
    id: 'smi',
    name: 'Stochastic momentum index',
    family: 'momentum',
    tells: 'Distance of the close from the middle of the range, doubly smoothed: above 40 overbought, below −40 oversold.',
    formula: '100 · EMA of EMA of (close − middle of range) / (EMA of EMA of range / 2); signal: EMA',
    source: 'Blau 1993, Technical Analysis of Stocks & Commodities 11:1',
    inputs: hlc,
    parameters: [
      period(13, 1),
      period(25, 1, 'first', 'Candles of the first smoothing.'),
      period(2, 1, 'second', 'Candles of the second smoothing.'),
      period(3, 1, 'signal', 'Candles of the signal line.'),
    ],
    outputs: [
      index('smi', 'The index.', -100, 100),
      index('signal', 'The signal line.', -100, 100, { warmup: (p) => of(p, 'period') + of(p, 'first') + of(p, 'second') + of(p, 'signal') - 4 }),
    ],
    warmup: (p) => of(p, 'period') + of(p, 'first') + of(p, 'second') - 3,
    memory: 'fading',
    undefinedWhen: 'no range in the window',
    compute: (c, p, k) => {
      const high = highestOf(c.high, of(p, 'period'), k)
      const low = lowestOf(c.low, of(p, 'period'), k)
      const twice = (a: Series): Series => k.ema(k.ema(a, of(p, 'first')), of(p, 'second'))
      const smi = scaled(
        over(
          twice(
            less(
              c.close,
              both(high, low, (a, b) => (a + b) / 2),
            ),
          ),
          twice(less(high, low)),
        ),
        200,
      )
      return [smi, k.ema(smi, of(p, 'signal'))]
    },
  },
  {
    id: 'bop',
    name: 'Balance of power',
    family: 'momentum',
    tells: 'Who won the candle: 1 buyers throughout, −1 sellers; smoothed over the period.',
    formula: 'SMA of (close − open) / (high − low)',
    source: 'Livshin 2001, Technical Analysis of Stocks & Commodities 19:8',
    inputs: ['open', 'high', 'low', 'close'],
    parameters: [period(14, 1)],
    outputs: [ratio('bop', 'The balance.', { minimum: -1, maximum: 1 })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'a candle of the window has no range',
    compute: (c, p, k) => [k.sma(over(less(c.close, c.open), less(c.high, c.low)), of(p, 'period'))],
  },
  {
    id: 'imi',
    name: 'Intraday momentum index',
    family: 'momentum',
    tells: `RSI made of candle bodies instead of changes of the close. ${swings(70, 30)}`,
    formula: '100 · sum of up bodies / sum of all bodies',
    source: 'Chande and Kroll 1994, The New Technical Trader',
    inputs: ['open', 'close'],
    parameters: [period(14, 1)],
    outputs: [index('imi', 'The index.', 0, 100)],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'every close equals its open',
    compute: (c, p, k) => {
      const body = less(c.close, c.open)
      return [
        scaled(
          over(
            k.sum(
              each(body, (value) => Math.max(value, 0)),
              of(p, 'period'),
            ),
            k.sum(each(body, Math.abs), of(p, 'period')),
          ),
          100,
        ),
      ]
    },
  },
  {
    id: 'connors_rsi',
    name: 'Connors RSI',
    family: 'momentum',
    tells: 'Short RSI, RSI of the streak of ups or downs, and the rank of today’s change: above 90 stretched, below 10 washed out, for days.',
    formula: '(RSI(3) of close + RSI(2) of streak + percent rank of the change among the 100 before) / 3',
    source: 'Connors Research 2012, An Introduction to ConnorsRSI',
    inputs: close,
    parameters: [
      period(3, 1, 'rsi', 'Candles of RSI.'),
      period(2, 1, 'streak', 'Candles of RSI of the streak.'),
      period(100, 2, 'rank', 'Changes the newest is ranked among.', 250),
    ],
    outputs: [index('connors_rsi', 'The mean of the three.', 0, 100)],
    warmup: (p) => Math.max(of(p, 'rsi'), of(p, 'streak'), of(p, 'rank') + 1),
    memory: 'fading',
    undefinedWhen: 'price has not moved',
    compute: (c, p, k) => {
      const moves = rateOfChange(c.close, 1)
      const n = of(p, 'rank')
      const rank = windows([moves], n + 1, (from, to) => {
        let below = 0
        for (let i = from; i < to - 1; i += 1) if (at(moves, i) < at(moves, to - 1)) below += 1
        return (100 * below) / n
      })
      return [series(c.length, mean(k.rsi(c.close, of(p, 'rsi')), k.rsi(streaks(c.close), of(p, 'streak')), rank))]
    },
  },
  {
    id: 'coppock',
    name: 'Coppock curve',
    family: 'momentum',
    tells: 'A curve for monthly candles of an index: turning up from below zero is its buying signal.',
    formula: 'WMA(10) of ROC(14) + ROC(11)',
    source: 'Coppock 1962, Barron’s',
    inputs: close,
    parameters: [
      period(14, 1, 'long', 'Candles of the long change.'),
      period(11, 1, 'short', 'Candles of the short change.'),
      period(10, 1, 'smoothing', 'Candles of the average.'),
    ],
    outputs: [percent('coppock', 'The curve.')],
    warmup: (p) => Math.max(of(p, 'long'), of(p, 'short')) + of(p, 'smoothing') - 1,
    memory: 'window',
    compute: (c, p, k) => [k.wma(add(rateOfChange(c.close, of(p, 'long')), rateOfChange(c.close, of(p, 'short'))), of(p, 'smoothing'))],
  },
  {
    id: 'fisher',
    name: 'Fisher transform',
    family: 'momentum',
    tells: 'The place of price in its range, stretched so that turns are sharp; crossing its trigger, its own value a candle before, is the signal.',
    formula: 'x: 0.66 · (place − 0.5) + 0.67 · x₁ within ±0.999; 0.5 · ln((1 + x) / (1 − x)) + 0.5 · fisher₁; place of (high + low) / 2 in its range',
    source: 'Ehlers 2002, Technical Analysis of Stocks & Commodities 20:11',
    inputs: ['high', 'low'],
    parameters: [period(10)],
    outputs: [index('fisher', 'The transform.'), index('trigger', 'Its value a candle before.', undefined, undefined, { warmup: (p) => of(p, 'period') })],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'fading',
    undefinedWhen: flat,
    compute: (c, p, k) => {
      const middle = median(c)
      const place = position(middle, middle, middle, of(p, 'period'), k)
      let [x, value] = [0, 0]
      const fisher = each(place, (now) => {
        if (Number.isNaN(now)) return NaN
        x = 0.66 * (now - 0.5) + 0.67 * x
        if (x > 0.99) x = 0.999
        if (x < -0.99) x = -0.999
        return (value = 0.5 * Math.log((1 + x) / (1 - x)) + 0.5 * value)
      })
      return [fisher, ago(fisher, 1)]
    },
  },
  {
    id: 'laguerre_rsi',
    name: 'Laguerre RSI',
    family: 'momentum',
    tells: 'RSI of a Laguerre filter: few candles, little noise; above 0.8 overbought, below 0.2 oversold.',
    formula: 'gains / (gains + losses) between the four stages of a Laguerre filter of coefficient gamma',
    source: 'Ehlers 2004, Cybernetic Analysis for Stocks and Futures, chapter 14',
    inputs: close,
    parameters: [factor('gamma', 0.5, 0, 0.99, 'How much of the past each stage keeps.')],
    outputs: [ratio('laguerre_rsi', 'Strength.', { minimum: 0, maximum: 1 })],
    warmup: () => 3,
    memory: 'fading',
    undefinedWhen: 'price has not moved',
    compute: (c, p) => [laguerre(c.close, of(p, 'gamma'))],
  },
  {
    id: 'elder_ray',
    name: 'Elder ray',
    family: 'momentum',
    tells: 'How far buyers lift the high above, and sellers press the low below, the average: in an up trend buy while bear power is negative and rising.',
    formula: 'high − EMA; low − EMA',
    source: 'Elder 1993, Trading for a Living',
    inputs: hlc,
    parameters: [period(13, 1)],
    outputs: [price('bull', 'Bull power.'), price('bear', 'Bear power.')],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'fading',
    compute: (c, p, k) => {
      const average = k.ema(c.close, of(p, 'period'))
      return [less(c.high, average), less(c.low, average)]
    },
  },
  {
    id: 'rvgi',
    name: 'Relative vigor index',
    family: 'momentum',
    tells: 'Bodies over ranges, smoothed: candles close above their open in up trends; crossing its signal is the signal.',
    formula: 'sum over n of (1, 2, 2, 1)/6-weighted close − open / the same of high − low; signal: (1, 2, 2, 1)/6-weighted',
    source: 'Ehlers 2002, Technical Analysis of Stocks & Commodities 20:1',
    inputs: ['open', 'high', 'low', 'close'],
    parameters: [period(10, 1)],
    outputs: [
      ratio('rvgi', 'Vigor.', { minimum: -1, maximum: 1 }),
      ratio('signal', 'The signal line.', { minimum: -1, maximum: 1, warmup: (p) => of(p, 'period') + 5 }),
    ],
    warmup: (p) => of(p, 'period') + 2,
    memory: 'window',
    undefinedWhen: 'no range in the window',
    compute: (c, p, k) => {
      const smooth = (a: Series): Series => series(a.length, (i) => (i < 3 ? NaN : (at(a, i) + 2 * at(a, i - 1) + 2 * at(a, i - 2) + at(a, i - 3)) / 6))
      const vigor = over(k.sum(smooth(less(c.close, c.open)), of(p, 'period')), k.sum(smooth(less(c.high, c.low)), of(p, 'period')))
      return [vigor, smooth(vigor)]
    },
  },
  {
    id: 'demarker',
    name: 'DeMarker',
    family: 'momentum',
    tells: 'New highs against new lows: above 0.7 demand may be exhausted, below 0.3 supply.',
    formula: 'SMA of max(high − high₁, 0) / (that + SMA of max(low₁ − low, 0))',
    source: 'DeMark 1994, The New Science of Technical Analysis',
    inputs: ['high', 'low'],
    parameters: [period(14, 3)],
    outputs: [ratio('demarker', 'Demand.', { minimum: 0, maximum: 1 })],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'no new high and no new low in the window',
    compute: (c, p, k) => {
      const up = k.sum(
        each(change(c.high), (value) => (value > 0 ? value : value <= 0 ? 0 : NaN)),
        of(p, 'period'),
      )
      const down = k.sum(
        each(change(c.low), (value) => (value < 0 ? -value : value >= 0 ? 0 : NaN)),
        of(p, 'period'),
      )
      return [over(up, add(up, down))]
    },
  },
  {
    id: 'relative_momentum',
    name: 'Relative momentum index',
    family: 'momentum',
    tells: `RSI of changes over several candles: smoother, longer at its extremes. ${swings(70, 30)}`,
    formula: 'RSI with gains and losses against the close `momentum` candles ago',
    source: 'Altman 1993, Technical Analysis of Stocks & Commodities 11:2',
    inputs: close,
    parameters: [period(14, 1), period(5, 1, 'momentum', 'Candles a change is taken over.')],
    outputs: [index('rmi', 'Strength.', 0, 100)],
    warmup: (p) => of(p, 'period') + of(p, 'momentum') - 1,
    memory: 'fading',
    undefinedWhen: 'price has not moved',
    compute: (c, p, k) => {
      const moves = change(c.close, of(p, 'momentum'))
      const side = (way: number): Series =>
        k.rma(
          each(moves, (value) => (Number.isNaN(value) ? NaN : Math.max(way * value, 0))),
          of(p, 'period'),
        )
      const [up, down] = [side(1), side(-1)]
      return [scaled(over(up, add(up, down)), 100)]
    },
  },
  {
    id: 'pmo',
    name: 'Price momentum oscillator',
    family: 'momentum',
    tells: 'A doubly smoothed rate of change: crossing its signal is the signal, crossing zero the trend; comparable between instruments.',
    formula: '10 · ROC(1) smoothed with 2 / first, then with 2 / second, each beginning with a simple average; signal: EMA',
    source: 'Swenlin, DecisionPoint; StockCharts ChartSchool',
    inputs: close,
    parameters: [
      period(35, 2, 'first', 'Length of the first smoothing.'),
      period(20, 2, 'second', 'Length of the second smoothing.'),
      period(10, 1, 'signal', 'Candles of the signal line.'),
    ],
    outputs: [
      index('pmo', 'The oscillator.'),
      index('signal', 'The signal line.', undefined, undefined, { warmup: (p) => of(p, 'first') + of(p, 'second') + of(p, 'signal') - 2 }),
    ],
    warmup: (p) => of(p, 'first') + of(p, 'second') - 1,
    memory: 'fading',
    compute: (c, p, k) => {
      const pmo = swenlin(scaled(swenlin(rateOfChange(c.close, 1), of(p, 'first'), k), 10), of(p, 'second'), k)
      return [pmo, k.ema(pmo, of(p, 'signal'))]
    },
  },
  {
    id: 'psychological_line',
    name: 'Psychological line',
    family: 'momentum',
    tells: 'The share of candles that rose: above 75 overbought, below 25 oversold.',
    formula: '100 · rising closes / n',
    source: 'Customary in Japanese charting',
    inputs: close,
    parameters: [period(12, 1)],
    outputs: [index('psychological_line', 'Share in percent.', 0, 100)],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    compute: (c, p, k) => [
      scaled(
        k.sma(
          each(change(c.close), (value) => (value > 0 ? 1 : value <= 0 ? 0 : NaN)),
          of(p, 'period'),
        ),
        100,
      ),
    ],
  },
  {
    id: 'ibs',
    name: 'Internal bar strength',
    family: 'momentum',
    tells: 'Where the close lies in its candle: near 0 weak, near 1 strong; for indices extremes tend to reverse the next day.',
    formula: '(close − low) / (high − low)',
    source: 'Pagonidis 2013, The IBS Effect',
    inputs: hlc,
    parameters: [],
    outputs: [ratio('ibs', 'Place of the close.', { minimum: 0, maximum: 1 })],
    warmup: () => 0,
    memory: 'window',
    undefinedWhen: 'the candle has no range',
    compute: (c) => [over(less(c.close, c.low), less(c.high, c.low))],
  },
  {
    id: 'qqe',
    name: 'Quantitative qualitative estimation',
    family: 'momentum',
    tells: 'Smoothed RSI with a trailing stop of its own: RSI crossing the stop is the signal, above or below 50 the side.',
    formula: 'EMA(smoothing) of RSI; stop at factor · EMA of EMA of its |change| over 2 n − 1 candles, ratcheted',
    source: 'Livshitz 2004; MetaTrader QQE',
    inputs: close,
    parameters: [
      period(14, 2),
      period(5, 1, 'smoothing', 'Candles over which RSI is smoothed.'),
      factor('factor', 4.236, 0.1, 50, 'How many average changes the stop is away.'),
    ],
    outputs: [
      index('rsi', 'Smoothed RSI.', 0, 100),
      index('stop', 'The trailing stop.', undefined, undefined, { warmup: (p) => 5 * of(p, 'period') + of(p, 'smoothing') - 4 }),
      flag('direction', '1 above its stop, -1 below.', { warmup: (p) => 5 * of(p, 'period') + of(p, 'smoothing') - 4 }),
    ],
    warmup: (p) => of(p, 'period') + of(p, 'smoothing') - 1,
    memory: 'fading',
    undefinedWhen: 'price has not moved',
    compute: (c, p, k) => ratchet(k.ema(k.rsi(c.close, of(p, 'period')), of(p, 'smoothing')), of(p, 'period'), of(p, 'factor'), k),
  },
  {
    id: 'wave_trend',
    name: 'Wave trend',
    family: 'momentum',
    tells: 'A smoothed commodity channel index: above 60 overbought, below −60 oversold; wt1 crossing wt2 there is the signal.',
    formula: 'EMA(average) of (typical − EMA) / (0.015 · EMA of |typical − EMA|), EMAs over `channel`; wt2: SMA(4)',
    source: 'LazyBear 2014, TradingView, after Lambert 1980',
    inputs: hlc,
    parameters: [period(10, 2, 'channel', 'Candles of the channel.'), period(21, 1, 'average', 'Candles of the average.')],
    outputs: [
      index('wt1', 'The wave.'),
      index('wt2', 'The signal line.', undefined, undefined, { warmup: (p) => 2 * (of(p, 'channel') - 1) + of(p, 'average') + 2 }),
    ],
    warmup: (p) => 2 * (of(p, 'channel') - 1) + of(p, 'average') - 1,
    memory: 'fading',
    undefinedWhen: 'the typical price has not moved',
    compute: (c, p, k) => {
      const middle = typical(c)
      const off = less(middle, k.ema(middle, of(p, 'channel')))
      const wave = k.ema(over(off, scaled(k.ema(each(off, Math.abs), of(p, 'channel')), 0.015)), of(p, 'average'))
      return [wave, k.sma(wave, 4)]
    },
  },
  {
    id: 'pretty_good',
    name: 'Pretty good oscillator',
    family: 'momentum',
    tells: 'Distance of the close from its average in average true ranges: beyond ±3 a breakout.',
    formula: '(close − SMA) / EMA of true range',
    source: 'Johnson 1999, Traders’ Talk',
    inputs: hlc,
    parameters: [period(14, 2)],
    outputs: [ratio('pgo', 'Distance.')],
    warmup: (p) => of(p, 'period'),
    memory: 'fading',
    undefinedWhen: 'no range so far',
    compute: (c, p, k) => [over(less(c.close, k.sma(c.close, of(p, 'period'))), k.ema(k.trueRange(c), of(p, 'period')))],
  },
  {
    id: 'chande_forecast',
    name: 'Chande forecast oscillator',
    family: 'momentum',
    tells: 'How far the close is from what its line foretold, in percent: above zero better than forecast.',
    formula: '100 · (close − forecast for this candle by the regression of the n before) / close',
    source: 'Chande and Kroll 1994, The New Technical Trader',
    inputs: close,
    parameters: [period(14)],
    outputs: [percent('cfo', 'Error of the forecast.')],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    undefinedWhen: 'the close is zero',
    compute: (c, p, k) => [scaled(over(less(c.close, ago(k.one('TSF', [c.close], [of(p, 'period')]), 1)), c.close), 100)],
  },
  {
    id: 'derivative_oscillator',
    name: 'Derivative oscillator',
    family: 'momentum',
    tells: 'Triply smoothed RSI less its average: crossing zero is the signal.',
    formula: 'EMA(3) of EMA(5) of RSI(14), less its SMA(9)',
    source: 'Brown 1994, in Technical Analysis for the Trading Professional',
    inputs: close,
    parameters: [period(14, 1)],
    outputs: [index('derivative', 'The oscillator.')],
    warmup: (p) => of(p, 'period') + 14,
    memory: 'fading',
    undefinedWhen: 'price has not moved',
    compute: (c, p, k) => {
      const smooth = k.ema(k.ema(k.rsi(c.close, of(p, 'period')), 5), 3)
      return [less(smooth, k.sma(smooth, 9))]
    },
  },
  {
    id: 'rank_correlation',
    name: 'Rank correlation index',
    family: 'momentum',
    tells: 'How orderly closes rise (100) or fall (−100): Spearman’s correlation of time and price. Beyond ±80 a settled trend.',
    formula: '100 · Spearman’s rank correlation of the last n closes with time, ties given their mean rank',
    source: 'Spearman 1904; customary in Japanese charting',
    inputs: close,
    parameters: [period(9, 3, 'period', 'Candles it looks back over.', 100)],
    outputs: [index('rci', 'Orderliness.', -100, 100)],
    warmup: (p) => of(p, 'period') - 1,
    memory: 'window',
    undefinedWhen: 'price did not move in the window',
    compute: (c, p) => [windows([c.close], of(p, 'period'), (from, to) => spearman(c.close, from, to))],
  },
  {
    id: 'td_setup',
    name: 'TD sequential setup',
    family: 'momentum',
    tells: 'Candles in a row that closed above (positive) or below (negative) the close four before: 9 or −9 completes a setup, where trends often pause.',
    formula: 'count of consecutive closes above, or below, the close 4 candles ago',
    source: 'DeMark 1994, The New Science of Technical Analysis',
    inputs: close,
    parameters: [],
    outputs: [{ name: 'count', description: 'The count, negative for a buy setup; 0 where equal.', unit: 'candles' }],
    warmup: () => 4,
    memory: 'all',
    compute: (c) => {
      let count = 0
      return [
        each(change(c.close, 4), (value) => {
          if (Number.isNaN(value)) return NaN
          count = value > 0 ? Math.max(count, 0) + 1 : value < 0 ? Math.min(count, 0) - 1 : 0
          return count
        }),
      ]
    },
  },
  {
    id: 'squeeze_momentum',
    name: 'Squeeze momentum',
    family: 'momentum',
    tells:
      'squeeze is 1 while Bollinger’s bands lie inside Keltner’s channels: quiet before a move; momentum says to which side. The squeeze ending (1 to 0) is the signal.',
    formula: 'momentum: end of the regression line of close − mean of (middle of range, SMA); squeeze: SMA ± 2 deviations within SMA ± 1.5 average true ranges',
    source: 'Carter 2005, Mastering the Trade (TTM squeeze); LazyBear 2014',
    inputs: hlc,
    parameters: [period(20), factor('deviations', 2, 0.1, 10, 'Width of Bollinger’s bands.'), factor('ranges', 1.5, 0.1, 10, 'Width of Keltner’s channels.')],
    outputs: [price('momentum', 'Momentum.', { warmup: (p) => 2 * (of(p, 'period') - 1) }), flag('squeeze', '1 squeezed, 0 not.')],
    warmup: (p) => of(p, 'period'),
    memory: 'window',
    compute: (c, p, k) => {
      const n = of(p, 'period')
      const average = k.sma(c.close, n)
      const middle = k.one('MIDPRICE', [c.high, c.low], [n])
      const off = series(c.length, (i) => at(c.close, i) - (at(middle, i) + at(average, i)) / 2)
      const narrow = both(scaled(k.deviation(c.close, n), of(p, 'deviations')), scaled(k.sma(k.trueRange(c), n), of(p, 'ranges')), (band, channel) =>
        Number.isNaN(band) || Number.isNaN(channel) ? NaN : band < channel ? 1 : 0,
      )
      return [k.one('LINEARREG', [off], [n]), narrow]
    },
  },
  {
    id: 'ht_cycle_period',
    name: 'Hilbert transform dominant cycle period',
    family: 'momentum',
    tells: 'How many candles the dominant cycle takes, 6 to 50: a length for other indicators.',
    formula: 'homodyne discriminator of the Hilbert transform',
    source: 'Ehlers 2001, Rocket Science for Traders, chapter 7; TA-Lib HT_DCPERIOD',
    inputs: close,
    parameters: [],
    outputs: [{ name: 'period', description: 'Candles of the cycle.', unit: 'candles', minimum: 0, maximum: 50 }],
    warmup: () => 32,
    memory: 'fading',
    compute: (c, _p, k) => [k.one('HT_DCPERIOD', [c.close], [], 0)],
  },
  {
    id: 'ht_cycle_phase',
    name: 'Hilbert transform dominant cycle phase',
    family: 'momentum',
    tells: 'Where in its cycle price is, in degrees: bottom near 270 (−90), top near 90; a phase that stands still is a trend.',
    formula: 'phase of the dominant cycle in degrees, −45 to 315',
    source: 'Ehlers 2001, Rocket Science for Traders, chapter 9; TA-Lib HT_DCPHASE',
    inputs: close,
    parameters: [],
    outputs: [mixed('phase', 'Degrees.', { minimum: -45, maximum: 315 })],
    warmup: () => 63,
    memory: 'fading',
    compute: (c, _p, k) => [k.one('HT_DCPHASE', [c.close], [], 0)],
  },
  {
    id: 'ht_phasor',
    name: 'Hilbert transform phasor',
    family: 'momentum',
    tells: 'The in-phase and quadrature parts of the detrended price: their angle is the phase, their length the amplitude of the cycle.',
    formula: 'Hilbert transform of the detrended, weighted close',
    source: 'Ehlers 2001, Rocket Science for Traders, chapter 6; TA-Lib HT_PHASOR',
    inputs: close,
    parameters: [],
    outputs: [price('in_phase', 'In-phase part.'), price('quadrature', 'Quadrature part.')],
    warmup: () => 32,
    memory: 'fading',
    compute: (c, _p, k) => k.many('HT_PHASOR', [c.close], [], [1, 1]),
  },
  {
    id: 'ht_sine',
    name: 'Hilbert transform sine wave',
    family: 'momentum',
    tells: 'Sine of the cycle’s phase and the same 45° ahead: the lead crosses before a cyclic turn; in a trend they run side by side without crossing.',
    formula: 'sine of the dominant cycle’s phase, and of that + 45°',
    source: 'Ehlers 2001, Rocket Science for Traders, chapter 9; TA-Lib HT_SINE',
    inputs: close,
    parameters: [],
    outputs: [ratio('sine', 'Sine.', { minimum: -1, maximum: 1 }), ratio('lead', 'Sine 45° ahead.', { minimum: -1, maximum: 1 })],
    warmup: () => 63,
    memory: 'fading',
    compute: (c, _p, k) => k.many('HT_SINE', [c.close], [], [0, 0]),
  },
]

const highestOf = (a: Series, n: number, k: Toolbox): Series => (n === 1 ? a : k.highest(a, n))
const lowestOf = (a: Series, n: number, k: Toolbox): Series => (n === 1 ? a : k.lowest(a, n))

/** Where a value lies between the lowest low (0) and the highest high (1) of the window. */
function position(value: Series, high: Series, low: Series, n: number, k: Toolbox): Series {
  const bottom = lowestOf(low, n, k)
  return over(less(value, bottom), less(highestOf(high, n, k), bottom))
}

/** EMA(fast) less EMA(slow) in percent of the slow one, its signal line, and their difference. */
export function oscillator(a: Series, p: Parameters, k: Toolbox): readonly Series[] {
  const slow = k.ema(a, of(p, 'slow'))
  const line = scaled(over(less(k.ema(a, of(p, 'fast')), slow), slow), 100)
  const signal = k.ema(line, of(p, 'signal'))
  return [line, signal, less(line, signal)]
}

const mean =
  (...all: readonly Series[]) =>
  (i: number): number =>
    all.reduce((sum, one) => sum + at(one, i), 0) / all.length

/** Candles in a row that rose (positive) or fell (negative); 0 where the close stayed, and at the first candle. */
function streaks(a: Series): Series {
  let streak = 0
  return series(a.length, (i) => {
    const move = i === 0 ? NaN : at(a, i) - at(a, i - 1)
    streak = move > 0 ? Math.max(streak, 0) + 1 : move < 0 ? Math.min(streak, 0) - 1 : 0
    return Number.isNaN(at(a, i)) ? NaN : streak
  })
}

/** Swenlin's smoothing: factor 2 / n, beginning with the simple average of n values. No library has it so. */
function swenlin(a: Series, n: number, k: Toolbox): Series {
  const seed = k.sma(a, n)
  let value = NaN
  return series(a.length, (i) => {
    if (Number.isNaN(at(a, i))) value = NaN
    else value = Number.isNaN(value) ? at(seed, i) : value + (2 / n) * (at(a, i) - value)
    return value
  })
}

/** Ehlers's four-stage filter. trading-signals has it too, beginning with stages of zero, so that it takes the first price for a rise from nothing, and cloning its state at every candle. */
function laguerre(a: Series, gamma: number): Series {
  let [l0, l1, l2, l3, count] = [NaN, NaN, NaN, NaN, 0]
  return each(a, (value) => {
    if (Number.isNaN(value)) {
      count = 0
      return NaN
    }
    if (count === 0) [l0, l1, l2, l3] = [value, value, value, value]
    const [b0, b1, b2, b3] = [l0, l1, l2, l3]
    l0 = (1 - gamma) * value + gamma * b0
    l1 = -gamma * l0 + b0 + gamma * b1
    l2 = -gamma * l1 + b1 + gamma * b2
    l3 = -gamma * l2 + b2 + gamma * b3
    count += 1
    const steps = [l0 - l1, l1 - l2, l2 - l3]
    const all = steps.reduce((sum, step) => sum + Math.abs(step), 0)
    if (count < 4 || all === 0) return NaN
    return steps.reduce((sum, step) => sum + Math.max(step, 0), 0) / all
  })
}

/** QQE's trailing stop: up while the line is above it, the stop then only rises; down the other way round. */
function ratchet(line: Series, period: number, factor: number, k: Toolbox): readonly Series[] {
  const n = 2 * period - 1
  const room = scaled(k.ema(k.ema(each(change(line), Math.abs), n), n), factor)
  const [stop, direction] = [blank(line.length), blank(line.length)]
  let [long, short, way] = [NaN, NaN, 1]
  for (let i = 1; i < line.length; i += 1) {
    const [now, before, off] = [at(line, i), at(line, i - 1), at(room, i)]
    if (Number.isNaN(off)) continue
    const [formerLong, formerShort] = [long, short]
    long = before > formerLong && now > formerLong ? Math.max(formerLong, now - off) : now - off
    short = before < formerShort && now < formerShort ? Math.min(formerShort, now + off) : now + off
    if (now > formerShort) way = 1
    else if (now < formerLong) way = -1
    stop[i] = way === 1 ? long : short
    direction[i] = way
  }
  return [line, stop, direction]
}

function spearman(a: Series, from: number, to: number): number {
  const n = to - from
  const values = [...a.subarray(from, to)]
  const ranks = values.map((value) => {
    let [below, equal] = [0, 0]
    for (const other of values) {
      if (other < value) below += 1
      else if (other === value) equal += 1
    }
    return below + (equal + 1) / 2
  })
  const middle = (n + 1) / 2
  let [both, time, rank] = [0, 0, 0]
  for (const [i, value] of ranks.entries()) {
    both += (i + 1 - middle) * (value - middle)
    time += (i + 1 - middle) ** 2
    rank += (value - middle) ** 2
  }
  return rank === 0 ? NaN : (100 * both) / Math.sqrt(time * rank)
}
