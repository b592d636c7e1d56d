import type { HubError } from '../../contract/errors.ts'
import type { JsonObject } from '../../contract/json.ts'

const rowsAtMost = 10_000
const batchAtMost = 1_000

/** Rows that wait for their reader, up to a bound; what is beyond it is dropped from the front, and counted. */
export class Backlog {
  readonly #rows: JsonObject[] = []
  #lost = 0
  #error: HubError | undefined
  #held = 0
  #wake: (() => void) | undefined
  // Rows that were missed come before what streamed in while they were fetched.
  #behind: JsonObject[] = []

  push(rows: readonly JsonObject[]): void {
    const target = this.#held > 0 ? this.#behind : this.#rows
    target.push(...rows)
    const over = this.#rows.length + this.#behind.length - rowsAtMost
    if (over > 0) {
      const fromFront = Math.min(over, this.#rows.length)
      this.#rows.splice(0, fromFront)
      this.#behind.splice(0, over - fromFront)
      this.#lost += over
    }
    this.#wake?.()
  }

  /** Puts the rows that a promise brings before those pushed from now on. */
  hold(work: Promise<readonly JsonObject[]>): void {
    this.#held += 1
    work
      .then(
        (rows) => void this.#rows.push(...rows),
        (error: HubError) => this.fail(error),
      )
      .finally(() => {
        this.#held -= 1
        if (this.#held > 0) return
        const behind = this.#behind
        this.#behind = []
        this.push(behind)
      })
  }

  /** Ends reading with an error, after the rows that are there. */
  fail(error: HubError): void {
    this.#error ??= error
    this.#wake?.()
  }

  /** Rows as they come, together. Ends when the signal aborts. */
  async *read(signal: AbortSignal): AsyncGenerator<{ readonly rows: readonly JsonObject[]; readonly lost: number }> {
    const onAbort = (): void => this.#wake?.()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      while (!signal.aborted) {
        if (this.#rows.length > 0) {
          const lost = this.#lost
          this.#lost = 0
          yield { rows: this.#rows.splice(0, batchAtMost), lost }
        } else if (this.#error) throw this.#error
        else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}
