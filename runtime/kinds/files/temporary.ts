import { closeSync } from 'node:fs'
import type { Directory } from './directory.ts'
import { hasCode } from './failures.ts'
import { isGone, signature } from './lock.ts'
import type { Place } from './place.ts'
import type { Space } from './spaces.ts'

const oldMs = 3_600_000
let made = 0

/** A file beside the files of a space, where nobody lists or reads, until it gets its name. */
export interface Temporary {
  readonly directory: Directory
  readonly name: string
  readonly fd: number
}

/** Makes one, empty. */
export function makeTemporary(place: Place, space: Space, life: string): Temporary {
  const directory = place.openForWriting(space, 'temporary')
  made += 1
  const name = `${signature(life)}.${process.hrtime.bigint().toString(36)}.${made}`
  try {
    return { directory, name, fd: directory.createFile(name) }
  } catch (error) {
    directory.close()
    throw error
  }
}

/** Closes it, and takes it away unless it has its name. */
export function dropTemporary({ directory, name, fd }: Temporary): void {
  try {
    closeSync(fd)
    directory.unlink(name)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  } finally {
    directory.close()
  }
}

/** Takes away what processes left that are gone. */
export function sweepTemporary(place: Place, space: Space, life: string): void {
  const directory = place.openForWriting(space, 'temporary')
  try {
    for (const name of directory.names()) {
      const status = directory.status(name)
      if (status?.isFile() !== true) continue
      if (isGone(name, life) || Date.now() - Number(status.mtimeMs) > oldMs) directory.unlink(name)
    }
  } finally {
    directory.close()
  }
}
