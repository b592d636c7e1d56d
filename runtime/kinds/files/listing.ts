import type { BigIntStats } from 'node:fs'
import { etagOf, sortOf, type Directory } from './directory.ts'
import { absent } from './failures.ts'
import { globOf, type Fits } from './glob.ts'
import { enterStill } from './ledger.ts'
import { mediaTypeOf } from './media-type.ts'
import { comparePaths, isServed, type Path } from './names.ts'
import { find, type Place } from './place.ts'
import type { Entry, ListReply, NewestReply, Request, UsageReply } from './requests.ts'
import type { Space } from './spaces.ts'
import type { Token } from './token.ts'

type Asked = Extract<Request, { op: 'list' }>

/** A name that was met: a file, a folder, or (without a status) something that is not served. */
export interface Met {
  readonly path: Path
  readonly status: BigIntStats | undefined
  readonly isFile: boolean
  /** The open folder it is in; good until the next one is asked for. */
  readonly parent: Directory
}

/** Everything below a folder that comes after a path (or with it), in order, folders before what is in them. Long walks let others have their turn. */
export async function* walk(folder: Directory, at: Path, isDeep: boolean, after: Path | undefined, token: Token, isIncluded = false): AsyncGenerator<Met> {
  const names = folder.names().toSorted(byCodeUnit)
  for (const name of names) {
    await token.pause()
    const path = [...at, name]
    const order = after === undefined ? 1 : comparePaths(path, after)
    const isOnTheWay = order < 0 && after !== undefined && path.every((part, index) => after[index] === part)
    const isNews = order > 0 || (order === 0 && isIncluded)
    if (!isNews && !isOnTheWay && !(order === 0 && isDeep)) continue
    const status = isServed(name) ? folder.status(name) : undefined
    const sort = status === undefined ? undefined : sortOf(status)
    if (isNews) yield { path, status: sort === 'file' || sort === 'folder' ? status : undefined, isFile: sort === 'file', parent: folder }
    if (sort !== 'folder' || !isDeep) continue
    const below = enterStill(folder, name)
    if (below === undefined) continue
    try {
      yield* walk(below, path, true, order < 0 ? after : undefined, token, isIncluded)
    } finally {
      below.close()
    }
  }
}

const byCodeUnit = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** One page of what is in a folder. */
export async function list(place: Place, { space, path, match, recursive, after, limit, most }: Asked, token: Token): Promise<ListReply> {
  const files = place.open(space)
  if (files === undefined) return { entries: [], passedOver: 0 }
  const entries: Entry[] = []
  let room = most
  let passedOver = 0
  try {
    const folder = find(files, path)
    if (folder === undefined) throw absent(space.folder, path.join('/'))
    const fits: Fits = match === undefined ? () => true : globOf(match)
    try {
      for await (const { path: met, status, isFile } of walk(folder, path, recursive, after === undefined ? undefined : after.split('/'), token)) {
        if (status === undefined) passedOver += 1
        else if (fits(met)) {
          const entry = entryOf(met, status, isFile)
          room -= Buffer.byteLength(JSON.stringify(entry)) + 1
          if (entries.length >= limit || (room < 0 && entries.length > 0)) return { entries, next: entries.at(-1)?.path ?? '', passedOver }
          entries.push(entry)
        }
      }
    } finally {
      if (folder !== files) folder.close()
    }
  } finally {
    files.close()
  }
  return { entries, passedOver }
}

/** A file or folder as it is told. */
export function entryOf(path: Path, status: BigIntStats, isFile: boolean): Entry {
  const modified = new Date(Number(status.mtimeMs)).toISOString()
  const told = path.join('/')
  if (!isFile) return { path: told, type: 'folder', modified }
  const mimeType = mediaTypeOf(path.at(-1) ?? '')
  return { path: told, type: 'file', size: Number(status.size), modified, ...(mimeType !== undefined && { mimeType }), etag: etagOf(status) }
}

const mostLookedAt = 5_000

/** The files of several spaces that were changed last, the newest first; of each space at most the first 5,000 are looked at. */
export async function newest(place: Place, spaces: readonly Space[], limit: number, token: Token): Promise<NewestReply> {
  const found: (Entry & { readonly folder: string })[] = []
  for (const space of spaces) {
    const files = place.open(space)
    if (files === undefined) continue
    let seen = 0
    try {
      for await (const { path, status, isFile } of walk(files, [], true, undefined, token)) {
        if (status !== undefined && isFile) found.push({ folder: space.folder, ...entryOf(path, status, true) })
        seen += 1
        if (seen >= mostLookedAt) break
      }
    } finally {
      files.close()
    }
  }
  return { entries: found.toSorted((left, right) => byCodeUnit(right.modified, left.modified)).slice(0, limit) }
}

/** What a space really holds, counted. */
export async function measure(place: Place, space: Space, token: Token): Promise<UsageReply> {
  const files = place.open(space)
  if (files === undefined) return { files: 0, bytes: 0 }
  const total = { files: 0, bytes: 0 }
  try {
    for await (const { status, isFile } of walk(files, [], true, undefined, token)) {
      if (status === undefined || !isFile) continue
      total.files += 1
      total.bytes += Number(status.size)
    }
  } finally {
    files.close()
  }
  return total
}
