import type { Answer, ContentBlock, Truncation } from '../contract/answer.ts'
import { isObject, parseJson, type Json, type JsonObject } from '../contract/json.ts'
import type { Secrets } from '../contract/secret.ts'
import type { ToolSpec } from '../contract/tool.ts'
import type { Polished } from './call.ts'
import type { Stage } from './walk.ts'

type Data = Extract<Answer, { type: 'data' }>
type Content = Extract<Answer, { type: 'content' }>

/** Stage 8: scrubs secrets, bounds rows and bytes, and says what was left out and how to ask for it. */
export function polish(secrets: Secrets, now: () => number): Stage {
  return (walk) => {
    const { answer, request } = walk
    if (!answer) return
    walk.polished = polishAnswer(answer, request.tool.spec, secrets)
    if (answer.type !== 'data' && answer.type !== 'content') return
    const storedAt = now()
    walk.freshness = { cache: 'miss', storedAt, asOf: answer.asOf ?? new Date(storedAt).toISOString(), source: walk.source ?? request.tool.spec.connector }
  }
}

function polishAnswer(answer: Answer, spec: ToolSpec, secrets: Secrets): Polished {
  if (answer.type === 'data') return polishData(answer, spec, secrets)
  if (answer.type === 'content') return polishContent(answer, spec, secrets)
  return { answer, bytes: 0 }
}

function polishData(answer: Data, spec: ToolSpec, secrets: Secrets): Polished {
  const { rows: mostRows, bytes: mostBytes } = spec.policy.result
  let { data, truncated } = answer
  const rows = rowsOf(data)
  if (rows && rows.length > mostRows) {
    data = withRows(data as JsonObject, rows.slice(0, mostRows))
    truncated = { by: 'rows', kept: mostRows, limit: mostRows }
  }
  let json = JSON.stringify(data)
  let bytes = Buffer.byteLength(json)
  if (bytes > mostBytes) {
    const cut = cutToBytes(data, mostBytes)
    data = cut.data
    truncated = { by: 'bytes', kept: cut.kept, limit: mostBytes }
    json = JSON.stringify(data)
    bytes = Buffer.byteLength(json)
  }
  if (truncated && isObject(data) && mayCarryTruncated(spec)) {
    data = { ...data, truncated: true }
    json = JSON.stringify(data)
  }
  const scrubbed = secrets.scrub(json)
  if (scrubbed !== json) data = parseJson(scrubbed)
  const notes = scrubNotes(truncated ? [...(answer.notes ?? []), howToNarrow(truncated, spec)] : answer.notes, secrets)
  return { answer: { type: 'data', data, notes, asOf: answer.asOf, truncated }, json: scrubbed, bytes }
}

const rowsOf = (data: Json): readonly Json[] | undefined => (isObject(data) && Array.isArray(data['rows']) ? (data['rows'] as readonly Json[]) : undefined)

const withRows = (data: JsonObject, rows: readonly Json[]): JsonObject => ({ ...data, rows })

// A closed output schema would make strict clients refuse the whole answer for one member too many.
function mayCarryTruncated(spec: ToolSpec): boolean {
  const { output } = spec
  if (!isObject(output)) return true
  return output['additionalProperties'] !== false || (isObject(output['properties']) && 'truncated' in output['properties'])
}

/** Drops elements from the end of the longest list until the rest fits; text without a list is replaced by a word of its size. */
function cutToBytes(data: Json, mostBytes: number): { readonly data: Json; readonly kept: number } {
  const [key, list] = longestList(data)
  if (!list) return { data: { omitted: `the answer is ${Buffer.byteLength(JSON.stringify(data))} bytes and cannot be shortened` }, kept: 0 }
  const rest = Buffer.byteLength(JSON.stringify(key === undefined ? [] : { ...(data as JsonObject), [key]: [] }))
  let room = mostBytes - rest
  let kept = 0
  for (const element of list) {
    room -= Buffer.byteLength(JSON.stringify(element)) + 1
    if (room < 0) break
    kept += 1
  }
  const short = list.slice(0, kept)
  return { data: key === undefined ? short : { ...(data as JsonObject), [key]: short }, kept }
}

function longestList(data: Json): readonly [key: string | undefined, list: readonly Json[] | undefined] {
  if (Array.isArray(data)) return [undefined, data]
  if (!isObject(data)) return [undefined, undefined]
  let best: readonly [string | undefined, readonly Json[] | undefined] = [undefined, undefined]
  for (const [key, value] of Object.entries(data)) if (Array.isArray(value) && value.length > (best[1]?.length ?? 0)) best = [key, value]
  return best
}

function howToNarrow({ by, kept, limit }: Truncation, spec: ToolSpec): string {
  const inputs = isObject(spec.input) && isObject(spec.input['properties']) ? Object.keys(spec.input['properties']) : []
  const way = inputs.length > 0 ? `narrow it with ${inputs.slice(0, 6).join(', ')}` : 'ask for less'
  return by === 'rows'
    ? `truncated: only the first ${kept} rows are here, the most this tool answers; ${way}`
    : `truncated: only the first ${kept} elements are here, since an answer may have ${limit} bytes; ${way}`
}

const scrubNotes = (notes: readonly string[] | undefined, secrets: Secrets): readonly string[] | undefined =>
  notes && notes.length > 0 ? notes.map((note) => secrets.scrub(note)) : undefined

function polishContent(answer: Content, spec: ToolSpec, secrets: Secrets): Polished {
  const { bytes: mostBytes } = spec.policy.result
  let shaped: JsonObject = { content: answer.content, ...(answer.structured === undefined ? {} : { structured: answer.structured }) }
  let json = JSON.stringify(shaped)
  let bytes = Buffer.byteLength(json)
  if (bytes > mostBytes) {
    shaped = cutContent(answer, mostBytes, spec)
    json = JSON.stringify(shaped)
    bytes = Buffer.byteLength(json)
  }
  const scrubbed = secrets.scrub(json)
  if (scrubbed !== json) shaped = parseJson(scrubbed) as JsonObject
  const structured = shaped['structured']
  return {
    answer: { ...answer, content: shaped['content'] as readonly ContentBlock[], ...(structured === undefined ? { structured: undefined } : { structured }) },
    json: scrubbed,
    bytes,
  }
}

function cutContent(answer: Content, mostBytes: number, spec: ToolSpec): JsonObject {
  let room = mostBytes
  const content: ContentBlock[] = []
  const structuredBytes = answer.structured === undefined ? 0 : Buffer.byteLength(JSON.stringify(answer.structured))
  // Structured content is the part programs read: it stays when it fits, and the text gives way.
  const keepStructured = structuredBytes <= mostBytes
  if (keepStructured) room -= structuredBytes
  for (const block of answer.content) {
    const size = Buffer.byteLength(JSON.stringify(block))
    if (size <= room) {
      content.push(block)
      room -= size
      continue
    }
    if (block['type'] === 'text' && typeof block['text'] === 'string' && room > 200) content.push({ ...block, text: cutText(block['text'], room - 100) })
    room = 0
    break
  }
  content.push({ type: 'text', text: howToNarrow({ by: 'bytes', kept: content.length, limit: mostBytes }, spec) })
  return { content, ...(keepStructured && answer.structured !== undefined ? { structured: answer.structured } : {}) }
}

// Cut at a byte count, then back to a whole character.
const cutText = (text: string, bytes: number): string =>
  Buffer.from(text)
    .subarray(0, bytes)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
