import type { Dispatcher } from 'undici'
import { HubError } from '../../../contract/errors.ts'
import type { Json } from '../../../contract/json.ts'
import type { KindTools } from '../../../contract/kind.ts'
import { answerReader, type AnswerFound } from './answers.ts'
import type { Address, ConnectionState } from './connection.ts'
import { Connection, denialError } from './connection.ts'
import { matcher } from './match.ts'
import { rowReader, type Entry } from './rows.ts'
import type { StreamSettings } from './settings.ts'
import { Subscriptions } from './subscriptions.ts'
import { Window } from './window.ts'

/** Who wants the rows of a key. */
export interface Holder {
  row(entry: Entry): void
  /** The connection was lost: rows may be missed from now on. */
  gap?(key: string): void
  /** The service sends this key's rows from now on, again after a gap. */
  live?(key: string): void
  refused?(key: string, error: HubError): void
}

/** What a stream is made of. */
export interface StreamParts {
  readonly settings: StreamSettings
  readonly lent: Pick<KindTools, 'log' | 'meter' | 'secrets' | 'egress'>
  address(): Address | Promise<Address>
  renew(status: number): boolean
  onState(): void
}

interface KeyState {
  readonly holders: Set<Holder>
  window: Window
  state: 'wanted' | 'live' | 'refused'
  error?: HubError
}

const longestKey = 256

/** One stream: a single connection, shared by all who want rows of any key. */
export class Stream {
  readonly settings: StreamSettings
  readonly #parts: StreamParts
  readonly #connection: Connection
  readonly #subscriptions: Subscriptions
  readonly #keys = new Map<string, KeyState>()
  readonly #reader: ReturnType<typeof rowReader>
  readonly #isRow: (message: Json) => boolean
  readonly #accepted: (message: Json) => AnswerFound | undefined
  readonly #refused: (message: Json) => AnswerFound | undefined
  readonly #lingering = new Set<NodeJS.Timeout>()
  #idle: NodeJS.Timeout | undefined
  #isClosed = false
  #wasGarbage = false
  /** Epoch milliseconds of the last row. */
  #lastRowAt: number | undefined
  #rowsAheadMs = Number.NEGATIVE_INFINITY

