import { withoutTrailing } from '../../contract/trailing.ts'

const decimal = /^[+-]?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/
const whole = /^[+-]?\d{1,20}$/
const notFinite = /^[+-]?(nan|inf|infinity)$/i

/** Why a text is not taken for an integer of so many bits; undefined when it is. */
export function integerFault(text: string, bits: number): string | undefined {
  if (!whole.test(text)) return 'must be a whole number'
  return BigInt.asIntN(bits, BigInt(text)) === BigInt(text) ? undefined : `is beyond ${bits} bits`
}

/** The same for a double or, with 32 bits, a float. NaN and infinity are refused: every sum and maximum they are in is lost. */
export function floatFault(text: string, bits: 32 | 64): string | undefined {
  const fault = decimalFault(text)
  if (fault !== undefined) return fault
  const value = bits === 32 ? Math.fround(Number(text)) : Number(text)
  return Number.isFinite(value) ? undefined : 'is larger than the column can hold'
}

/** The same for a numeric with the column's modifier. Digits the column would round away are refused, and so are NaN and infinity. */
export function numericFault(text: string, modifier: number): string | undefined {
  const fault = decimalFault(text)
  if (fault !== undefined || modifier < 4) return fault
  const [precision, scale] = [((modifier - 4) >> 16) & 0xffff, (((modifier - 4) & 0x7ff) ^ 1024) - 1024]
  const [, integer = '', fraction = '', exponent = '0'] = decimal.exec(text) ?? []
  const digits = `${integer}${fraction}`
  const significant = withoutTrailing(digits, '0')
  const first = significant.search(/[1-9]/)
  if (first < 0) return undefined
  const point = integer.length + Number(exponent)
  if (significant.length - point > scale) return `has ${significant.length - point} digits after the point, and the column keeps ${scale}`
  if (point - first > precision - scale) return `has ${point - first} digits before the point, and the column keeps ${precision - scale}`
  return undefined
}

function decimalFault(text: string): string | undefined {
  if (notFinite.test(text)) return 'is not a finite number; leave it out, or write null'
  return decimal.test(text) && /\d/.test(text.replace(/[eE].*$/, '')) ? undefined : 'must be a number'
}
