import { setTimeout as pause } from 'node:timers/promises'
import { HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import { Failure, down, startFailure } from './faults.ts'
import { abortError } from './flight.ts'
import type { Session } from './session.ts'

const firstDelayMs = 100
const longestDelayMs = 60_000
/** A call waits out a pause as short as this; a longer one refuses it. */
const worthWaitingMs = 250
/** A session that lived this long does not count against the next start. */
const soundAfterMs = 30_000

/** What a slot is made of. */
export interface SlotParts {
  readonly connector: string
  /** Makes a session that works, or rejects; soon, when the signal aborts. */
  readonly connect: (stop: AbortSignal) => Promise<Session>
  /** Ended after this long without a request; absent: never. */
  readonly idleMs: number | undefined
  /** True: a lost session is replaced at once, not at the next use. */
  readonly eager: boolean
  /** Something else than a request keeps it awake. */
  readonly isNeeded: () => boolean
  readonly onChange: (health: Health) => void
}

/** The life of one session with an upstream: started once for all who want it, given time to recover, ended when idle. */
export class Slot {
  /** The session to use now. */
  session: Session | undefined
  readonly #parts: SlotParts
  #starting: Promise<Session> | undefined
  #failures = 0
  #retryAt = 0
  #startedAt = 0
  #why: string | undefined
  /** The error of the last start, where it says more than that the upstream is down. */
  #refused: HubError | undefined
  #asleep = false
  readonly #stop = new AbortController()
  /** Sessions on their way out. */
  readonly #ending = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: SlotParts) {
    this.#parts = parts
    if (parts.eager) this.#revive()
  }

  /** What is known without asking the upstream; `up` is the session's own matter. */
  get state(): { readonly state: 'up' | 'starting' | 'asleep' | 'new' } | { readonly state: 'down'; readonly why: string; readonly retryAfterMs: number } {
    if (this.#closed) return { state: 'down', why: 'was closed', retryAfterMs: longestDelayMs }
    if (this.session !== undefined) return { state: 'up' }
    if (this.#asleep) return { state: 'asleep' }
    if (this.#why !== undefined) return { state: 'down', why: this.#why, retryAfterMs: this.#waitMs() }
    return { state: this.#starting === undefined ? 'new' : 'starting' }
  }

  /** The session, started if it must be. Rejects HUB_CONNECTOR_DOWN at once while an upstream that failed is given time, or is being tried by another call. */
  ready(signal: AbortSignal): Promise<Session> {
    if (this.session !== undefined) return Promise.resolve(this.session)
    const refused = this.#refusal()
    if (refused !== undefined) return Promise.reject(refused)
    return waiting(this.#start(), signal)
  }

  /** Ends the session, so that the next use starts a new one. */
  restart(why: string): void {
    const { session } = this
    if (session === undefined) return
    this.#lost(why)
    this.#end(session.close(why))
  }

  get #closed(): boolean {
    return this.#stop.signal.aborted
  }

  async close(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    const { session } = this
    this.session = undefined
    await session?.close()
    await this.#starting?.then((late) => late.close()).catch(() => undefined)
    await Promise.all(this.#ending)
  }

  /** The session broke by itself. */
  broken(session: Session, why: string): void {
    if (this.session !== session) return
    this.#lost(why)
    this.#end(session.retire())
  }

  #lost(why: string): void {
    this.session = undefined
    this.#refused = undefined
    clearTimeout(this.#timer)
    this.#failures = performance.now() - this.#startedAt > soundAfterMs ? 1 : this.#failures + 1
    // The first loss costs nothing: an upstream that was restarted is there again.
    this.#fail(why, this.#failures - 1)
  }

  #fail(why: string, failures: number): void {
    this.#why = why
    this.#retryAt = performance.now() + (failures === 0 ? 0 : delayMs(failures))
    this.#parts.onChange({ state: 'down', detail: `${why}; tried again at the next use`, checkedAt: new Date().toISOString() })
    if (this.#parts.eager && !this.#closed) this.#timer = setTimeout(() => this.#revive(), this.#waitMs()).unref()
  }

  #revive(): void {
    if (this.session === undefined && !this.#closed) this.#start().catch(() => undefined)
  }

  #waitMs(): number {
    return Math.max(0, Math.ceil(this.#retryAt - performance.now()))
  }

  #refusal(): HubError | undefined {
    const { connector } = this.#parts
    if (this.#closed) return down(connector, 'was closed', 1000)
    // Half open: one call tries, the others are not made to wait for an upstream that failed.
    if (this.#starting !== undefined) return this.#failures > 1 ? down(connector, `${this.#why ?? 'failed'} and is being started again`, 1000) : undefined
    const waitMs = this.#waitMs()
    return waitMs > worthWaitingMs ? this.#told(waitMs) : undefined
  }

  #told(waitMs: number): HubError {
    const { code, message, details } = this.#refused ?? down(this.#parts.connector, this.#why ?? 'failed', waitMs)
    return new HubError(code, message, { ...details, retryAfterMs: waitMs })
  }

  #start(): Promise<Session> {
    return (this.#starting ??= this.#connect().finally(() => (this.#starting = undefined)))
  }

  async #connect(): Promise<Session> {
    this.#asleep = false
    clearTimeout(this.#timer)
    const waitMs = this.#waitMs()
    if (waitMs > 0) await pause(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    try {
      const session = await this.#parts.connect(this.#stop.signal)
      if (this.#closed) await session.close()
      if (session.ended !== undefined) throw new Failure(session.ended)
      this.session = session
      this.#startedAt = performance.now()
      this.#why = undefined
      this.#watch(session)
      this.#parts.onChange({ state: 'up', checkedAt: new Date().toISOString(), ...(session.product === undefined ? undefined : { version: session.product }) })
      return session
    } catch (error) {
      const failure = startFailure(error)
      this.#failures++
      this.#refused = failure instanceof HubError ? failure : undefined
      this.#fail(failure.message, this.#failures)
      throw this.#told(this.#waitMs())
    }
  }

  #watch(session: Session): void {
    const { idleMs, isNeeded } = this.#parts
    if (idleMs === undefined) return
    let seen = session.flights.count
    const look = (): void => {
      if (this.session !== session) return
      const quiet = session.flights.count === seen && session.flights.calls === 0 && !isNeeded()
      seen = session.flights.count
      if (quiet) return this.#sleep(session)
      this.#timer = setTimeout(look, idleMs).unref()
    }
    this.#timer = setTimeout(look, idleMs).unref()
  }

  #sleep(session: Session): void {
    this.session = undefined
    this.#asleep = true
    this.#failures = 0
    this.#end(session.close())
  }

  #end(ended: Promise<void>): void {
    this.#ending.add(ended)
    void ended.finally(() => this.#ending.delete(ended))
  }
}

const delayMs = (failures: number): number => Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1)) * (0.75 + Math.random() / 4)

/** The promise, or the signal's error when that comes first. */
function waiting<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(abortError(signal))
  return new Promise((done, fail) => {
    const onAbort = (): void => fail(abortError(signal))
    signal.addEventListener('abort', onAbort, { once: true })
    const settled = (): void => signal.removeEventListener('abort', onAbort)
    promise.then(done, fail).then(settled, settled)
  })
}
