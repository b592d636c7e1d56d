import { withoutTrailing } from '../../contract/trailing.ts'

// The arithmetic grows with the square: a value that fills a message would take the hub for minutes.
const mostDigits = 10_000
const mostBytes = 4_096

/** A decimal from its unscaled two’s complement, big end first, digits unchanged. Throws an Error for one that is too long to be a number anybody writes. */
export function decimalOf(bytes: Buffer, scale: number): string {
  if (bytes.length > mostBytes) throw new Error(`a decimal has ${bytes.length} bytes, and more than ${mostBytes} are not read`)
  let unscaled = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`)
  if (bytes.length > 0 && (bytes[0] as number) >= 0x80) unscaled -= 1n << BigInt(bytes.length * 8)
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const sign = unscaled < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** The other way; undefined for a text that is no decimal, has more than ten thousand digits before the point or has more places than the scale. */
export function unscaledOf(text: string, scale: number): Buffer | undefined {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === '' || whole.length > mostDigits || withoutTrailing(fraction, '0').length > scale) return undefined
  const unscaled = BigInt(`${sign}${whole}${fraction.slice(0, scale).padEnd(scale, '0')}`)
  let length = 1
  while (unscaled < -(1n << BigInt(length * 8 - 1)) || unscaled >= 1n << BigInt(length * 8 - 1)) length += 1
  const bytes = Buffer.alloc(length)
  let rest = BigInt.asUintN(length * 8, unscaled)
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}
