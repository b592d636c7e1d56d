import { limited } from './failures.ts'
import { pause, type Waiting } from '../../contract/waiting.ts'

// A service that asks for a day of silence is asked again after a minute: it may have meant one caller only.
const longestMs = 60_000
const reserveMs = 50

/** The time a service asked to be left alone, kept for all calls of a connector. */
export class Quiet {
  #until = 0

  /** The service asked for so long. */
  ask(ms: number): void {
    this.#until = Math.max(this.#until, performance.now() + Math.min(ms, longestMs))
  }

  /** How long it still is. */
  get leftMs(): number {
    return Math.max(0, this.#until - performance.now())
  }

  /** Waits until it is over. Throws a Refusal at once where the call cannot wait that long. */
  async pass({ signal, deadline }: Waiting): Promise<void> {
    for (let left = this.leftMs; left > 0; left = this.leftMs) {
      if (Date.now() + left + reserveMs >= deadline) throw limited('the service asked to be left alone for a while', Math.ceil(left), {})
      await pause(left, signal)
    }
  }
}
