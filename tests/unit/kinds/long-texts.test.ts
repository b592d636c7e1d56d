import { expect, test } from 'vitest'
import { rawNumber } from '../../../runtime/contract/json.ts'
import { plain } from '../../../runtime/kinds/ccxt/decimal.ts'
import { beyondDecimal, beyondInteger, digitsOf } from '../../../runtime/kinds/clickhouse/numbers.ts'
import { bytesOfBase64 } from '../../../runtime/kinds/files/content.ts'
import { decimalOf, unscaledOf } from '../../../runtime/kinds/redpanda/decimals.ts'
import { numericFault } from '../../../runtime/kinds/timescale/written-numbers.ts'
import { timestampFault } from '../../../runtime/kinds/timescale/written-times.ts'

// As long as one argument of one call may be: what takes the square of its length has no answer before the test runner gives up.
const zeros = '0'.repeat(1_000_000)

test('timescale says what is wrong with a number and a time of a megabyte', () => {
  expect(numericFault(`1${zeros}1`, ((10 << 16) | 2) + 4)).toContain('1000002 digits before the point')
  expect(numericFault(`0.${zeros}1`, ((10 << 16) | 2) + 4)).toContain('1000001 digits after the point')
  expect(timestampFault(`2024-01-31T09:30:00.${zeros}1Z`, true)).toContain('finer than a microsecond')
  expect(timestampFault(`2024-01-31T09:30:00.${zeros}Z`, true)).toBeUndefined()
})

test('so does clickhouse', () => {
  const digits = digitsOf(rawNumber(`1${zeros}1.${zeros}1`)) as string
  expect(digits.length).toBe(2_000_004)
  expect(beyondInteger(digitsOf(`1${zeros}1`) as string, 'UInt256')).toBe('is beyond UInt256')
  expect(beyondInteger(`-${2n ** 255n}`, 'Int256')).toBeUndefined()
  expect(beyondDecimal(digits, 'Decimal', ['10', '2'])).toContain('digits behind the point')
})

test('redpanda takes no decimal that long, and reads none', () => {
  for (const text of [`1${zeros}1`, `0.${zeros}1`]) expect(unscaledOf(text, 2)).toBeUndefined()
  expect(decimalOf(unscaledOf(`1.5${zeros}`, 2) as Buffer, 2)).toBe('1.50')
  const long = `-${'9'.repeat(9_000)}.25`
  expect(decimalOf(unscaledOf(long, 2) as Buffer, 2)).toBe(long)
  expect(() => decimalOf(Buffer.alloc(1_000_000, 1), 2)).toThrow('a decimal has 1000000 bytes')
})

test('files refuse a base64 with a megabyte of = inside', () => {
  expect(() => bytesOfBase64(`YQ${'='.repeat(1_000_000)}YQ`, 'base64')).toThrow('is not base64')
  expect(Buffer.from(bytesOfBase64('YQ==', 'base64')).toString()).toBe('a')
})

test('ccxt takes none for a number', () => expect(plain(`1${zeros}1`)).toBeUndefined())
