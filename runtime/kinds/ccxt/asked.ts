import { HubError } from '../../contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import { closest } from './closest.ts'
import type { Driver, Market } from './driver.ts'
import type { Method } from './methods.ts'

/** What is asked, by name; moments in milliseconds. */
export interface Asked {
  readonly symbol?: string
  readonly symbols?: readonly string[]
  readonly code?: string
  readonly timeframe?: string
  readonly since?: number
  readonly until?: number
  readonly limit?: number
  readonly id?: string
  readonly params: JsonObject
}

const refuse = (words: string): HubError => new HubError('HUB_ARGS_INVALID', words)

/** What a call asks: its arguments under those the operation fixes. */
export function askedOf(fixed: JsonObject, args: JsonObject): Asked {
  const all = { ...args, ...fixed }
  const text = (name: string): string | undefined => (all[name] === undefined || all[name] === null ? undefined : String(all[name]))
  const moment = (name: string): number | undefined => (all[name] === undefined || all[name] === null ? undefined : momentOf(name, all[name] as Json))
  const given: Record<string, unknown> = {
    symbol: text('symbol'),
    symbols: Array.isArray(all['symbols']) && all['symbols'].length > 0 ? all['symbols'].map(String) : undefined,
    code: text('code'),
    timeframe: text('timeframe'),
    since: moment('since'),
    until: moment('until'),
    limit: all['limit'] === undefined || all['limit'] === null ? undefined : Number(all['limit']),
    id: text('id'),
  }
  const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as Asked
  if (asked.since !== undefined && asked.until !== undefined && asked.until < asked.since) throw refuse('until is before since')
  return { ...asked, params: paramsOf(args['params'], fixed['params']) }
}

// ccxt lets some exchanges choose their endpoint by `method`: that is for the operator alone to say.
function paramsOf(given: Json | undefined, fixed: Json | undefined): JsonObject {
  const { method: _method, ...own } = isObject(given) ? given : {}
  return { ...own, ...(isObject(fixed) ? fixed : {}) }
}

/** A moment as callers write it: ISO 8601, a day, or milliseconds since 1970. */
export function momentOf(name: string, value: Json): number {
  const ms = typeof value === 'number' ? value : /^\d{10,16}$/.test(String(value)) ? Number(value) : Date.parse(String(value))
  if (Number.isFinite(ms) && Math.abs(ms) <= 8_640_000_000_000_000) return ms
  throw refuse(`${name} "${String(value).slice(0, 40)}" is not a moment; write ISO 8601 like 2024-01-31T12:00:00Z, or a day`)
}

/** The same in the order the method takes it. */
export const inOrder = (asked: Asked, { takes }: Method): readonly unknown[] => takes.map((name) => asked[name])

/** True when an exchange has a method of its own or made of others. */
export const canDo = (driver: Driver, name: string): boolean => driver.has[name] === true || driver.has[name] === 'emulated'

/** The market of a symbol. Throws HUB_ARGS_INVALID with symbols that are there. */
export function marketOf(driver: Driver, symbol: string): Market {
  const markets = driver.markets ?? {}
  const found = Object.hasOwn(markets, symbol) ? markets[symbol] : undefined
  if (found) return found
  throw new HubError('HUB_ARGS_INVALID', `${driver.id} has no market "${symbol.slice(0, 60)}"; ${known(driver, symbol)}`, { exchange: driver.id })
}

function known(driver: Driver, symbol: string): string {
  const markets = Object.values(driver.markets ?? {})
  const byId = markets.find(({ id }) => id.toLowerCase() === symbol.toLowerCase())
  if (byId) return `its own id ${byId.id} is written ${byId.symbol} here`
  const [base = ''] = symbol.toUpperCase().split(/[/:]/)
  const near = markets.filter((one) => one.base === base && one.active !== false).map((one) => one.symbol)
  if (near.length > 0) return `with ${base} it has ${near.slice(0, 8).join(', ')}`
  const meant = closest(symbol, Object.keys(driver.markets ?? {}))
  return meant === undefined ? 'list_markets finds markets by a part of their name' : `did you mean ${meant}?`
}

/** Throws HUB_ARGS_INVALID for a timeframe an exchange does not have. */
export function checkTimeframe(driver: Driver, timeframe: string): void {
  const frames = Object.keys(driver.timeframes ?? {})
  if (frames.length === 0 || frames.includes(timeframe)) return
  throw new HubError('HUB_ARGS_INVALID', `${driver.id} has no candles of ${timeframe.slice(0, 20)}; it has ${frames.join(', ')}`, { exchange: driver.id })
}
