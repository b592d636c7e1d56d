import type { Quota } from './config.ts'
import type { Directory } from './directory.ts'
import { isFull, refused } from './failures.ts'
import { count, Ledger, nextStamp, type Usage } from './ledger.ts'
import type { UsageReply } from './requests.ts'

// Counting a folder at its bounds takes a good part of a second: callers who meet their quota again and again do not get one each.
const recountPauseMs = 5_000

/** When a space was counted last by this process. */
export type Counted = Map<string, number>

/** The count of one space while its lock is held: what a change would come to, and what it came to. */
export class Books {
  readonly #ledger: Ledger
  readonly #files: Directory
  readonly #key: string
  readonly #counted: Counted
  #usage: Usage

  constructor(state: Directory, files: Directory, key: string, counted: Counted) {
    this.#ledger = new Ledger(state)
    this.#files = files
    this.#key = key
    this.#counted = counted
    const kept = this.#ledger.read()
    // Files may have come and gone while no hub ran, and a writer may have died in the middle of a change.
    this.#usage = kept === undefined || !counted.has(key) ? this.#count(kept) : kept
  }

  #count(before: Usage | undefined): Usage {
    this.#counted.set(this.#key, performance.now())
    return { ...count(this.#files), stamp: before?.stamp ?? 0 }
  }

  get usage(): UsageReply {
    return { files: this.#usage.files, bytes: this.#usage.bytes }
  }

  get isBlindToCase(): boolean {
    return this.#ledger.isBlindToCase()
  }

  /** Throws HUB_DENIED when so much more would be too much. What was deleted by hand is seen before that. */
  judge(more: UsageReply, { files, bytes }: Quota): void {
    const isTooMuch = (): boolean => (more.files > 0 && this.#usage.files + more.files > files) || (more.bytes > 0 && this.#usage.bytes + more.bytes > bytes)
    if (!isTooMuch()) return
    if (performance.now() - (this.#counted.get(this.#key) ?? 0) > recountPauseMs) this.#usage = this.#count(this.#usage)
    if (!isTooMuch()) return
    const facts = { ...this.usage, quota: { files, bytes } }
    const words =
      more.files > 0 && this.#usage.files + more.files > files
        ? `the folder holds ${this.#usage.files} files, and may hold ${files}`
        : `the folder holds ${this.#usage.bytes} bytes, and may hold ${bytes}; this would add ${more.bytes}`
    throw refused(`${words}; delete what is no longer needed`, facts)
  }

  /** Does a change of the disk, and counts it. The stamp is the moment the change is known by. */
  change<Result>(more: UsageReply, work: (stamp: number) => Result): Result {
    const stamp = nextStamp(this.#usage.stamp)
    this.#quietly(more, () => this.#ledger.begin())
    let result: Result
    try {
      result = work(stamp)
    } catch (error) {
      this.#quietly(more, () => this.#ledger.write(this.#usage))
      throw error
    }
    this.#usage = { files: this.#usage.files + more.files, bytes: this.#usage.bytes + more.bytes, stamp }
    this.#quietly(more, () => this.#ledger.write(this.#usage))
    return result
  }

  // Deleting must work on a full disk; what is not written down is counted again.
  #quietly({ bytes }: UsageReply, work: () => void): void {
    try {
      work()
    } catch (error) {
      if (bytes > 0 || !isFull(error)) throw error
      this.#counted.delete(this.#key)
    }
  }
}
