import type { Logger } from '../../../contract/telemetry.ts'
import { sorted, type Backfill } from './backfill.ts'
import type { Entry } from './rows.ts'
import { remember } from './window.ts'

/** Where the reader of a key stands: the time of its last row, and which rows of that time it has. */
export interface KeyPosition {
  readonly ms: number
  readonly seen: readonly string[]
}

/** What a feed is made of. */
export interface FeedParts {
  readonly key: string
  /** Read on from here; absent: from now. */
  readonly from?: KeyPosition
  readonly backfill: Backfill | undefined
  /** Rows of a gap replace what a stream sends by something else: candles for ticks. */
  readonly isMapped: boolean
  readonly most: number
  readonly log: Logger
  /** The service's time now, as well as the hub knows it. */
  now(): number
  emit(entries: readonly Entry[]): void
  lost(rows: number): void
}

/** The rows of one key for one reader: in order, each once, those of a gap put back where they belong. */
export class Feed {
  readonly #parts: FeedParts
  readonly #seen = new Set<string>()
  #lastMs: number | undefined
  /** When the last row came, by the hub's own steady clock. */
  #lastAt: number | undefined
  /** What came while a gap is being filled; undefined: there is none. */
  #held: Entry[] | undefined
  #hasGap: boolean
  #work: AbortController | undefined

  constructor(parts: FeedParts) {
    this.#parts = parts
    this.#hasGap = parts.from !== undefined
    this.#lastMs = parts.from?.ms
    for (const identity of parts.from?.seen ?? []) this.#seen.add(identity)
    if (this.#hasGap) this.#held = []
  }

  row(entry: Entry): void {
    if (this.#held === undefined) return this.#emit([entry])
    this.#held.push(entry)
    if (this.#held.length <= this.#parts.most) return
    this.#held.shift()
    this.#parts.lost(1)
  }

  gap(): void {
    this.#work?.abort()
    this.#work = undefined
    this.#hasGap = true
    this.#held ??= []
  }

  /** The stream sends this key's rows again. */
  live(): void {
    if (!this.#hasGap) return
    this.#hasGap = false
    const { backfill } = this.#parts
    if (backfill === undefined || this.#lastMs === undefined) return this.#giveUp()
    this.#work = new AbortController()
    void this.#fill(backfill, this.#lastMs, this.#work)
  }

  close(): void {
    this.#work?.abort()
    this.#held = undefined
  }

  async #fill(backfill: Backfill, sinceMs: number, work: AbortController): Promise<void> {
    const { key, log, lost } = this.#parts
    try {
      const { entries, isPart } = await backfill(key, sinceMs, this.#until(sinceMs), work.signal)
      if (work.signal.aborted) return
      const held = this.#held ?? []
      this.#held = undefined
      const firstMs = held[0]?.ms
      const missed = entries.filter(({ ms = 0 }) => (this.#parts.isMapped ? ms > sinceMs && (firstMs === undefined || ms < firstMs) : ms >= sinceMs))
      if (isPart) lost(1)
      this.#emit(sorted([...missed, ...held]))
    } catch (error) {
      if (work.signal.aborted) return
      log.warn('rows of a gap could not be fetched', { key, error })
      this.#giveUp()
    }
  }

  /** Of a gap nobody knows how many rows it had: it counts as one. */
  #giveUp(): void {
    const held = this.#held ?? []
    this.#held = undefined
    this.#parts.lost(1)
    this.#emit(held)
  }

  /** Up to when rows may be missing, whatever the hub's clock says: its steady one tells how long ago the last row came. */
  #until(sinceMs: number): number {
    const elapsedMs = this.#lastAt === undefined ? this.#parts.now() - sinceMs : performance.now() - this.#lastAt
    return Math.max(sinceMs, sinceMs + elapsedMs, this.#held?.[0]?.ms ?? 0)
  }

  #emit(entries: readonly Entry[]): void {
    const fresh = entries.filter(({ identity }) => remember(this.#seen, identity))
    if (fresh.length === 0) return
    for (const { ms } of fresh) this.#lastMs = Math.max(this.#lastMs ?? 0, ms ?? 0)
    this.#lastAt = performance.now()
    this.#parts.emit(fresh)
  }
}
