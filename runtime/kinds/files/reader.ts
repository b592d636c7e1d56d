import { closeSync, readSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import { etagOf } from './directory.ts'
import { absent, refused } from './failures.ts'
import { backwards, forwards } from './lines.ts'
import { mediaTypeOf } from './media-type.ts'
import type { Place } from './place.ts'
import type { Range, ReadReply, Request } from './requests.ts'
import type { Token } from './token.ts'

type Asked = Extract<Request, { op: 'read' }>

/** Reads a file, or a part of it. A file that is deleted or replaced meanwhile is read as it was; one that grows, up to where it was. */
export async function read(place: Place, asked: Asked, token: Token): Promise<ReadReply> {
  const { space, path, ifMatch } = asked
  const told = path.join('/')
  const open = place.openFile(space, path)
  if (open === undefined) throw absent(space.folder, told)
  try {
    const etag = etagOf(open.status)
    if (ifMatch !== undefined && ifMatch !== etag) throw refused(`"${told}" was changed since: it has another etag by now; begin again`, { path: told, etag })
    const size = Number(open.status.size)
    const start = await startOf(open.fd, size, asked.range, token)
    const part = partOf(open.fd, size, start.offset, asked)
    const line = start.line
    const rest = part.offset + part.length
    return {
      type: part.type,
      value: part.value,
      mimeType: mediaTypeOf(path.at(-1) as string) ?? (part.type === 'text' ? 'text/plain' : 'application/octet-stream'),
      size,
      modified: new Date(Number(open.status.mtimeMs)).toISOString(),
      etag,
      offset: part.offset,
      length: part.length,
      ...(line !== undefined && { line }),
      ...(rest < size && { next: { offset: rest, ...(line !== undefined && part.type === 'text' && { line: line + newlines(part.bytes) }) } }),
    }
  } finally {
    // The answer goes out first.
    setImmediate(closeQuietly, open.fd)
  }
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd)
  } catch {
    // What was read is answered; there is nobody to tell.
  }
}

interface Start {
  readonly offset: number
  readonly line?: number
}

async function startOf(fd: number, size: number, { offset, line }: Range, token: Token): Promise<Start> {
  if (offset !== undefined) return { offset: offset < 0 ? Math.max(0, size + offset) : Math.min(offset, size), ...(line !== undefined && line > 0 && { line }) }
  if (line === undefined || line === 1) return { offset: 0, line: 1 }
  if (line < 0) return { offset: await backwards(fd, size, -line, token) }
  return { offset: await forwards(fd, size, line - 1, token), line }
}

interface Part {
  readonly type: 'text' | 'base64'
  readonly value: string
  readonly bytes: Uint8Array
  readonly offset: number
  readonly length: number
}

// A character of UTF-8 has at most four bytes: three before and three after make the first and the last whole.
const reach = 3

function partOf(fd: number, size: number, offset: number, { range, as, most, path }: Asked): Part {
  const wanted = Math.min(range.length ?? most, most, size - offset)
  const from = Math.max(0, offset - reach)
  const window = readAt(fd, from, Math.min(wanted + offset - from + reach, size - from))
  const isEnd = from + window.length >= size
  if (as !== 'base64') {
    const text = textIn(window, offset - from, wanted, isEnd, range, most)
    if (text !== undefined) return { type: 'text', value: text.value, bytes: text.bytes, offset: from + text.start, length: text.bytes.length }
    if (as === 'text') throw refused(`"${path.join('/')}" holds no UTF-8 text here; read it as base64`, { path: path.join('/') })
  }
  const bytes = window.subarray(offset - from, offset - from + Math.min(wanted, Math.floor(most / 4) * 3))
  return { type: 'base64', value: bytes.toString('base64'), bytes, offset, length: bytes.length }
}

/** The text at a place of a window, whole characters and (where lines are asked for) whole lines; undefined for bytes that are no text. */
function textIn(
  window: Buffer,
  at: number,
  wanted: number,
  isEnd: boolean,
  { lines }: Range,
  most: number,
): { value: string; bytes: Buffer; start: number } | undefined {
  const start = characterStart(window, at)
  let end = Math.min(at + wanted, window.length)
  if (!(isEnd && end === window.length)) end = characterStart(window, end)
  // At least one character, so that going on comes to an end.
  if (end <= start && wanted > 0) end = nextCharacter(window, start)
  if (lines !== undefined) end = lineEnd(window, start, end, lines)
  let bytes = window.subarray(start, end)
  if (!isUtf8(bytes) || bytes.includes(0)) return undefined
  let value = bytes.toString('utf8')
  for (let json = jsonBytes(value, most); json > most && bytes.length > 1; json = jsonBytes(value, most)) {
    const shorter = characterStart(bytes, Math.floor((bytes.length * most * 0.98) / json))
    bytes = bytes.subarray(0, Math.max(shorter, nextCharacter(bytes, 0)))
    const lastLine = lines === undefined ? -1 : bytes.lastIndexOf(10)
    if (lastLine >= 0) bytes = bytes.subarray(0, lastLine + 1)
    value = bytes.toString('utf8')
    if (bytes.length <= 4) break
  }
  return { value, bytes, start }
}

// A unit of UTF-16 takes six bytes at most.
const longestUnit = 6
const jsonBytes = (text: string, most: number): number => (text.length * longestUnit <= most ? 0 : Buffer.byteLength(JSON.stringify(text)))
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** Where the character begins that a place lies in: the place itself, or up to three bytes before. */
function characterStart(bytes: Uint8Array, at: number): number {
  let start = at
  while (start > 0 && at - start < reach && isContinuation(bytes[start])) start -= 1
  return isContinuation(bytes[start]) ? at : start
}

function nextCharacter(bytes: Uint8Array, at: number): number {
  let end = at + 1
  while (end < bytes.length && isContinuation(bytes[end])) end += 1
  return end
}

/** After so many lines, or after the last whole one there is room for; a line that is longer than the room is cut. */
function lineEnd(bytes: Buffer, start: number, end: number, lines: number): number {
  let at = start
  for (let count = 0; count < lines; count += 1) {
    const newline = bytes.indexOf(10, at)
    if (newline < 0 || newline >= end) return at > start && end < bytes.length ? at : end
    at = newline + 1
  }
  return at
}

function newlines(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1
  return count
}

// What is read is made a text in the same turn, so small parts need no room of their own.
const scratch = Buffer.allocUnsafeSlow(65_536)

/** Reads so much from a place; less where the file ends. Good for this turn only. */
function readAt(fd: number, from: number, length: number): Buffer {
  const bytes = length <= scratch.length ? scratch.subarray(0, Math.max(0, length)) : Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < bytes.length) {
    const count = readSync(fd, bytes, filled, bytes.length - filled, from + filled)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}
