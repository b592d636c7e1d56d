import type { Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Effect } from '../../contract/principal.ts'
import type { Mirror } from './mirror.ts'

/** One sort of request to an upstream, prepared once: how it is named on the wire, whether it may be repeated, and what its result becomes. */
export interface Ask<Result = unknown> {
  readonly method: string
  /** Goes as `Mcp-Name` to a modern HTTP upstream. */
  readonly name?: string
  readonly mirrors: readonly Mirror[]
  readonly effect: Effect
  read(result: JsonObject): Result
  /** What a JSON-RPC error means here; undefined for what it means everywhere. */
  refused?(error: JsonObject): Result | HubError | undefined
}

/** Why a flight ended without an answer of the upstream's, and whether the upstream can have seen it. */
export interface Loss {
  readonly error: HubError
  /** no: nothing was sent, or it was refused unread; session: the upstream no longer knows the session; perhaps: it may have acted. */
  readonly seen: 'no' | 'session' | 'perhaps'
}

/** One request on its way to an upstream and back. Survives one change of session. */
export class Flight<Result = unknown> {
  id = 0
  tries = 0
  readonly ask: Ask<Result>
  /** The JSON of the members of `params`, without braces and without `_meta`. */
  readonly params: string
  args: JsonObject | undefined
  readonly signal: AbortSignal
  /** Absent for the hub's own requests. */
  run: Run | undefined
  /** The listener of its own signal, while it is under way. */
  onAbort: (() => void) | undefined
  /** What a link keeps of it. */
  handle: { abort(): void } | undefined
  #resolve: ((result: Result) => void) | undefined
  #reject: ((error: unknown) => void) | undefined

  constructor(
    ask: Ask<Result>,
    params: string,
    signal: AbortSignal,
    run: Run | undefined,
    args: JsonObject | undefined,
    resolve: (result: Result) => void,
    reject: (error: unknown) => void,
  ) {
    this.ask = ask
    this.params = params
    this.signal = signal
    this.run = run
    this.args = args
    this.#resolve = resolve
    this.#reject = reject
  }

  land(result: JsonObject): void {
    const [resolve, reject] = this.#end()
    try {
      resolve?.(this.ask.read(result))
    } catch (error) {
      reject?.(error)
    }
  }

  refuse(error: JsonObject, otherwise: (error: JsonObject, ask: Ask) => HubError): void {
    const [resolve, reject] = this.#end()
    const meant = this.ask.refused?.(error) ?? otherwise(error, this.ask)
    if (meant instanceof HubError) reject?.(meant)
    else resolve?.(meant)
  }

  fail(error: unknown): void {
    const [, reject] = this.#end()
    reject?.(error)
  }

  /** Lets go of the call: drivers keep a request for a while after it is over, and would keep with it all that the call made. */
  #end(): readonly [resolve: ((result: Result) => void) | undefined, reject: ((error: unknown) => void) | undefined] {
    const settle = [this.#resolve, this.#reject] as const
    this.#resolve = this.#reject = this.run = this.args = this.onAbort = this.handle = undefined
    return settle
  }
}

/** The error of a signal that aborted: its own reason where that is the hub's, a cancellation otherwise. */
export function abortError(signal: AbortSignal): HubError {
  const { reason } = signal as { reason: unknown }
  if (reason instanceof HubError) return reason
  if (reason instanceof Error && reason.name === 'TimeoutError')
    return new HubError('HUB_TIMEOUT', 'the upstream did not answer in time; the call was cancelled there')
  return new HubError('HUB_CANCELLED', 'the call was cancelled')
}
