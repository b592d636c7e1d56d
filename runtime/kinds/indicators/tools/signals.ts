import type { Answer } from '../../../contract/answer.ts'
import type { Run } from '../../../contract/call.ts'
import type { JsonObject } from '../../../contract/json.ts'
import { priceOf, type Candles } from '../candles/candles.ts'
import type { Reading } from '../candles/read.ts'
import { warmupOf } from '../catalogue/indicators.ts'
import type { Toolbox } from '../engine/toolbox.ts'
import { blank, type Series } from '../engine/vectors.ts'
import { rounded } from '../numbers.ts'
import { paceOf } from '../pace.ts'
import { computeInTurns } from '../run-request.ts'
import { newestThatFit, seriesOf, type Caps } from './answers.ts'
import { crossings, divergences, thresholds, type Event } from './events.ts'
import type { Operand, Rule } from './rules.ts'

/** What rules find within the last `last` candles, oldest first. */
export async function answerSignals(rules: readonly Rule[], reading: Reading, last: number, caps: Caps, tools: Toolbox, run: Run): Promise<Answer> {
  const { candles } = reading
  const pause = paceOf(run)
  const first = Math.max(0, candles.length - last)
  const known = new Map<string, readonly Series[]>()
  const found: { readonly event: Event; readonly rule: Rule }[] = []
  for (const rule of rules) {
    for (const operand of operandsOf(rule)) {
      if (operand.type !== 'output' || known.has(keyOf(operand))) continue
      known.set(keyOf(operand), await computeInTurns(operand.request, candles, tools, pause))
    }
    for (const event of eventsOf(rule, candles, (operand) => valuesOf(operand, candles, known))) if (event.at >= first) found.push({ event, rule })
    await pause()
  }
  found.sort((a, b) => a.event.at - b.event.at)
  const row = (index: number): JsonObject => rowOf(found[index] as (typeof found)[number], candles)
  const { rows, truncated } = await newestThatFit(found.length, 0, row, caps, pause)
  const short = rules.flatMap((rule) => shortness(rule, candles.length))
  const notes = [...reading.notes, ...new Set(short), ...(found.length === 0 ? [`nothing of this happened in the last ${candles.length - first} candles`] : [])]
  const data = { rows, now: rules.map((rule) => stateOf(rule, candles, known)), series: seriesOf(reading) }
  return {
    type: 'data',
    data,
    ...(notes.length > 0 && { notes }),
    ...(candles.length > 0 && { asOf: candles.timestamps.at(-1) as string }),
    ...(truncated && { truncated }),
  }
}

function eventsOf(rule: Rule, candles: Candles, values: (operand: Operand) => Series): readonly Event[] {
  if (rule.type === 'cross') return crossings(values(rule.a), values(rule.b), [rule.a.name, rule.b.name], rule.direction)
  if (rule.type === 'threshold') return thresholds(values(rule.a), rule.a.name, rule.above, rule.below)
  return divergences(candles, values(rule.a), rule)
}

const operandsOf = (rule: Rule): readonly Operand[] => (rule.type === 'cross' ? [rule.a, rule.b] : [rule.a])

const keyOf = ({ request: { indicator, of, parameters } }: Extract<Operand, { type: 'output' }>): string => JSON.stringify([indicator.id, of, parameters])

function valuesOf(operand: Operand, candles: Candles, known: ReadonlyMap<string, readonly Series[]>): Series {
  if (operand.type === 'level') return new Float64Array(candles.length).fill(operand.value)
  if (operand.type === 'price') return priceOf(candles, operand.price)
  return known.get(keyOf(operand))?.[operand.output] ?? blank(candles.length)
}

const rowOf = ({ event, rule }: { readonly event: Event; readonly rule: Rule }, { timestamps, close }: Candles): JsonObject => ({
  timestamp: timestamps[event.at] as string,
  rule: rule.name,
  type: rule.type,
  event: event.event,
  direction: event.direction,
  close: rounded(close[event.at] as number),
  values: Object.fromEntries(Object.entries(event.values).map(([name, value]) => [name, typeof value === 'number' ? rounded(value) : value])),
})

/** The values at the newest candle, so that nobody needs a second call for them. */
function stateOf(rule: Rule, candles: Candles, known: ReadonlyMap<string, readonly Series[]>): JsonObject {
  const values = operandsOf(rule).map(
    (operand) => [operand.name, candles.length === 0 ? null : rounded(valuesOf(operand, candles, known).at(-1) as number)] as const,
  )
  return { rule: rule.name, values: Object.fromEntries(values) }
}

function shortness(rule: Rule, length: number): readonly string[] {
  return operandsOf(rule).flatMap((operand) => {
    if (operand.type !== 'output') return []
    const needed = warmupOf(operand.request.indicator, operand.output, operand.request.parameters) + 1
    return length >= needed ? [] : [`${operand.name} needs ${needed} candles for its first value: ${needed - length} more than the ${length} there are`]
  })
}
