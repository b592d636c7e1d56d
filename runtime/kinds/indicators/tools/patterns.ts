import type { Answer } from '../../../contract/answer.ts'
import type { Run } from '../../../contract/call.ts'
import { HubError } from '../../../contract/errors.ts'
import type { JsonObject } from '../../../contract/json.ts'
import type { Reading } from '../candles/read.ts'
import { patterns, type Pattern } from '../catalogue/patterns.ts'
import type { Toolbox } from '../engine/toolbox.ts'
import type { Series } from '../engine/vectors.ts'
import { rounded } from '../numbers.ts'
import { paceOf } from '../pace.ts'
import { nearTo } from '../request.ts'
import { newestThatFit, seriesOf, type Caps } from './answers.ts'

/** Which way a pattern points. */
export type Direction = 'bullish' | 'bearish' | 'neutral'

// Long and short are measured against so many candles before.
const contextCandles = 10

/** The patterns of these ids; all where none is named. Throws HUB_ARGS_INVALID for one that is not there. */
export function patternsOf(ids: readonly string[]): readonly Pattern[] {
  if (ids.length === 0) return patterns
  return ids.map((id) => {
    const pattern = patternNamed(id)
    if (pattern) return pattern
    throw new HubError('HUB_ARGS_INVALID', `there is no candle pattern "${id}"; ${nearToPattern(id)}`, { path: 'patterns' })
  })
}

/** The pattern of an id, which may be written in capitals or with dashes. */
export const patternNamed = (id: string): Pattern | undefined => patterns.find((pattern) => pattern.id === id.toLowerCase().replaceAll(/[\s-]/g, '_'))

/** The pattern meant, where one is near; else all there are. */
export const nearToPattern = (id: string): string =>
  nearTo(
    id,
    patterns.map((pattern) => pattern.id),
    `known are ${patterns.map((pattern) => pattern.id).join(', ')}`,
  )

/** Candle patterns that end within the last `last` candles, oldest first. */
export async function answerPatterns(
  wanted: readonly Pattern[],
  direction: Direction | undefined,
  reading: Reading,
  last: number,
  caps: Caps,
  tools: Toolbox,
  run: Run,
): Promise<Answer> {
  const { candles } = reading
  const pause = paceOf(run)
  const first = Math.max(0, candles.length - last)
  const found: { readonly at: number; readonly row: JsonObject }[] = []
  for (const pattern of wanted) {
    const values = valuesOf(pattern, [candles.open, candles.high, candles.low, candles.close], tools)
    for (let at = first; at < candles.length; at += 1) {
      const value = values[at] as number
      if (!(Math.abs(value) > 0)) continue
      const seen = directionOf(pattern, value)
      if (direction !== undefined && seen !== direction) continue
      found.push({ at, row: rowOf(pattern, value, seen, candles.timestamps[at] as string, rounded(candles.close[at] as number)) })
    }
    await pause()
  }
  found.sort((a, b) => a.at - b.at)
  const { rows, truncated } = await newestThatFit(found.length, 0, (index) => (found[index] as (typeof found)[number]).row, caps, pause)
  const notes = [...reading.notes, ...lengthNotes(candles.length, first), ...(found.length === 0 ? ['no pattern in these candles'] : [])]
  const data = { rows, series: seriesOf(reading), searched: { patterns: wanted.length, candles: candles.length - first } }
  return {
    type: 'data',
    data,
    ...(notes.length > 0 && { notes }),
    ...(candles.length > 0 && { asOf: candles.timestamps.at(-1) as string }),
    ...(truncated && { truncated }),
  }
}

/** What TA-Lib sees of a pattern at each candle. */
export function valuesOf(pattern: Pattern, inputs: readonly Series[], tools: Toolbox): Series {
  return tools.integers(`CDL${pattern.function}`, inputs, pattern.options)
}

/** Which way a pattern points where it was seen. */
export const directionOf = ({ bias }: Pattern, value: number): Direction => (bias === 'both' ? (value > 0 ? 'bullish' : 'bearish') : bias)

const rowOf = (pattern: Pattern, value: number, direction: Direction, timestamp: string, close: number | null): JsonObject => ({
  timestamp,
  close,
  pattern: pattern.id,
  name: pattern.name,
  direction,
  strength: Math.abs(value),
  candles: pattern.candles,
  tells: pattern.tells,
})

function lengthNotes(length: number, first: number): readonly string[] {
  if (length === 0) return ['there are no candles']
  const context = contextCandles + 5
  if (first >= context) return []
  return [
    `patterns need up to ${context} candles before them to measure long and short by: of the first ${context} of these ${length} candles most are not judged`,
  ]
}
