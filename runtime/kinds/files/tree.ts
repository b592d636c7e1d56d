import type { BigIntStats } from 'node:fs'
import type { Books } from './books.ts'
import { etagOf, judgeFile, type Directory } from './directory.ts'
import { absent, refused } from './failures.ts'
import type { Path } from './names.ts'
import { find, findOrMake, judgeNewName } from './place.ts'
import type { UsageReply, WriteReply } from './requests.ts'
import type { Scene } from './scene.ts'
import type { Space } from './spaces.ts'

/** Throws where callers may not write. */
export function judgeWritable({ canWrite, folder }: Space): void {
  if (!canWrite) throw refused(`the folder ${folder} is only read; its operator changes what is in it`)
}

/** Throws for a file that is larger than one may be. */
export function judgeSize(bytes: number, { quota, folder }: Space): void {
  if (bytes > quota.fileBytes)
    throw refused(`a file of ${bytes} bytes is too large: in ${folder} one may have ${quota.fileBytes}; divide it`, { bytes, most: quota.fileBytes })
}

function judgeMatch(status: BigIntStats, ifMatch: string | undefined, told: string): void {
  const etag = etagOf(status)
  if (ifMatch === undefined || ifMatch === etag) return
  throw refused(`"${told}" was changed since: it has another etag by now; read it again and decide anew`, { path: told, etag })
}

/** A file that must be there. */
export function existing({ files, space }: Scene, path: Path, ifMatch: string | undefined): BigIntStats {
  const told = path.join('/')
  const status = within(files, path, (parent, name) => parent.status(name))
  if (status === undefined) throw absent(space.folder, told)
  judgeFile(status, told)
  judgeMatch(status, ifMatch, told)
  return status
}

/** What is at a path that will be written; undefined for nothing. Throws where it may not be written. */
export function targetOf({ space, files }: Scene, books: Books, path: Path, mustBeNew: boolean, ifMatch: string | undefined): BigIntStats | undefined {
  const told = path.join('/')
  const status = within(files, path, (parent, name) => {
    const found = parent.status(name)
    // The file system may have found another spelling of the name.
    if (found !== undefined && books.isBlindToCase && !parent.names().includes(name)) judgeNewName(parent, name, told)
    return found
  })
  if (status === undefined) {
    if (ifMatch !== undefined) throw refused(`"${told}" is not in ${space.folder} any more, so it does not match`, { path: told })
    return undefined
  }
  judgeFile(status, told)
  if (mustBeNew) throw refused(`"${told}" is there already; choose another name, or say that it may be replaced`, { path: told, etag: etagOf(status) })
  judgeMatch(status, ifMatch, told)
  return status
}

/** Does something in the folder a path leads to; undefined where that is not there. */
export function within<Result>(files: Directory, path: Path, work: (parent: Directory, name: string) => Result): Result | undefined {
  const parent = find(files, path.slice(0, -1))
  if (parent === undefined) return undefined
  try {
    return work(parent, path.at(-1) as string)
  } finally {
    if (parent !== files) parent.close()
  }
}

/** What was done in a folder, and how many folders were made for it. */
export interface Done<Result> {
  readonly result: Result
  readonly made: number
}

/** Does something in the folder a path leads to, which is made where it is not there, and taken away again when it comes to nothing. */
export function inMade<Result>({ files }: Scene, path: Path, isNew: boolean, work: (parent: Directory, name: string) => Result): Done<Result> {
  const name = path.at(-1) as string
  const { directory, made } = findOrMake(files, path.slice(0, -1))
  try {
    if (isNew) judgeNewName(directory, name, path.join('/'))
    return { result: work(directory, name), made }
  } catch (error) {
    if (made > 0) prune(files, path)
    throw error
  } finally {
    if (directory !== files) directory.close()
  }
}

/** Folders come and go with their files: takes away those on the way to a path that are empty. */
export function prune(files: Directory, path: Path): void {
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    const isRemoved = within(files, path.slice(0, depth), (parent, name) => parent.removeDirectory(name)) ?? false
    if (!isRemoved) return
  }
}

/** Makes the entry of a path durable, and those of the folders that were made for it. */
export async function syncFolders(files: Directory, path: Path, made: number): Promise<void> {
  for (let depth = Math.max(0, path.length - 1 - made); depth < path.length; depth += 1) {
    const folder = find(files, path.slice(0, depth))
    if (folder === undefined) return
    try {
      await folder.sync()
    } finally {
      if (folder !== files) folder.close()
    }
  }
}

/** What a file is after it was written. */
export function writtenReply(status: BigIntStats | undefined, created: boolean, usage: UsageReply): WriteReply {
  if (status === undefined) throw refused('the file was taken away in the middle of the call')
  return { size: Number(status.size), modified: new Date(Number(status.mtimeMs)).toISOString(), etag: etagOf(status), created, usage }
}
