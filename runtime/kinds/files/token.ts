import { setImmediate as endOfTurn } from 'node:timers/promises'
import { HubError } from '../../contract/errors.ts'

const sliceMs = 8

/** A request that may be given up while it is worked on. Long work comes by here and lets others have their turn. */
export class Token {
  #isCancelled = false
  #sliceEndsAt = 0

  cancel(): void {
    this.#isCancelled = true
  }

  /** Throws when nobody waits for the answer any more. */
  check(): void {
    if (this.#isCancelled) throw new HubError('HUB_CANCELLED', 'the call was given up')
  }

  /** Lets other requests be worked on when this one had its slice. */
  async pause(): Promise<void> {
    const now = performance.now()
    if (now < this.#sliceEndsAt) return
    await endOfTurn()
    this.check()
    this.#sliceEndsAt = performance.now() + sliceMs
  }
}
