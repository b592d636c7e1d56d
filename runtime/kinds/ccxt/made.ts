import type { Dispatcher } from 'undici'
import { HubError } from '../../contract/errors.ts'
import { isObject, type JsonObject } from '../../contract/json.ts'
import type { KindTools } from '../../contract/kind.ts'
import type { Logger } from '../../contract/telemetry.ts'
import type { VenueConfig } from './config.ts'
import { importExchange, type Driver } from './driver.ts'
import { keepDecimals, parseExact } from './exact.ts'
import { classesOf, Garbage } from './failures.ts'
import { giveSockets } from './socket.ts'
import { transport } from './transport.ts'
import { calls, type Head } from './waiting.ts'

/** What an exchange is made of. */
export interface MakingParts {
  readonly id: string
  readonly venue: VenueConfig
  /** Revealed. */
  readonly credentials: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly lent: KindTools
  readonly closing: AbortSignal
  readonly onHead: (head: Head) => void
  /** Waits for the rate limit. */
  readonly throttle: (weight: number | string | undefined) => Promise<void>
}

/** Loads and makes one exchange of ccxt, with the hub’s guard, limits and decimals in place of ccxt’s own. Nothing is sent yet. */
export async function makeDriver(parts: MakingParts): Promise<Driver> {
  const { id, venue, credentials, timeoutMs, lent, closing } = parts
  const Exchange = await importExchange(id)
  const driver = new Exchange({ ...credentials, timeout: timeoutMs, enableRateLimit: true, options: venue.options ?? {} })
  const log = lent.log.child({ exchange: id })
  driver['log'] = (...words: unknown[]) => log.debug('ccxt remarks', { words: lent.secrets.scrub(words.map(String).join(' ')).slice(0, 500) })
  // Bodies of answers are read once and dropped: nobody looks at the last one.
  driver['enableLastHttpResponse'] = false
  driver['throttle'] = parts.throttle
  driver['fetchImplementation'] = transport({ dispatcher: () => lent.egress.dispatcher as Dispatcher, onHead: parts.onHead, closing })
  // It would look for proxy packages that this hub does not use, once for every exchange.
  driver['loadProxyModules'] = () => Promise.resolve()
  keepDecimals(driver)
  readStrictly(driver)
  doWithoutCurrencies(driver, log)
  await giveSockets(driver, lent.egress, log)
  if (venue.sandbox === true) useSandbox(driver)
  if (venue.urls !== undefined && venue.urls !== '') driver.urls = movedUrls(driver.urls, venue.urls)
  return driver
}

// ccxt takes a page of HTML with status 200 for an empty answer, and makes prices of nothing of it.
function readStrictly(driver: Driver): void {
  let status = 0
  driver['onRestResponse'] = (code: number, _reason: string, _url: string, _method: string, _headers: object, body: string): string => {
    status = code
    return body.trim()
  }
  driver['parseJson'] = (text: string): unknown => {
    try {
      const value = parseExact(text)
      return value !== null && typeof value === 'object' ? value : undefined
    } catch (error) {
      if (status >= 200 && status < 300) throw new Garbage('no JSON', { cause: error })
      return undefined
    }
  }
}

// Some exchanges tell of currencies to accounts alone; a key that may not ask must not cost the markets.
function doWithoutCurrencies(driver: Driver, log: Logger): void {
  const fetchCurrencies = driver['fetchCurrencies'] as (...args: unknown[]) => Promise<unknown>
  driver['fetchCurrencies'] = async (...args: unknown[]): Promise<unknown> => {
    try {
      return await fetchCurrencies.apply(driver, args)
    } catch (error) {
      if (calls.getStore()?.isLoading !== true || !classesOf(error).has('ExchangeError')) throw error
      log.warn('an exchange does not tell of its currencies', { reason: lastWords(error) })
      return undefined
    }
  }
}

const lastWords = (error: unknown): string => [...classesOf(error)][0] ?? ''

function useSandbox(driver: Driver): void {
  try {
    ;(driver['setSandboxMode'] as (isOn: boolean) => void).call(driver, true)
  } catch (error) {
    throw new HubError('HUB_CONFIG_VALUE', `${driver.id} has no test system; remove venues.${driver.id}.sandbox`, { exchange: driver.id }, error)
  }
}

/** Addresses behind another origin, each below its own host’s name there, or with others laid over them. */
export function movedUrls(urls: Record<string, unknown>, to: string | JsonObject): Record<string, unknown> {
  if (typeof to !== 'string') return laidOver(urls, to)
  const origin = to.replace(/\/$/, '')
  const socketOrigin = origin.replace(/^http/, 'ws')
  const moved = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value.replace(/^(https?|wss?):\/\/(?=[^/])/, (_all, scheme: string) => `${scheme.startsWith('ws') ? socketOrigin : origin}/`)
    if (Array.isArray(value)) return value.map(moved)
    return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, moved(inner)])) : value
  }
  return moved(urls) as Record<string, unknown>
}

function laidOver(under: Record<string, unknown>, over: JsonObject): Record<string, unknown> {
  const laid = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const own = under[key]
    laid[key] = isObject(value) && own !== null && typeof own === 'object' && !Array.isArray(own) ? laidOver(own as Record<string, unknown>, value) : value
  }
  return laid
}
