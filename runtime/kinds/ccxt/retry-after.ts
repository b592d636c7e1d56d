import type { Head } from './waiting.ts'

const textOf = (value: string | string[] | undefined): string => (Array.isArray(value) ? (value[0] ?? '') : (value ?? '')).trim()

/** How long an exchange asks to be left alone, in milliseconds; undefined when it does not. Exchanges that ban for too many requests often say no time with it. */
export function restOf({ status, headers }: Head, now: number): number | undefined {
  const asked = retryAfterMs(textOf(headers['retry-after']), textOf(headers['date']), now)
  if (status === 418) return asked ?? 120_000
  if (status === 429) return asked ?? 10_000
  return status === 503 ? asked : undefined
}

// A date is measured by the clock of the exchange, so that a clock that is wrong on either side changes nothing.
function retryAfterMs(text: string, theirDate: string, now: number): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) return undefined
  const theirs = Date.parse(theirDate)
  return Math.max(0, at - (Number.isNaN(theirs) ? now : theirs))
}
