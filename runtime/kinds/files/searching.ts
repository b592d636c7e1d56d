import { closeSync, readSync } from 'node:fs'
import { absent, refused } from './failures.ts'
import { globOf, type Fits } from './glob.ts'
import { walk, type Met } from './listing.ts'
import { find, type Place } from './place.ts'
import type { Match, Request, SearchReply } from './requests.ts'
import type { Token } from './token.ts'

type Asked = Extract<Request, { op: 'search' }>

/** Where in a line something is found; -1 for nowhere. */
type Look = (line: string) => number

const mostFiles = 20_000
const mostBytes = 268_435_456
const mostLine = 65_536
const chunkBytes = 262_144
const shownBefore = 120
const shownLine = 400

/** What a search has done so far, and what may still be found. */
interface Progress {
  readonly matches: Match[]
  files: number
  bytes: number
  binary: number
  /** Bytes of JSON the answer may still have. */
  room: number
  ended?: SearchReply['ended']
  next?: string
}

/** Looks for a text, or a regular expression that needs time linear in what it reads, in names and contents. */
export async function search(place: Place, asked: Asked, token: Token): Promise<SearchReply> {
  const { space, path, match, budgetMs } = asked
  const look = await lookFor(asked)
  const progress: Progress = { matches: [], files: 0, bytes: 0, binary: 0, room: asked.most }
  const files = place.open(space)
  if (files === undefined) return summary(progress)
  const endsAt = performance.now() + budgetMs
  const cursor = readCursor(asked.after)
  try {
    const folder = find(files, path)
    if (folder === undefined) throw absent(space.folder, path.join('/'))
    const fits: Fits = match === undefined ? () => true : globOf(match)
    try {
      for await (const met of walk(folder, path, true, cursor?.path.split('/'), token, cursor?.from !== undefined)) {
        if (!met.isFile || !fits(met.path)) continue
        const told = met.path.join('/')
        if (progress.files >= mostFiles) return stop(progress, 'bytes', progress.next)
        progress.files += 1
        const from = (told === cursor?.path ? cursor.from : undefined) ?? theBeginning
        await searchFile(met, told, look, asked, from, progress, endsAt, token)
        if (progress.ended !== undefined) return summary(progress)
        progress.next = told
      }
    } finally {
      if (folder !== files) folder.close()
    }
  } finally {
    files.close()
  }
  delete progress.next
  return summary(progress)
}

const stop = (progress: Progress, ended: SearchReply['ended'], next: string | undefined): SearchReply => summary({ ...progress, ended, next })

function summary({ matches, files, bytes, binary, ended, next }: Progress): SearchReply {
  return { matches, files, bytes, binary, ...(ended !== undefined && next !== undefined && { next }), ...(ended !== undefined && { ended }) }
}

/** Where in a file a search goes on: after a line, read from a place that so many lines lie before. */
interface From {
  readonly line: number
  readonly offset: number
  readonly linesBefore: number
}

const theBeginning: From = { line: 0, offset: 0, linesBefore: 0 }

// No name has a colon, so that one tells the path from where in its file to go on.
function readCursor(cursor: string | undefined): { readonly path: string; readonly from?: From } | undefined {
  if (cursor === undefined) return undefined
  const [, path, line, offset, linesBefore] = /^(.*):(\d+):(\d+):(\d+)$/.exec(cursor) ?? []
  return path === undefined ? { path: cursor } : { path, from: { line: Number(line), offset: Number(offset), linesBefore: Number(linesBefore) } }
}

