import { HubError } from '../../contract/errors.ts'
import type { Logger } from '../../contract/telemetry.ts'
import type { Settings } from './config.ts'
import { headerOf, readContent, Unreadable, type Content } from './content.ts'
import { nobody, type Credentials, type Grant } from './credentials.ts'
import { Loss, TooLong, type Incoming, type Line } from './exchange.ts'
import { abandoned, lossRefusal, Refusal, statusRefusal, unusable, type FailureContext } from './failures.ts'
import { failureIn, messageIn } from './messages.ts'
import { outgoingOf } from './outgoing.ts'
import type { Failure } from './operation.ts'
import { Places } from './places.ts'
import type { Request } from './prepared.ts'
import { Quiet } from './quiet.ts'
import { retryAfterMs } from './retry-after.ts'
import { pause, untilAborted, type Waiting } from '../../contract/waiting.ts'

/** How a request is judged and repeated. */
export interface Manner extends FailureContext {
  /** The pipeline repeats what is down: then it is not repeated here as well. */
  readonly isRepeatedAbove: boolean
  readonly failure?: Failure
}

/** A good answer. */
export interface Good {
  readonly incoming: Incoming
  readonly content: Content
}

/** What a service is made of. */
export interface ServiceParts {
  readonly settings: Settings
  readonly line: Line
  readonly credentials: Credentials
  /** Headers of every request. */
  readonly headers: readonly string[]
  readonly errorPointer: string | undefined
  readonly log: Logger
  readonly scrub: (text: string) => string
}

const firstPauseMs = 200
const longestPauseMs = 5_000
const reserveMs = 50
const memoryMs = 300_000

/** One service: sends requests as the hub, again where that helps, and tells good answers from others. */
export class Service {
  readonly #parts: ServiceParts
  readonly #places: Places
  readonly #quiet = new Quiet()
  #last: { readonly error?: HubError; readonly at: number } | undefined
  /** What product answers, as it says itself. */
  product: string | undefined
  #isClosed = false

  constructor(parts: ServiceParts) {
    this.#parts = parts
    this.#places = new Places(parts.settings.pool)
  }

  /** What the last call said of the service: well, or an error; undefined when there was none, or an error is long past. */
  get last(): { readonly error?: HubError } | undefined {
    return this.#last?.error !== undefined && performance.now() - this.#last.at > memoryMs ? undefined : this.#last
  }

  /** How long the service still asked to be left alone. */
  get quietMs(): number {
    return this.#quiet.leftMs
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Sends a request until there is a good answer, or another attempt would not help or not fit into the deadline. Rejects with HubErrors. */
  async ask(request: Request, manner: Manner, waiting: Waiting): Promise<Good> {
    try {
      if (waiting.signal.aborted) throw abandoned(waiting)
      const good = await this.#untilGood(request, manner, waiting)
      this.#last = { at: performance.now() }
      return good
    } catch (error) {
      if (waiting.signal.aborted) throw abandoned(waiting)
      const told = error instanceof Refusal ? error.error : (error as HubError)
      if (tellsOfHealth(told)) this.#last = { error: told, at: performance.now() }
      else if (told.details?.['upstreamStatus'] !== undefined) this.#last = { at: performance.now() }
      throw told
    }
  }

  /** Asks only whether the service is there: one request, as nobody, any answer. */
  async look(request: Request, signal: AbortSignal): Promise<Incoming> {
    const { settings, headers, line } = this.#parts
    const incoming = await line.send(outgoingOf(request, nobody, settings.origin, headers), signal)
    this.product = productOf(incoming)
    return incoming
  }

  close(): void {
    this.#isClosed = true
  }

  async #untilGood(request: Request, manner: Manner, waiting: Waiting): Promise<Good> {
    for (let attempt = 1, hasResent = false; ; attempt++) {
      if (this.#isClosed) throw new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 })
      await this.#quiet.pass(waiting)
      try {
        return await this.#placed(request, manner, waiting)
      } catch (error) {
        if (!(error instanceof Refusal) || !manner.isRepeatable || waiting.signal.aborted) throw error
        if (error.sort === 'unanswered' && !hasResent) {
          hasResent = true
          continue
        }
        const pauseMs = this.#pauseAfter(error, attempt, manner)
        if (pauseMs === undefined || Date.now() + pauseMs + reserveMs >= waiting.deadline) throw error
        this.#parts.log.debug('a request is sent again', { attempt, pauseMs, status: error.error.details['upstreamStatus'] })
        await pause(pauseMs, waiting.signal)
      }
    }
  }

  /** How long to wait before the next attempt; undefined: there is none. */
  #pauseAfter({ sort, error, waitMs }: Refusal, attempt: number, manner: Manner): number | undefined {
    if (sort !== 'answered' || attempt > this.#parts.settings.retries) return undefined
    if (manner.isRepeatedAbove && error.code === 'HUB_CONNECTOR_DOWN') return undefined
    const steady = Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs)
    return waitMs ?? Math.round(steady * (0.5 + Math.random() / 2))
  }

