import type { Batch, Position, Source } from '../../contract/flow.ts'
import { HubError } from '../../contract/errors.ts'
import type { JsonObject } from '../../contract/json.ts'
import { Backlog } from './backlog.ts'
import { mayPass } from './polling.ts'
import { Once } from './once.ts'
import { moment, Shaper } from './shape.ts'
import type { StreamSpec, Streams, Watchable } from './streams.ts'
import type { Venues } from './venues.ts'
import { pause } from '../../contract/waiting.ts'

/** What is watched. */
export interface Watching {
  readonly exchange: string
  readonly watch: Watchable
  readonly symbols: readonly string[]
  readonly timeframe: string
  readonly depth: number
}

const callMs = 60_000
const retryMs = 2_000
const pagesAtMost = 20

/** Streams of one exchange as a source. Trades have a position and are found again after a lost connection; of prices and books only the newest counts. */
export function watchSource(venues: Venues, streams: Streams, watching: Watching): Source {
  const { exchange, watch, symbols, timeframe, depth } = watching
  const venue = venues.get(exchange)

  async function* read(from: Position | undefined, signal: AbortSignal): AsyncGenerator<Batch> {
    const backlog = new Backlog()
    const once = new Map(symbols.map((symbol) => [symbol, new Once(from?.[symbol])]))
    const stops: (() => void)[] = []
    // What is asked for afterwards stands before what streams in meanwhile.
    const mend = (symbol: string, since: number | undefined): void => {
      if (watch === 'trades' && since !== undefined) backlog.hold(missed(symbol, once.get(symbol) as Once, since, signal))
    }
    try {
      for (const spec of specsOf()) {
        const [symbol = ''] = spec.symbols
        const own = once.get(symbol) as Once
        const take = (value: unknown): void => backlog.push(watch === 'trades' ? own.fresh(value as readonly JsonObject[], tradeRow) : rowsOf(spec, value))
        const follower = { onValue: take, onGap: () => mend(symbol, own.at), onEnd: (error: HubError) => backlog.fail(error) }
        const since = own.at
        stops.push(await patiently(() => streams.follow(spec, follower, signal), signal))
        mend(symbol, since)
      }
      for await (const { rows, lost } of backlog.read(signal)) {
        yield { rows, ...(watch === 'trades' && { position: positionAfter(rows, once) }), ...(lost > 0 && { lost }) }
      }
    } finally {
      for (const stop of stops) stop()
    }
  }

  function specsOf(): readonly StreamSpec[] {
    if (watch === 'tickers') return [{ exchange, watch, symbols }]
    return symbols.map((symbol) => ({ exchange, watch, symbols: [symbol], ...(watch === 'ohlcv' && { timeframe }) }))
  }

  /** Trades that came while nobody listened, as far as the exchange still has them. */
  async function missed(symbol: string, once: Once, since: number, signal: AbortSignal): Promise<readonly JsonObject[]> {
    const rows: JsonObject[] = []
    let cursor = since
    for (let page = 0; page < pagesAtMost && !signal.aborted; page++) {
      const trades = await tradesSince(symbol, cursor, signal)
      rows.push(...once.fresh(trades, tradeRow))
      const newest = Math.max(cursor, ...trades.map(({ timestamp }) => Number(timestamp ?? 0)))
      if (newest === cursor) break
      cursor = newest
    }
    return rows
  }

  async function tradesSince(symbol: string, since: number, signal: AbortSignal): Promise<readonly JsonObject[]> {
    const { value } = await patiently(() => venue.ask('fetchTrades', [symbol, since, 1_000, {}], { signal, deadline: Date.now() + callMs }), signal)
    return Array.isArray(value) ? (value as readonly JsonObject[]) : []
  }

  /** Tries until it works, or another attempt would fare the same. */
  async function patiently<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (signal.aborted || !(error instanceof HubError) || !mayPass(error)) throw error
        await pause(Math.max(retryMs, venue.restMs), signal)
      }
    }
  }

  function rowsOf(spec: StreamSpec, value: unknown): readonly JsonObject[] {
    const shaper = new Shaper()
    const [symbol = ''] = spec.symbols
    if (watch === 'orderbook') return [{ exchange, ...shaper.book(value, depth), symbol }]
    if (watch === 'ohlcv') return (value as readonly (readonly unknown[])[]).map((candle) => ({ ...shaper.candle(candle), exchange, symbol, timeframe }))
    if (watch === 'ticker') return [{ exchange, ...shaper.object(value) }]
    return Object.values(value as object).map((one) => ({ exchange, ...shaper.object(one) }))
  }

  const tradeRow = (trade: JsonObject): JsonObject => {
    const { timestamp, symbol, id, side, price, amount, cost } = new Shaper().object(trade)
    return {
      timestamp: timestamp ?? moment(Date.now()),
      exchange,
      symbol: symbol ?? null,
      id: id ?? null,
      side: side ?? null,
      price: price ?? null,
      amount: amount ?? null,
      cost: cost ?? null,
    }
  }

  return { read }
}

function positionAfter(rows: readonly JsonObject[], once: ReadonlyMap<string, Once>): Position {
  for (const row of rows) once.get(String(row['symbol']))?.passed(row)
  return Object.fromEntries([...once].flatMap(([symbol, one]) => (one.position ? [[symbol, one.position]] : [])))
}
