import type { Answer } from '../../contract/answer.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import type { ToolPolicy } from '../../contract/tool.ts'
import type { Path } from './names.ts'
import type { ListReply, ReadReply, SearchReply } from './requests.ts'

// Everything of an answer but its rows, or its text.
const frameBytes = 4_096

/** What of an answer's bytes its content may take. */
export const roomOf = ({ result }: Pick<ToolPolicy, 'result'>): number => Math.max(256, result.bytes - Math.min(frameBytes, result.bytes / 2))

/** Rows and nothing else. */
export const asRows = (rows: readonly object[]): Answer => ({ type: 'data', data: { rows: rows as readonly JsonObject[] } })

/** A part of a file, as read_file tells it. */
export function readAnswer({ type, value, mimeType, size, modified, etag, offset, length, line, next }: ReadReply, folder: string, path: Path): Answer {
  const data: { [name: string]: Json } = { folder, path: path.join('/'), [type]: value, mimeType, size, modified, etag, offset, length }
  if (line !== undefined) data['line'] = line
  if (next !== undefined) {
    data['next'] = next
    return { type: 'data', data, notes: [`the file goes on: read again with offset ${next.offset} and ifMatch "${etag}"`] }
  }
  return length === 0 && size > 0 ? { type: 'data', data, notes: [`there is nothing from there on: the file has ${size} bytes`] } : { type: 'data', data }
}

/** A page of a folder. */
export function listAnswer({ entries, next, passedOver }: ListReply, folder: string): Answer {
  const rows = entries as readonly object[] as readonly JsonObject[]
  const notes = [
    ...(entries.length === 0 && next === undefined ? [`nothing in ${folder} fits this`] : []),
    ...(next === undefined ? [] : [`there is more: list again with after "${next}"`]),
    ...(passedOver === 0 ? [] : [`${passedOver} names are not served: links, devices, and names that a path cannot say`]),
  ]
  return { type: 'data', data: { rows, ...(next !== undefined && { next }) }, ...(notes.length > 0 && { notes }) }
}

const endings = {
  limit: 'there may be more finds',
  time: 'the search took as long as it may',
  bytes: 'the search read as much as it may',
} as const

/** What a search found. */
export function searchAnswer({ matches, next, ended, files, bytes, binary }: SearchReply): Answer {
  const rows = matches as readonly object[] as readonly JsonObject[]
  const data = { rows, searched: { files, bytes, binary }, ...(next !== undefined && { next }) }
  if (ended === undefined) return { type: 'data', data, ...(rows.length === 0 && { notes: ['nothing was found'] }) }
  const way = next === undefined ? 'narrow it with path or match' : `go on with after "${next}", or narrow it with path or match`
  return { type: 'data', data, notes: [`${endings[ended]}: ${way}`] }
}
