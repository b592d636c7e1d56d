import { HubError } from '../contract/errors.ts'
import type { ToolSpec } from '../contract/tool.ts'

/** The time a call has: its signal aborts when that is over or the caller goes away. It stands still while the caller's user is asked. */
export class Deadline {
  readonly #caller: AbortSignal
  readonly #controller = new AbortController()
  // Named first, not written straight into the field: V8 would put such a closure, and all it holds, among the old objects.
  readonly #onCallerGone: () => void
  readonly #onLate: () => void
  #timer: NodeJS.Timeout | undefined
  #at: number
  #pauses = 0
  #pausedAt = 0

  /** Begins now; `latest` (epoch milliseconds) is an outer call's deadline, which this one cannot pass. */
  constructor(spec: ToolSpec, caller: AbortSignal, latest: number) {
    this.#caller = caller
    const onCallerGone = (): void => this.#controller.abort(callerGone(caller))
    const onLate = (): void => this.#controller.abort(tooLate(spec))
    this.#onCallerGone = onCallerGone
    this.#onLate = onLate
    if (caller.aborted) onCallerGone()
    else caller.addEventListener('abort', onCallerGone)
    const now = Date.now()
    this.#at = Math.min(now + spec.policy.timeoutMs, latest)
    this.#timer = setTimeout(onLate, this.#at - now)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Epoch milliseconds. */
  get at(): number {
    return this.#at
  }

  /** Stops the clock; each pause is ended by one `resume`. */
  pause(): void {
    this.#pauses += 1
    if (this.#pauses > 1) return
    clearTimeout(this.#timer)
    this.#pausedAt = Date.now()
  }

  resume(): void {
    this.#pauses -= 1
    if (this.#pauses > 0) return
    const now = Date.now()
    this.#at += now - this.#pausedAt
    this.#timer = setTimeout(this.#onLate, Math.max(0, this.#at - now))
  }

  /** Lets go of timer and caller. */
  end(): void {
    clearTimeout(this.#timer)
    this.#caller.removeEventListener('abort', this.#onCallerGone)
  }
}

/** Why a call whose caller left is given up. */
export const callerGone = ({ reason }: AbortSignal): HubError =>
  reason instanceof HubError ? reason : new HubError('HUB_CANCELLED', 'the caller went away before the answer was there')

/** Why a call that took too long is given up. */
export function tooLate({ name, effect, policy: { timeoutMs } }: ToolSpec): HubError {
  const way = effect === 'read' ? 'ask for less, or try again' : 'it may or may not have happened: look before you repeat it'
  return new HubError('HUB_TIMEOUT', `"${name}" did not answer within ${timeoutMs / 1000} s and was cancelled; ${way}`, { timeoutMs })
}
