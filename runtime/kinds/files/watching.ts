import { watch, type FSWatcher } from 'node:fs'
import { etagOf, sortOf, type Directory } from './directory.ts'
import type { Path } from './names.ts'
import type { Place } from './place.ts'
import type { Space } from './spaces.ts'

// Network and overlay file systems tell nobody of changes, so each watched place is looked at as well.
const lookMs = 2_000
const mostNamesCompared = 2_000

interface Watched {
  readonly space: Space
  readonly path: Path
  /** What stood there when it was looked at last. */
  seen: string
  /** Of the folder it is in; absent while that is not there, or cannot be watched. */
  watcher: FSWatcher | undefined
}

/** Files and folders somebody watches. Told by the kernel where it does, by our own writes at once, and by looking. */
export class Watching {
  readonly #place: Place
  readonly #tell: (watch: number) => void
  readonly #watched = new Map<number, Watched>()
  #timer: NodeJS.Timeout | undefined

  constructor(place: Place, tell: (watch: number) => void) {
    this.#place = place
    this.#tell = tell
  }

  begin(id: number, space: Space, path: Path): void {
    const watched: Watched = { space, path, seen: this.#look(space, path), watcher: undefined }
    this.#watched.set(id, watched)
    this.#attach(id, watched)
    this.#timer ??= setInterval(() => this.#lookAtAll(), lookMs).unref()
  }

  end(id: number): void {
    this.#watched.get(id)?.watcher?.close()
    this.#watched.delete(id)
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** A place was written by this process. */
  changed(space: Space, path: Path): void {
    for (const [id, watched] of this.#watched) {
      const isAbove = watched.path.every((part, index) => path[index] === part)
      if (watched.space.key === space.key && isAbove) this.#judge(id, watched)
    }
  }

  close(): void {
    for (const id of [...this.#watched.keys()]) this.end(id)
  }

  #lookAtAll(): void {
    for (const [id, watched] of this.#watched) {
      this.#judge(id, watched)
      if (watched.watcher === undefined) this.#attach(id, watched)
    }
  }

  #judge(id: number, watched: Watched): void {
    const now = this.#look(watched.space, watched.path)
    if (now === watched.seen) return
    watched.seen = now
    this.#tell(id)
  }

  #attach(id: number, watched: Watched): void {
    try {
      const watcher = this.#inFolderOf(watched, (folder) => watch(folder.place, { persistent: false }))
      if (watcher === undefined) return
      watched.watcher = watcher
      watcher.on('change', () => this.#judge(id, watched))
      watcher.on('error', () => {
        watcher.close()
        watched.watcher = undefined
      })
    } catch {
      // No more watches, or a file system without: looking has to do.
    }
  }

  /** What stands at a place: a file's state, the names and states in a folder, or nothing. */
  #look(space: Space, path: Path): string {
    try {
      return this.#inFolderOf({ space, path }, (folder) => (path.length === 0 ? folderState(folder) : stateOf(folder, path.at(-1) as string))) ?? 'nothing'
    } catch {
      return 'nothing'
    }
  }

  #inFolderOf<Result>({ space, path }: Pick<Watched, 'space' | 'path'>, work: (folder: Directory) => Result): Result | undefined {
    const folder = this.#place.borrow(space, path.slice(0, -1))
    return folder === undefined ? undefined : work(folder)
  }
}

function stateOf(folder: Directory, name: string): string {
  const status = folder.status(name)
  const sort = status === undefined ? undefined : sortOf(status)
  if (status === undefined || (sort !== 'file' && sort !== 'folder')) return 'nothing'
  if (sort === 'file') return etagOf(status)
  const inside = folder.enter(name)
  try {
    return folderState(inside)
  } finally {
    inside.close()
  }
}

function folderState(folder: Directory): string {
  return folder
    .names()
    .toSorted()
    .slice(0, mostNamesCompared)
    .map((name) => {
      const status = folder.status(name)
      return `${name} ${status === undefined ? '' : etagOf(status)}`
    })
    .join('\n')
}
