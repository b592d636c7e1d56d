/** A moment as callers write it, taken apart. */
export interface Moment {
  /** `2024-01-02 03:04:05.678`, UTC; the fraction as it was written. */
  readonly text: string
  /** `1704164645.678`. */
  readonly unix: string
  readonly seconds: number
}

const written = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/

/** Reads ISO 8601, a date alone included. A time without a zone is UTC. Undefined: it is no moment. */
export function momentOf(text: string): Moment | undefined {
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = written.exec(text) ?? []
  if (year === undefined || month === undefined || day === undefined) return undefined
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  const isReal = new Date(local).toISOString().startsWith(`${year}-${month}-${day}T${hour}:${minute}:${second}`)
  if (!isReal) return undefined
  const seconds = local / 1_000 - offsetSeconds(zone)
  const part = fraction === '' ? '' : `.${fraction}`
  const [date = '', time = ''] = new Date(seconds * 1_000).toISOString().split('T')
  // ClickHouse takes a number of fewer digits for a date.
  return { text: `${date} ${time.slice(0, 8)}${part}`, unix: `${String(seconds).padStart(10, '0')}${part}`, seconds }
}

/** A day that exists, as YYYY-MM-DD. */
export const isDay = (text: string): boolean => text.length === 10 && momentOf(text) !== undefined

function offsetSeconds(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60)
}
