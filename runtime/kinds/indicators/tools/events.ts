import type { Candles } from '../candles/candles.ts'
import { at, type Series } from '../engine/vectors.ts'
import type { Rule } from './rules.ts'

/** Something that happened at a candle, known when that candle closed. */
export interface Event {
  readonly at: number
  readonly event: string
  readonly direction: 'bullish' | 'bearish' | 'up' | 'down'
  /** What made it: values by name. */
  readonly values: Readonly<Record<string, number | string>>
}

/** Where a crosses b: from below or equal to above, or the other way; a side is left only by being on the other one, so that touching is no crossing. */
export function crossings(a: Series, b: Series, names: readonly [string, string], direction: 'up' | 'down' | 'both'): readonly Event[] {
  const events: Event[] = []
  let side = 0
  for (let i = 0; i < a.length; i += 1) {
    const now = Math.sign(at(a, i) - at(b, i))
    if (Number.isNaN(now)) side = 0
    else if (now !== 0) {
      if (side !== 0 && now !== side && direction !== (now > 0 ? 'down' : 'up')) {
        events.push({
          at: i,
          event: now > 0 ? 'crosses above' : 'crosses below',
          direction: now > 0 ? 'up' : 'down',
          values: { [names[0]]: at(a, i), [names[1]]: at(b, i), [`${names[0]} before`]: at(a, i - 1), [`${names[1]} before`]: at(b, i - 1) },
        })
      }
      side = now
    }
  }
  return events
}

/** Where a series enters and leaves what lies above or below a level; on the level is not beyond it. */
export function thresholds(a: Series, name: string, above: number | undefined, below: number | undefined): readonly Event[] {
  const events: Event[] = []
  let zone: number | undefined
  for (let i = 0; i < a.length; i += 1) {
    const value = at(a, i)
    if (Number.isNaN(value)) {
      zone = undefined
      continue
    }
    const now = above !== undefined && value > above ? 1 : below !== undefined && value < below ? -1 : 0
    if (zone !== undefined && now !== zone) {
      const put = (event: string, direction: 'up' | 'down', level: number | undefined): void => {
        events.push({ at: i, event, direction, values: { [name]: value, level: level as number, before: at(a, i - 1) } })
      }
      if (zone === 1) put('leaves above', 'down', above)
      if (zone === -1) put('leaves below', 'up', below)
      if (now === 1) put('enters above', 'up', above)
      if (now === -1) put('enters below', 'down', below)
    }
    zone = now
  }
  return events
}

/**
 * Divergences between swings of price and an oscillator at the same candles (Murphy 1999, chapter 10). Regular: price makes a lower low and the oscillator a higher one (bullish), or price a
 * higher high and the oscillator a lower one (bearish). Hidden: the other way round, for the trend going on. A swing is known `side` candles later, and that candle is the event's.
 */
export function divergences(candles: Candles, oscillator: Series, rule: Extract<Rule, { type: 'divergence' }>): readonly Event[] {
  return [...against(candles, oscillator, rule, 1), ...against(candles, oscillator, rule, -1)].toSorted((a, b) => a.at - b.at)
}

function against(
  { length, high, low, timestamps }: Candles,
  oscillator: Series,
  { side, within, hidden, a }: Extract<Rule, { type: 'divergence' }>,
  way: 1 | -1,
): readonly Event[] {
  const price = way === 1 ? high : low
  const events: Event[] = []
  let last = -1
  for (let swing = side; swing + side < length; swing += 1) {
    if (!isSwing(price, swing, side, way) || Number.isNaN(at(oscillator, swing))) continue
    const former = last
    last = swing
    if (former < 0 || swing - former > within) continue
    const [moved, followed] = [way * (at(price, swing) - at(price, former)), way * (at(oscillator, swing) - at(oscillator, former))]
    const kind = moved > 0 && followed < 0 ? 'regular' : moved < 0 && followed > 0 ? 'hidden' : undefined
    if (kind === undefined || (kind === 'hidden' && !hidden)) continue
    events.push({
      at: swing + side,
      event: `${kind} divergence`,
      direction: way === 1 ? 'bearish' : 'bullish',
      values: {
        first: timestamps[former] as string,
        second: timestamps[swing] as string,
        [way === 1 ? 'high at first' : 'low at first']: at(price, former),
        [way === 1 ? 'high at second' : 'low at second']: at(price, swing),
        [`${a.name} at first`]: at(oscillator, former),
        [`${a.name} at second`]: at(oscillator, swing),
      },
    })
  }
  return events
}

/** Higher (way 1) or lower (−1) than `side` candles before, and than or as those after: of equal ones the first counts. */
function isSwing(price: Series, index: number, side: number, way: 1 | -1): boolean {
  const value = at(price, index) * way
  for (let off = 1; off <= side; off += 1) if (!(value > at(price, index - off) * way && value >= at(price, index + off) * way)) return false
  return true
}