  async #placed(request: Request, manner: Manner, waiting: Waiting): Promise<Good> {
    const place = this.#places.take(waiting.signal)
    if (place) await place
    try {
      return await this.#asTheHub(request, manner, waiting)
    } finally {
      this.#places.leave()
    }
  }

  async #asTheHub(request: Request, manner: Manner, waiting: Waiting): Promise<Good> {
    const grant = await this.#grant(waiting.signal)
    const incoming = await this.#send(request, grant, manner, waiting.signal)
    if (incoming.status !== 401 || grant.token === undefined) return this.#judge(incoming, manner)
    // Nothing was done for a token that is no longer good; one more is fetched, and if that is refused too, it is not the token.
    this.#parts.credentials.drop(grant)
    const fresh = await this.#grant(waiting.signal)
    return this.#judge(await this.#send(request, fresh, manner, waiting.signal), manner)
  }

  #grant(signal: AbortSignal): Grant | Promise<Grant> {
    const grant = this.#parts.credentials.current()
    // Others may wait for the same token: it is left to come, whoever goes away meanwhile.
    return grant instanceof Promise ? untilAborted(grant, signal) : grant
  }

  async #send(request: Request, grant: Grant, manner: Manner, signal: AbortSignal): Promise<Incoming> {
    const { settings, headers, line } = this.#parts
    try {
      return await line.send(outgoingOf(request, grant, settings.origin, headers), signal)
    } catch (error) {
      if (error instanceof Loss) throw lossRefusal(error, manner)
      if (error instanceof TooLong) throw this.#tooLong()
      throw error
    }
  }

  async #judge(incoming: Incoming, manner: Manner): Promise<Good> {
    this.product = productOf(incoming)
    const { status } = incoming
    const isGood = status >= 200 && status < 300
    const content = await this.#read(incoming, isGood)
    if (isGood) {
      const failure = failureIn(content, manner.failure)
      if (failure === undefined) return { incoming, content }
      throw this.#refusal(failure.status, failure.message, incoming, manner)
    }
    throw this.#refusal(status, messageIn(content, this.#parts.errorPointer ?? manner.failure?.message), incoming, manner)
  }

  async #read(incoming: Incoming, isGood: boolean): Promise<Content> {
    try {
      return await readContent(incoming, this.#parts.settings.maxBodyBytes)
    } catch (error) {
      // What an error looks like does not hide the error.
      if (!isGood) return { type: 'nothing' }
      if (error instanceof Unreadable) throw unusable(error.message, { upstreamStatus: incoming.status })
      throw error instanceof TooLong ? this.#tooLong() : error
    }
  }

  #refusal(status: number | undefined, message: string | undefined, incoming: Incoming, manner: Manner): Refusal {
    const said = message === undefined ? undefined : this.#parts.scrub(message)
    if (status === undefined) return unusable(`that it failed${said === undefined ? '' : `: ${said}`}`)
    const waitMs = status === 429 || status === 503 ? retryAfterMs(incoming, Date.now()) : undefined
    if (waitMs !== undefined) this.#quiet.ask(waitMs)
    return statusRefusal(status, said, waitMs, manner)
  }

  #tooLong(): Refusal {
    const { maxBodyBytes } = this.#parts.settings
    return unusable(`with more than ${maxBodyBytes} bytes, the most that is taken; ask for less: a shorter window, fewer items`, { bytesAtMost: maxBodyBytes })
  }
}

const productOf = (incoming: Incoming): string => headerOf(incoming, 'server').slice(0, 100) || 'HTTP/1.1'

// A request that was wrong, or one too many, says nothing of whether the service is well.
const tellsOfHealth = ({ code, details }: HubError): boolean =>
  code === 'HUB_CONNECTOR_DOWN' || (code === 'HUB_UPSTREAM_FAILED' && (details['upstreamStatus'] === 401 || details['upstreamStatus'] === 403))
