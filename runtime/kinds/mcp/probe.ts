import type { Health } from '../../contract/health.ts'
import { isObject } from '../../contract/json.ts'
import type { Printed } from './printed.ts'
import type { Session } from './session.ts'
import type { Slot } from './slot.ts'

const probesToRestart = 3

/** Looks after the health of one upstream. */
export class Probe {
  readonly #printed: Printed
  #failed = 0

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
    try {
      await session.request(session.modern ? 'server/discover' : 'ping', {}, signal)
      this.#failed = 0
    } catch (error) {
      // An upstream that does not know ping answers, and one late probe is not death.
      if (!isRefusal(error)) return this.#missed(slot, error)
    }
    const version = session.product
    return {
      state: 'up',
      latencyMs: Math.round(performance.now() - startedAt),
      checkedAt: new Date().toISOString(),
      ...(version === undefined ? undefined : { version }),
    }
  }

  #missed(slot: Slot, error: unknown): Health {
    this.#failed++
    if (this.#failed >= probesToRestart) {
      this.#failed = 0
      slot.restart(`answered none of ${probesToRestart} probes`)
    }
    return { state: 'down', detail: error instanceof Error ? error.message : 'does not answer', checkedAt: new Date().toISOString() }
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'details' in error && isObject(error.details) && error.details.upstreamCode !== undefined
