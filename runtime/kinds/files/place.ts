import { closeSync, lstatSync, mkdirSync, statSync, type BigIntStats } from 'node:fs'
import { Directory, type Finding, type OpenFile } from './directory.ts'
import { down, hasCode, notAFile, refused } from './failures.ts'
import { fold, isServed, type Path } from './names.ts'
import type { Space } from './spaces.ts'

const mostKept = 64

/** The root of one connector: what is below it, opened step by step and never through a link. */
export class Place {
  readonly #root: string
  readonly #create: boolean
  readonly finding: Finding
  /** Open directories of spaces, the last used last. Good only within one turn: another request may close them. */
  readonly #kept = new Map<string, Directory>()
  #wasThere = false

  constructor(root: string, create: boolean, finding: Finding) {
    this.#root = root
    this.#create = create
    this.finding = finding
  }

  /** A folder of a space, for as long as this turn lasts; undefined when there is none. Throws HUB_CONNECTOR_DOWN when the root is gone. */
  borrow(space: Space, folders: Path = []): Directory | undefined {
    const key = keyOf(space, folders)
    const kept = this.#kept.get(key)
    if (kept !== undefined) {
      const now = look(key)
      if (now !== undefined && now.ino === kept.identity.ino && now.dev === kept.identity.dev) return kept
      this.#kept.delete(key)
      kept.close()
    }
    const opened = this.#openFolder(space, folders)
    if (opened === undefined) return undefined
    this.#keep(key, opened)
    return opened
  }

  /** Opens a plain file of a space to be read; undefined when there is none. */
  openFile(space: Space, path: Path): OpenFile | undefined {
    const told = path.join('/')
    const name = path.at(-1) as string
    const folders = path.slice(0, -1)
    const kept = this.#kept.get(keyOf(space, folders))
    // One look at the file by its path tells whether the folder that is open is still the one that stands there.
    const seen = kept && lookAt(`${space.key}/${told}`)
    const open = seen && kept.openFile(name, told, undefined, seen)
    if (open !== undefined && seen !== undefined) {
      if (open.status.ino === seen.ino && open.status.dev === seen.dev) return open
      closeSync(open.fd)
    }
    return this.borrow(space, folders)?.openFile(name, told)
  }

  #openFolder(space: Space, folders: Path): Directory | undefined {
    const files = this.open(space)
    if (files === undefined || folders.length === 0) return files
    try {
      return find(files, folders)
    } finally {
      files.close()
    }
  }

  #keep(key: string, opened: Directory): void {
    this.#kept.set(key, opened)
    if (this.#kept.size <= mostKept) return
    const [oldest] = this.#kept
    if (oldest === undefined) return
    this.#kept.delete(oldest[0])
    oldest[1].close()
  }

  /** The same, to be closed by whoever asked. */
  open(space: Space): Directory | undefined {
    if (space.elsewhere !== undefined) return openElsewhere(space.elsewhere, space.folder, this.finding)
    const root = this.#openRoot(false)
    if (root === undefined) return undefined
    return descend(root, space.below, (name) => notAFile(name, 'no folder of the hub’s making'))
  }

  /** A directory beside the files of a space, made with all above it where it is not there. */
  openForWriting(space: Space, last: string): Directory {
    let at = this.#openRoot(true) as Directory
    for (const name of [...space.below.slice(0, -1), last]) {
      const above = at
      try {
        above.make(name)
        at = above.enter(name)
      } catch (error) {
        if (hasCode(error, 'ENOTDIR', 'ELOOP')) throw notAFile(name, 'no folder of the hub’s making')
        throw error
      } finally {
        above.close()
      }
    }
    return at
  }

  #openRoot(make: boolean): Directory | undefined {
    try {
      const root = Directory.open(this.#root, this.finding)
      this.#wasThere = true
      return root
    } catch (error) {
      if (hasCode(error, 'ENOTDIR')) throw down('the root of these files is no folder')
      if (!hasCode(error, 'ENOENT')) throw error
    }
    // What was there once, or is mounted by somebody else, is not made again: it would hide that everything is gone.
    if (this.#wasThere || !this.#create) throw down('the root of these files is not there; its operator makes or mounts it')
    if (!make) return undefined
    mkdirSync(this.#root, { recursive: true, mode: 0o700 })
    return this.#openRoot(false)
  }

  /** Opens the root, for looking after it; undefined when it is not there and may be made. */
  openRoot(): Directory | undefined {
    return this.#openRoot(false)
  }

  close(): void {
    for (const directory of this.#kept.values()) directory.close()
    this.#kept.clear()
  }
}

// No name holds a slash, so that no two folders have one key.
const keyOf = ({ key }: Space, folders: Path): string => (folders.length === 0 ? key : `${key}/${folders.join('/')}`)

function lookAt(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function look(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function openElsewhere(path: string, folder: string, finding: Finding): Directory {
  try {
    return Directory.open(path, finding)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) throw down(`the folder ${folder} is not there; its operator makes or mounts it`)
    throw error
  }
}

/** Goes down from an open directory, which is closed. Undefined where a name is not there; what is no folder is told by `wrong`. */
function descend(from: Directory, names: Path, wrong: (name: string) => Error): Directory | undefined {
  let at = from
  for (const name of names) {
    const above = at
    try {
      at = above.enter(name)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      if (hasCode(error, 'ENOTDIR', 'ELOOP')) throw wrong(name)
      throw error
    } finally {
      above.close()
    }
  }
  return at
}

/** The folder a path of a caller leads to, and whether it must be closed. Undefined when it is not there. */
export function find(files: Directory, folders: Path): Directory | undefined {
  let at = files
  for (const [index, name] of folders.entries()) {
    const above = at
    try {
      at = above.enter(name)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw throughFault(error, above, name, folders.slice(0, index + 1))
    } finally {
      if (above !== files) above.close()
    }
  }
  return at
}

/** The same, with the folders made that are not there; `made` is how many were. */
export function findOrMake(files: Directory, folders: Path): { readonly directory: Directory; readonly made: number } {
  let at = files
  let made = 0
  for (const [index, name] of folders.entries()) {
    const above = at
    try {
      if (above.status(name) === undefined) {
        judgeNewName(above, name, folders.slice(0, index + 1).join('/'))
        if (above.make(name)) made += 1
      }
      at = above.enter(name)
    } catch (error) {
      throw throughFault(error, above, name, folders.slice(0, index + 1))
    } finally {
      if (above !== files) above.close()
    }
  }
  return { directory: at, made }
}

function throughFault(error: unknown, above: Directory, name: string, path: Path): unknown {
  if (!hasCode(error, 'ENOTDIR', 'ELOOP')) return error
  const told = path.join('/')
  if (above.status(name)?.isSymbolicLink() === true) return notAFile(told, 'a link')
  return refused(`"${told}" is a file, so nothing lies below it`, { path: told })
}

/** Throws for a new name that differs from one that is there by case or normal form only: somewhere the two are one. */
export function judgeNewName(directory: Directory, name: string, path: string): void {
  const folded = fold(name)
  const twin = directory.names().find((other) => other !== name && fold(other) === folded)
  if (twin === undefined) return
  const way = isServed(twin) ? `; use "${twin}", or another name` : '; use another name'
  throw refused(`"${path}" differs only by case or normal form from a name that is there${way}`, { path })
}
