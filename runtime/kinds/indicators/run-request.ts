import { priceOf, type Candles } from './candles/candles.ts'
import { warmupOf } from './catalogue/indicators.ts'
import type { Indicator } from './catalogue/types.ts'
import type { Toolbox } from './engine/toolbox.ts'
import { blank, type Series } from './engine/vectors.ts'
import type { Request } from './request.ts'

/** Computes one request over candles: a series for each output. Too few candles give series without values. */
export function compute({ indicator, parameters, of }: Request, candles: Candles, tools: Toolbox): readonly Series[] {
  if (candles.length <= firstOf(indicator, parameters)) return indicator.outputs.map(() => blank(candles.length))
  const made = indicator.compute(of === 'close' ? candles : { ...candles, close: priceOf(candles, of) }, parameters, tools)
  return made.map((values, output) => withoutEarly(values, warmupOf(indicator, output, parameters)))
}

// Fewer candles at a time than this cost more in calls than they give others in turns.
const fewest = 256

/**
 * The same in several turns of the event loop where that can be: what depends on a window only is computed stretch by stretch, each with the candles before it that its first values need.
 */
export async function computeInTurns(request: Request, candles: Candles, tools: Toolbox, pause: () => Promise<void>): Promise<readonly Series[]> {
  const { indicator, parameters } = request
  const reach = Math.max(...indicator.outputs.map((_output, index) => warmupOf(indicator, index, parameters)))
  const step = Math.max(fewest, reach)
  if (indicator.memory !== 'window' || candles.length <= 2 * step) {
    const made = compute(request, candles, tools)
    await pause()
    return made
  }
  const whole = indicator.outputs.map(() => blank(candles.length))
  for (let from = 0; from < candles.length; from += step) {
    const begin = Math.max(0, from - reach)
    const part = compute(request, stretchOf(candles, begin, Math.min(from + step, candles.length)), tools)
    for (const [output, values] of part.entries()) whole[output]?.set(values.subarray(from - begin), from)
    await pause()
  }
  return whole
}

const stretchOf = ({ timestamps, open, high, low, close, volume }: Candles, from: number, to: number): Candles => ({
  length: to - from,
  timestamps: timestamps.slice(from, to),
  open: open.subarray(from, to),
  high: high.subarray(from, to),
  low: low.subarray(from, to),
  close: close.subarray(from, to),
  volume: volume.subarray(from, to),
})

/** The candles before the first value. */
const firstOf = (indicator: Indicator, parameters: Request['parameters']): number =>
  Math.min(...indicator.outputs.map((_output, index) => warmupOf(indicator, index, parameters)))

// Some formulas have something to say before they should.
function withoutEarly(values: Series, warmup: number): Series {
  for (let i = 0; i < Math.min(warmup, values.length); i += 1) if (!Number.isNaN(values[i] as number)) return values.slice().fill(NaN, 0, warmup)
  return values
}
