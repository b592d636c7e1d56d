/** So long at most the statements of one round trip should take together, as far as the last ones tell. */
const togetherMs = 20
const most = 8
/** How much of what was known stays when one took less. */
const memory = 0.9

/**
 * How fast a declared statement is, and so how many calls of it may share a round trip.
 * A short statement costs client and server less than the wake-ups around it. A long one is better off alone: beside its neighbours, not before them.
 */
export class Pace {
  #typicalMs = Infinity

  /** How many calls a round trip may carry now; 1 until one was measured. */
  get room(): number {
    return Math.max(1, Math.min(most, Math.floor(togetherMs / this.#typicalMs)))
  }

  /** So long a round trip of so many took. A slow one is believed at once, a fast one little by little. */
  took(elapsedMs: number, count: number): void {
    const each = elapsedMs / count
    const isNews = each > this.#typicalMs || this.#typicalMs === Infinity
    this.#typicalMs = isNews ? each : this.#typicalMs * memory + each * (1 - memory)
  }
}
