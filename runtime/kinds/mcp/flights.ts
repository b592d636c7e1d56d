import { HubError } from '../../contract/errors.ts'
import { isObject } from '../../contract/json.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import type { ExtrasEvent } from '../../contract/kind.ts'
import { scrubbed } from '../../guards/content.ts'
import { abortError } from './flight.ts'
import type { Ask, Flight } from './flight.ts'

// The SDK's client counts its requests from 0 on the same connection.
const firstId = 1_000_000_000
/** How many requests one session carries at once; more are refused. */
export const flightsAtMost = 1024
const asked = new Set(['elicitation/create', 'sampling/createMessage', 'roots/list'])

/** What the table of flights needs of its session. */
export interface FlightsParts {
  /** Sends the answer to a request of the upstream's, on the way the request came. */
  readonly reply: (message: JsonObject) => void
  /** Tells the upstream, or closes the stream, because nobody waits any more. */
  readonly cancel: (flight: Flight) => void
  /** Takes the hub's secrets out of what the upstream says beside any call; what it says to one passes its run. */
  readonly scrub: (text: string) => string
  readonly emit: (event: ExtrasEvent) => void
  readonly refusal: (error: JsonObject, ask: Ask) => HubError
  readonly unsound: (flight: Flight) => HubError
}

/** The requests under way on one session; takes every message of the upstream's and finds the call it belongs to. */
export class Flights {
  readonly #open = new Map<number, Flight>()
  readonly #parts: FlightsParts
  /** The id that was given last: a mark in time. */
  last = firstId
  /** How many calls of callers were ever added: an idle watch compares it. The hub's own probes are no use of an upstream. */
  count = 0
  /** How many calls of callers are under way. */
  calls = 0
  /** How many requests the upstream ever answered, late or not: a probe tells one that is busy from one that is dead by it. */
  answers = 0

  constructor(parts: FlightsParts) {
    this.#parts = parts
  }

  /** Gives a flight its id and watches its signal; false when it was aborted already, or the table is full. */
  add(flight: Flight): boolean {
    if (flight.signal.aborted) return (flight.fail(abortError(flight.signal)), false)
    if (this.#open.size >= flightsAtMost) {
      flight.fail(new HubError('HUB_LIMITED', `more than ${flightsAtMost} calls are waiting for this upstream; try again in 1 s`, { retryAfterMs: 1000 }))
      return false
    }
    if (flight.run !== undefined) {
      this.count++
      this.calls++
    }
    flight.id = ++this.last
    // Named first, and no object as the listener: V8 would put either, and all it holds, among the old objects.
    const onAbort = (): void => this.#abort(flight)
    flight.onAbort = onAbort
    this.#open.set(flight.id, flight)
    flight.signal.addEventListener('abort', onAbort)
    return true
  }

  /** False when it was not there any more: it landed, failed or was cancelled. */
  remove(flight: Flight): boolean {
    if (!this.#open.delete(flight.id)) return false
    if (flight.run !== undefined) this.calls--
    if (flight.onAbort) flight.signal.removeEventListener('abort', flight.onAbort)
    return true
  }

  #abort(flight: Flight): void {
    if (!this.remove(flight)) return
    this.#parts.cancel(flight)
    flight.fail(abortError(flight.signal))
  }

