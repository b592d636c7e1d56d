import { readdirSync, realpathSync, statSync, watch, type FSWatcher } from 'node:fs'
import { dirname, join } from 'node:path'

/** What to watch, and whom to tell. `files` and `directories` are asked anew before each look, so that they may change with the plan. */
export interface WatchOptions {
  readonly files: () => readonly string[]
  readonly directories: () => readonly string[]
  /** How long files must lie still before a change counts. */
  readonly settleMs?: number
  readonly onChange: () => void
}

const pollMs = 500
/** A folder written to without end is read all the same after this long. */
const longestWaitMs = 600

/**
 * Notices edited, new and removed files, atomic renames, and Kubernetes' symlink swaps, within a second. The system's own events make it quick; a look at the files' stamps every
 * half second finds what they miss (network file systems, bind mounts) and decides in each case whether anything changed at all.
 */
export function watchManifests({ files, directories, settleMs = 100, onChange }: WatchOptions): { close(): void } {
  const watchers = new Map<string, FSWatcher>()
  let known = stampsOf(files(), directories())
  let seen = known
  let settling: NodeJS.Timeout | undefined
  let changedSince = 0

  const follow = (): void => {
    const wanted = new Set([...directories(), ...files().map((path) => dirname(path))])
    for (const [directory, watcher] of watchers) {
      if (wanted.has(directory)) continue
      watcher.close()
      watchers.delete(directory)
    }
    for (const directory of wanted) if (!watchers.has(directory)) follower(directory)
  }

  const follower = (directory: string): void => {
    try {
      const watcher = watch(directory, { persistent: false }, stir)
      // A folder that went away, or a system out of watches: the look every half second goes on.
      watcher.on('error', () => {
        watcher.close()
        watchers.delete(directory)
      })
      watchers.set(directory, watcher)
    } catch {
      watchers.delete(directory)
    }
  }

  const stir = (): void => {
    settling ??= setTimeout(settle, settleMs)
  }

  const settle = (): void => {
    settling = undefined
    const now = stampsOf(files(), directories())
    if (now === known) {
      seen = known
      changedSince = 0
      return
    }
    changedSince ||= Date.now()
    if (now !== seen && Date.now() - changedSince < longestWaitMs) {
      seen = now
      stir()
      return
    }
    seen = known = now
    changedSince = 0
    onChange()
    follow()
  }

  const look = (): void => {
    follow()
    if (settling === undefined && stampsOf(files(), directories()) !== known) stir()
  }

  follow()
  const poll = setInterval(look, pollMs)
  poll.unref()
  return {
    close: () => {
      clearInterval(poll)
      clearTimeout(settling)
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
    },
  }
}

/** Names, sizes and times of everything that matters, as one text. Links are followed: a swapped target is another file. */
function stampsOf(files: readonly string[], directories: readonly string[]): string {
  return [...files.map(stampOf), ...directories.map(listingOf)].join('\n')
}

function stampOf(path: string): string {
  try {
    const { ino, mtimeMs, ctimeMs, size } = statSync(path)
    return `${path} ${ino} ${mtimeMs} ${ctimeMs} ${size}`
  } catch {
    return `${path} -`
  }
}

function listingOf(directory: string): string {
  try {
    const names = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || /\.(?:ya?ml|json)$/.test(entry.name))
      .filter((entry) => !entry.name.startsWith('.'))
      .map((entry) => entry.name)
    return `${directory} ${linkedTo(join(directory, '..data'))} ${names.toSorted().join(' ')}`
  } catch {
    return `${directory} -`
  }
}

/** Where Kubernetes' `..data` leads now; nothing in other folders. */
function linkedTo(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return ''
  }
}
