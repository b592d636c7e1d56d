import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compare, isDecimal, middle, percentApart, plain } from '../../../../runtime/kinds/ccxt/decimal.ts'

test.each([
  ['1.50', '1.50'],
  ['1e-8', '0.00000001'],
  ['1.2345678901234567890e-8', '0.000000012345678901234567890'.replace(/0+$/, '')],
  ['1E+21', '1000000000000000000000'],
  ['-12.5e1', '-125'],
  ['9007199254740993.000000000000000001', '9007199254740993.000000000000000001'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['+5', '5'],
  ['0e5', '0'],
  ['NaN', undefined],
  ['Infinity', undefined],
  ['', undefined],
  ['1,5', undefined],
  ['0x10', undefined],
  ['1e9999', undefined],
])('%s in plain digits is %s', (text, digits) => expect(plain(text)).toBe(digits))

test.each([
  ['9.5', '10.2', -1],
  ['10.20', '10.2', 0],
  ['0.000000000000000001', '0.000000000000000002', -1],
  ['9007199254740993', '9007199254740992', 1],
  ['-1', '1', -1],
  ['-2', '-1', -1],
  ['0', '-0.0', 0],
])('%s against %s is %i', (a, b, expected) => {
  expect(compare(a, b)).toBe(expected)
  expect(compare(b, a)).toBe(expected === 0 ? 0 : -expected)
})

const decimals = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 25 })).map(([units, places]) => {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
  return { units, places, text: `${units < 0n ? '-' : ''}${digits.slice(0, digits.length - places)}${places === 0 ? '' : `.${digits.slice(-places)}`}` }
})

describe('any decimals', () => {
  test('are compared exactly', () =>
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const [left, right] = [a.units * 10n ** BigInt(25 - a.places), b.units * 10n ** BigInt(25 - b.places)]
        return compare(a.text, b.text) === (left < right ? -1 : Number(left > right))
      }),
    ))

  test('have their middle between them', () =>
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const [low, high] = compare(a.text, b.text) < 0 ? [a.text, b.text] : [b.text, a.text]
        const between = middle(a.text, b.text)
        return isDecimal(between) && compare(low, between) <= 0 && compare(between, high) <= 0
      }),
    ))
})

test.each([
  ['100', '101', '1'],
  ['100', '99.5', '0.5'],
  ['40000.10', '40000.10', '0'],
  ['0.000000000000000001', '0.000000000000000002', '100'],
  ['0', '1', undefined],
])('from %s to %s it is %s percent', (own, other, percent) => expect(percentApart(own, other)).toBe(percent))
