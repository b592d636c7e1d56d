import { withoutTrailing } from '../../contract/trailing.ts'

const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/

/** True for a decimal number as text, exponent or not. */
export const isDecimal = (text: string): boolean => text.length <= 200 && /\d/.test(text) && form.test(text)

/** A decimal as plain digits, without an exponent; undefined for what is none (NaN, Infinity, words). */
export function plain(text: string): string | undefined {
  if (!isDecimal(text)) return undefined
  const [, sign = '', whole = '', fraction = '', exponent] = form.exec(text) ?? []
  const minus = sign === '-' ? '-' : ''
  if (exponent === undefined) return `${minus}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`
  const shift = Number(exponent)
  const digits = whole + fraction
  const point = whole.length + shift
  if (Math.abs(shift) > 400) return undefined
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0')
  const at = Math.max(point, 1)
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '')
  const right = withoutTrailing(padded.slice(at), '0')
  return `${minus}${left}${right === '' ? '' : `.${right}`}`
}

interface Scaled {
  readonly units: bigint
  readonly places: number
}

function scaled(text: string): Scaled {
  const [whole = '0', fraction = ''] = (plain(text) ?? '0').split('.')
  return { units: BigInt(`${whole}${fraction}`), places: fraction.length }
}

const raise = ({ units, places }: Scaled, to: number): bigint => units * 10n ** BigInt(to - places)

/** Below zero, zero or above it, as one decimal is less than, equal to or more than another. Exact. */
export function compare(a: string, b: string): number {
  const [first, second] = [Number(a), Number(b)]
  // Doubles that differ by this much differ as decimals too.
  if (Math.abs(first - second) > Math.abs(first) * 1e-12) return first < second ? -1 : 1
  const [left, right] = [scaled(a), scaled(b)]
  const places = Math.max(left.places, right.places)
  const difference = raise(left, places) - raise(right, places)
  return difference < 0n ? -1 : Number(difference > 0n)
}

/** The middle of two decimals, exact. */
export function middle(a: string, b: string): string {
  const [left, right] = [scaled(a), scaled(b)]
  const places = Math.max(left.places, right.places)
  return written((raise(left, places) + raise(right, places)) * 5n, places + 1)
}

/** How far apart two prices are, as a share of the first in percent with six places: `0.120000`. undefined when the first is zero. */
export function percentApart(own: string, other: string): string | undefined {
  const [left, right] = [scaled(own), scaled(other)]
  const places = Math.max(left.places, right.places)
  const [base, difference] = [raise(left, places), raise(right, places) - raise(left, places)]
  if (base === 0n) return undefined
  const size = (n: bigint): bigint => (n < 0n ? -n : n)
  return written((size(difference) * 100n * 1_000_000n) / size(base), 6)
}

function written(units: bigint, places: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
  const fraction = withoutTrailing(digits.slice(digits.length - places), '0')
  const text = `${digits.slice(0, digits.length - places)}${fraction === '' ? '' : `.${fraction}`}`
  return units < 0n ? `-${text}` : text
}
