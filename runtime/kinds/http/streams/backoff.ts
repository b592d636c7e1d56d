/** How long to wait before the next attempt: longer each time, never quite the same, short again after a connection that held. */
export class Backoff {
  readonly #firstMs: number
  readonly #mostMs: number
  #attempts = 0

  constructor(firstMs: number, mostMs: number) {
    this.#firstMs = Math.min(firstMs, mostMs)
    this.#mostMs = mostMs
  }

  get attempts(): number {
    return this.#attempts
  }

  /** The next pause; at least as long as the service asks for. */
  next(askedMs = 0): number {
    const steady = Math.min(this.#firstMs * 2 ** this.#attempts, this.#mostMs)
    this.#attempts = Math.min(this.#attempts + 1, 30)
    return Math.max(Math.round(steady * (0.5 + Math.random() / 2)), Math.min(askedMs, longestAskedMs))
  }

  /** A connection ended that was open for so long. */
  held(ms: number): void {
    if (ms >= this.#mostMs) this.#attempts = 0
  }
}

// A service that asks for a day of silence is asked again after five minutes: it may have meant one caller only.
const longestAskedMs = 300_000
