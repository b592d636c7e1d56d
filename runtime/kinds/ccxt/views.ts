import type { Answer } from '../../contract/answer.ts'
import type { Args, Run } from '../../contract/call.ts'
import { asHubError, HubError } from '../../contract/errors.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import { askedOf, canDo, type Asked } from './asked.ts'
import type { Market } from './driver.ts'
import { streamedExchanges } from './exchange-ids.ts'
import type { View } from './operation.ts'
import { read, type Reading } from './reading.ts'
import { Shaper } from './shape.ts'
import type { Venue } from './venue.ts'
import type { Venues } from './venues.ts'

/** What a view is made with. */
export interface ViewParts {
  readonly venues: Venues
  /** Rows an answer may have. */
  readonly rows: number
}

type Data = Extract<Answer, { type: 'data' }>
type MakeView = (parts: ViewParts, args: Args, run: Run) => Promise<Data>

const toolsByMethod: Readonly<Record<string, string>> = {
  fetchTicker: 'ticker',
  fetchTickers: 'tickers',
  fetchOrderBook: 'order_book',
  fetchOHLCV: 'candles',
  fetchTrades: 'trades',
  fetchFundingRate: 'funding_rates',
  fetchOpenInterest: 'open_interest',
  fetchCurrencies: 'currencies',
  fetchStatus: 'status',
}

const exchanges: MakeView = async ({ venues }) => {
  const rows: JsonObject[] = []
  for (const [index, venue] of venues.all.entries()) {
    const driver = await venue.driver()
    const can = Object.entries(toolsByMethod).filter(([method]) => canDo(driver, method))
    rows.push({
      exchange: venue.id,
      name: driver.name,
      countries: [...(driver.countries ?? [])],
      isDefault: index === 0,
      hasAccount: venue.hasCredentials,
      hasStreams: streamedExchanges.includes(venue.id),
      can: can.map(([, tool]) => tool),
      timeframes: Object.keys(driver.timeframes ?? {}),
    })
  }
  return { type: 'data', data: { rows } }
}

const markets: MakeView = async (parts, args, run) => {
  const venue = venueOf(parts, args)
  await venue.prepared('loadMarkets', run)
  const wanted = { base: upper(args['base']), quote: upper(args['quote']), type: args['type'] }
  const search = searchOf(args)
  const found = venue
    .marketsIfKnown()
    .filter((market) => fits(market, wanted, args['inactive'] === true) && search(`${market.symbol} ${market.id} ${String(market['name'] ?? '')}`))
  found.sort((a, b) => (a.symbol < b.symbol ? -1 : Number(a.symbol > b.symbol)))
  const shaper = new Shaper()
  return paged(parts, args, venue, found, (market) => pick(shaper.object(market), marketFields))
}

const marketFields = [
  'symbol',
  'id',
  'type',
  'base',
  'quote',
  'settle',
  'active',
  'contractSize',
  'linear',
  'expiry',
  'strike',
  'optionType',
  'taker',
  'maker',
  'precision',
  'limits',
]

const currencies: MakeView = async (parts, args, run) => {
  const venue = venueOf(parts, args)
  const driver = await venue.prepared('loadMarkets', run)
  const search = searchOf(args)
  const all = Object.values((driver['currencies'] ?? {}) as Record<string, { code?: string; name?: string }>)
  const found = all.filter(({ code, name }) => search(`${code ?? ''} ${name ?? ''}`))
  found.sort((a, b) => (String(a.code) < String(b.code) ? -1 : 1))
  const shaper = new Shaper()
  return paged(parts, args, venue, found, (one) =>
    pick(shaper.object(one), ['code', 'name', 'type', 'active', 'deposit', 'withdraw', 'fee', 'precision', 'limits', 'networks']),
  )
}

const tickers: MakeView = (parts, args, run) => manyOrEach(parts, args, run, { many: 'fetchTickers', each: 'fetchTicker' })

const fundingRates: MakeView = (parts, args, run) => {
  const asked = askedOf({}, args)
  if (asked.since === undefined) return manyOrEach(parts, args, run, { many: 'fetchFundingRates', each: 'fetchFundingRate' })
  return oneSeries(parts, args, run, 'fetchFundingRateHistory', asked)
}

const openInterest: MakeView = (parts, args, run) => {
  const asked = askedOf({}, args)
  if (asked.since === undefined && asked.timeframe === undefined) return manyOrEach(parts, args, run, { many: 'fetchOpenInterests', each: 'fetchOpenInterest' })
  return oneSeries(parts, args, run, 'fetchOpenInterestHistory', asked)
}

