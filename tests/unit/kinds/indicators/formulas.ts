import * as m from './arithmetic.ts'
import { growth, make, zip, type Value, type Values } from './arithmetic.ts'
import type { Row } from './ground.ts'

/** Candles as plain columns. */
export interface Columns {
  readonly o: Values
  readonly h: Values
  readonly l: Values
  readonly c: Values
  readonly v: Values
  readonly n: number
}

export const columnsOf = (rows: readonly Row[]): Columns => ({
  o: rows.map(({ open }) => open),
  h: rows.map(({ high }) => high),
  l: rows.map(({ low }) => low),
  c: rows.map(({ close }) => close),
  v: rows.map(({ volume }) => volume),
  n: rows.length,
})

type Formula = (columns: Columns) => Readonly<Record<string, Values>>
type N = number

const minus = (a: Values, b: Values): Values => zip((x, y) => (x as N) - (y as N), a, b)
const plus = (a: Values, b: Values): Values => zip((x, y) => (x as N) + (y as N), a, b)
const mul = (a: Values, b: Values): Values => zip((x, y) => (x as N) * (y as N), a, b)
const div = (a: Values, b: Values): Values => zip((x, y) => (x as N) / (y as N), a, b)
const by = (a: Values, factor: number): Values => zip((x) => (x as N) * factor, a)
const abs = (a: Values): Values => zip((x) => Math.abs(x as N), a)
const adds = (a: Values, n: number): Values => m.rolling(a, n, m.sum)
const total = (a: Values): Values => {
  let sum = 0
  return zip((x) => (sum += x as N), a)
}
const middle = ({ h, l }: Columns): Values => zip((x, y) => ((x as N) + (y as N)) / 2, h, l)
const typical = ({ h, l, c }: Columns): Values => zip((x, y, z) => ((x as N) + (y as N) + (z as N)) / 3, h, l, c)
const range = ({ h, l, c }: Columns): Values => zip((x, y, z) => Math.max(x as N, z as N) - Math.min(y as N, z as N), h, l, m.shift(c, 1))
const swma = (a: Values): Values => zip((x, y, z, w) => ((x as N) + 2 * (y as N) + 2 * (z as N) + (w as N)) / 6, a, m.shift(a, 1), m.shift(a, 2), m.shift(a, 3))
const ln = (a: Values, b: Values): Values => zip((x, y) => Math.log((x as N) / (y as N)), a, b)
const yearly = (a: Values): Values => zip((x) => 100 * Math.sqrt((x as N) * 252), a)
const sample = (a: Values, n: number): Values => m.rolling(a, n, (window) => m.variance(window, n - 1))
const place = (a: Values, n: number, flat: number | null): Values =>
  m.rolling(a, n, (w) => (Math.max(...w) === Math.min(...w) ? flat : (100 * ((w.at(-1) as N) - Math.min(...w))) / (Math.max(...w) - Math.min(...w))))
const atr = (x: Columns, n: number): Values => m.rma(range(x), n)

