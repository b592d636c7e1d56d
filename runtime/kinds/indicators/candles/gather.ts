import type { Answer } from '../../../contract/answer.ts'
import type { Args, Run } from '../../../contract/call.ts'
import type { Catalogue } from '../../../contract/catalogue.ts'
import { HubError } from '../../../contract/errors.ts'
import { isObject, parseJson, type Json, type JsonObject } from '../../../contract/json.ts'
import { paceOf } from '../pace.ts'
import type { InputColumn } from './candles.ts'
import { readCandles, type Reading } from './read.ts'

/** Where candles come from: given, or by another tool. */
export interface Origin {
  readonly candles?: readonly Json[] | undefined
  readonly from?: { readonly tool: string; readonly args?: JsonObject | undefined } | undefined
}

/** Candles of a call: those given, or the rows another tool answers when it is called as the caller. At most `most`, the newest. */
export async function gatherCandles(origin: Origin, most: number, needed: ReadonlySet<InputColumn>, catalogue: Catalogue, run: Run): Promise<Reading> {
  const { candles, from } = origin
  if (candles !== undefined && from !== undefined) throw new HubError('HUB_ARGS_INVALID', 'candles and from are both given; give one of them', { path: 'from' })
  const pause = paceOf(run)
  if (candles !== undefined) return readCandles(candles, { most, needed, pause, name: 'candles' })
  if (from === undefined) {
    throw new HubError(
      'HUB_ARGS_INVALID',
      'no candles: give candles (rows with timestamp, open, high, low, close, volume), or from: { tool, args } with a tool that answers such rows',
      { path: 'candles' },
    )
  }
  mayRead(from.tool, catalogue, run)
  const answer = await run.call(from.tool, (from.args ?? {}) as Args)
  const rows = rowsIn(answer, from.tool)
  const reading = await readCandles(rows, { most, needed, pause, name: `rows of ${from.tool}: rows` })
  const isCut = answer.type === 'data' && answer.truncated !== undefined
  return isCut ? { ...reading, notes: [`${from.tool} answered only ${rows.length} rows of more (truncated)`, ...reading.notes] } : reading
}

// This connector only reads, and so must what is called through it.
function mayRead(tool: string, catalogue: Catalogue, run: Run): void {
  const description = catalogue.describe(tool, run.principal)
  if (description === undefined) {
    const near = catalogue.suggest(tool, run.principal)
    const way = near.length > 0 ? `; did you mean ${near.slice(0, 3).join(', ')}?` : ''
    // HUB_TOOL_UNKNOWN would speak of this tool.
    throw new HubError('HUB_ARGS_INVALID', `from.tool: no tool "${tool}" is visible to this caller${way}`, { tool, path: 'from.tool' })
  }
  if (description['effect'] !== 'read')
    throw new HubError('HUB_DENIED', `"${tool}" does not only read; candles come from a tool that does`, { tool, path: 'from.tool' })
}

function rowsIn(answer: Answer, tool: string): readonly Json[] {
  if (answer.type === 'job') {
    throw new HubError('HUB_ARGS_INVALID', `"${tool}" works on it as job ${answer.id}; wait for that job, then give its rows as candles`, {
      tool,
      job: answer.id,
    })
  }
  if (answer.type === 'input')
    throw new HubError('HUB_INPUT_UNSUPPORTED', `"${tool}" must ask its user first; call it by itself, then give its rows as candles`, { tool })
  const data = answer.type === 'data' ? answer.data : structuredOf(answer, tool)
  const rows = rowsOf(data)
  if (rows !== undefined) return rows
  const has = isObject(data) ? `; its answer has ${Object.keys(data).slice(0, 12).join(', ') || 'nothing'}` : ''
  throw new HubError(
    'HUB_ARGS_INVALID',
    `"${tool}" answers no rows of candles${has}; use a tool whose answer has rows with timestamp, open, high, low, close`,
    { tool },
  )
}

function structuredOf(answer: Extract<Answer, { type: 'content' }>, tool: string): Json {
  const texts = answer.content.flatMap((block) => (block['type'] === 'text' && typeof block['text'] === 'string' ? [block['text']] : []))
  if (answer.isError === true)
    throw new HubError('HUB_UPSTREAM_FAILED', `"${tool}" failed: ${texts.join(' ').slice(0, 1_000) || 'it did not say why'}`, { tool })
  if (answer.structured !== undefined) return answer.structured
  for (const text of texts) {
    try {
      return parseJson(text)
    } catch {
      // Prose before the data is common.
    }
  }
  return null
}

function rowsOf(data: Json): readonly Json[] | undefined {
  if (Array.isArray(data)) return data as readonly Json[]
  if (!isObject(data)) return undefined
  for (const name of ['rows', 'candles', 'data', 'values']) if (Array.isArray(data[name])) return data[name] as readonly Json[]
  return undefined
}
