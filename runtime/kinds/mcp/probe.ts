import type { Health } from '../../contract/health.ts'
import { isObject } from '../../contract/json.ts'
import type { Printed } from './printed.ts'
import type { Session } from './session.ts'
import type { Slot } from './slot.ts'

const probesToRestart = 3

/** Probes in a row that a session did not answer, and what was known of it before the first of them. */
interface Missed {
  readonly session: Session
  readonly mark: number
  readonly answers: number
  readonly count: number
}

/** Looks after the health of one upstream. */
export class Probe {
  readonly #printed: Printed
  #missed: Missed | undefined

  constructor(printed: Printed) {
    this.#printed = printed
  }

  /** Asks the upstream whether it is there; never starts one that nobody has used, and tries one that failed once its time has come. */
  async check(slot: Slot, signal: AbortSignal): Promise<Health> {
    const { state } = slot
    const checkedAt = new Date().toISOString()
    switch (state.state) {
      case 'new':
        return { state: 'unknown', detail: 'not started yet', checkedAt }
      case 'starting':
        return { state: 'unknown', detail: 'being started', checkedAt }
      case 'asleep':
        return { state: 'up', detail: 'asleep; its next call starts it', checkedAt }
      case 'down':
        return state.retryAfterMs > 0 ? this.#down(state.why, state.retryAfterMs) : this.#revive(slot, signal)
      case 'up':
        return this.#ping(slot, signal)
    }
  }

  #down(why: string, retryAfterMs: number): Health {
    const { tail } = this.#printed
    const last = tail === '' ? '' : `; it last printed: ${tail}`
    return { state: 'down', detail: `${why}; tried again in ${Math.ceil(retryAfterMs / 1000)} s${last}`, checkedAt: new Date().toISOString() }
  }

  async #revive(slot: Slot, signal: AbortSignal): Promise<Health> {
    try {
      await slot.ready(signal)
    } catch {
      const { state } = slot
      return state.state === 'down'
        ? this.#down(state.why, state.retryAfterMs)
        : { state: 'down', detail: 'still being started', checkedAt: new Date().toISOString() }
    }
    return this.#ping(slot, signal)
  }

  async #ping(slot: Slot, signal: AbortSignal): Promise<Health> {
    const session = slot.session as Session
    const startedAt = performance.now()
    const mark = session.flights.last
    try {
      await session.request(session.modern ? 'server/discover' : 'ping', {}, signal)
    } catch (error) {
      // An upstream that does not know ping answers all the same.
      if (!isRefusal(error)) return this.#miss(slot, session, mark, signal.aborted ? undefined : wordsOf(error))
    }
    this.#missed = undefined
    const version = session.product
    return {
      state: 'up',
      latencyMs: Math.round(performance.now() - startedAt),
      checkedAt: new Date().toISOString(),
      ...(version === undefined ? undefined : { version }),
    }
  }

  /** One late probe is not death, and an upstream may do one thing at a time: after any answer, and while a call from before the first late probe is under way, it is busy. */
  #miss(slot: Slot, session: Session, mark: number, reason: string | undefined): Health {
    const { flights } = session
    const checkedAt = new Date().toISOString()
    if (slot.session !== session) return { state: 'down', detail: session.ended ?? 'ended while it was probed', checkedAt }
    const before = this.#missed
    const isSilent = before?.session === session && before.answers === flights.answers
    const missed: Missed = isSilent ? { ...before, count: before.count + 1 } : { session, mark, answers: flights.answers, count: 1 }
    this.#missed = missed
    const detail = reason ?? `answered none of ${missed.count} probes`
    if (flights.hasCallFrom(missed.mark)) return { state: 'down', detail: `${detail}; it is given until the calls under way there end`, checkedAt }
    if (missed.count >= probesToRestart) {
      this.#missed = undefined
      slot.restart(`answered none of ${missed.count} probes`)
    }
    return { state: 'down', detail, checkedAt }
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'details' in error && isObject(error.details) && error.details.upstreamCode !== undefined

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'does not answer')
