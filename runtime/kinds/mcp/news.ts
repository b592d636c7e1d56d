import type { ExtrasEvent } from '../../contract/kind.ts'

const everyMs = 1_000

/** What listeners hear of an upstream: that a list changed at once, and then at most once a second for each sort, so that one which tells without end costs one list a second. */
export class News {
  readonly #act: (event: ExtrasEvent) => void
  readonly #listeners = new Set<(event: ExtrasEvent) => void>()
  /** Sorts told of just now; true where more came since. */
  readonly #recent = new Map<ExtrasEvent['type'], { more: boolean; readonly timer: NodeJS.Timeout }>()

  /** `act` is what the upstream's own side does about it, before any listener hears. */
  constructor(act: (event: ExtrasEvent) => void) {
    this.#act = act
  }

  listen(listener: (event: ExtrasEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(event: ExtrasEvent): void {
    if (event.type === 'log' || event.type === 'updated') return this.#pass(event)
    const recent = this.#recent.get(event.type)
    if (recent !== undefined) return void (recent.more = true)
    this.#recent.set(event.type, { more: false, timer: setTimeout(() => this.#rested(event), everyMs).unref() })
    this.#pass(event)
  }

  close(): void {
    this.#listeners.clear()
    for (const { timer } of this.#recent.values()) clearTimeout(timer)
    this.#recent.clear()
  }

  #rested(event: ExtrasEvent): void {
    const more = this.#recent.get(event.type)?.more
    this.#recent.delete(event.type)
    if (more === true) this.tell(event)
  }

  #pass(event: ExtrasEvent): void {
    this.#act(event)
    for (const listener of this.#listeners) listener(event)
  }
}
