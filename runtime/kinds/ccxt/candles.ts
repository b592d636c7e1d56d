import type { JsonObject } from '../../contract/json.ts'
import type { Asked } from './asked.ts'
import type { Driver } from './driver.ts'
import { moment, Shaper } from './shape.ts'
import type { Venue } from './venue.ts'
import type { Waiting } from '../../contract/waiting.ts'

/** How far candles are read. */
export interface CandleBounds {
  /** Rows one answer may have. */
  readonly rows: number
  /** Told of each page. */
  readonly progress?: (rows: number) => void
}

/** Candles of one series, oldest first. */
export interface Candles {
  readonly timeframe: string
  readonly rows: readonly JsonObject[]
  /** Of the rows, in milliseconds. */
  readonly times: readonly number[]
  /** Where to ask on, when there is more. */
  readonly next?: number
  /** The rows end at the bound of the answer, not at what was asked. */
  readonly isCut: boolean
  readonly notes: readonly string[]
}

type RawCandle = readonly [time: number, ...rest: unknown[]]

const requestsAtMost = 100
const usualPage = 500

/**
 * Reads candles page by page from `since` to `until` (or now). Exchanges cap their pages each in its own way, skip candles without trades, and repeat the last one of a page:
 * what comes is kept once, in order, and a window without any candle is stepped over.
 */
export async function readCandles(venue: Venue, driver: Driver, name: string, asked: Asked, bounds: CandleBounds, waiting: Waiting): Promise<Candles> {
  const { symbol, timeframe = '1m', limit, params } = asked
  const stepMs = frameMs(driver, timeframe)
  const now = Date.now()
  const wanted = Math.min(limit ?? bounds.rows, bounds.rows)
  const end = Math.min(asked.until ?? now, now)
  const begin = asked.since ?? Math.floor(end / stepMs) * stepMs - (Math.min(limit ?? 100, wanted) - 1) * stepMs
  const pageRows = pageOf(driver, symbol ?? '', name)
  const found = new Map<number, RawCandle>()
  const notes = new Set<string>()
  let cursor = begin
  let requests = 0
  while (cursor <= end && found.size < wanted && requests < requestsAtMost) {
    const rows = Math.min(pageRows, Math.max(1, Math.ceil((end - cursor) / stepMs) + 1))
    const told = await venue.ask(name, [symbol, timeframe, cursor, rows, params], waiting)
    requests += 1
    for (const note of told.notes) notes.add(note)
    const last = keep(told.value as readonly RawCandle[], found, cursor, end)
    bounds.progress?.(Math.min(found.size, wanted))
    cursor = last === undefined ? cursor + rows * stepMs : last + stepMs
  }
  const times = [...found.keys()].sort((a, b) => a - b)
  const kept = times.slice(0, wanted)
  const isDone = cursor > end && times.length === kept.length
  const shaper = new Shaper()
  const rows = kept.map((time) => shaper.candle(found.get(time) as RawCandle))
  const lastTime = kept.at(-1)
  if (lastTime !== undefined && lastTime + stepMs > now) notes.add('the last candle is still open')
  const [firstTime] = kept
  if (asked.since !== undefined && firstTime !== undefined && firstTime >= begin + 2 * stepMs)
    notes.add(`the first candle that ${venue.id} has in this range is of ${moment(firstTime) ?? ''}`)
  if (requests === requestsAtMost && !isDone) notes.add(`read no further after ${requestsAtMost} requests`)
  const gaps = missing(kept, stepMs)
  if (gaps > 0) notes.add(`${gaps} candles between the first and the last are not there: nobody traded, or ${venue.id} does not have them`)
  for (const note of shaper.notes(venue.id)) notes.add(note)
  const next = isDone ? undefined : times.length > kept.length ? (lastTime as number) + stepMs : cursor
  return {
    timeframe,
    rows,
    times: kept,
    ...(next !== undefined && { next }),
    isCut: !isDone && (limit === undefined || limit > kept.length),
    notes: [...notes],
  }
}

/** Keeps what lies in the window; answers the time of the newest. */
function keep(page: readonly RawCandle[], found: Map<number, RawCandle>, from: number, to: number): number | undefined {
  let last: number | undefined
  for (const candle of Array.isArray(page) ? page : []) {
    const [time] = candle
    if (!Number.isSafeInteger(time) || time < from || time > to) continue
    found.set(time, candle)
    if (last === undefined || time > last) last = time
  }
  return last
}

function missing(times: readonly number[], stepMs: number): number {
  let gaps = 0
  // Months and years have no one length.
  if (stepMs > 7 * 86_400_000) return 0
  for (let index = 1; index < times.length; index++) gaps += Math.max(0, Math.round(((times[index] as number) - (times[index - 1] as number)) / stepMs) - 1)
  return gaps
}

/** How long one candle is, in milliseconds. */
export const frameMs = (driver: Driver, timeframe: string): number => (driver['parseTimeframe'] as (frame: string) => number)(timeframe) * 1_000

function pageOf(driver: Driver, symbol: string, name: string): number {
  try {
    const most = Number((driver['featureValue'] as (symbol: string, method: string, what: string) => unknown).call(driver, symbol, name, 'limit'))
    return Number.isSafeInteger(most) && most > 0 ? most : usualPage
  } catch {
    return usualPage
  }
}

/** The members an answer of candles has. */
export function candleData(exchange: string, symbol: string, { timeframe, rows, next }: Candles): JsonObject {
  return { exchange, symbol, timeframe, rows, ...(next !== undefined && { next: moment(next) }) }
}
