import { HubError } from '../../contract/errors.ts'
import type { KindTools } from '../../contract/kind.ts'
import type { CcxtConfig, Settings } from './config.ts'
import { invoke, type Driver, type Market } from './driver.ts'
import { abandoned, failureOf, isClockFault, isRateLimit } from './failures.ts'
import { makeDriver } from './made.ts'
import { Pace } from './pace.ts'
import { restOf } from './retry-after.ts'
import { untilAborted, type Waiting } from '../../contract/waiting.ts'
import { calls, type Call, type Head } from './waiting.ts'

/** What an exchange said, and what is to be said of how. */
export interface Told {
  readonly value: unknown
  readonly notes: readonly string[]
}

/** How the last call of an exchange went. */
export interface Last {
  readonly at: number
  readonly error?: HubError
}

/** What a venue is made of. */
export interface VenueParts {
  readonly id: string
  readonly config: CcxtConfig
  readonly settings: Settings
  readonly credentials: Readonly<Record<string, string>>
  readonly lent: KindTools
  /** Told when the exchange went well, or did not. */
  readonly onTurn: () => void
}

const backgroundMs = 60_000
// Without a time from the exchange: many count by the second, some by the minute.
const restWithoutTimeMs = 5_000

/** One exchange: made at first use, asked at its pace, with its markets at hand. */
export class Venue {
  readonly id: string
  readonly hasCredentials: boolean
  readonly #parts: VenueParts
  readonly #closing = new AbortController()
  #pace: Pace | undefined
  #making: Promise<Driver> | undefined
  #made: Driver | undefined
  #markets: { readonly work: Promise<void>; readonly at: number } | undefined
  #syncing: Promise<number> | undefined
  last: Last | undefined

  constructor(parts: VenueParts) {
    this.id = parts.id
    this.hasCredentials = Object.keys(parts.credentials).length > 0
    this.#parts = parts
  }

  /** Aborts when the connector closes. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** How long the exchange asked to be left alone from now. */
  get restMs(): number {
    return this.#pace?.restMs ?? 0
  }

