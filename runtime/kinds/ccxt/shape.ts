import type { Json, JsonObject } from '../../contract/json.ts'
import { plain } from './decimal.ts'

/** Answers of ccxt as the hub gives them: decimals as text, moments as ISO 8601, no raw body; what is no number is null, and counted. */
export class Shaper {
  /** Values that stood for a number and are none. */
  odd = 0

  /** Any unified structure. */
  any(value: unknown, key = ''): Json | undefined {
    if (value === undefined || value === null || typeof value === 'function') return undefined
    if (typeof value === 'number') return this.#number(value, key)
    if (typeof value === 'string') return this.#text(value, key)
    if (Array.isArray(value)) return value.map((inner) => this.any(inner, key) ?? null)
    if (typeof value !== 'object') return typeof value === 'boolean' ? value : String(value)
    const shaped: Record<string, Json> = {}
    for (const [name, inner] of Object.entries(value)) {
      if (dropped.test(name)) continue
      const kept = this.any(inner, name)
      if (kept !== undefined && !isEmpty(kept)) shaped[name] = kept
    }
    return shaped
  }

  /** The same, where an object must come of it. */
  object(value: unknown): JsonObject {
    const shaped = this.any(value)
    return shaped !== undefined && shaped !== null && typeof shaped === 'object' && !Array.isArray(shaped) ? (shaped as JsonObject) : {}
  }

  /** One decimal; null for none. */
  decimal(value: unknown): string | null {
    if (value === undefined || value === null || value === '') return null
    const digits = plain(String(value))
    if (digits === undefined) this.odd += 1
    return digits ?? null
  }

  /** A candle of `[time, open, high, low, close, volume]`. */
  candle(row: readonly unknown[]): JsonObject {
    const [time, open, high, low, close, volume] = row
    return {
      timestamp: moment(time),
      open: this.decimal(open),
      high: this.decimal(high),
      low: this.decimal(low),
      close: this.decimal(close),
      volume: this.decimal(volume),
    }
  }

  /** A book, best prices first, each level `[price, amount]`. */
  book(value: unknown, depth?: number): JsonObject {
    const { symbol, timestamp, nonce, bids, asks } = value as { symbol?: string; timestamp?: number; nonce?: unknown; bids?: Levels; asks?: Levels }
    const levels = (side: Levels = []): Json => Array.from(side.slice(0, depth), ([price, amount]) => [this.decimal(price), this.decimal(amount)])
    return {
      ...(symbol !== undefined && { symbol }),
      timestamp: moment(timestamp),
      ...(nonce !== undefined && nonce !== null && { nonce: String(nonce) }),
      bids: levels(bids),
      asks: levels(asks),
    }
  }

  /** What is to be said of values that were none. */
  notes(exchange: string): readonly string[] {
    return this.odd === 0 ? [] : [`${exchange} sent ${this.odd} values that are no numbers (NaN or Infinity, for example); they are null here`]
  }

  #number(value: number, key: string): Json {
    if (!Number.isFinite(value)) {
      this.odd += 1
      return null
    }
    if (moments.test(key)) return moment(value)
    return counts.has(key) && Number.isSafeInteger(value) ? value : (plain(String(value)) ?? null)
  }

  #text(value: string, key: string): Json {
    if (noNumbers.has(value)) {
      this.odd += 1
      return null
    }
    return exponent.test(value) && !names.has(key) ? (plain(value) ?? value) : value
  }
}

type Levels = readonly (readonly unknown[])[]

const dropped = /^info$|[dD]atetime$/
const moments = /[tT]imestamp$|^(?:expiry|created|nextFundingTime)$/
const counts = new Set(['nonce', 'count', 'tier'])
const names = new Set(['id', 'order', 'clientOrderId', 'txid'])
const noNumbers = new Set(['NaN', 'nan', 'Infinity', '-Infinity', 'inf', '-inf'])
const exponent = /^[-+]?\d+(?:\.\d+)?[eE][-+]?\d+$/

const isEmpty = (value: Json): boolean => value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0

/** Milliseconds since 1970 as ISO 8601 in UTC; null for none. */
export function moment(value: unknown): string | null {
  const ms = value === undefined || value === null || value === '' ? Number.NaN : Number(value)
  return Math.abs(ms) <= 8_640_000_000_000_000 ? new Date(ms).toISOString() : null
}
