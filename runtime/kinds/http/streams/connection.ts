import { HubError } from '../../../contract/errors.ts'
import { parseJson, type Json } from '../../../contract/json.ts'
import type { Logger } from '../../../contract/telemetry.ts'
import { messageIn } from '../messages.ts'
import { Backoff } from './backoff.ts'
import { deniedEnding, lostEnding, type Ending } from './ending.ts'
import type { Handshake } from './handshake.ts'
import { matcher } from './match.ts'
import type { StreamSettings } from './settings.ts'
import { Socket, type SocketParts } from './socket.ts'

/** Where to connect, and as whom. */
export type Address = Pick<SocketParts, 'url' | 'headers'>

/** What a connection is made of. */
export interface ConnectionParts extends Pick<SocketParts, 'dispatcher' | 'scrub'> {
  readonly settings: StreamSettings
  readonly log: Logger
  address(): Address | Promise<Address>
  /** The service refused this address by its status; true: another one may do. */
  renew(status: number): boolean
  onUp(): void
  onMessage(message: Json): void
  onGarbage(): void
  /** The connection was up and is no more. */
  onDown(): void
  onState(): void
}

/** How it stands. `since` is epoch milliseconds. */
export type ConnectionState =
  | { readonly type: 'idle' }
  | { readonly type: 'connecting'; readonly since: number }
  | { readonly type: 'up'; readonly since: number }
  | { readonly type: 'waiting'; readonly since: number; readonly until: number; readonly ending: Ending }
  | { readonly type: 'denied'; readonly since: number; readonly ending: Ending }

const handshakeMs = 10_000
/** How long a service that refused the hub is left alone, whoever asks. */
const denialMs = 60_000

/** One connection that is kept up while it is wanted: opened, logged in, kept alive, opened again when it was lost. */
export class Connection {
  readonly #parts: ConnectionParts
  readonly #backoff: Backoff
  readonly #isLoginDone: (message: Json) => boolean
  readonly #isDenial: ((message: Json) => boolean) | undefined
  #socket: Socket | undefined
  #state: ConnectionState = { type: 'idle' }
  #isWanted = false
  #hasRenewed = false
  #openedAt = 0
  #aheadMs = 0
  #pause: NodeJS.Timeout | undefined
  #limit: NodeJS.Timeout | undefined
  #beat: NodeJS.Timeout | undefined
  #silence: NodeJS.Timeout | undefined

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    const { config, firstMs, mostMs } = parts.settings
    this.#backoff = new Backoff(firstMs, mostMs)
    this.#isLoginDone = matcher(config.login?.done)
    const { pointer, equals } = config.denied ?? {}
    this.#isDenial = pointer === undefined ? undefined : matcher({ pointer, ...(equals !== undefined && { equals }) })
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** How far the service's clock is ahead of the hub's, by the date of its last handshake. */
  get aheadMs(): number {
    return this.#aheadMs
  }

