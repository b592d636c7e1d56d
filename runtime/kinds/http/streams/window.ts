import type { Entry } from './rows.ts'

const remembered = 512

/** The latest rows of one key in the order of their times, and what came lately, so that nothing counts twice. */
export class Window {
  readonly #keep: number
  readonly #seen = new Set<string>()
  readonly #entries: Entry[] = []

  constructor(keep: number) {
    this.#keep = keep
  }

  /** Takes a row in; false for one that came already. */
  add(entry: Entry): boolean {
    if (!remember(this.#seen, entry.identity)) return false
    let at = this.#entries.length
    while (at > 0 && isLater(this.#entries[at - 1], entry)) at -= 1
    this.#entries.splice(at, 0, entry)
    if (this.#entries.length > this.#keep) this.#entries.shift()
    return true
  }

  get latest(): Entry | undefined {
    return this.#entries.at(-1)
  }

  /** Newest first. */
  get entries(): readonly Entry[] {
    return this.#entries.toReversed()
  }
}

const isLater = (one: Entry | undefined, than: Entry): boolean => one?.ms !== undefined && than.ms !== undefined && one.ms > than.ms

/** Adds to a set that forgets its oldest; false for what it has. */
export function remember(seen: Set<string>, identity: string): boolean {
  if (seen.has(identity)) return false
  seen.add(identity)
  if (seen.size > remembered) for (const oldest of seen) return seen.delete(oldest)
  return true
}
