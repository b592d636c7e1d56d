import type { Answer, ContentBlock, Truncation } from '../contract/answer.ts'
import { isObject, parseJson, scrubJson, type Json, type JsonObject } from '../contract/json.ts'
import type { Secrets } from '../contract/secret.ts'
import type { ToolSpec } from '../contract/tool.ts'
import { withoutTrailing } from '../contract/trailing.ts'
import { HubError } from '../contract/errors.ts'
import { holdsSecret, scrubbed } from '../guards/content.ts'
import type { Polished } from './call.ts'
import type { Stage } from './walk.ts'

type Data = Extract<Answer, { type: 'data' }>
type Content = Extract<Answer, { type: 'content' }>
/** The part of a content answer that is measured. */
type Shaped = Pick<Content, 'content' | 'structured'>

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
  // Its state goes back to where it came from, and is of use only unchanged.
  if (answer.type === 'input') return { answer: { ...answer, requests: scrubbed(answer.requests, secrets) }, bytes: 0 }
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
  if (secrets.scrub(json) !== json) {
    data = scrubJson(parseJson(json), secrets)
    json = JSON.stringify(data)
    if (holdsSecret(json, secrets)) throw withheld()
  }
  const notes = scrubNotes(truncated ? [...(answer.notes ?? []), howToNarrow(truncated, spec)] : answer.notes, secrets)
  return { answer: { type: 'data', data, notes, asOf: answer.asOf, truncated }, json, bytes }
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

const withheld = (): HubError =>
  new HubError('HUB_UPSTREAM_FAILED', 'the answer holds a secret of the hub spread over several values, and is withheld; ask for other fields')

const scrubNotes = (notes: readonly string[] | undefined, secrets: Secrets): readonly string[] | undefined =>
  notes && notes.length > 0 ? notes.map((note) => secrets.scrub(note)) : undefined

// Scrubbed before it is cut: of a secret across the cut too little would be left to be known.
function polishContent(answer: Content, spec: ToolSpec, secrets: Secrets): Polished {
  const { bytes: mostBytes } = spec.policy.result
  let shaped: Shaped = { content: answer.content, structured: answer.structured }
  let json = JSON.stringify(shaped)
  if (secrets.scrub(json) !== json) {
    shaped = scrubJson(parseJson(json), secrets) as unknown as Shaped
    json = JSON.stringify(shaped)
    if (holdsSecret(json, secrets)) throw withheld()
  }
  let bytes = Buffer.byteLength(json)
  if (bytes > mostBytes) {
    shaped = cutContent(shaped, mostBytes, spec)
    json = JSON.stringify(shaped)
    bytes = Buffer.byteLength(json)
  }
  const { content, structured } = shaped
  // What lies beside the content counts as well; it is left out where it is too large, since nobody can ask for less of it.
  const meta = answer.meta && Buffer.byteLength(JSON.stringify(answer.meta)) <= mostBytes ? scrubbed(answer.meta, secrets) : undefined
  return { answer: { ...answer, content, structured, meta }, json, bytes }
}

function cutContent(answer: Shaped, mostBytes: number, spec: ToolSpec): Shaped {
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
const cutText = (text: string, bytes: number): string => withoutTrailing(Buffer.from(text).subarray(0, bytes).toString('utf8'), '\uFFFD')
