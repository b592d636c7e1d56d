import { HubError } from '../../../contract/errors.ts'
import { isObject, isRawNumber, type Json, type JsonObject } from '../../../contract/json.ts'
import { at, blank, type Series } from '../engine/vectors.ts'
import type { Candles, InputColumn } from './candles.ts'
import { numberIn } from './numbers.ts'
import { gapsIn, instantOf, isoOf, plainInstant } from './times.ts'

/** Candles as they were read, and what there is to say of them. */
export interface Reading {
  readonly candles: Candles
  readonly notes: readonly string[]
  /** How many were given, those that were left out included. */
  readonly given: number
}

const columns: readonly InputColumn[] = ['open', 'high', 'low', 'close', 'volume']
// Rows read before the clock is looked at.
const between = 512

/** What is read of rows, and how others get their turn. */
export interface Manner {
  /** Candles at most. */
  readonly most: number
  readonly needed: ReadonlySet<InputColumn>
  /** What the rows are called in errors. */
  readonly name: string
  pause(): Promise<void>
}

/**
 * Candles from rows in any order, objects or the arrays of exchanges ([timestamp, open, high, low, close, volume]), the newest of them, oldest first; of their columns those that are needed.
 * Every decimal is read once, to the nearest double. Throws HUB_ARGS_INVALID for what is no candle.
 */
export async function readCandles(rows: readonly Json[], manner: Manner): Promise<Reading> {
  const { length } = rows
  const stamps: string[] = []
  const instants = new Float64Array(length)
  for (let i = 0; i < length; i += 1) {
    instants[i] = readStamp(rows[i] as Json, manner.name, i, stamps)
    if (i % between === between - 1) await manner.pause()
  }
  const notes: string[] = []
  const order = newest(withoutDoubles(orderOf(instants, notes), instants, notes), manner.most, notes)
  const candles = await columnsOf(rows, stamps, order, manner)
  const gaps = gapsIn(Float64Array.from(order, (index) => at(instants, index)))
  return { candles, notes: [...notes, ...gaps, ...oddities(candles, manner.needed)], given: length }
}

/** The instant of a row; its timestamp is added to those read. */
function readStamp(row: Json, name: string, index: number, stamps: string[]): number {
  if (!isObject(row) && !Array.isArray(row)) throw invalid(`${name}[${index}]`, 'is no candle: give objects with timestamp, open, high, low, close, volume')
  const given: Json =
    (Array.isArray(row) ? (row as readonly Json[])[0] : ((row as JsonObject)['timestamp'] ?? (row as JsonObject)['time'] ?? (row as JsonObject)['date'])) ??
    null
  const plain = typeof given === 'string' ? plainInstant(given) : NaN
  if (!Number.isNaN(plain)) {
    stamps.push(given as string)
    return plain
  }
  const instant = instantOf(isRawNumber(given) ? given.rawJSON : given)
  if (instant === undefined) throw invalid(`${name}[${index}].timestamp`, `${JSON.stringify(given)} is no time; give ISO 8601 or milliseconds since 1970`)
  stamps.push(isoOf(instant))
  return instant
}

/** The rows oldest first, by index. Newest first is as usual as that; no order at all is said. */
function orderOf(instants: Series, notes: string[]): readonly number[] {
  let [isRising, isFalling] = [true, true]
  for (let i = 1; i < instants.length; i += 1) {
    if (at(instants, i) < at(instants, i - 1)) isRising = false
    if (at(instants, i) > at(instants, i - 1)) isFalling = false
  }
  const order = Array.from(instants, (_instant, index) => index)
  if (isRising) return order
  if (isFalling) return order.toReversed()
  notes.push('the candles came in no order of time and were sorted')
  return order.toSorted((a, b) => at(instants, a) - at(instants, b))
}

// The one given last wins: exchanges send the candle that is still forming again and again.
function withoutDoubles(order: readonly number[], instants: Series, notes: string[]): readonly number[] {
  const once = new Map<number, number>()
  let doubles = 0
  for (let i = 1; i < order.length; i += 1) if (at(instants, order[i] as number) === at(instants, order[i - 1] as number)) doubles += 1
  if (doubles === 0) return order
  for (const index of order) once.set(at(instants, index), Math.max(index, once.get(at(instants, index)) ?? 0))
  notes.push(`${doubles} ${doubles === 1 ? 'candle has' : 'candles have'} the timestamp of another; of each the last one given is used`)
  return [...once.values()]
}

function newest(order: readonly number[], most: number, notes: string[]): readonly number[] {
  if (order.length <= most) return order
  notes.push(`only the newest ${most} of ${order.length} candles are used: no more are computed at once`)
  return order.slice(-most)
}

async function columnsOf(rows: readonly Json[], stamps: readonly string[], order: readonly number[], { needed, name, pause }: Manner): Promise<Candles> {
  const made: Series[] = []
  for (const [place, column] of columns.entries()) {
    const values = blank(order.length)
    for (let i = 0; i < order.length && needed.has(column); i += 1) {
      const index = order[i] as number
      const row = rows[index]
      const value = (Array.isArray(row) ? (row as readonly Json[])[place + 1] : (row as JsonObject)[column]) ?? null
      const read = numberIn(value)
      if (read === undefined) throw invalid(`${name}[${index}].${column}`, `${JSON.stringify(value).slice(0, 60)} is no number`)
      values[i] = read
      if (i % between === between - 1) await pause()
    }
    made.push(values)
  }
  const [open, high, low, close, volume] = made as [Series, Series, Series, Series, Series]
  return { length: order.length, timestamps: order.map((index) => stamps[index] as string), open, high, low, close, volume }
}

const invalid = (place: string, why: string): HubError => new HubError('HUB_ARGS_INVALID', `${place} ${why}`, { path: place })

function oddities({ length, ...candles }: Candles, needed: ReadonlySet<InputColumn>): readonly string[] {
  let upsideDown = 0
  for (let i = 0; i < length; i += 1) if (at(candles.high, i) < at(candles.low, i)) upsideDown += 1
  const missing = [...needed].flatMap((column) => {
    let holes = 0
    for (const value of candles[column]) if (Number.isNaN(value)) holes += 1
    return holes === 0 ? [] : [holes === length ? `no candle has ${column}` : `${holes} of ${length} candles have no ${column}`]
  })
  return [
    ...(missing.length > 0 ? [`${missing.join('; ')}: what needs it has no value there and begins anew after it`] : []),
    ...(upsideDown > 0 ? [`${upsideDown} ${upsideDown === 1 ? 'candle has' : 'candles have'} a high below the low`] : []),
  ]
}