/** How each exchange is: what it says itself where it does, else what its last call said. A sick one is a row, not an error. */
const status: MakeView = async ({ venues }, args, run) => {
  const asked = args['exchange'] === undefined ? venues.all : [venues.get(String(args['exchange']))]
  const rows = await Promise.all(asked.map((venue) => statusOf(venues, venue, run)))
  return { type: 'data', data: { rows } }
}

async function statusOf(venues: Venues, venue: Venue, run: Run): Promise<JsonObject> {
  const startedAt = performance.now()
  try {
    const driver = await venue.driver()
    // Not every exchange says how it is; all that can be asked the time answer when they are well.
    const name = canDo(driver, 'fetchStatus') ? 'fetchStatus' : canDo(driver, 'fetchTime') ? 'fetchTime' : 'fetchMarkets'
    const { value } = await venue.ask(name, [], run)
    const latencyMs = Math.round(performance.now() - startedAt)
    const told = name === 'fetchStatus' ? pick(new Shaper().object(value), ['status', 'updated', 'eta']) : { status: 'ok' }
    return { exchange: venue.id, ...told, latencyMs }
  } catch (error) {
    if (run.signal.aborted || venues.isClosed) throw error
    const { code, message, details } = asHubError(error)
    return {
      exchange: venue.id,
      status: code === 'HUB_LIMITED' ? 'limited' : 'down',
      because: message,
      ...(details.retryAfterMs !== undefined && { retryAfterMs: details.retryAfterMs }),
    }
  }
}

async function manyOrEach(parts: ViewParts, args: Args, run: Run, { many, each }: { many: string; each: string }): Promise<Data> {
  const venue = venueOf(parts, args)
  const { symbols = [], params } = askedOf({}, args)
  const driver = await venue.prepared(many, run)
  const bounds = { rows: parts.rows }
  if (canDo(driver, many)) return dataOf(await read(parts.venues, venue, many, { ...(symbols.length > 0 && { symbols }), params }, bounds, run))
  if (!canDo(driver, each)) throw await parts.venues.lacking(venue, each)
  if (symbols.length === 0) throw new HubError('HUB_ARGS_INVALID', `${venue.id} answers for single markets only; name them in symbols`)
  const readings = await Promise.all(symbols.map((symbol) => read(parts.venues, venue, each, { symbol, params }, bounds, run)))
  const rows = readings.map(({ data: { exchange: _exchange, ...row } }) => row)
  return { type: 'data', data: { exchange: venue.id, rows }, notes: [...new Set(readings.flatMap(({ notes }) => notes))] }
}

async function oneSeries(parts: ViewParts, args: Args, run: Run, name: string, asked: Asked): Promise<Data> {
  const { symbols = [], since, limit, timeframe, params } = asked
  const [symbol, second] = symbols
  if (symbol === undefined || second !== undefined) throw new HubError('HUB_ARGS_INVALID', 'the past is answered for one market at a time; name one in symbols')
  const one = { symbol, params, ...(since !== undefined && { since }), ...(limit !== undefined && { limit }), ...(timeframe !== undefined && { timeframe }) }
  return dataOf(await read(parts.venues, venueOf(parts, args), name, one, { rows: parts.rows }, run))
}

/** An answer of the hub from a reading. */
export function dataOf({ data, notes, asOf, truncated }: Reading): Data {
  return { type: 'data', data, ...(notes.length > 0 && { notes }), ...(asOf !== undefined && { asOf }), ...(truncated && { truncated }) }
}

const venueOf = ({ venues }: ViewParts, args: Args): Venue => venues.get(args['exchange'] === undefined ? undefined : String(args['exchange']))

const upper = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value.toUpperCase() : undefined)

function fits(
  market: Market,
  { base, quote, type }: { base?: string | undefined; quote?: string | undefined; type?: Json | undefined },
  withInactive: boolean,
): boolean {
  if (!withInactive && market.active === false) return false
  return (base === undefined || market.base === base) && (quote === undefined || market.quote === quote) && (type === undefined || market.type === type)
}

function searchOf(args: Args): (text: string) => boolean {
  const words = String(args['search'] ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return (text) => words.every((word) => text.toLowerCase().includes(word))
}

function paged<Item>({ rows: most }: ViewParts, args: Args, venue: Venue, found: readonly Item[], shape: (item: Item) => JsonObject): Data {
  const offset = Number(args['offset'] ?? 0)
  const limit = Math.min(Number(args['limit'] ?? 100), most)
  const page = found.slice(offset, offset + limit).map(shape)
  const next = offset + page.length
  return { type: 'data', data: { exchange: venue.id, total: found.length, rows: page, ...(next < found.length && { next }) } }
}

const pick = (from: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])))

/** The lists and joined answers that the standard tools are made of. */
export const makeView: Readonly<Record<View, MakeView>> = {
  exchanges,
  markets,
  currencies,
  tickers,
  funding_rates: fundingRates,
  open_interest: openInterest,
  status,
}