async function lookFor({ text, pattern, ignoreCase }: Asked): Promise<Look> {
  if (pattern === undefined && !ignoreCase) return (line) => line.indexOf(text ?? '')
  const { RE2JS, RE2JSException } = await import('re2js')
  try {
    const compiled = RE2JS.compile(pattern ?? RE2JS.quote(text ?? ''), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
    return (line) => {
      if (!compiled.test(line)) return -1
      const matcher = compiled.matcher(line)
      return matcher.find() ? matcher.start() : -1
    }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw refused(`the pattern cannot be used: ${error.message.slice(0, 300)}; it is RE2 syntax, without look-around and back-references`)
  }
}

async function searchFile(
  { path, parent, status }: Met,
  told: string,
  look: Look,
  asked: Asked,
  from: From,
  progress: Progress,
  endsAt: number,
  token: Token,
): Promise<void> {
  const isFirst = from === theBeginning
  if (asked.where !== 'contents' && isFirst && look(told) >= 0 && !add(progress, { path: told }, asked)) return end(progress, 'limit')
  if (asked.where === 'names' || status?.size === 0n) return
  const open = parent.openFile(path.at(-1) as string, told)
  if (open === undefined) return
  try {
    const scan = new Scan(told, look, asked, from, progress)
    const chunk = Buffer.allocUnsafe(chunkBytes)
    const size = Number(open.status.size)
    for (let at = from.offset; at < size;) {
      const filled = chunk.subarray(0, readSync(open.fd, chunk, 0, Math.min(chunk.length, size - at), at))
      if (filled.length === 0) return
      if (at === 0 && filled.includes(0)) {
        progress.binary += 1
        return
      }
      // Whole lines only, where there is one: the next piece is read from the line that is cut.
      const newline = filled.lastIndexOf(10)
      const length = newline < 0 || at + filled.length >= size ? filled.length : newline + 1
      const place = `${at}:${scan.done}`
      progress.bytes += length
      if (!scan.take(filled.toString('utf8', 0, length))) return end(progress, 'limit', `${told}:${scan.lastFound}:${place}`)
      at += length
      await token.pause()
      if (at >= size) return
      const here = `${told}:${scan.done}:${at}:${scan.done}`
      if (performance.now() > endsAt) return end(progress, 'time', here)
      if (progress.bytes > mostBytes) return end(progress, 'bytes', here)
    }
  } finally {
    closeSync(open.fd)
  }
}

function end(progress: Progress, why: SearchReply['ended'], next?: string): void {
  progress.ended = why
  if (next !== undefined) progress.next = next
}

function add(progress: Progress, match: Match, { limit }: Asked): boolean {
  const bytes = Buffer.byteLength(JSON.stringify(match)) + 1
  if (progress.matches.length >= limit || (bytes > progress.room && progress.matches.length > 0)) return false
  progress.room -= bytes
  progress.matches.push(match)
  return true
}

/** The lines of one file as they come. */
class Scan {
  readonly #told: string
  readonly #look: Look
  readonly #asked: Asked
  readonly #fromLine: number
  readonly #progress: Progress
  readonly #before: string[] = []
  /** Matches that still want lines after them. */
  #open: { readonly after: string[] }[] = []
  /** The piece before ended in the middle of a line. */
  #isWithin = false
  /** Lines that were looked at. */
  done: number
  /** The line of the last match, or where the search began. */
  lastFound: number

  constructor(told: string, look: Look, asked: Asked, from: From, progress: Progress) {
    this.#told = told
    this.#look = look
    this.#asked = asked
    this.#fromLine = from.line
    this.#progress = progress
    this.lastFound = from.line
    this.done = from.linesBefore
  }

  /** False when there is no room for another match. Of a line that comes in pieces, the first is looked at. */
  take(text: string): boolean {
    let at = 0
    for (let newline = text.indexOf('\n'); newline >= 0; newline = text.indexOf('\n', at)) {
      if (!this.#isWithin && !this.#line(text.slice(at, newline))) return false
      this.#isWithin = false
      at = newline + 1
    }
    if (at === text.length) return true
    const isNew = !this.#isWithin
    this.#isWithin = true
    return !isNew || this.#line(text.slice(at))
  }

  #line(raw: string): boolean {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    const { context } = this.#asked
    const number = this.done + 1
    for (const match of this.#open) match.after.push(cut(line, 0))
    if (this.#open.length > 0) this.#open = this.#open.filter(({ after }) => after.length < context)
    const column = number > this.#fromLine ? this.#look(line.length > mostLine ? line.slice(0, mostLine) : line) : -1
    if (column >= 0) {
      const after: string[] = []
      const match: Match = {
        path: this.#told,
        line: number,
        column: column + 1,
        text: cut(line, column),
        ...(context > 0 && { before: [...this.#before], after }),
      }
      if (!add(this.#progress, match, this.#asked)) return false
      this.lastFound = number
      if (context > 0) this.#open.push({ after })
    }
    this.done = number
    if (context > 0) {
      this.#before.push(cut(line, 0))
      if (this.#before.length > context) this.#before.shift()
    }
    return true
  }
}

/** A long line is cut around what was found. */
function cut(line: string, column: number): string {
  if (line.length <= shownLine) return line
  const from = Math.max(0, Math.min(column - shownBefore, line.length - shownLine))
  return `${from > 0 ? '…' : ''}${line.slice(from, from + shownLine).toWellFormed()}${from + shownLine < line.length ? '…' : ''}`
}
