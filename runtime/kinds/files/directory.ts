import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsync,
  lstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  realpathSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  type BigIntStats,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasCode, notAFile, refused } from './failures.ts'

/**
 * How a name is found in a directory that is open.
 * handles: below /proc/self/fd/<n>, so by the kernel, in this very directory, wherever it may have been moved and whatever stands at its old path now (openat without a native module).
 * paths: by its path, which is looked at before and after; for systems without /proc. A directory swapped in between is noticed after the fact there, not prevented.
 */
export type Finding = 'handles' | 'paths'

/** The better way this machine has. */
export const findingHere: Finding = process.platform === 'linux' && existsSync('/proc/self/fd') ? 'handles' : 'paths'

// Windows has none of these.
const [O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY] = (['O_DIRECTORY', 'O_NOFOLLOW', 'O_NONBLOCK', 'O_NOCTTY'] as const).map(
  (name) => (constants as Readonly<Record<string, number>>)[name] ?? 0,
) as [number, number, number, number]
const { O_RDONLY } = constants
const sync = promisify(fsync)

/** The most names one directory may have to be listed. */
export const mostNames = 200_000

/** A file that is open, and what it was then. */
export interface OpenFile {
  readonly fd: number
  readonly status: BigIntStats
}

/** A directory that is open. No way through it follows a link. */
export class Directory {
  readonly #fd: number
  readonly #finding: Finding
  /** In the way of paths: where it is, without links. */
  readonly #path: string
  #status: BigIntStats | undefined
  #isOpen = true

  private constructor(path: string, finding: Finding, flags: number) {
    this.#fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | flags)
    this.#finding = finding
    if (finding === 'handles') {
      this.#path = `/proc/self/fd/${this.#fd}`
      return
    }
    try {
      this.#path = flags === 0 ? realpathSync.native(path) : path
      this.verify()
    } catch (error) {
      closeSync(this.#fd)
      throw error
    }
  }

  /** Opens the operator's own path; links in it are the operator's. */
  static open(path: string, finding: Finding): Directory {
    return new Directory(path, finding, 0)
  }

  /** Opens a directory in this one; a link throws ENOTDIR or ELOOP. */
  enter(name: string): Directory {
    const path = this.#at(name)
    if (this.#finding === 'paths' && lstatSync(path).isSymbolicLink()) throw Object.assign(new Error('a link'), { code: 'ELOOP' })
    return new Directory(path, this.#finding, O_NOFOLLOW)
  }

  #at(name: string): string {
    return this.#finding === 'handles' ? `${this.#path}/${name}` : join(this.#path, name)
  }

  /** In the way of paths: throws when another directory stands at its path by now. */
  verify(): void {
    if (this.#finding === 'handles') return
    const now = lstatSync(this.#path, { bigint: true })
    const { ino, dev } = this.identity
    if (now.ino === ino && now.dev === dev && realpathSync.native(this.#path) === this.#path) return
    throw refused('a folder was replaced in the middle of the call; nothing more is done there')
  }

  get identity(): Pick<BigIntStats, 'dev' | 'ino'> {
    this.#status ??= fstatSync(this.#fd, { bigint: true })
    return this.#status
  }

  /** A path the kernel finds this directory at while it is open, for watching and for `statfs`. */
  get place(): string {
    return this.#path
  }

  /** What a name is; undefined when there is none. */
  status(name: string): BigIntStats | undefined {
    return lstatSync(this.#at(name), { bigint: true, throwIfNoEntry: false })
  }

  /**
   * Opens a plain file. Undefined when there is none; throws for a link, a device, a pipe, a socket, a folder, and a file that has another name elsewhere. Never waits.
   * `seen` is what the name was a moment ago, for whoever looked already.
   */
  openFile(name: string, path: string, flags: number = O_RDONLY, seen: BigIntStats | undefined = this.status(name)): OpenFile | undefined {
    if (seen === undefined) return undefined
    // Looked at first, since opening a device may already do something.
    judgeFile(seen, path)
    let fd: number
    try {
      fd = openSync(this.#at(name), flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      if (hasCode(error, 'ELOOP')) throw notAFile(path, 'a link')
      throw error
    }
    try {
      const status = fstatSync(fd, { bigint: true })
      judgeFile(status, path)
      this.verify()
      return { fd, status }
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /** Makes a file that is not there; throws EEXIST for anything of that name. */
  createFile(name: string, flags: number = constants.O_WRONLY): number {
    this.verify()
    return openSync(this.#at(name), flags | constants.O_CREAT | constants.O_EXCL | O_NOFOLLOW, 0o600)
  }

  /** Makes a directory in it; false when something of that name is there. */
  make(name: string): boolean {
    this.verify()
    try {
      mkdirSync(this.#at(name), 0o700)
      return true
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false
      throw error
    }
  }

  rename(name: string, to: Directory, toName: string): void {
    this.verify()
    to.verify()
    renameSync(this.#at(name), to.#at(toName))
  }

  unlink(name: string): void {
    this.verify()
    unlinkSync(this.#at(name))
  }

  /** Removes an empty directory in it; false when it is not empty, or gone. */
  removeDirectory(name: string): boolean {
    this.verify()
    try {
      rmdirSync(this.#at(name))
      return true
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR', 'EBUSY')) return false
      throw error
    }
  }

  /** The names in it, in no order. Throws HUB_DENIED for more than 200,000. */
  names(): readonly string[] {
    const names: string[] = []
    const reader = opendirSync(this.#path, { bufferSize: 256 })
    try {
      for (let entry = reader.readSync(); entry !== null; entry = reader.readSync()) {
        if (names.length >= mostNames) throw refused(`a folder here holds more than ${mostNames} names, which is more than can be listed`)
        names.push(entry.name)
      }
    } finally {
      reader.closeSync()
    }
    this.verify()
    return names
  }

  /** Makes its entries durable. */
  async sync(): Promise<void> {
    // Not every file system lets a directory be synced.
    await sync(this.#fd).catch((error: unknown) => {
      if (!hasCode(error, 'EINVAL', 'EPERM', 'EISDIR', 'ENOTSUP')) throw error
    })
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#fd)
  }
}

/** Throws for what is no plain file with one name. */
export function judgeFile(status: BigIntStats, path: string): void {
  const what = sortOf(status)
  if (what === 'folder') throw refused(`"${path}" is a folder, not a file; list_files tells what is in it`, { path })
  if (what !== 'file') throw notAFile(path, what)
}

/** What a status is of: `file`, `folder`, or words for what is not served. */
export function sortOf(status: BigIntStats): string {
  if (status.isDirectory()) return 'folder'
  if (status.isSymbolicLink()) return 'a link'
  if (status.isFIFO()) return 'a pipe'
  if (status.isSocket()) return 'a socket'
  if (!status.isFile()) return 'a device'
  return status.nlink > 1n ? 'a file with a second name elsewhere (a hard link)' : 'file'
}

/** The state of a file that changes whenever it does: moment, length and place. */
export const etagOf = ({ mtimeNs, size, ino }: BigIntStats): string => `${mtimeNs.toString(36)}-${size.toString(36)}-${ino.toString(36)}`