  /** True while a call of a caller's is under way that began before this mark. */
  hasCallFrom(mark: number): boolean {
    for (const { id, run } of this.#open.values()) if (id <= mark && run !== undefined) return true
    return false
  }

  has(flight: Flight): boolean {
    return this.#open.has(flight.id)
  }

  get(id: number): Flight | undefined {
    return this.#open.get(id)
  }

  /** Takes all flights out, for a session that ended. */
  clear(): readonly Flight[] {
    const all = [...this.#open.values()]
    for (const flight of all) {
      this.remove(flight)
      flight.handle?.abort()
    }
    return all
  }

  /** Takes a message of the upstream's; `stream` is the call whose own stream it came on. False: it is for the SDK's client. */
  receive(message: JsonObject, stream?: Flight): boolean {
    const { id, method } = message
    if (method === undefined) return this.#answered(message, id)
    if (typeof method !== 'string') return false
    if (id !== undefined) return this.#asks(message, method, stream)
    return this.#tells(method, isObject(message.params) ? message.params : {}, stream)
  }

  #answered(message: JsonObject, id: Json | undefined): boolean {
    if (typeof id !== 'number' || id <= firstId) return false
    this.answers++
    const flight = this.#open.get(id)
    // A late answer to a call that was cancelled.
    if (flight === undefined) return true
    this.remove(flight)
    if (isObject(message.result)) flight.land(message.result)
    else if (isObject(message.error)) flight.refuse(message.error, this.#parts.refusal)
    else flight.fail(this.#parts.unsound(flight))
    return true
  }

  #tells(method: string, params: JsonObject, stream: Flight | undefined): boolean {
    switch (method) {
      case 'notifications/progress':
        return this.#progresses(params)
      case 'notifications/message':
        this.#logs(params, stream)
        return true
      case 'notifications/tools/list_changed':
        this.#parts.emit({ type: 'tools' })
        return false
      case 'notifications/prompts/list_changed':
        this.#parts.emit({ type: 'prompts' })
        return false
      case 'notifications/resources/list_changed':
        this.#parts.emit({ type: 'resources' })
        return false
      case 'notifications/resources/updated':
        if (typeof params.uri === 'string') this.#parts.emit({ type: 'updated', uri: params.uri })
        return false
      default:
        return false
    }
  }

  #progresses(params: JsonObject): boolean {
    const flight = typeof params.progressToken === 'number' ? this.#open.get(params.progressToken) : undefined
    if (flight === undefined) return typeof params.progressToken === 'number' && params.progressToken > firstId
    const total = typeof params.total === 'number' ? params.total : undefined
    const message = typeof params.message === 'string' ? params.message : undefined
    if (typeof params.progress === 'number') flight.run?.progress(params.progress, total, message)
    return true
  }

  #logs(params: JsonObject, stream: Flight | undefined): void {
    const level = typeof params.level === 'string' ? params.level : 'info'
    const logger = typeof params.logger === 'string' ? params.logger : undefined
    const run = (stream ?? this.#only())?.run
    const data = params.data ?? null
    if (run !== undefined) return run.log(level, data, logger)
    // It belongs to one of several calls, and nobody knows to which: no caller is told what another one's call logs.
    if (this.calls === 0)
      this.#parts.emit({ type: 'log', level, data: scrubbed(data, this.#parts), ...(logger === undefined ? undefined : { logger: this.#parts.scrub(logger) }) })
  }

  /** The one caller's call under way; undefined when there is none, or more than one. */
  #only(): Flight | undefined {
    if (this.calls !== 1) return undefined
    for (const flight of this.#open.values()) if (flight.run !== undefined) return flight
    return undefined
  }

  #asks(message: JsonObject, method: string, stream: Flight | undefined): boolean {
    if (!asked.has(method)) return false
    const { id } = message as { id: Json }
    const run = (stream ?? this.#only())?.run
    const refuse = (code: number, text: string): true => (this.#parts.reply({ jsonrpc: '2.0', id, error: { code, message: text } }), true)
    // Some servers ask for roots as soon as they are connected, whoever happens to call then; most callers have none.
    const rootless = method === 'roots/list' && (run === undefined ? this.calls === 0 : run.callerCapabilities['roots'] === undefined)
    if (rootless) return (this.#parts.reply({ jsonrpc: '2.0', id, result: { roots: [] } }), true)
    if (run !== undefined) {
      run.ask({ method, params: isObject(message.params) ? message.params : {} }).then(
        (result) => this.#parts.reply({ jsonrpc: '2.0', id, result }),
        (error: unknown) => refuse(-32_603, error instanceof HubError ? error.message : 'the caller could not be asked'),
      )
      return true
    }
    if (this.calls > 0) {
      return refuse(
        -32_603,
        'several calls share this session, so the hub cannot know whose user is meant; set session: caller in the manifest of this connector',
      )
    }
    return refuse(-32_603, 'no call is under way, so there is no user to ask')
  }
}
