import { closeSync, constants, fstatSync, readSync, writeSync } from 'node:fs'
import { sortOf, type Directory } from './directory.ts'
import { hasCode, refused } from './failures.ts'
import { isServed } from './names.ts'
import type { UsageReply } from './requests.ts'

/** What a space holds, as it is kept beside its files. */
export interface Usage extends UsageReply {
  /** The moment of the last change, in microseconds: each change has a later one, so that no two states of a file look the same. */
  readonly stamp: number
}

const file = 'usage'
const width = 128
const mostCounted = 200_000

/** The count of a space, in a file that writers of every process read and write under the space's lock. */
export class Ledger {
  readonly #state: Directory

  constructor(state: Directory) {
    this.#state = state
  }

  /** What was written last; undefined when there is none, or a writer died in the middle of a change. */
  read(): Usage | undefined {
    const open = this.#state.openFile(file, file)
    if (open === undefined) return undefined
    try {
      const bytes = Buffer.alloc(width)
      const length = readSync(open.fd, bytes, 0, width, 0)
      return parse(bytes.toString('latin1', 0, length))
    } finally {
      closeSync(open.fd)
    }
  }

  /** Says that a change is under way: until `write`, the count is not to be trusted. */
  begin(): void {
    this.#put('changing')
  }

  write({ files, bytes, stamp }: Usage): void {
    this.#put(`${files} ${bytes} ${stamp}`)
  }

  #put(text: string): void {
    const flags = constants.O_WRONLY
    const fd = this.#state.openFile(file, file, flags)?.fd ?? this.#state.createFile(file)
    try {
      writeSync(fd, Buffer.from(text.padEnd(width - 1).concat('\n'), 'latin1'), 0, width, 0)
    } finally {
      closeSync(fd)
    }
  }

  /** True when this file system takes names that differ by case for one. */
  isBlindToCase(): boolean {
    return this.#state.status(file.toUpperCase()) !== undefined
  }
}

function parse(text: string): Usage | undefined {
  const [, files, bytes, stamp] = /^(\d{1,9}) (\d{1,15}) (\d{1,16}) *\n$/.exec(text) ?? []
  return files === undefined ? undefined : { files: Number(files), bytes: Number(bytes), stamp: Number(stamp) }
}

/** Counts the files below a directory. What is not served is not counted; at 200,000 files it ends with HUB_DENIED. */
export function count(directory: Directory): UsageReply {
  const total = { files: 0, bytes: 0 }
  for (const name of directory.names()) countName(directory, name, total)
  return total
}

function countName(directory: Directory, name: string, total: { files: number; bytes: number }): void {
  if (!isServed(name)) return
  const status = directory.status(name)
  const sort = status === undefined ? undefined : sortOf(status)
  if (status !== undefined && sort === 'file') {
    total.files += 1
    total.bytes += Number(status.size)
    if (total.files > mostCounted) throw refused(`a folder here holds more than ${mostCounted} files, so nothing is written to it`)
  }
  if (sort !== 'folder') return
  const below = enterStill(directory, name)
  if (below === undefined) return
  try {
    const inside = count(below)
    total.files += inside.files
    total.bytes += inside.bytes
  } finally {
    below.close()
  }
}

/** Enters a directory that was there a moment ago; undefined when it is gone or became something else. */
export function enterStill(directory: Directory, name: string): Directory | undefined {
  try {
    return directory.enter(name)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined
    throw error
  }
}

/** The moment of a change: now, or just after the one before where the clock has not gone on. Microseconds. */
export const nextStamp = (last: number): number => Math.max(Date.now() * 1_000, last + 10)

/** Size of an open file now. */
export const sizeNow = (fd: number): number => fstatSync(fd).size
