import type { Batch, Position, Source } from '../../contract/flow.ts'
import type { HubError } from '../../contract/errors.ts'
import { isObject, type JsonObject } from '../../contract/json.ts'
import { checkTimeframe, marketOf, momentOf } from './asked.ts'
import { frameMs, readCandles } from './candles.ts'
import { durationMs } from '../../contract/duration.ts'
import type { Venue } from './venue.ts'
import type { Venues } from './venues.ts'
import { pause } from '../../contract/waiting.ts'

/** Which candles are asked for again and again. */
export interface Polling {
  readonly exchanges: readonly string[]
  readonly symbols: readonly string[]
  readonly timeframe: string
  readonly every: string
  readonly since?: string
}

const rowsAtOnce = 1_000
const callMs = 60_000

/** Closed candles of several series, each once and in order; the position is the last one of each. An exchange that is down is asked again, and then answers what it missed. */
export function pollCandles(venues: Venues, polling: Polling): Source {
  const { exchanges, symbols, timeframe, since } = polling
  const series = exchanges.flatMap((exchange) => symbols.map((symbol) => ({ venue: venues.get(exchange), symbol, key: `${exchange} ${symbol}` })))
  const everyMs = Math.max(100, durationMs(polling.every))

  async function* read(from: Position | undefined, signal: AbortSignal): AsyncGenerator<Batch> {
    const last = new Map<string, number>(Object.entries(from ?? {}).flatMap(([key, at]) => (typeof at === 'string' ? [[key, Date.parse(at)] as const] : [])))
    while (!signal.aborted) {
      const startedAt = performance.now()
      let isBehind = false
      for (const one of series) {
        const page = await readSeries(one.venue, one.symbol, last.get(one.key), signal)
        if (page === 'away') continue
        isBehind ||= page.isMore
        if (page.lastAt === undefined) continue
        last.set(one.key, page.lastAt)
        yield { rows: page.rows, position: Object.fromEntries([...last].map(([key, at]) => [key, new Date(at).toISOString()])) }
      }
      if (!isBehind) await pause(Math.max(0, everyMs - (performance.now() - startedAt)), signal).catch(() => {})
    }
  }

  /** The closed candles after the last one that is known. */
  async function readSeries(
    venue: Venue,
    symbol: string,
    lastAt: number | undefined,
    signal: AbortSignal,
  ): Promise<'away' | { rows: JsonObject[]; lastAt?: number; isMore: boolean }> {
    try {
      const waiting = { signal, deadline: Date.now() + callMs }
      const driver = await venue.prepared('loadMarkets', waiting)
      marketOf(driver, symbol)
      checkTimeframe(driver, timeframe)
      const stepMs = frameMs(driver, timeframe)
      const now = Date.now()
      const begin = lastAt === undefined ? (since === undefined ? Math.floor(now / stepMs) * stepMs - stepMs : momentOf('since', since)) : lastAt + stepMs
      // The one that is still open would have to be taken back.
      const end = now - stepMs
      if (begin > end) return { rows: [], isMore: false }
      const candles = await readCandles(venue, driver, 'fetchOHLCV', { symbol, timeframe, since: begin, until: end, params: {} }, { rows: rowsAtOnce }, waiting)
      const rows = candles.rows.map((row) => ({ ...row, exchange: venue.id, symbol, timeframe }))
      const newest = candles.times.at(-1)
      return { rows, isMore: candles.next !== undefined, ...(newest !== undefined && { lastAt: newest }) }
    } catch (error) {
      if (signal.aborted || mayPass(error as HubError)) return 'away'
      throw error
    }
  }

  return { read }
}

/** True for what another attempt may mend. */
export const mayPass = ({ code, details }: HubError): boolean =>
  code === 'HUB_CONNECTOR_DOWN' || code === 'HUB_LIMITED' || code === 'HUB_TIMEOUT' || (isObject(details) && details['isUnreadable'] === true)