/** Formulas by indicator with its usual parameters, written from their sources and not from the code under test. */
export const formulas: Readonly<Record<string, Formula>> = {
  trima: ({ c }) => ({
    trima: m.rolling(c, 20, (w) => m.sum(w.map((x, i) => x * Math.min(i + 1, 20 - i))) / m.sum(w.map((_x, i) => Math.min(i + 1, 20 - i)))),
  }),
  zlema: ({ c }) => ({
    zlema: m.ema(
      zip((now, then) => 2 * (now as N) - (then as N), c, m.shift(c, 9)),
      20,
    ),
  }),
  vidya: ({ c, n }) => {
    let value = c[0] as N
    return {
      vidya: make(n, (i) => {
        if (i < 14) return null
        const moves = Array.from({ length: 14 }, (_x, j) => (c[i - j] as N) - (c[i - j - 1] as N))
        const cmo = m.sum(moves) / m.sum(moves.map(Math.abs))
        const alpha = (2 / 15) * Math.abs(cmo)
        return (value = alpha * (c[i] as N) + (1 - alpha) * value)
      }),
    }
  },
  frama: ({ c, n }) => {
    let value: Value = null
    return {
      frama: make(n, (i) => {
        if (i < 15) return null
        if (value === null) return (value = c[i] as N)
        const window = c.slice(i - 15, i + 1) as readonly number[]
        const height = (w: readonly number[]): number => (Math.max(...w) - Math.min(...w)) / w.length
        const [old, young, whole] = [height(window.slice(0, 8)), height(window.slice(8)), height(window)]
        const dimension = old > 0 && young > 0 ? Math.log2(old + young) - Math.log2(whole) : 1
        const alpha = Math.min(1, Math.max(0.01, Math.exp(-4.6 * (dimension - 1))))
        return (value += alpha * ((c[i] as N) - value))
      }),
    }
  },
  swma: ({ c }) => ({ swma: swma(c) }),
  super_smoother: ({ c, n }) => {
    const a = Math.exp((-Math.SQRT2 * Math.PI) / 10)
    const b = 2 * a * Math.cos((Math.SQRT2 * Math.PI) / 10)
    const filter: number[] = []
    for (let i = 0; i < n; i += 1) {
      filter.push(i < 2 ? (c[i] as N) : (1 - b + a * a) * (((c[i] as N) + (c[i - 1] as N)) / 2) + b * (filter[i - 1] as N) - a * a * (filter[i - 2] as N))
    }
    return { super_smoother: make(n, (i) => (i < 9 ? null : (filter[i] as N))) }
  },
  midpoint: ({ c }) => ({ midpoint: zip((x, y) => ((x as N) + (y as N)) / 2, m.highest(c, 14), m.lowest(c, 14)) }),
  midprice: ({ h, l }) => ({ midprice: zip((x, y) => ((x as N) + (y as N)) / 2, m.highest(h, 14), m.lowest(l, 14)) }),
  disparity: ({ c }) => ({ disparity: zip((x, y) => 100 * ((x as N) / (y as N) - 1), c, m.sma(c, 14)) }),
  rolling_vwap: (x) => ({ rolling_vwap: div(adds(mul(typical(x), x.v), 20), adds(x.v, 20)) }),
  moving_median: ({ c }) => ({ median: m.rolling(c, 20, (w) => m.quantile(w, 0.5)) }),
  chande_kroll_stop: (x) => ({
    short: m.highest(minus(m.highest(x.h, 10), atr(x, 10)), 9),
    long: m.lowest(plus(m.lowest(x.l, 10), atr(x, 10)), 9),
  }),
  chandelier_exit: (x) => ({ long: minus(m.highest(x.h, 22), by(atr(x, 22), 3)), short: plus(m.lowest(x.l, 22), by(atr(x, 22), 3)) }),
  mass_index: ({ h, l }) => {
    const once = m.ema(minus(h, l), 9)
    return { mass_index: adds(div(once, m.ema(once, 9)), 25) }
  },
  kst: ({ c }) => {
    const part = (n: number, smooth: number, weight: number): Values => by(m.sma(growth(c, n), smooth), weight)
    const kst = plus(plus(part(10, 10, 1), part(15, 10, 2)), plus(part(20, 10, 3), part(30, 15, 4)))
    return { kst, signal: m.sma(kst, 9) }
  },
  schaff_trend_cycle: ({ c }) => {
    const macd = minus(m.ema(c, 23), m.ema(c, 50))
    return { stc: m.ema(place(m.ema(place(macd, 10, 50), 3), 10, 50), 3) }
  },
  random_walk_index: (x) => {
    const tr = range(x)
    const side = (far: (i: number, ago: number) => number): Values =>
      make(x.n, (i) => {
        if (i < 15) return null
        const found = Array.from({ length: 13 }, (_y, k) => k + 2).map(
          (ago) => far(i, ago) / (m.mean(tr.slice(i - ago, i) as readonly number[]) * Math.sqrt(ago)),
        )
        return Math.max(...found)
      })
    return { high: side((i, ago) => (x.h[i] as N) - (x.l[i - ago] as N)), low: side((i, ago) => (x.h[i - ago] as N) - (x.l[i] as N)) }
  },
  vertical_horizontal_filter: ({ c }) => ({
    vhf: m.rolling(c, 29, (w) => (Math.max(...w) - Math.min(...w)) / m.sum(w.slice(1).map((x, i) => Math.abs(x - (w[i] as N))))),
  }),
  qstick: ({ o, c }) => ({ qstick: m.sma(minus(c, o), 8) }),
  swing_index: ({ o, h, l, c, n }) => {
    const swing = make(n, (i) => {
      if (i === 0) return null
      const [O, H, L, C, O1, C1] = [o[i], h[i], l[i], c[i], o[i - 1], c[i - 1]] as readonly number[] as [N, N, N, N, N, N]
      const [up, down, body] = [Math.abs(H - C1), Math.abs(L - C1), Math.abs(C1 - O1)]
      const r = up >= Math.max(down, H - L) ? up - down / 2 + body / 4 : down >= H - L ? down - up / 2 + body / 4 : H - L + body / 4
      return r === 0 ? 0 : ((50 * (C - C1 + (C - O) / 2 + (C1 - O1) / 4)) / r) * (Math.max(up, down) / 300)
    })
    return { swing, accumulated: total(swing) }
  },
  williams_fractal: ({ h, l, n }) => {
    const kept = (a: Values, way: number): Values => {
      let found: Value = null
      return make(n, (i) => {
        const [x, y, z, u, v] = [i - 4, i - 3, i - 2, i - 1, i].map((k) => (a[k] === undefined ? NaN : (a[k] as N) * way)) as [N, N, N, N, N]
        if (z > x && z > y && z > u && z > v) found = z * way
        return found
      })
    }
    return { up: kept(h, 1), down: kept(l, -1) }
  },
  gann_hilo: ({ h, l, c, n }) => {
    const [top, bottom] = [m.sma(h, 3), m.sma(l, 3)]
    let way: Value = null
    const direction = make(n, (i) => {
      if (i > 2 && (c[i] as N) > (top[i - 1] as N)) way = 1
      else if (i > 2 && (c[i] as N) < (bottom[i - 1] as N)) way = -1
      return way
    })
    return { direction, activator: zip((d, high, low) => (d === 1 ? (low as N) : (high as N)), direction, top, bottom) }
  },
  accelerator: (x) => {
    const ao = minus(m.sma(middle(x), 5), m.sma(middle(x), 34))
    return { ac: minus(ao, m.sma(ao, 5)) }
  },
  center_of_gravity: (x) => ({ cg: m.rolling(middle(x), 10, (w) => -m.sum(w.map((price, i) => price * (10 - i))) / m.sum(w)) }),
  kdj: ({ h, l, c }) => {
    const raw = zip((close, high, low) => (100 * ((close as N) - (low as N))) / ((high as N) - (low as N)), c, m.highest(h, 9), m.lowest(l, 9))
    const smooth = (a: Values): Values => {
      let value = 50
      return zip((x) => (value = (2 / 3) * value + (x as N) / 3), a)
    }
    const k = smooth(raw)
    const d = smooth(k)
    return { k, d, j: zip((x, y) => 3 * (x as N) - 2 * (y as N), k, d) }
  },
  apo: ({ c }) => ({ apo: minus(m.ema(c, 12), m.ema(c, 26)) }),
  ppo: ({ c }) => {
    const ppo = zip((fast, slow) => 100 * ((fast as N) / (slow as N) - 1), m.ema(c, 12), m.ema(c, 26))
    return { ppo, signal: m.ema(ppo, 9), histogram: minus(ppo, m.ema(ppo, 9)) }
  },
  imi: ({ o, c }) => ({ imi: m.rolling(minus(c, o), 14, (w) => (100 * m.sum(w.filter((x) => x > 0))) / m.sum(w.map(Math.abs))) }),
  coppock: ({ c }) => ({ coppock: m.wma(plus(growth(c, 14), growth(c, 11)), 10) }),
  fisher: (x) => {
    const where = place(middle(x), 10, null)
    let [value, fisher] = [0, 0]
    const line = zip((w) => {
      value = 0.66 * ((w as N) / 100 - 0.5) + 0.67 * value
      if (value > 0.99) value = 0.999
      if (value < -0.99) value = -0.999
      return (fisher = Math.atanh(value) + 0.5 * fisher)
    }, where)
    return { fisher: line, trigger: m.shift(line, 1) }
  },
  laguerre_rsi: ({ c }) => {
    let stages = [c[0], c[0], c[0], c[0]] as readonly number[]
    const values = c.map((price) => {
      const [a, b, d, e] = stages as [N, N, N, N]
      const g = 0.5
      const l0 = (1 - g) * (price as N) + g * a
      const l1 = -g * l0 + a + g * b
      const l2 = -g * l1 + b + g * d
      const l3 = -g * l2 + d + g * e
      stages = [l0, l1, l2, l3]
      const steps = [l0 - l1, l1 - l2, l2 - l3]
      return m.sum(steps.filter((x) => x > 0)) / m.sum(steps.map(Math.abs))
    })
    return { laguerre_rsi: make(c.length, (i) => (i < 3 ? null : (values[i] as N))) }
  },
  rvgi: ({ o, h, l, c }) => {
    const rvgi = div(adds(swma(minus(c, o)), 10), adds(swma(minus(h, l)), 10))
    return { rvgi, signal: swma(rvgi) }
  },
  demarker: ({ h, l }) => {
    const up = adds(
      zip((x) => Math.max(x as N, 0), m.change(h)),
      14,
    )
    const down = adds(
      zip((x) => Math.max(-(x as N), 0), m.change(l)),
      14,
    )
    return { demarker: div(up, plus(up, down)) }
  },
  relative_momentum: ({ c }) => {
    const moves = m.change(c, 5)
    const up = m.rma(
      zip((x) => Math.max(x as N, 0), moves),
      14,
    )
    const down = m.rma(
      zip((x) => Math.max(-(x as N), 0), moves),
      14,
    )
    return { rmi: zip((x, y) => 100 - 100 / (1 + (x as N) / (y as N)), up, down) }
  },
  psychological_line: ({ c }) => ({ psychological_line: m.rolling(m.change(c), 12, (w) => (100 * w.filter((x) => x > 0).length) / 12) }),
  ibs: ({ h, l, c }) => ({ ibs: div(minus(c, l), minus(h, l)) }),
  qqe: ({ c, n }) => {
    const line = m.ema(m.rsi(c, 14), 5)
    const room = by(m.ema(m.ema(abs(m.change(line)), 27), 27), 4.236)
    const [stop, direction]: [Value[], Value[]] = [[], []]
    let [long, short, way]: [Value, Value, number] = [null, null, 1]
    for (let i = 0; i < n; i += 1) {
      const [now, before, off] = [line[i], line[i - 1], room[i]] as readonly Value[]
      if (off === null || off === undefined) {
        stop.push(null)
        direction.push(null)
        continue
      }
      const [a, b] = [now as N, before as N]
      const before_: readonly [Value, Value] = [long, short]
      const [oldLong, oldShort] = before_
      long = oldLong !== null && b > oldLong && a > oldLong ? Math.max(oldLong, a - off) : a - off
      short = oldShort !== null && b < oldShort && a < oldShort ? Math.min(oldShort, a + off) : a + off
      if (oldShort !== null && a > oldShort) way = 1
      else if (oldLong !== null && a < oldLong) way = -1
      stop.push(way === 1 ? long : short)
      direction.push(way)
    }
    return { rsi: line, stop, direction }
  },
  wave_trend: (x) => {
    const off = minus(typical(x), m.ema(typical(x), 10))
    const wt1 = m.ema(div(off, by(m.ema(abs(off), 10), 0.015)), 21)
    return { wt1, wt2: m.sma(wt1, 4) }
  },
  pretty_good: (x) => ({ pgo: div(minus(x.c, m.sma(x.c, 14)), m.ema(range(x), 14)) }),
  chande_forecast: ({ c, n }) => ({
    cfo: make(n, (i) => {
      const window = m.last(c, i - 1, 14)
      if (window === null) return null
      const { slope, begin } = m.lineOf(window)
      return (100 * ((c[i] as N) - (begin + 14 * slope))) / (c[i] as N)
    }),
  }),
  derivative_oscillator: ({ c }) => {
    const smooth = m.ema(m.ema(m.rsi(c, 14), 5), 3)
    return { derivative: minus(smooth, m.sma(smooth, 9)) }
  },
  rank_correlation: ({ c }) => ({
    rci: m.rolling(c, 9, (w) => {
      const ranks = w.map((x) => m.mean(w.toSorted((a, b) => a - b).flatMap((y, i) => (y === x ? [i] : []))))
      return (
        100 *
        m.correlation(
          ranks,
          w.map((_x, i) => i),
        )
      )
    }),
  }),
  td_setup: ({ c, n }) => ({
    count: make(n, (i) => {
      if (i < 4) return null
      const way = (k: number): number => Math.sign((c[k] as N) - (c[k - 4] as N))
      let length = 0
      while (i - length >= 4 && way(i - length) === way(i)) length += 1
      return way(i) === 0 ? 0 : length * way(i)
    }),
  }),
  squeeze_momentum: (x) => {
    const center = zip((high, low, average) => ((high as N) + (low as N)) / 4 + (average as N) / 2, m.highest(x.h, 20), m.lowest(x.l, 20), m.sma(x.c, 20))
    const momentum = m.rolling(minus(x.c, center), 20, (w) => m.lineOf(w).begin + 19 * m.lineOf(w).slope)
    const squeeze = zip((band, channel) => ((band as N) * 2 < (channel as N) * 1.5 ? 1 : 0), m.rolling(x.c, 20, m.deviation), m.sma(range(x), 20))
    return { momentum, squeeze }
  },
  acceleration_bands: ({ h, l, c }) => {
    const share = zip((x, y) => (4 * ((x as N) - (y as N))) / ((x as N) + (y as N)), h, l)
    return {
      upper: m.sma(
        zip((x, s) => (x as N) * (1 + (s as N)), h, share),
        20,
      ),
      middle: m.sma(c, 20),
      lower: m.sma(
        zip((x, s) => (x as N) * (1 - (s as N)), l, share),
        20,
      ),
    }
  },
  chaikin_volatility: ({ h, l }) => ({ volatility: growth(m.ema(minus(h, l), 10), 10) }),
  relative_volatility: ({ c }) => {
    const moves = m.change(c)
    const spread = m.rolling(c, 10, m.deviation)
    const up = m.rma(
      zip((s, move) => ((move as N) > 0 ? (s as N) : 0), spread, moves),
      14,
    )
    const down = m.rma(
      zip((s, move) => ((move as N) < 0 ? (s as N) : 0), spread, moves),
      14,
    )
    return { rvi: zip((x, y) => (100 * (x as N)) / ((x as N) + (y as N)), up, down) }
  },
  historical_volatility: ({ c }) => ({ volatility: yearly(sample(ln(c, m.shift(c, 1)), 20)) }),
  parkinson: ({ h, l }) => ({
    volatility: yearly(
      m.sma(
        zip((x) => (x as N) ** 2 / (4 * Math.log(2)), ln(h, l)),
        20,
      ),
    ),
  }),
  garman_klass: ({ o, h, l, c }) => ({
    volatility: yearly(
      m.sma(
        zip((x, y) => 0.5 * (x as N) ** 2 - (2 * Math.log(2) - 1) * (y as N) ** 2, ln(h, l), ln(c, o)),
        20,
      ),
    ),
  }),
  rogers_satchell: ({ o, h, l, c }) => ({ volatility: yearly(m.sma(plus(mul(ln(h, c), ln(h, o)), mul(ln(l, c), ln(l, o))), 20)) }),
  yang_zhang: ({ o, h, l, c }) => {
    const k = 0.34 / (1.34 + 21 / 19)
    const within = m.sma(plus(mul(ln(h, c), ln(h, o)), mul(ln(l, c), ln(l, o))), 20)
    return {
      volatility: yearly(zip((x, y, z) => (x as N) + k * (y as N) + (1 - k) * (z as N), sample(ln(o, m.shift(c, 1)), 20), sample(ln(c, o), 20), within)),
    }
  },
  gapo: ({ h, l }) => ({ gapo: zip((x, y) => Math.log((x as N) - (y as N)) / Math.log(5), m.highest(h, 5), m.lowest(l, 5)) }),
  projection_oscillator: ({ h, l, c, n }) => {
    const slope = (a: Values): Values => m.rolling(a, 14, (w) => m.lineOf(w).slope)
    const [up, down] = [slope(h), slope(l)]
    const carried = (a: Values, slopes: Values, i: number, best: (...all: readonly number[]) => number): number =>
      best(...Array.from({ length: 14 }, (_x, ago) => (a[i - ago] as N) + ago * (slopes[i] as N)))
    return {
      projection: make(n, (i) => {
        if (i < 26) return null
        const [top, bottom] = [carried(h, up, i, Math.max), carried(l, down, i, Math.min)]
        return (100 * ((c[i] as N) - bottom)) / (top - bottom)
      }),
    }
  },
  typical_range: (x) => ({ range: m.sma(by(div(minus(x.h, x.l), typical(x)), 100), 14) }),
  narrow_range: ({ h, l }) => ({ narrow: m.rolling(minus(h, l), 7, (w) => (w.slice(0, -1).every((x) => x > (w.at(-1) as N)) ? 1 : 0)) }),
  nvi: ({ c, v, n }) => ({ nvi: followed(c, v, n, (now, before) => now < before) }),
  pvi: ({ c, v, n }) => ({ pvi: followed(c, v, n, (now, before) => now > before) }),
  obv: ({ c, v, n }) => ({ obv: total(make(n, (i) => (i === 0 ? 1 : Math.sign((c[i] as N) - (c[i - 1] as N))) * (v[i] as N))) }),
  pvt: ({ c, v }) => ({ pvt: total(mul(by(growth(c), 0.01), v)) }),
  volume_roc: ({ v }) => ({ volume_roc: growth(v, 14) }),
  relative_volume: ({ v }) => ({ relative_volume: div(v, m.shift(m.sma(v, 20), 1)) }),
  market_facilitation: ({ h, l, v }) => ({ mfi: div(minus(h, l), v) }),
  williams_ad: ({ h, l, c }) => ({
    wad: total(
      zip(
        (high, low, now, before) =>
          (now as N) > (before as N)
            ? (now as N) - Math.min(low as N, before as N)
            : (now as N) < (before as N)
              ? (now as N) - Math.max(high as N, before as N)
              : 0,
        h,
        l,
        c,
        m.shift(c, 1),
      ),
    ),
  }),
  twiggs: ({ h, l, c, v }) => {
    const [top, bottom] = [zip((x, y) => Math.max(x as N, y as N), h, m.shift(c, 1)), zip((x, y) => Math.min(x as N, y as N), l, m.shift(c, 1))]
    const flow = zip((x, y, z, w) => ((2 * (z as N) - (x as N) - (y as N)) / ((x as N) - (y as N))) * (w as N), top, bottom, c, v)
    return {
      twiggs: div(
        m.rma(flow, 21),
        m.rma(
          v.map((x, i) => (i === 0 ? null : x)),
          21,
        ),
      ),
    }
  },
  volume_zscore: ({ v }) => ({ zscore: m.rolling(v, 20, (w) => ((w.at(-1) as N) - m.mean(w)) / m.deviation(w)) }),
  emv: (x) => ({ emv: m.sma(div(mul(m.change(middle(x)), minus(x.h, x.l)), by(x.v, 1e-8)), 14) }),
  variance: ({ c }) => ({ variance: m.rolling(c, 20, (w) => m.variance(w)) }),
  skewness: ({ c }) => ({ skewness: m.rolling(growth(c), 60, (w) => m.mean(standardized(w).map((x) => x ** 3))) }),
  kurtosis: ({ c }) => ({ kurtosis: m.rolling(growth(c), 60, (w) => m.mean(standardized(w).map((x) => x ** 4)) - 3) }),
  linreg_intercept: ({ c }) => ({ intercept: m.rolling(c, 14, (w) => m.lineOf(w).begin) }),
  linreg_angle: ({ c }) => ({ angle: m.rolling(c, 14, (w) => (Math.atan(m.lineOf(w).slope) * 180) / Math.PI) }),
  tsf: ({ c }) => ({ tsf: m.rolling(c, 14, (w) => m.lineOf(w).begin + 14 * m.lineOf(w).slope) }),
  volume_correlation: ({ c, v, n }) => ({
    correlation: make(n, (i) => (i < 19 ? null : m.correlation(c.slice(i - 19, i + 1) as readonly number[], v.slice(i - 19, i + 1) as readonly number[]))),
  }),
  autocorrelation: ({ c, n }) => {
    const moves = growth(c)
    return {
      autocorrelation: make(n, (i) =>
        i < 61 ? null : m.correlation(moves.slice(i - 59, i + 1) as readonly number[], moves.slice(i - 60, i) as readonly number[]),
      ),
    }
  },
  percent_rank: ({ c }) => ({ percent_rank: m.rolling(c, 101, (w) => w.slice(0, -1).filter((x) => x < (w.at(-1) as N)).length) }),
  highest: ({ c }) => ({ highest: m.highest(c, 30) }),
  lowest: ({ c }) => ({ lowest: m.lowest(c, 30) }),
  median_deviation: ({ c }) => ({
    deviation: m.rolling(c, 20, (w) =>
      m.quantile(
        w.map((x) => Math.abs(x - m.quantile(w, 0.5))),
        0.5,
      ),
    ),
  }),
  interquartile_range: ({ c }) => ({ range: m.rolling(c, 20, (w) => m.quantile(w, 0.75) - m.quantile(w, 0.25)) }),
  drawdown: ({ c, n }) => ({ drawdown: make(n, (i) => 100 * ((c[i] as N) / Math.max(...(c.slice(0, i + 1) as readonly number[])) - 1)) }),
  sharpe: ({ c }) => ({ sharpe: m.rolling(growth(c), 60, (w) => (m.mean(w) / Math.sqrt(m.variance(w, 59))) * Math.sqrt(252)) }),
  log_return: ({ c }) => ({ log_return: by(ln(c, m.shift(c, 1)), 100) }),
  typical_price: (x) => ({ typical: typical(x) }),
  median_price: (x) => ({ median: middle(x) }),
  weighted_close: ({ h, l, c }) => ({ weighted: zip((x, y, z) => ((x as N) + (y as N) + 2 * (z as N)) / 4, h, l, c) }),
  average_price: ({ o, h, l, c }) => ({ average: zip((w, x, y, z) => ((w as N) + (x as N) + (y as N) + (z as N)) / 4, o, h, l, c) }),
  pivot_points: (x) => {
    const [high, low, pivot] = [m.shift(x.h, 1), m.shift(x.l, 1), m.shift(typical(x), 1)]
    return { pivot, r1: minus(by(pivot, 2), low), s1: minus(by(pivot, 2), high), r2: plus(pivot, minus(high, low)), s2: minus(pivot, minus(high, low)) }
  },
}

function standardized(window: readonly number[]): readonly number[] {
  const [center, spread] = [m.mean(window), m.deviation(window)]
  return window.map((x) => (x - center) / spread)
}

function followed(c: Values, v: Values, n: number, counts: (now: number, before: number) => boolean): Values {
  let value = 1_000
  return make(n, (i) => {
    if (i > 0 && counts(v[i] as N, v[i - 1] as N)) value *= (c[i] as N) / (c[i - 1] as N)
    return value
  })
}
