import type { Answer } from '../../../contract/answer.ts'
import type { Run } from '../../../contract/call.ts'
import { HubError } from '../../../contract/errors.ts'
import type { Json, JsonObject } from '../../../contract/json.ts'
import type { Reading } from '../candles/read.ts'
import { warmupOf } from '../catalogue/indicators.ts'
import type { Toolbox } from '../engine/toolbox.ts'
import type { Series } from '../engine/vectors.ts'
import { rounded } from '../numbers.ts'
import { paceOf } from '../pace.ts'
import { columnsOf, withColumns, type Request } from '../request.ts'
import { computeInTurns } from '../run-request.ts'
import { newestThatFit, seriesOf, type Caps } from './answers.ts'

/** Several indicators over one series: rows by timestamp, oldest first, the last `last` of them. */
export async function answerCompute(wanted: readonly Request[], reading: Reading, last: number, caps: Caps, tools: Toolbox, run: Run): Promise<Answer> {
  const { candles } = reading
  const requests = withColumns(wanted)
  const columns: Column[] = []
  const pause = paceOf(run)
  for (const request of requests) {
    const names = columnsOf(request)
    const made = await computeInTurns(request, candles, tools, pause)
    for (const [output, values] of made.entries()) columns.push({ name: names[output] as string, values, request, output })
  }
  refuseDoubles(columns)
  const from = Math.max(0, candles.length - last)
  const row = (i: number): JsonObject => {
    const made: Record<string, Json> = { timestamp: candles.timestamps[i] as string, close: rounded(candles.close[i] as number) }
    for (const { name, values } of columns) made[name] = rounded(values[i] as number)
    return made
  }
  const { rows, truncated } = await newestThatFit(candles.length, from, row, caps, pause)
  const notes = [
    ...reading.notes,
    ...columns.flatMap((column) => told(column, candles.length, candles.length - rows.length)),
    ...roomNotes(rows.length, candles.length - from),
  ]
  const data: Json = { rows, indicators: requests.map((request) => described(request, columns, candles.length)), series: seriesOf(reading) }
  return {
    type: 'data',
    data,
    ...(notes.length > 0 && { notes }),
    ...(candles.length > 0 && { asOf: candles.timestamps.at(-1) as string }),
    ...(truncated && { truncated }),
  }
}

interface Column {
  readonly name: string
  readonly values: Series
  readonly request: Request
  readonly output: number
}

function refuseDoubles(columns: readonly Column[]): void {
  const names = new Set(['timestamp', 'close'])
  for (const { name } of columns) {
    if (names.has(name))
      throw new HubError('HUB_ARGS_INVALID', `two columns would be called "${name}"; give one of the indicators another alias`, { path: 'indicators' })
    names.add(name)
  }
}

function described(request: Request, columns: readonly Column[], length: number): JsonObject {
  const { indicator, parameters, alias, of } = request
  const own = columns.filter((column) => column.request === request)
  const longest = Math.max(...own.map(({ output }) => warmupOf(indicator, output, parameters)))
  return {
    indicator: indicator.id,
    alias,
    name: indicator.name,
    parameters,
    ...(of !== 'close' && { of }),
    columns: Object.fromEntries(own.map(({ name, output }) => [name, indicator.outputs[output]?.description ?? ''])),
    warmup: longest,
    missing: Math.max(0, longest + 1 - length),
  }
}

/** Why values are missing in a column, as far as rows that are answered show it. */
function told({ name, values, request, output }: Column, length: number, from: number): readonly string[] {
  const { indicator, parameters } = request
  const warmup = warmupOf(indicator, output, parameters)
  if (length <= warmup) {
    const more = warmup + 1 - length
    return [`${name} needs ${warmup + 1} candles for its first value: ${more} more than the ${length} there are`]
  }
  let later = 0
  for (let i = Math.max(from, warmup); i < length; i += 1) if (!Number.isFinite(values[i])) later += 1
  const notes: string[] = []
  if (from < warmup) notes.push(`${name} is null for the first ${warmup} of ${length} candles: warm-up`)
  if (later > 0)
    notes.push(
      `${name} does not exist in ${later} ${later === 1 ? 'row' : 'rows'} after warm-up: ${indicator.undefinedWhen ?? 'a candle lacks what it needs'}${lacking(request)}`,
    )
  return notes
}

const lacking = ({ indicator }: Request): string =>
  indicator.undefinedWhen === undefined ? ` (${indicator.inputs.join(', ')})` : `, or a candle lacks ${indicator.inputs.join(', ')}`

const roomNotes = (kept: number, wanted: number): readonly string[] =>
  kept < wanted ? [`only the newest ${kept} of ${wanted} rows are here: no more fit into an answer; the oldest were left out`] : []
