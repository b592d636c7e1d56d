import { Client } from '@modelcontextprotocol/client'
import type { PriorDiscovery } from '@modelcontextprotocol/client'
import { isObject } from '../../contract/json.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { ExtrasEvent } from '../../contract/kind.ts'
import { Failure, down, garbled, refusal } from './faults.ts'
import { Flight } from './flight.ts'
import type { Ask, Loss } from './flight.ts'
import { Flights } from './flights.ts'
import type { Link, Receiver } from './link.ts'
import { clientInfo, modernHead, requestText } from './request.ts'

const versionUnsupported = -32_022

/** What a session is made of. */
export interface SessionParts {
  readonly connector: string
  readonly openLink: (receiver: Receiver) => Link
  readonly era: 'auto' | 'modern' | 'legacy'
  /** What a legacy upstream is told its client can do, once for the session. */
  readonly capabilities: JsonObject
  /** For the whole set-up, and for the question which era the upstream speaks. */
  readonly timeoutMs: number
  readonly probeMs: number
  readonly scrub: (text: string) => string
  readonly emit: (event: ExtrasEvent) => void
  /** Sends a flight again on a new session: this one was forgotten by the upstream. */
  readonly again: (flight: Flight) => void
  /** Ends the set-up before its time. */
  readonly stop: AbortSignal
  readonly onBroken: (session: Session, why: string) => void
  readonly trouble: (error: unknown) => void
}

/** One connection to an upstream after its handshake; requests of all its callers share it. */
export class Session {
  readonly client: Client
  readonly flights: Flights
  readonly #parts: SessionParts
  readonly #link: Link
  #head: string | undefined
  /** Why it cannot be used any more. */
  ended: string | undefined
  modern = false

  private constructor(parts: SessionParts) {
    this.#parts = parts
    const meaning = refusal(parts.connector, parts.scrub)
    this.flights = new Flights({
      reply: (message) => this.#link.tell(JSON.stringify(message)),
      cancel: (flight) => this.#cancel(flight),
      scrub: parts.scrub,
      emit: parts.emit,
      refusal: (error, ask) => {
        if (error.code === versionUnsupported) this.#break('speaks another protocol version', false)
        return meaning(error, ask)
      },
      unsound: ({ ask }) => garbled(parts.connector, 'answered with neither a result nor an error', ask.effect),
    })
    this.#link = parts.openLink({
      receive: (message, stream) => this.flights.receive(message, stream),
      waits: (flight) => this.flights.has(flight),
      lose: (flight, loss) => this.#lose(flight, loss),
      broken: (why, calls) => this.#break(why, calls),
    })
    const mode = parts.era === 'modern' ? { pin: '2026-07-28' } : parts.era
    this.client = new Client(clientInfo, { capabilities: parts.capabilities, versionNegotiation: { mode, probe: { timeoutMs: parts.probeMs } } })
    this.client.onerror = parts.trouble
  }

  /** Connects and shakes hands. `prior` skips the question for the era. Rejects with whatever went wrong; nothing is left open then. */
  static async connect(parts: SessionParts, prior: PriorDiscovery | undefined): Promise<Session> {
    if (parts.stop.aborted) throw new Failure('was closed')
    const session = new Session(parts)
    const onStop = (): void => void session.close()
    parts.stop.addEventListener('abort', onStop)
    try {
      await session.client.connect(session.#link.transport, { timeout: parts.timeoutMs, prior })
      if (session.ended !== undefined) throw new Failure(session.ended)
      session.modern = session.client.getProtocolEra() === 'modern'
      const version = session.client.getNegotiatedProtocolVersion() as string
      session.#link.agreed(version, session.modern)
      session.#head = session.modern ? modernHead(version) : undefined
      return session
    } catch (error) {
      const why = session.ended
      await session.close()
      throw why === undefined ? error : new Failure(why, { cause: error })
    } finally {
      parts.stop.removeEventListener('abort', onStop)
    }
  }

  get capabilities(): JsonObject {
    return (this.client.getServerCapabilities() ?? {}) as JsonObject
  }

  get instructions(): string | undefined {
    const text = this.client.getInstructions()
    return text === undefined ? undefined : this.#parts.scrub(text)
  }

  /** Product and version, as the upstream says. */
  get product(): string | undefined {
    const server = this.client.getServerVersion()
    return server === undefined ? undefined : this.#parts.scrub(`${server.name} ${server.version}`)
  }

  /** Sends a request; the flight lands, is refused or fails later. */
  send(flight: Flight): void {
    if (this.flights.add(flight)) this.#link.post(flight, requestText(flight, this.#head))
  }

  /** A request of the hub's own. */
  request(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const ask: Ask<JsonObject> = { method, mirrors: [], effect: 'read', read: (result) => result }
    const inner = JSON.stringify(params).slice(1, -1)
    return new Promise((done, fail) => this.send(new Flight(ask, inner, signal, undefined, params, done, fail) as unknown as Flight))
  }

  /** Ends the connection and everything behind it; requests still under way fail and are told why. */
  async close(why = 'was closed'): Promise<void> {
    this.ended ??= why
    for (const flight of this.flights.clear()) flight.fail(down(this.#parts.connector, this.ended, 1000, flight.ask.effect))
    await this.retire()
  }

  /** Ends the connection of a broken session; requests that have a connection of their own go on. */
  async retire(): Promise<void> {
    await this.#link.close().catch(this.#parts.trouble)
    await this.client.close().catch(this.#parts.trouble)
  }

  #cancel(flight: Flight): void {
    if (this.#link.abandon(flight)) return
    this.#link.tell(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: flight.id, reason: reasonOf(flight.signal) } }))
  }

  #lose(flight: Flight, loss: Loss): void {
    if (!this.flights.remove(flight)) return
    if (loss.seen !== 'session') return flight.fail(loss.error)
    this.#break('forgot the session', false)
    if (flight.run === undefined || flight.tries > 0) return flight.fail(loss.error)
    flight.tries++
    this.#parts.again(flight)
  }

  #break(why: string, calls: boolean): void {
    const first = this.ended === undefined
    this.ended ??= why
    if (calls) for (const flight of this.flights.clear()) flight.fail(down(this.#parts.connector, `${why} before it answered`, 1000, flight.ask.effect))
    if (first) this.#parts.onBroken(this, why)
  }
}

const reasonOf = (signal: AbortSignal): string => (isObject(signal.reason) && typeof signal.reason.code === 'string' ? signal.reason.code : 'cancelled')
