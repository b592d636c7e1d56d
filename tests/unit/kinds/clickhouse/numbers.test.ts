import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rawNumber } from '../../../../runtime/contract/json.ts'
import { beyondDecimal, beyondInteger, digitsOf } from '../../../../runtime/kinds/clickhouse/numbers.ts'

test.each([
  [1, '1'],
  [-0.5, '-0.5'],
  [1e21, '1000000000000000000000'],
  [1e-7, '0.0000001'],
  [-1.5e-3, '-0.0015'],
  ['+007.500', '7.5'],
  ['1E3', '1000'],
  ['12.5e1', '125'],
  ['0', '0'],
  ['0.00', '0'],
  [rawNumber('9007199254740993'), '9007199254740993'],
  ['1e500', undefined],
  ['0x1F', undefined],
  ['1,5', undefined],
  ['', undefined],
  ['NaN', undefined],
  [true, undefined],
  [null, undefined],
])('the digits of %s', (value, expected) => expect(digitsOf(value)).toBe(expected))

test('any double keeps its value in digits', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      // The sign of a zero is none that a decimal has.
      expect(Number(digitsOf(value)) + 0).toBe(value + 0)
    }),
  )
})

test('whole numbers know their bounds', () => {
  expect(['127', '128', '-128', '-129', '1.5'].map((digits) => beyondInteger(digits, 'Int8'))).toEqual([
    undefined,
    'is beyond Int8',
    undefined,
    'is beyond Int8',
    'is not a whole number',
  ])
  expect(beyondInteger('115792089237316195423570985008687907853269984665640564039457584007913129639935', 'UInt256')).toBeUndefined()
})

test('decimals know their digits', () => {
  expect(beyondDecimal('99999999.99', 'Decimal', ['10', '2'])).toBeUndefined()
  expect(beyondDecimal('999999999', 'Decimal', ['10', '2'])).toBe('has more than 8 digits before the point')
  expect(beyondDecimal('0.001', 'Decimal', ['10', '2'])).toBe('has more than 2 digits behind the point')
  expect(beyondDecimal('1.5', 'Decimal64', ['1'])).toBeUndefined()
  expect(beyondDecimal('1.5', 'Decimal', [])).toBe('has more than 0 digits behind the point')
})
