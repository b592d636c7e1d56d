import { HubError } from '../../contract/errors.ts'
import type { Logger } from '../../contract/telemetry.ts'
import { canDo, checkTimeframe, marketOf } from './asked.ts'
import { invoke, type Driver } from './driver.ts'
import type { Venue } from './venue.ts'
import type { Venues } from './venues.ts'
import { pause, untilAborted } from '../../contract/waiting.ts'
import { calls } from './waiting.ts'

/** What can be watched. */
export const watchables = ['ticker', 'tickers', 'trades', 'orderbook', 'ohlcv'] as const
/** One of them. */
export type Watchable = (typeof watchables)[number]

/** One stream of one exchange. */
export interface StreamSpec {
  readonly exchange: string
  readonly watch: Watchable
  /** One, but for tickers. */
  readonly symbols: readonly string[]
  readonly timeframe?: string
}

/** What a stream tells those who follow it. */
export interface Follower {
  /** What ccxt gave: trades or candles that are new, a ticker, tickers by symbol, the book as it stands. */
  onValue(value: unknown): void
  /** The connection was lost; it is made again. What came meanwhile is not in the stream. */
  onGap?(): void
  /** It ended for good. */
  onEnd(error: HubError): void
}

const methodOf: Readonly<Record<Watchable, string>> = {
  ticker: 'watchTicker',
  tickers: 'watchTickers',
  trades: 'watchTrades',
  orderbook: 'watchOrderBook',
  ohlcv: 'watchOHLCV',
}

const firstPauseMs = 250
const longestPauseMs = 30_000

/** The streams of a connector: what several follow is subscribed once, and ends with the last of them. */
export class Streams {
  readonly #venues: Venues
  readonly #log: Logger
  readonly #open = new Map<string, Stream>()

  constructor(venues: Venues, log: Logger) {
    this.#venues = venues
    this.#log = log
  }

  /** How many subscriptions there are. */
  get size(): number {
    return this.#open.size
  }

  /** Follows a stream until the returned function is called. Rejects HUB_ARGS_INVALID for what the exchange does not have. */
  async follow(spec: StreamSpec, follower: Follower, signal: AbortSignal): Promise<() => void> {
    const venue = this.#venues.get(spec.exchange)
    const driver = await venue.prepared('loadMarkets', { signal, deadline: venue.background().deadline })
    checkSpec(driver, spec)
    this.#checkFrame(spec)
    const key = JSON.stringify([spec.exchange, spec.watch, spec.symbols, spec.timeframe])
    const known = this.#open.get(key)
    const stream = known ?? new Stream(venue, driver, spec, this.#log, () => this.#forget(key, venue, driver, spec))
    if (!known) this.#open.set(key, stream)
    stream.add(follower)
    return () => stream.remove(follower)
  }

  // ccxt tells the candles of one market apart by their market alone, on some exchanges.
  #checkFrame({ exchange, watch, symbols, timeframe }: StreamSpec): void {
    if (watch !== 'ohlcv') return
    const [symbol] = symbols
    const other = [...this.#open.values()].find(
      ({ spec }) => spec.watch === watch && spec.exchange === exchange && spec.symbols[0] === symbol && spec.timeframe !== timeframe,
    )
    if (!other) return
    const words = `candles of ${symbol ?? ''} at ${exchange} are streamed in ${other.spec.timeframe ?? ''} already, and one timeframe of a market can be streamed at a time; read the other by polling: candles`
    throw new HubError('HUB_ARGS_INVALID', words, { exchange })
  }

  /** What a stream that is followed said last. */
  latest(spec: StreamSpec): unknown {
    return this.#open.get(JSON.stringify([spec.exchange, spec.watch, spec.symbols, spec.timeframe]))?.latest
  }

  close(): void {
    for (const stream of this.#open.values()) stream.end()
  }

  // An exchange whose last stream ended keeps no connection; one with others is told what is no longer wanted, if it can be.
  #forget(key: string, venue: Venue, driver: Driver, spec: StreamSpec): void {
    this.#open.delete(key)
    const isLast = ![...this.#open.keys()].some((other) => other.startsWith(JSON.stringify([spec.exchange]).slice(0, -1)))
    if (isLast) {
      for (const client of Object.values(driver.clients)) client.close()
      return
    }
    const name = methodOf[spec.watch].replace('watch', 'unWatch')
    if (canDo(driver, name)) calls.run(venue.background(), () => invoke(driver, name, argsOf(spec))).catch(() => {})
  }
}

function checkSpec(driver: Driver, { watch, symbols, timeframe, exchange }: StreamSpec): void {
  const name = methodOf[watch]
  if (!canDo(driver, name))
    throw new HubError(
      'HUB_ARGS_INVALID',
      `${exchange} has no stream of ${watch} (${name})${watch === 'ohlcv' ? '; read its candles by polling: candles' : ''}`,
      { exchange },
    )
  for (const symbol of symbols) marketOf(driver, symbol)
  if (timeframe !== undefined) checkTimeframe(driver, timeframe)
}

function argsOf({ watch, symbols, timeframe }: StreamSpec): readonly unknown[] {
  if (watch === 'tickers') return [symbols]
  return watch === 'ohlcv' ? [symbols[0], timeframe ?? '1m'] : [symbols[0]]
}

/** One subscription, made again when it is lost. */
class Stream {
  latest: unknown
  readonly #venue: Venue
  readonly #driver: Driver
  readonly spec: StreamSpec
  readonly #log: Logger
  readonly #onEnd: () => void
  readonly #followers = new Set<Follower>()
  readonly #ending = new AbortController()

  constructor(venue: Venue, driver: Driver, spec: StreamSpec, log: Logger, onEnd: () => void) {
    this.#venue = venue
    this.#driver = driver
    this.spec = spec
    this.#log = log.child({ exchange: spec.exchange, watch: spec.watch })
    this.#onEnd = onEnd
    void this.#run()
  }

  add(follower: Follower): void {
    this.#followers.add(follower)
  }

  remove(follower: Follower): void {
    if (this.#followers.delete(follower) && this.#followers.size === 0) this.end()
  }

  end(): void {
    if (this.#ending.signal.aborted) return
    this.#ending.abort(new HubError('HUB_CANCELLED', 'nobody follows this stream any more'))
    this.#onEnd()
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending
    for (let failures = 0; !signal.aborted;) {
      try {
        const value = await this.#next(signal)
        failures = 0
        this.latest = value
        for (const follower of this.#followers) follower.onValue(value)
      } catch (error) {
        if (signal.aborted) return
        const told = this.#venue.failed(error, { ...this.#venue.background(), signal }, methodOf[this.spec.watch])
        if (told.code !== 'HUB_CONNECTOR_DOWN' && told.code !== 'HUB_LIMITED' && told.details['isUnreadable'] !== true) return this.#fail(told)
        failures += 1
        this.latest = undefined
        this.#log.warn('a stream was lost and is made again', { failures, reason: told.message })
        for (const follower of this.#followers) follower.onGap?.()
        const ms = Math.max(this.#venue.restMs, Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 10)))
        await pause(ms, signal).catch(() => {})
      }
    }
  }

  #next(signal: AbortSignal): Promise<unknown> {
    const name = methodOf[this.spec.watch]
    const work = calls.run({ ...this.#venue.background(), signal }, () => invoke(this.#driver, name, argsOf(this.spec)))
    return untilAborted(work, signal)
  }

  #fail(error: HubError): void {
    const followers = [...this.#followers]
    this.#followers.clear()
    this.end()
    for (const follower of followers) follower.onEnd(error)
  }
}
