import { limited } from './limited.ts'
import type { Waiting } from '../../contract/waiting.ts'

/** What a pace keeps to. */
export interface PaceOptions {
  readonly exchange: string
  /** How long one request of weight 1 counts. */
  readonly msPerWeight: number
  /** How many requests may wait at most. */
  readonly queue: number
  /** Milliseconds that only grow. */
  readonly now?: () => number
}

interface Entry {
  readonly weight: number
  readonly deadline: number
  readonly go: () => void
  readonly refuse: (error: Error) => void
}

// A ban of years is somebody’s mistake.
const longestRestMs = 86_400_000
const reserveMs = 20

/**
 * The rate limit of one exchange, for all callers together: requests go in the order they came, each after the weight of those before it. An exchange that asks to be left alone is, by all.
 * A request that would wait past its deadline, or behind too many others, is refused at once, with the time to try again.
 */
export class Pace {
  readonly #options: PaceOptions
  readonly #now: () => number
  readonly #queue: Entry[] = []
  #even = 0
  #restUntil = 0
  #queued = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: PaceOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** How long the exchange asked to be left alone from now. */
  get restMs(): number {
    return Math.max(0, this.#restUntil - this.#now())
  }

  /** How many requests wait. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Resolves when a request of this weight may be sent; undefined: it may be sent now. Throws HUB_LIMITED, or the signal's reason. */
  take(weight: number, { signal, deadline }: Waiting): Promise<void> | undefined {
    signal.throwIfAborted()
    const now = this.#now()
    if (this.#queue.length === 0 && now >= this.#restUntil && now >= this.#even) {
      this.#spend(weight, now)
      return undefined
    }
    const waitMs = Math.max(this.#even, this.#restUntil) - now + this.#queued * this.#options.msPerWeight
    if (this.#queue.length >= this.#options.queue || Date.now() + waitMs + reserveMs >= deadline) throw this.#refusal(waitMs)
    return this.#enqueue(weight, deadline, signal)
  }

  /** Throws HUB_LIMITED where the exchange wants to be left alone for longer than a call can wait. */
  admit({ deadline }: Waiting): void {
    if (this.restMs > 0 && Date.now() + this.restMs + reserveMs >= deadline) throw this.#refusal(this.restMs)
  }

  /** The exchange asked to be left alone for so long: those who cannot wait are refused. */
  rest(ms: number): void {
    this.#restUntil = Math.max(this.#restUntil, this.#now() + Math.min(ms, longestRestMs))
    for (const entry of this.#queue.filter(({ deadline }) => Date.now() + this.restMs + reserveMs >= deadline)) {
      this.#remove(entry)
      entry.refuse(this.#refusal(this.restMs))
    }
    this.#arm()
  }

  /** Refuses all who wait, with this. */
  close(reason: Error): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const entry of this.#queue.splice(0)) entry.refuse(reason)
    this.#queued = 0
  }

  #spend(weight: number, now: number): void {
    // One request’s worth may be saved up, as ccxt’s own bucket has it.
    this.#even = Math.max(this.#even, now - this.#options.msPerWeight) + weight * this.#options.msPerWeight
  }

  #enqueue(weight: number, deadline: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#remove(entry)
        reject(signal.reason as Error)
      }
      const entry: Entry = {
        weight,
        deadline,
        go: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
        refuse: (error) => {
          signal.removeEventListener('abort', onAbort)
          reject(error)
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#queue.push(entry)
      this.#queued += weight
      this.#arm()
    })
  }

  #remove(entry: Entry): void {
    const index = this.#queue.indexOf(entry)
    if (index < 0) return
    this.#queue.splice(index, 1)
    this.#queued -= entry.weight
    if (this.#queue.length === 0) {
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
  }

  #arm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#queue.length === 0) return
    const ms = Math.max(this.#even, this.#restUntil) - this.#now()
    this.#timer = setTimeout(() => this.#serve(), Math.max(0, Math.ceil(ms)))
  }

  #serve(): void {
    for (let now = this.#now(); now >= this.#even && now >= this.#restUntil; now = this.#now()) {
      const entry = this.#queue.shift()
      if (!entry) break
      this.#queued -= entry.weight
      this.#spend(entry.weight, now)
      entry.go()
    }
    this.#arm()
  }

  #refusal(waitMs: number): Error {
    const { exchange } = this.#options
    const restMs = this.restMs
    if (restMs > 0) return limited(exchange, `${exchange} asked to be left alone until ${new Date(Date.now() + restMs).toISOString()}`, restMs)
    const before = this.#queue.length
    return limited(exchange, before === 0 ? `the rate limit of ${exchange} is used up` : `${before} requests wait for the rate limit of ${exchange}`, waitMs)
  }
}
