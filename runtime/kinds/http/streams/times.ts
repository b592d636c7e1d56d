import { isRawNumber, type Json } from '../../../contract/json.ts'
import { withoutTrailing } from '../../../contract/trailing.ts'

/** How a service writes a moment: since 1970 in seconds, milli-, micro- or nanoseconds, ISO 8601, or `2021-09-16 15:59:00` in UTC. */
export const units = ['s', 'ms', 'us', 'ns', 'iso', 'plain'] as const
export type Unit = (typeof units)[number]

/** A moment: for order in whole milliseconds, for people with every digit that came. */
export interface Moment {
  readonly ms: number
  /** ISO 8601, UTC. */
  readonly iso: string
}

const perSecond: Readonly<Record<string, number>> = { s: 0, ms: 3, us: 6, ns: 9 }
const farthestMs = 8.64e15

/** Reads a moment; undefined for what is none. */
export function momentOf(value: Json | undefined, unit: Unit): Moment | undefined {
  if (unit === 'iso' || unit === 'plain') return typeof value === 'string' ? momentOfText(value) : undefined
  const digits = isRawNumber(value) ? value.rawJSON : typeof value === 'number' || typeof value === 'string' ? String(value) : ''
  return momentOfCount(digits, perSecond[unit] ?? 0)
}

/** `1592249566.123` seconds, with as many digits as came. */
function momentOfCount(text: string, shift: number): Moment | undefined {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d{1,20})(?:\.(\d{1,20}))?$/.exec(text) ?? []
  if (whole === '' || sign !== '') return undefined
  const padded = whole.padStart(shift + 1, '0')
  const seconds = shift === 0 ? padded : padded.slice(0, -shift)
  return moment(Number(seconds) * 1_000, (shift === 0 ? '' : padded.slice(-shift)) + fraction)
}

function momentOfText(text: string): Moment | undefined {
  const [, day, time = '00:00:00', fraction = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,20}))?\s?(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text.trim()) ?? []
  if (day === undefined) return undefined
  const ms = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}${zone.toUpperCase()}`)
  return Number.isNaN(ms) ? undefined : moment(ms, fraction)
}

function moment(secondMs: number, fraction: string): Moment | undefined {
  if (!(secondMs <= farthestMs)) return undefined
  const ms = secondMs + Number(fraction.padEnd(3, '0').slice(0, 3))
  const more = withoutTrailing(fraction.slice(0, 9), '0')
  const iso = new Date(ms).toISOString()
  return { ms, iso: more.length > 3 ? `${iso.slice(0, -5)}.${more}Z` : iso }
}

/** A moment as a service wants it, in whole units, rounded down. */
export function writtenAs(ms: number, unit: Unit): Json {
  switch (unit) {
    case 's':
      return Math.floor(ms / 1_000)
    case 'ms':
      return Math.floor(ms)
    case 'us':
      return Math.floor(ms) * 1_000
    case 'ns':
      return `${Math.floor(ms)}000000`
    case 'iso':
      return new Date(ms).toISOString()
    case 'plain':
      return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
  }
}
