import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { HubError } from '../../contract/errors.ts'
import { streamedExchanges } from './exchange-ids.ts'

/** A market as ccxt tells it. Decimals are text. */
export interface Market {
  readonly id: string
  readonly symbol: string
  readonly base: string
  readonly quote: string
  readonly settle?: string
  readonly type: string
  readonly active?: boolean
  readonly contractSize?: unknown
  readonly [field: string]: unknown
}

/** An open book as ccxt keeps it from a stream. */
export interface BookSide {
  storeArray(delta: unknown[]): void
}

/** One exchange of ccxt, as far as this kind uses it. Unified methods are reached by name. */
export interface Driver {
  readonly id: string
  readonly name: string
  readonly has: Readonly<Record<string, boolean | 'emulated' | undefined>>
  readonly timeframes: Readonly<Record<string, unknown>>
  readonly requiredCredentials: Readonly<Record<string, boolean>>
  readonly countries?: readonly string[]
  readonly rateLimit: number
  readonly tokenBucket?: { readonly cost?: number; readonly refillRate?: number }
  readonly streaming: object
  options: Record<string, unknown>
  urls: Record<string, unknown>
  markets?: Readonly<Record<string, Market>>
  clients: Record<string, StreamClient>
  [member: string]: unknown
}

/** One WebSocket of a driver. */
export interface StreamClient {
  readonly url: string
  error?: unknown
  close(): unknown
}

/** What a driver is made with. */
export type DriverClass = new (config: object) => Driver

const streamed = new Set(streamedExchanges)

// The package’s own entry loads every exchange there is: 0.8 s and 100 MB. One exchange from its file is 0.3 s and 33 MB, a second one 10 ms more.
const rootOf = (): string => pathToFileURL(createRequire(import.meta.url).resolve('ccxt')).href

/** A part of ccxt by its path below `js/src/`. */
export async function importPart(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(new URL(`../js/src/${path}`, rootOf()).href)) as Record<string, unknown>
  } catch (error) {
    throw new HubError('HUB_SETUP', 'ccxt cannot be loaded; install the package of this hub again (npm ci)', {}, error)
  }
}

/** The class of one exchange, with its streams where it has any. */
export async function importExchange(id: string): Promise<DriverClass> {
  const part = await importPart(streamed.has(id) ? `pro/${id}.js` : `${id}.js`)
  return part['default'] as DriverClass
}

/** Calls a method of a driver by its name. */
export function invoke(driver: Driver, name: string, args: readonly unknown[]): Promise<unknown> {
  return (driver[name] as (...args: unknown[]) => Promise<unknown>).apply(driver, [...args])
}
