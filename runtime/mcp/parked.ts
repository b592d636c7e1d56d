import { randomUUID } from 'node:crypto'
import type { InputRequest } from '../contract/call.ts'
import { asHubError, HubError } from '../contract/errors.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import type { Principal } from '../contract/principal.ts'
import type { Exchange, Outcome } from '../pipeline/call.ts'
import { exchangeOf, type Caller } from './caller.ts'

/** What a turn of a call ended with: its outcome, or questions its caller must answer before it goes on. */
export type Turn = { readonly outcome: Outcome } | { readonly requests: JsonObject; readonly ticket: string }

/** Starts the call; it runs on under this signal and this exchange while its caller comes and goes. */
export type Act = (exchange: Exchange, signal: AbortSignal) => Promise<Outcome>

/** Calls of modern callers that wait for an answer of their user. A modern caller cannot be sent a request: it is answered with the question and comes back with the response. */
export interface Parking {
  /** Runs a call until it ends or asks. */
  start(caller: Caller, act: Act): Promise<Turn>
  /** Goes on with a parked call; undefined when there is none under this ticket for this principal. */
  resume(ticket: string, responses: JsonObject, caller: Caller): Promise<Turn> | undefined
  /** Calls parked now. */
  readonly size: number
  /** Cancels every parked call. */
  close(): void
}

/** Bounds of the parking. */
export interface ParkingBounds {
  readonly most: number
  readonly mostOfOne: number
  readonly expiryMs: number
}

/** A parking in this process; a parked call is a running promise and cannot leave it. */
export function createParking(bounds: ParkingBounds): Parking {
  const parked = new Map<string, ParkedCall>()

  const countOf = (principal: Principal): number => {
    let count = 0
    for (const call of parked.values()) if (isSame(call.principal, principal)) count += 1
    return count
  }

  async function turn(call: ParkedCall): Promise<Turn> {
    const outcome = await call.nextTurn()
    call.detach()
    if (outcome) return { outcome }
    if (parked.size >= bounds.most || countOf(call.principal) >= bounds.mostOfOne) {
      call.give(new HubError('HUB_LIMITED', 'too many calls wait for an answer of their user', { retryAfterMs: 1_000 }))
      return { outcome: await call.outcome }
    }
    parked.set(call.ticket, call)
    call.wait(bounds.expiryMs, () => parked.delete(call.ticket))
    return { requests: call.requests(), ticket: call.ticket }
  }

  return {
    start(caller, act) {
      const call = new ParkedCall(caller)
      call.begin(act)
      return turn(call)
    },
    resume(ticket, responses, caller) {
      const call = parked.get(ticket)
      if (!call || !isSame(call.principal, caller.principal)) return undefined
      parked.delete(ticket)
      call.attach(caller)
      call.answer(responses)
      return turn(call)
    },
    get size() {
      return parked.size
    },
    close() {
      for (const call of parked.values()) call.give(new HubError('HUB_STOPPING', 'the hub is shutting down'))
      parked.clear()
    },
  }
}

const isSame = (one: Principal, other: Principal): boolean =>
  one.organisation === other.organisation && one.credential === other.credential && one.id === other.id

interface Question {
  readonly request: InputRequest
  readonly resolve: (answer: Json) => void
  readonly reject: (error: HubError) => void
}

/** One call that may outlive the request it came with. */
class ParkedCall {
  readonly principal: Principal
  // Changes with every round, so that one answer cannot be given twice.
  ticket: string = randomUUID()
  outcome!: Promise<Outcome>
  #caller: Caller | undefined
  #finished: Outcome | undefined
  #wake: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #asked = 0
  readonly #open = new Map<string, Question>()
  readonly #stop = new AbortController()
  readonly #onAbort = (): void => this.give(asHubError(this.#caller?.signal.reason))

  constructor(caller: Caller) {
    this.principal = caller.principal
    this.attach(caller)
  }

  begin(act: Act): void {
    const first = this.#caller as Caller
    // Progress and log lines go to whoever waits now; while nobody does they are dropped.
    const notify = first.notify && ((method: string, params: JsonObject): void => this.#tell(method, params))
    const exchange = exchangeOf({ ...first, notify, request: (question) => this.#ask(question) })
    this.outcome = act(exchange, this.#stop.signal).then((outcome) => {
      this.#finished = outcome
      this.#wake?.()
      return outcome
    })
  }

  attach(caller: Caller): void {
    clearTimeout(this.#timer)
    this.#caller = caller
    if (caller.signal.aborted) this.#onAbort()
    else caller.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  detach(): void {
    this.#caller?.signal.removeEventListener('abort', this.#onAbort)
    this.#caller = undefined
  }

  /** The outcome, or undefined once questions are open. */
  async nextTurn(): Promise<Outcome | undefined> {
    if (!this.#finished && this.#open.size === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#wake = undefined
    // Questions asked side by side come one tick apart; they are put to the user together.
    if (!this.#finished) await new Promise((resolve) => setImmediate(resolve))
    return this.#finished
  }

  requests(): JsonObject {
    return Object.fromEntries([...this.#open].map(([key, { request }]) => [key, { method: request.method, params: request.params }]))
  }

  answer(responses: JsonObject): void {
    for (const [key, response] of Object.entries(responses)) {
      this.#open.get(key)?.resolve(response)
      this.#open.delete(key)
    }
    this.ticket = randomUUID()
  }

  /** Nobody waits: unless someone comes back in time, the call is cancelled. */
  wait(expiryMs: number, onExpired: () => void): void {
    this.#timer = setTimeout(() => {
      onExpired()
      this.give(new HubError('HUB_INPUT_EXPIRED', 'the question to the user was not answered in time'))
    }, expiryMs)
    this.#timer.unref()
  }

  give(error: HubError): void {
    clearTimeout(this.#timer)
    for (const { reject } of this.#open.values()) reject(error)
    this.#open.clear()
    this.#stop.abort(error)
  }

  #ask(question: InputRequest): Promise<Json> {
    if (this.#stop.signal.aborted) return Promise.reject(asHubError(this.#stop.signal.reason))
    return new Promise((resolve, reject) => {
      this.#asked += 1
      this.#open.set(`q${this.#asked}`, { request: question, resolve, reject })
      this.#wake?.()
    })
  }

  #tell(method: string, params: JsonObject): void {
    const caller = this.#caller
    if (method !== 'notifications/progress') return caller?.notify?.(method, params)
    if (caller?.progressToken !== undefined) caller.notify?.(method, { ...params, progressToken: caller.progressToken })
  }
}
