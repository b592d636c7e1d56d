import type { Truncation } from '../../contract/answer.ts'
import type { Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import { canDo, checkTimeframe, inOrder, marketOf, type Asked } from './asked.ts'
import { candleData, readCandles } from './candles.ts'
import { middle } from './decimal.ts'
import type { Driver } from './driver.ts'
import { methods, type Method } from './methods.ts'
import { Shaper } from './shape.ts'
import type { Venue } from './venue.ts'
import type { Venues } from './venues.ts'
import type { Waiting } from '../../contract/waiting.ts'

/** A price and the moment it is of, for comparing. */
export interface Price {
  readonly value: string
  readonly at: number
  /** The exchange said when; otherwise it is when it answered. */
  readonly isDated: boolean
}

/** What one exchange answered. */
export interface Reading {
  readonly exchange: string
  readonly data: JsonObject
  readonly notes: readonly string[]
  readonly asOf?: string
  /** Made when it is compared: most answers are not. */
  readonly price?: () => Price | undefined
  readonly truncated?: Truncation
}

/** How answers are bounded, and who is told how far it is. */
export interface ReadingBounds {
  readonly rows: number
  readonly progress?: Run['progress']
}

/** Asks one exchange by a unified method: arguments checked against what it has, the answer shaped. */
export async function read(venues: Venues, venue: Venue, name: string, asked: Asked, bounds: ReadingBounds, waiting: Waiting): Promise<Reading> {
  const method = methods[name] as Method
  if (method.isAccount) venue.needCredentials()
  const driver = await venue.prepared(name, waiting)
  if (!canDo(driver, name)) throw await venues.lacking(venue, name)
  if (asked.symbol !== undefined) marketOf(driver, asked.symbol)
  for (const symbol of asked.symbols ?? []) marketOf(driver, symbol)
  if (asked.timeframe !== undefined) checkTimeframe(driver, asked.timeframe)
  if (method.shape === 'candles') return candlesReading(venue, driver, name, asked, bounds, waiting)
  const { value, notes } = await venue.ask(name, inOrder(asked, method), waiting)
  return shapeReading(venue.id, method, asked, value, notes, bounds.rows)
}

async function candlesReading(venue: Venue, driver: Driver, name: string, asked: Asked, { rows, progress }: ReadingBounds, waiting: Waiting): Promise<Reading> {
  const candles = await readCandles(venue, driver, name, asked, { rows, progress: (done) => progress?.(done, undefined, `${done} candles`) }, waiting)
  const { isCut, notes } = candles
  const close = candles.rows.at(-1)?.['close']
  const at = candles.times.at(-1)
  return {
    exchange: venue.id,
    data: candleData(venue.id, asked.symbol ?? '', candles),
    notes,
    ...(typeof close === 'string' && at !== undefined && { price: () => ({ value: close, at, isDated: true }) }),
    ...(isCut && { truncated: { by: 'rows', kept: candles.rows.length, limit: rows } }),
  }
}

/** An answer of a unified method as the hub gives it. */
export function shapeReading(exchange: string, { shape }: Method, asked: Asked, value: unknown, notes: readonly string[], rows: number): Reading {
  const shaper = new Shaper()
  const data = dataOf(shaper, shape, asked, value)
  const list = Array.isArray(data) ? data : undefined
  const isCut = list !== undefined && list.length > rows
  const members: JsonObject = list === undefined ? (data as JsonObject) : { rows: isCut ? list.slice(0, rows) : list }
  const asOf = typeof members['timestamp'] === 'string' ? members['timestamp'] : undefined
  const answeredAt = Date.now()
  if (
    shape === 'ticker' &&
    tickerPrice(members) === undefined &&
    members['baseVolume'] === undefined &&
    members['markPrice'] === undefined &&
    members['indexPrice'] === undefined
  )
    throw new HubError('HUB_UPSTREAM_FAILED', `${exchange} answered without any price of ${asked.symbol ?? 'it'}`, { exchange, isUnreadable: true })
  return {
    exchange,
    data: { exchange, ...members },
    notes: [...notes, ...shaper.notes(exchange)],
    ...(asOf !== undefined && { asOf }),
    price: () => priceOf(shape, members, asOf, answeredAt),
    ...(isCut && { truncated: { by: 'rows', kept: rows, limit: rows } }),
  }
}

function dataOf(shaper: Shaper, shape: Method['shape'], asked: Asked, value: unknown): JsonObject | readonly Json[] {
  if (shape === 'book') return shaper.book(value, asked.limit)
  if (shape === 'tickers') return Object.values((value ?? {}) as object).map((one) => shaper.object(one))
  if (shape === 'balance') return balances(shaper, value)
  if (Array.isArray(value)) return value.map((one) => shaper.any(one) ?? null)
  const members = value !== null && typeof value === 'object' ? Object.values(value) : []
  // What ccxt keeps by market or currency is a list to everyone else.
  if (members.length > 0 && members.every(isOfOne)) return members.map((one) => shaper.object(one))
  if (value !== null && typeof value === 'object') return shaper.object(value)
  return { value: shaper.any(value) ?? null }
}

const isOfOne = (value: unknown): boolean =>
  value !== null && typeof value === 'object' && (typeof (value as JsonObject)['symbol'] === 'string' || typeof (value as JsonObject)['code'] === 'string')

// Accounts have a line for every currency there is.
function balances(shaper: Shaper, value: unknown): readonly Json[] {
  const { total = {}, free = {}, used = {} } = (value ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>>>>
  return Object.keys(total).flatMap((currency) => {
    const row = { free: shaper.decimal(free[currency]), used: shaper.decimal(used[currency]), total: shaper.decimal(total[currency]) }
    return Object.values(row).every((one) => one === null || Number(one) === 0) ? [] : [{ currency, ...row }]
  })
}

function priceOf(shape: Method['shape'], data: JsonObject, asOf: string | undefined, answeredAt: number): Price | undefined {
  const value = shape === 'ticker' ? tickerPrice(data) : shape === 'book' ? bookPrice(data) : shape === 'trades' ? tradePrice(data) : undefined
  if (typeof value !== 'string') return undefined
  const dated = shape === 'trades' ? latestTrade(data)?.['timestamp'] : asOf
  return { value, at: typeof dated === 'string' ? Date.parse(dated) : answeredAt, isDated: typeof dated === 'string' }
}

function tickerPrice({ bid, ask, last, markPrice }: JsonObject): Json | undefined {
  if (typeof last === 'string') return last
  return typeof bid === 'string' && typeof ask === 'string' ? middle(bid, ask) : markPrice
}

function bookPrice({ bids, asks }: JsonObject): Json | undefined {
  const best = (side: Json | undefined): Json | undefined => (side as readonly (readonly Json[])[] | undefined)?.[0]?.[0]
  const [bid, ask] = [best(bids), best(asks)]
  return typeof bid === 'string' && typeof ask === 'string' ? middle(bid, ask) : undefined
}

function latestTrade({ rows }: JsonObject): JsonObject | undefined {
  let latest: JsonObject | undefined
  for (const row of (rows ?? []) as readonly JsonObject[]) if (latest === undefined || String(row['timestamp']) >= String(latest['timestamp'])) latest = row
  return latest
}

const tradePrice = (data: JsonObject): Json | undefined => latestTrade(data)?.['price']
