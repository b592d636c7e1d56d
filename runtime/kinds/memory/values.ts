import { durationMs } from '../../contract/duration.ts'
import { HubError } from '../../contract/errors.ts'
import type { Json } from '../../contract/json.ts'
import { longestMs } from './lifetime.ts'

const deepest = 100
const earliest = Date.UTC(-1, 0)
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i

/** The text of a value as it is kept. Rejects what is over the bound or too deep to be worked with. */
export function textOf(value: Json, what: string, mostBytes: number): string {
  if (isDeeper(value, deepest)) throw new HubError('HUB_ARGS_INVALID', `this ${what} is nested deeper than ${deepest} levels`, { most: deepest })
  const json = JSON.stringify(value)
  const bytes = Buffer.byteLength(json)
  if (bytes > mostBytes) {
    throw new HubError(
      'HUB_ARGS_INVALID',
      `this ${what} has ${bytes} bytes as JSON, at most ${mostBytes} are kept; leave out what is not needed, or split it over several keys`,
      {
        bytes,
        most: mostBytes,
      },
    )
  }
  return json
}

function isDeeper(value: Json, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false
  if (levels === 0) return true
  for (const inner of Array.isArray(value) ? value : Object.values(value)) if (isDeeper(inner as Json, levels - 1)) return true
  return false
}

/** Milliseconds of a lifetime a caller wrote. */
export function ttlOf(text: string): number {
  const ttlMs = durationMs(text)
  if (ttlMs >= 1 && ttlMs <= longestMs) return ttlMs
  throw new HubError('HUB_ARGS_INVALID', 'this ttl cannot be used: it should be a number and a unit, ms, s, m, h or d, such as 30m or 7d, at most 100 years')
}

/** Epoch milliseconds of a time a caller wrote. */
export function timeOf(text: string, what: string): number {
  const time = dateTime.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time) && time >= earliest) return time
  throw new HubError('HUB_ARGS_INVALID', `${what} is not a moment: it should read like 2026-01-31T09:30:00Z, with Z or an offset`)
}

/** ISO 8601 of epoch milliseconds; undefined stays. */
export const iso = (time: number): string => new Date(time).toISOString()

const safeInteger = /^\d{1,16}$/

/** A cursor of signals as its number. */
export function cursorOf(text: string): number {
  const cursor = safeInteger.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(cursor)) return cursor
  throw new HubError('HUB_ARGS_INVALID', 'this cursor is none: pass on the one an earlier answer gave, or 0 for the beginning')
}

/** Where a page of analyses ended, as one text. */
export const pageOf = (at: number, id: number): string => `${at}.${id}`

/** The same the other way. */
export function placeOfPage(text: string): { readonly at: number; readonly id: number } {
  const [, at = '', id = ''] = /^(-?\d{1,15})\.(\d{1,15})$/.exec(text) ?? []
  if (at !== '') return { at: Number(at), id: Number(id) }
  throw new HubError('HUB_ARGS_INVALID', 'this after is none: pass on the next of an earlier answer')
}