  constructor(parts: StreamParts) {
    const { settings, lent } = parts
    this.#parts = parts
    this.settings = settings
    this.#reader = rowReader(settings.config)
    this.#isRow = matcher(settings.config.rows.where)
    this.#accepted = answerReader(settings.config.accepted)
    this.#refused = answerReader(settings.config.refused)
    this.#subscriptions = new Subscriptions({
      settings,
      wanted: () => this.#wanted(),
      send: (text) => this.#connection.send(text),
      settled: () => this.#sweep(),
      assume: (keys) => this.#live(keys),
    })
    this.#connection = new Connection({
      settings,
      log: lent.log,
      dispatcher: lent.egress.dispatcher as Dispatcher,
      scrub: (text) => lent.secrets.scrub(text),
      address: parts.address,
      renew: parts.renew,
      onUp: () => this.#up(),
      onMessage: (message) => this.#received(message),
      onGarbage: () => this.#unusable('no JSON'),
      onDown: () => this.#down(),
      onState: () => this.#stateChanged(),
    })
  }

  get connection(): ConnectionState {
    return this.#connection.state
  }

  /** The service's time: by the date of its handshake and the latest row that came, whatever the hub's clock says. */
  now(): number {
    return Date.now() + Math.max(this.#connection.aheadMs, this.#rowsAheadMs)
  }

  get lastRowAt(): number | undefined {
    return this.#lastRowAt
  }

  get keys(): readonly string[] {
    return [...this.#keys].filter(([, { holders }]) => holders.size > 0).map(([key]) => key)
  }

  /** The latest rows of a key somebody holds, newest first. */
  latest(key: string): readonly Entry[] {
    return this.#keys.get(key)?.window.entries ?? []
  }

  /** Wants the rows of a key until the returned function is called. Throws when the stream is closed, has too many keys, or is refused. */
  hold(key: string, holder: Holder): () => void {
    if (this.#isClosed) throw new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 })
    if (key === '' || key.length > longestKey) throw new HubError('HUB_ARGS_INVALID', `a key has 1 to ${longestKey} characters`)
    const { mostKeys, name, keep } = this.settings
    const known = this.#keys.get(key)
    if (known === undefined && this.#keys.size >= mostKeys)
      throw new HubError('HUB_LIMITED', `stream "${name}" has ${mostKeys} keys already, the most it may`, { retryAfterMs: 10_000 })
    this.#connection.start()
    clearTimeout(this.#idle)
    const state: KeyState = known ?? { holders: new Set(), window: new Window(keep), state: 'wanted' }
    this.#keys.set(key, state)
    state.holders.add(holder)
    if (state.state === 'live') queueMicrotask(() => state.holders.has(holder) && holder.live?.(key))
    // Whoever comes anew has the service asked anew.
    if (state.state === 'refused') state.state = 'wanted'
    this.#subscriptions.changed()
    return () => this.#release(state, holder)
  }

  /** Does something once the stream's idle time is over; never when it is closed before. */
  linger(work: () => void): void {
    const timer = setTimeout(() => {
      this.#lingering.delete(timer)
      work()
    }, this.settings.idleMs)
    this.#lingering.add(timer)
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#lingering) clearTimeout(timer)
    this.#stop()
    this.#keys.clear()
  }

  #release(state: KeyState, holder: Holder): void {
    if (!state.holders.delete(holder) || state.holders.size > 0) return
    // Whoever wants it again before the service is told goes on with it.
    if (this.#connection.state.type === 'up') this.#subscriptions.changed()
    else this.#sweep()
    if (this.keys.length > 0) return
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#stop(), this.settings.idleMs)
  }

  /** Forgets keys nobody holds. */
  #sweep(): void {
    for (const [key, { holders }] of this.#keys) if (holders.size === 0) this.#keys.delete(key)
  }

  #stop(): void {
    clearTimeout(this.#idle)
    this.#subscriptions.down()
    this.#connection.stop()
  }

  #wanted(): ReadonlySet<string> {
    return new Set([...this.#keys].filter(([, { holders, state }]) => holders.size > 0 && state !== 'refused').map(([key]) => key))
  }

  #up(): void {
    this.#subscriptions.up()
  }

  #down(): void {
    this.#parts.lent.meter.count('stream_disconnects', { stream: this.settings.name })
    this.#subscriptions.down()
    this.#sweep()
    for (const [key, state] of this.#keys) {
      if (state.state !== 'live') continue
      state.state = 'wanted'
      for (const holder of state.holders) holder.gap?.(key)
    }
  }

  #stateChanged(): void {
    const state = this.#connection.state
    if (state.type === 'denied') {
      const error = denialError(state.ending)
      for (const key of this.#keys.keys()) this.#refuse(key, error)
    }
    this.#parts.onState()
  }

  #received(message: Json): void {
    const refused = this.#refused(message)
    if (refused !== undefined) {
      for (const key of this.#subscriptions.answered(refused.keys)) this.#refuse(key, this.#refusal(key, refused.words))
    }
    const accepted = this.#accepted(message)
    if (accepted !== undefined) this.#live(this.#subscriptions.answered(accepted.keys))
    if (!this.#isRow(message)) return
    for (const value of this.#reader.find(message)) this.#row(value)
  }

  #row(value: Json): void {
    const entry = this.#reader.read(value)
    if (entry === undefined) return this.#unusable('a row without a key or a time')
    const state = this.#keys.get(entry.key)
    if (state === undefined) return
    this.#lastRowAt = Date.now()
    if (entry.ms !== undefined) this.#rowsAheadMs = Math.max(this.#rowsAheadMs, entry.ms - this.#lastRowAt)
    // What sends rows was subscribed to, whatever it answers.
    if (state.state === 'wanted') this.#live([entry.key])
    this.#parts.lent.meter.count('stream_rows', { stream: this.settings.name })
    if (!state.window.add(entry)) return
    for (const holder of state.holders) holder.row(entry)
  }

  #live(keys: readonly string[]): void {
    for (const key of keys) {
      const state = this.#keys.get(key)
      if (state?.state !== 'wanted') continue
      state.state = 'live'
      this.#subscriptions.answered([key])
      for (const holder of state.holders) holder.live?.(key)
    }
  }

  #refusal(key: string, words: string | undefined): HubError {
    const said = words === undefined ? '' : `: ${this.#parts.lent.secrets.scrub(words)}`
    return new HubError(
      'HUB_UPSTREAM_FAILED',
      `the service refuses "${key}" in stream "${this.settings.name}"${said}; check how it writes it, and what its plan includes`,
    )
  }

  #refuse(key: string, error: HubError): void {
    const state = this.#keys.get(key)
    if (state === undefined) return
    state.state = 'refused'
    this.#subscriptions.refused(key)
    for (const holder of state.holders) holder.refused?.(key, error)
  }

  #unusable(what: string): void {
    this.#parts.lent.meter.count('stream_unusable', { stream: this.settings.name })
    if (this.#wasGarbage) return
    this.#wasGarbage = true
    this.#parts.lent.log.warn('a stream sends messages that cannot be used', { stream: this.settings.name, what })
  }
}
