import { withoutTrailing } from '../../contract/trailing.ts'

const time = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/
const day = /^(\d{4})-(\d\d)-(\d\d)$/
const wanted = 'must be a time such as 2024-01-31T09:30:00Z'

/** Why a text is not taken as a moment; undefined when it is. A zone is asked for where the column keeps moments, and none but UTC where it keeps a clock's reading. */
export function timestampFault(text: string, hasZone: boolean): string | undefined {
  const [, year, month, date, hour, minute, second = '0', fraction = '', zone] = time.exec(text) ?? []
  if (year === undefined || month === undefined || date === undefined) return wanted
  if (!isDay(year, month, date) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return 'is a time that does not exist'
  if (withoutTrailing(fraction, '0').length > 6) return 'is finer than a microsecond, which the database would round'
  if (hasZone && zone === undefined) return `has no zone: ${wanted}`
  if (!hasZone && zone !== undefined && !/^(Z|[+-]00(:?00)?)$/.test(zone)) return 'has a zone, and the column keeps none: write it in UTC'
  if (zone !== undefined && zone !== 'Z' && (Number(zone.slice(1, 3)) > 15 || Number(zone.slice(-2)) > 59)) return 'has a zone that does not exist'
  return undefined
}

/** The same for a day. */
export function dateFault(text: string): string | undefined {
  const [, year, month, date] = day.exec(text) ?? []
  if (year === undefined || month === undefined || date === undefined) return 'must be a day such as 2024-01-31'
  return isDay(year, month, date) ? undefined : 'is a day that does not exist'
}

function isDay(year: string, month: string, date: string): boolean {
  const made = new Date(0)
  made.setUTCFullYear(Number(year), Number(month) - 1, Number(date))
  return Number(year) > 0 && made.getUTCMonth() === Number(month) - 1 && made.getUTCDate() === Number(date)
}
