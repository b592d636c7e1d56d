import { isRawNumber, type Json } from '../../contract/json.ts'
import { withoutTrailing } from '../../contract/trailing.ts'

/** The digits of a number, or of a text that is one; without an exponent. Undefined: it is not a number in digits. */
export function digitsOf(value: Json): string | undefined {
  const text = typeof value === 'number' ? String(value) : isRawNumber(value) ? value.rawJSON : typeof value === 'string' ? value.trim() : ''
  const [, sign = '', whole, fraction = '', exponent = '0'] = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole === undefined || Math.abs(Number(exponent)) > 400) return undefined
  const minus = sign === '-' ? '-' : ''
  return minus + moved(whole, fraction, Number(exponent))
}

function moved(whole: string, fraction: string, exponent: number): string {
  const digits = whole + fraction
  const point = whole.length + exponent
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0')
  const at = Math.max(point, 1)
  const before = padded.slice(0, at).replace(/^0+(?=\d)/, '')
  const after = withoutTrailing(padded.slice(at), '0')
  return after === '' ? before : `${before}.${after}`
}

// Of a UInt256, and a sign.
const mostDigits = 79
const integer = /^(U?)Int(8|16|32|64|128|256)$/

/** True for the types of whole numbers. */
export const isInteger = (type: string): boolean => integer.test(type)

/** Why digits are not a value of a type of whole numbers; undefined: they are. ClickHouse itself would take 300 for a UInt8 and make it 44. */
export function beyondInteger(digits: string, type: string): string | undefined {
  const [, unsigned, bits] = integer.exec(type) ?? []
  if (digits.includes('.')) return 'is not a whole number'
  if (digits.length > mostDigits) return `is beyond ${type}`
  const value = BigInt(digits)
  const most = 1n << BigInt(unsigned === 'U' ? Number(bits) : Number(bits) - 1)
  const least = unsigned === 'U' ? 0n : -most
  return value < least || value >= most ? `is beyond ${type}` : undefined
}

const decimals: Readonly<Record<string, number>> = { Decimal32: 9, Decimal64: 18, Decimal128: 38, Decimal256: 76 }

/** Why digits do not fit a decimal type; undefined: they do. ClickHouse itself would cut digits behind the point that do not fit. */
export function beyondDecimal(digits: string, type: string, words: readonly string[]): string | undefined {
  const fixed = decimals[type]
  const precision = fixed ?? Number(words[0] ?? 10)
  const scale = Number((fixed === undefined ? words[1] : words[0]) ?? 0)
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.')
  if (fraction.length > scale) return `has more than ${scale} digits behind the point`
  return whole.replace(/^0+/, '').length > precision - scale ? `has more than ${precision - scale} digits before the point` : undefined
}
