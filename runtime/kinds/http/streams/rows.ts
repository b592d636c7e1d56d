import { createHash } from 'node:crypto'
import { isObject, isRawNumber, type Json, type JsonObject } from '../../../contract/json.ts'
import { keysOf, valueAt } from '../pointer.ts'
import type { StreamConfig, TimeConfig } from './config.ts'
import { momentOf, type Moment } from './times.ts'

/** A row with what is needed to order it and to know it again. */
export interface Entry {
  readonly key: string
  /** Milliseconds since 1970; absent where the stream has no times. */
  readonly ms: number | undefined
  /** The same for two rows that are one. */
  readonly identity: string
  /** As it came, its time as ISO 8601. */
  readonly row: JsonObject
}

/** Reads rows of one stream. */
export interface RowReader {
  /** The rows in a message, unread. */
  find(message: Json): readonly Json[]
  /** One row; undefined for something without a key, or without a time where the stream has times. */
  read(value: Json): Entry | undefined
}

/** Makes the reader of a stream's messages. */
export function rowReader({ rows, key, time, id }: Pick<StreamConfig, 'rows' | 'key' | 'time' | 'id'>): RowReader {
  const place = keysOf(rows.pointer ?? '')
  const keyPlace = keysOf(key)
  const idPlace = id === undefined ? undefined : keysOf(id)
  const readTime = timeReader(time)

  return {
    find(message) {
      const found = valueAt(message, place)
      return Array.isArray(found) ? (found as readonly Json[]) : found === undefined ? [] : [found]
    },
    read(value) {
      if (!isObject(value)) return undefined
      const name = textOf(valueAt(value, keyPlace))
      const dated = readTime(value)
      if (name === undefined || dated === undefined) return undefined
      return entryOf(name, dated.row, dated.moment?.ms, idPlace)
    },
  }
}

/** A row whose key and time are known. */
export function entryOf(key: string, row: JsonObject, ms: number | undefined, idPlace: readonly string[] | undefined): Entry {
  const own = idPlace === undefined ? undefined : textOf(valueAt(row, idPlace))
  return { key, ms, row, identity: own ?? createHash('sha1').update(JSON.stringify(row)).digest('base64').slice(0, 22) }
}

type Dated = { readonly row: JsonObject; readonly moment?: Moment }

/** Reads a row's time and writes it as ISO 8601 in its place; undefined for a row without one. */
export function timeReader(time: TimeConfig | undefined): (row: JsonObject) => Dated | undefined {
  if (time === undefined) return (row) => ({ row })
  const place = keysOf(time.pointer)
  return (row) => {
    const moment = momentOf(valueAt(row, place), time.unit)
    return moment === undefined ? undefined : { row: withValue(row, place, moment.iso) as JsonObject, moment }
  }
}

function withValue(value: Json, [first, ...rest]: readonly string[], put: Json): Json {
  if (first === undefined) return put
  if (Array.isArray(value)) return value.map((item: Json, index) => (String(index) === first ? withValue(item, rest, put) : item))
  return isObject(value) ? { ...value, [first]: withValue(value[first] ?? null, rest, put) } : value
}

/** A text or a number as a key. */
export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (typeof value === 'number') return String(value)
  return isRawNumber(value) ? value.rawJSON : undefined
}
