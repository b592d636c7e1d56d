const ordinary = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/
const anyTime = /^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d){0,2})?)?( BC)?$/

/** ISO 8601 in UTC of a timestamp as PostgreSQL prints it under DateStyle ISO and TimeZone UTC. One without a zone is read as UTC: a text without `Z` would be taken for local time by most readers. `infinity` stays. */
export function isoTimestamp(text: string): string {
  const bare = text.endsWith('+00') ? text.slice(0, -3) : text
  if (ordinary.test(bare)) return `${bare.slice(0, 10)}T${bare.slice(11)}Z`
  const [, year, month, day, time, offset, era] = anyTime.exec(text) ?? []
  if (year === undefined || time === undefined) return text
  return `${isoYear(year, era)}-${month}-${day}T${time}${offset === undefined || offset === '+00' ? 'Z' : isoOffset(offset)}`
}

/** ISO 8601 of a date as PostgreSQL prints it: YYYY-MM-DD, a sign and six digits for years that need it. */
export function isoDate(text: string): string {
  if (text.length === 10) return text
  const [, year, month, day, time, , era] = anyTime.exec(text) ?? []
  return year === undefined || time !== undefined ? text : `${isoYear(year, era)}-${month}-${day}`
}

// 1 BC is the year 0 of ISO 8601.
function isoYear(year: string, era: string | undefined): string {
  if (era === undefined) return year.length === 4 ? year : `+${year.padStart(6, '0')}`
  const before = Number(year) - 1
  return before === 0 ? '0000' : `-${String(before).padStart(6, '0')}`
}

function isoOffset(offset: string): string {
  return offset.length === 3 ? `${offset}:00` : offset.slice(0, 6)
}