  /** The exchange, made; nothing is sent. */
  driver(): Promise<Driver> {
    this.#making ??= this.#make().catch((error: unknown) => {
      this.#making = undefined
      throw error
    })
    return this.#making
  }

  /** The exchange with its markets. */
  async ready(waiting: Waiting): Promise<Driver> {
    const driver = this.#made ?? (await untilAborted(this.driver(), waiting.signal))
    if (driver.markets === undefined || this.#isOld()) {
      if (driver.markets === undefined) this.#pace?.admit(waiting)
      const work = this.#loadMarkets(driver)
      // An old list is better than waiting for a new one.
      if (driver.markets === undefined) await untilAborted(work, waiting.signal)
    }
    return driver
  }

  /** The same for a call: its failures are told as the call's. */
  async prepared(name: string, waiting: Waiting): Promise<Driver> {
    if (this.#made?.markets !== undefined && !this.#isOld() && !waiting.signal.aborted && !this.closing.aborted) return this.#made
    const call: Call = { signal: waiting.signal, deadline: waiting.deadline }
    try {
      if (this.closing.aborted) throw closedError()
      if (call.signal.aborted) throw abandoned(call)
      return await this.ready(call)
    } catch (error) {
      throw this.failed(error, call, name)
    }
  }

  /** The market of a symbol, where the markets are at hand. */
  marketIfKnown(symbol: string): Market | undefined {
    const { markets } = this.#made ?? {}
    return markets !== undefined && Object.hasOwn(markets, symbol) ? markets[symbol] : undefined
  }

  /** Every market, where they are at hand. */
  marketsIfKnown(): readonly Market[] {
    return Object.values(this.#made?.markets ?? {})
  }

  /** Throws for an exchange whose account cannot be read, saying what is missing. */
  needCredentials(): void {
    if (this.hasCredentials) return
    const words = `there are no credentials for ${this.id}, so no account to read; its operator sets the secrets that credentials.${this.id} in the manifest names`
    throw new HubError('HUB_DENIED', words, { exchange: this.id })
  }

  /** Calls a unified method. Rejects with HubErrors. */
  async ask(name: string, args: readonly unknown[], waiting: Waiting): Promise<Told> {
    const call: Call = { signal: waiting.signal, deadline: waiting.deadline }
    try {
      if (this.closing.aborted) throw closedError()
      if (call.signal.aborted) throw abandoned(call)
      const driver = await this.ready(call)
      const told = await calls.run(call, () => this.#timed(driver, name, args))
      this.#turn(undefined)
      return told
    } catch (error) {
      throw this.failed(error, call, name)
    }
  }

  /** Any failure of a call, as its caller is told; the exchange is left alone if it asked for that. */
  failed(error: unknown, call: Call, name: string): HubError {
    if (call.signal.aborted) return abandoned(call)
    if (isRateLimit(error, call.head?.status) && this.restMs === 0) this.#rest(restWithoutTimeMs)
    const scrub = (text: string): string => this.#parts.lent.secrets.scrub(text)
    const told = failureOf(error, { exchange: this.id, method: name, status: call.head?.status, restMs: this.restMs, scrub })
    if (told.code === 'HUB_CONNECTOR_DOWN' || told.code === 'HUB_UPSTREAM_FAILED' || told.code === 'HUB_LIMITED') this.#turn(told)
    return told
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    if (this.closing.aborted) return
    this.#closing.abort(closedError())
    this.#pace?.close(closedError())
    for (const client of Object.values(this.#made?.clients ?? {})) await client.close()
  }

  async #make(): Promise<Driver> {
    const { id, config, settings, credentials, lent } = this.#parts
    const venue = config.venues?.[id] ?? {}
    // In string mode ccxt works some weights out as text.
    const throttle = async (weight: number | string | undefined): Promise<void> => {
      await this.#pace?.take(Number(weight ?? 1), calls.getStore() ?? this.background())
    }
    const onHead = (head: Head): void => {
      const ms = restOf(head, Date.now())
      if (ms !== undefined) this.#rest(ms)
    }
    const driver = await makeDriver({ id, venue, credentials, timeoutMs: settings.timeoutMsOf(id), lent, closing: this.closing, onHead, throttle })
    const msPerWeight = settings.rateLimitMsOf(id) ?? driver.rateLimit
    this.#pace = new Pace({ exchange: id, msPerWeight, queue: settings.queue })
    const until = await lent.store.get(`rest:${id}`)
    if (typeof until === 'number' && until > Date.now()) this.#pace.rest(until - Date.now())
    this.#made = driver
    return driver
  }

  /** What requests wait under that no caller waits for. */
  background(): Waiting {
    return { signal: this.closing, deadline: Date.now() + backgroundMs }
  }

  // A ban outlives a restart of the hub.
  #rest(ms: number): void {
    this.#pace?.rest(ms)
    const { lent, id } = this.#parts
    lent.log.warn('an exchange asked to be left alone', { exchange: id, ms })
    lent.store.set(`rest:${id}`, Date.now() + ms, ms).catch(() => {})
  }

  #turn(error: HubError | undefined): void {
    const hasTurned = this.last === undefined || (this.last.error === undefined) !== (error === undefined)
    this.last = { at: Date.now(), ...(error && { error }) }
    if (hasTurned) this.#parts.onTurn()
  }

  #isOld(): boolean {
    return this.#markets !== undefined && performance.now() - this.#markets.at > this.#parts.settings.marketsMs
  }

  // Everyone waits for the same list, so it ends with no one caller.
  #loadMarkets(driver: Driver): Promise<void> {
    if (this.#markets !== undefined && !this.#isOld()) return this.#markets.work
    const isNew = driver.markets === undefined
    const call: Call = { ...this.background(), isLoading: true }
    const work = calls
      // Always anew: ccxt keeps the failure of a first attempt for ever.
      .run(call, () => invoke(driver, 'loadMarkets', [true]))
      .then(
        () => {},
        (error: unknown) => {
          const told = this.failed(error, call, 'loadMarkets')
          if (isNew) this.#markets = undefined
          else this.#parts.lent.log.warn('the markets of an exchange could not be renewed', { exchange: this.id, code: told.code })
          throw told
        },
      )
    work.catch(() => {})
    this.#markets = { work, at: performance.now() }
    return work
  }

  async #timed(driver: Driver, name: string, args: readonly unknown[]): Promise<Told> {
    try {
      return { value: await invoke(driver, name, args), notes: [] }
    } catch (error) {
      if (!isClockFault(error) || driver.has['fetchTime'] !== true) throw error
      const ms = await this.#synchronise(driver)
      const value = await invoke(driver, name, args)
      const words = `the clock of this hub is ${Math.abs(ms)} ms ${ms < 0 ? 'behind' : 'ahead of'} that of ${this.id}, which refused the first request; times are sent by its clock now`
      return { value, notes: [words] }
    }
  }

  #synchronise(driver: Driver): Promise<number> {
    this.#syncing ??= calls
      .run(this.background(), () => invoke(driver, 'loadTimeDifference', []))
      .then(Number)
      .finally(() => (this.#syncing = undefined))
    return this.#syncing
  }
}

const closedError = (): HubError => new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 })
