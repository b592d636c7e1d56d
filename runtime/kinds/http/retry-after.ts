import { headerOf } from './content.ts'
import type { Incoming } from './exchange.ts'

/** How long `Retry-After` asks to wait, in milliseconds: seconds, or a date. A date is measured by the clock of the service (its `Date`), so that a clock that is wrong on either side changes nothing. */
export function retryAfterMs(incoming: Pick<Incoming, 'headers'>, now: number): number | undefined {
  const text = headerOf(incoming, 'retry-after').trim()
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER)
  // No number is a date here, though Date.parse takes many for years.
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) return undefined
  const theirs = Date.parse(headerOf(incoming, 'date'))
  return Math.max(0, at - (Number.isNaN(theirs) ? now : theirs))
}