  /** Keeps it up from now on. Throws the service's refusal while that is fresh. */
  start(): void {
    if (this.#state.type === 'denied' && Date.now() - this.#state.since < denialMs) throw denialError(this.#state.ending)
    this.#isWanted = true
    if (this.#state.type === 'idle' || this.#state.type === 'denied') this.#connect()
  }

  /** Ends it. */
  stop(): void {
    this.#isWanted = false
    this.#clear()
    this.#socket?.close()
    this.#socket = undefined
    if (this.#state.type !== 'denied') this.#become({ type: 'idle' })
  }

  send(text: string): void {
    this.#socket?.send(text)
  }

  /** The service said in a message that it refuses the hub. */
  deny(words: string): void {
    this.#socket?.close()
    this.#ended(deniedEnding(words))
  }

  #connect(): void {
    this.#become({ type: 'connecting', since: Date.now() })
    const address = this.#address()
    if (!(address instanceof Promise)) return this.#open(address)
    address.then(
      (found) => {
        if (this.#state.type === 'connecting' && this.#isWanted) this.#open(found)
      },
      (error: unknown) => {
        if (this.#state.type === 'connecting') this.#ended(lostEnding(error instanceof HubError ? error.message : 'who the hub is could not be found out'))
      },
    )
  }

  #address(): Address | Promise<Address> {
    return this.#parts.address()
  }

  #open({ url, headers }: Address): void {
    const { settings, dispatcher, scrub } = this.#parts
    const { messageBytes, denialCodes, config } = settings
    const socket: Socket = new Socket({
      url,
      headers,
      protocols: config.protocols ?? [],
      dispatcher,
      messageBytes,
      denialCodes,
      scrub,
      onOpen: (answer) => this.#opened(answer),
      onMessage: (text) => this.#received(text),
      onEnd: (ending) => {
        if (this.#socket === socket) this.#ended(ending)
      },
    })
    this.#socket = socket
    this.#limit = setTimeout(() => socket.break(`the service does not answer within ${handshakeMs / 1_000} s`), handshakeMs)
  }

  #opened(answer: Handshake['headers']): void {
    const theirs = Date.parse(String(answer['date']))
    if (!Number.isNaN(theirs)) this.#aheadMs = theirs - Date.now()
    const { config, login } = this.#parts.settings
    this.#openedAt = performance.now()
    this.#watchSilence()
    if (login !== undefined) this.send(login)
    if (config.login?.done === undefined) this.#up()
  }

  #up(): void {
    clearTimeout(this.#limit)
    const { heartbeat, everyMs } = this.#parts.settings
    this.#hasRenewed = false
    this.#beat = setInterval(() => (heartbeat === undefined ? this.#socket?.ping() : this.send(heartbeat)), everyMs)
    this.#become({ type: 'up', since: Date.now() })
    this.#parts.onUp()
  }

  /** A connection whose other side is gone without a word is found out by its silence. */
  #watchSilence(): void {
    const { silenceMs } = this.#parts.settings
    const quietMs = performance.now() - (this.#socket?.heardAt ?? 0)
    if (quietMs >= silenceMs) return this.#socket?.break(`nothing came for ${silenceMs / 1_000} s`)
    this.#silence = setTimeout(() => this.#watchSilence(), Math.max(1, silenceMs - quietMs))
  }

  #received(text: string | undefined): void {
    let message: Json
    try {
      if (text === undefined) return this.#parts.onGarbage()
      message = parseJson(text)
    } catch {
      return this.#parts.onGarbage()
    }
    if (this.#isDenial?.(message) === true)
      return this.deny(denialWords(messageIn({ type: 'json', value: message }, this.#parts.settings.config.denied?.message), this.#parts.scrub))
    if (this.#state.type === 'up') return this.#parts.onMessage(message)
    if (this.#isLoginDone(message)) this.#up()
  }

  #ended(ending: Ending): void {
    const wasUp = this.#state.type === 'up'
    this.#clear()
    this.#socket = undefined
    if (this.#openedAt > 0) this.#backoff.held(performance.now() - this.#openedAt)
    this.#openedAt = 0
    const isRenewed = !this.#hasRenewed && ending.status !== undefined && this.#parts.renew(ending.status)
    if (ending.sort === 'denied' && !isRenewed) {
      this.#parts.log.warn('a stream is refused', { stream: this.#parts.settings.name, reason: ending.words })
      this.#become({ type: 'denied', since: Date.now(), ending })
    } else if (this.#isWanted) {
      this.#hasRenewed = isRenewed
      const pauseMs = isRenewed ? 0 : this.#backoff.next(ending.waitMs)
      this.#parts.log.info('a stream lost its connection', { stream: this.#parts.settings.name, reason: ending.words, pauseMs })
      const now = Date.now()
      this.#pause = setTimeout(() => this.#connect(), pauseMs)
      this.#become({ type: 'waiting', since: now, until: now + pauseMs, ending })
    } else this.#become({ type: 'idle' })
    if (wasUp) this.#parts.onDown()
  }

  #become(state: ConnectionState): void {
    this.#state = state
    this.#parts.onState()
  }

  #clear(): void {
    clearTimeout(this.#pause)
    clearTimeout(this.#limit)
    clearInterval(this.#beat)
    clearTimeout(this.#silence)
  }
}

const denialWords = (said: string | undefined, scrub: (text: string) => string): string =>
  `the service refuses the hub${said === undefined ? '' : `: ${scrub(said)}`}; its operator checks the stream in the manifest, and what that account may do`

/** A refusal as callers are told it. */
export const denialError = ({ error, words }: Ending): HubError => error ?? new HubError('HUB_UPSTREAM_FAILED', words, { retryAfterMs: denialMs })
