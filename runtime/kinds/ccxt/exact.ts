import { compare, isDecimal, plain } from './decimal.ts'
import type { BookSide, Driver } from './driver.ts'

// A reviver sees how a number was written since Node 22; the bundled lib does not declare it yet.
const native = JSON as unknown as { parse(text: string, revive: (key: string, value: unknown, context: { source?: string }) => unknown): unknown }
// Numbers of fewer characters a double always holds. What stands in quotes is text already.
const longNumber = /[:,[]\s*-?(?:[\d.]{16,}|[\d.]+[eE])/

/** JSON in which every number that a double cannot hold is text, digit by digit. Throws SyntaxError. */
export function parseExact(text: string): unknown {
  return longNumber.test(text) ? native.parse(text, asText) : JSON.parse(text)
}

function asText(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined || (source.length < 16 && Number.isFinite(value)) || String(value) === source) return value
  return plain(source) ?? source
}

/**
 * Makes ccxt keep decimals as text from end to end. `number: String` does most of it; beneath it lie four places that take text for numbers:
 * prices are sorted letter by letter, a level of "0" is not removed from a streamed book, streamed books and candles go through `safeFloat`, and long numbers are rounded while JSON is parsed.
 */
export function keepDecimals(driver: Driver): void {
  driver['number'] = String
  driver['sortBy'] = sortBy
  driver['safeFloat'] = driver['safeString']
  for (const name of ['orderBook', 'indexedOrderBook', 'countedOrderBook']) {
    const make = driver[name] as (...args: unknown[]) => { bids: BookSide; asks: BookSide }
    driver[name] = (...args: unknown[]) => {
      const book = make.apply(driver, args)
      removeNothings(book.bids)
      removeNothings(book.asks)
      return book
    }
  }
}

// ccxt removes a level whose amount is falsy, and text never is.
function removeNothings(side: BookSide): void {
  const store = side.storeArray
  const storeArray = (delta: unknown[]): void => {
    if (typeof delta[1] === 'string' && Number(delta[1]) === 0) delta[1] = 0
    store.call(side, delta)
  }
  Object.defineProperty(side, 'storeArray', { value: storeArray })
}

type Keyed = Readonly<Record<string | number, unknown>>

function sortBy(list: readonly Keyed[], key: string | number, isDescending = false, otherwise: unknown = 0): readonly Keyed[] {
  const direction = isDescending ? -1 : 1
  return list.slice().sort((a, b) => direction * order(key in a ? a[key] : otherwise, key in b ? b[key] : otherwise))
}

function order(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string' && isDecimal(a) && isDecimal(b)) return compare(a, b)
  if ((a as number) < (b as number)) return -1
  return (a as number) > (b as number) ? 1 : 0
}
