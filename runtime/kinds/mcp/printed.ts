import type { Logger } from '../../contract/telemetry.ts'

const linesAtMost = 40
const perMs = 10_000
const tailKept = 5

/** What a child prints beside its messages: into the hub's log, scrubbed and no more than so many lines in ten seconds; the last of its errors are kept for its health. */
export class Printed {
  readonly #log: Logger
  readonly #scrub: (text: string) => string
  #tail: string[] = []
  #since = 0
  #lines = 0
  #dropped = 0

  constructor(log: Logger, scrub: (text: string) => string) {
    this.#log = log
    this.#scrub = scrub
  }

  take(stream: 'stdout' | 'stderr', text: string): void {
    const line = this.#scrub(text.trimEnd())
    if (line === '') return
    if (stream === 'stderr') this.#tail = [...this.#tail, line].slice(-tailKept)
    if (!this.#mayLog()) return
    if (stream === 'stderr') this.#log.info('upstream wrote to its error output', { line })
    else this.#log.warn('upstream printed text where only messages belong; it was skipped', { line })
  }

  /** The last lines of error output, as one text; empty when there are none. */
  get tail(): string {
    return this.#tail.join(' | ').slice(-500)
  }

  #mayLog(): boolean {
    const now = performance.now()
    if (this.#since === 0 || now - this.#since > perMs) {
      if (this.#dropped > 0) this.#log.info('upstream printed more than is logged', { lines: this.#dropped })
      this.#since = now
      this.#lines = 0
      this.#dropped = 0
    }
    if (this.#lines++ < linesAtMost) return true
    this.#dropped++
    return false
  }
}
