import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { approximate, hasRawNumber, isDeeperThan, isObject, isRawNumber, parseJson, rawNumber, type Json } from '../../../runtime/contract/json.ts'

describe('parseJson', () => {
  const unchanged = [
    '9007199254740993',
    '-9007199254740995',
    '123456789012345678901234567890',
    '3.141592653589793238462643',
    '-12345678901234567890.5',
    '1.000000000000000001',
    '-0.99999999999999999999',
    '0.1',
    '1.5e-7',
    '{"a":[9007199254740993,{"b":-0.12345678901234567890123}]}',
    '1e400',
    '-1e400',
    '{"a":[1E+999,2.5e-7]}',
  ]
  test.each(unchanged)('%s travels unchanged', (text) => {
    expect(JSON.stringify(parseJson(text))).toBe(text)
  })

  test('a number a double holds is a plain number, however it is written', () => {
    expect(parseJson('1.50000000000000000000')).toBe(1.5)
    expect(parseJson('1000000000000000000000000')).toBe(1e24)
    expect(parseJson('0.000000000000000000000')).toBe(0)
    expect(parseJson('9007199254740991')).toBe(9007199254740991)
  })

  test('a long number is found wherever it stands', () => {
    for (let before = 0; before < 40; before += 1) {
      for (const number of ['9007199254740993', '1.000000000000000001', '0.1234567890123456789']) {
        const text = `{"${'x'.repeat(before)}":[1,${number}]}`
        expect(JSON.stringify(parseJson(text))).toBe(text)
      }
    }
  })

  test('a number as long as a body may be comes back, with zeros within it and at its end', () => {
    const zeros = '0'.repeat(1_000_000)
    for (const number of [`1${zeros}1`, `1${zeros}`, `0.${zeros}1`]) expect(JSON.stringify(parseJson(`{"q":${number}}`))).toBe(`{"q":${number}}`)
    expect(parseJson(`1.5${zeros}`)).toBe(1.5)
  })

  test('digits inside strings are left alone', () => {
    expect(parseJson('{"id":"90071992547409931234"}')).toEqual({ id: '90071992547409931234' })
  })

  test('any JSON value survives a round trip', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(JSON.parse(JSON.stringify(parseJson(text)))).toEqual(JSON.parse(text))
      }),
    )
  })

  test('any integer survives a round trip exactly', () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        expect(exactly(JSON.stringify(parseJson(`{"n":${value}}`)))).toBe(value)
      }),
      // Held exactly by a double, printed with other digits by it.
      { examples: [[-30023997515803312n], [2n ** 70n], [10n ** 24n]] },
    )
  })

  test('malformed text is a SyntaxError, long digits or not', () => {
    expect(() => parseJson('{')).toThrow(SyntaxError)
    expect(() => parseJson('{"a":9007199254740993')).toThrow(SyntaxError)
  })
})

/** The integer `{"n":…}` says, be it written in digits or, as doubles print, with an exponent. */
function exactly(text: string): bigint {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^\{"n":(-?)(\d+)(?:\.(\d+))?(?:e\+(\d+))?\}$/.exec(text) ?? []
  return BigInt(`${sign}${whole}${fraction}`) * 10n ** BigInt(Number(exponent) - fraction.length)
}

test('a raw number is found at any depth, approximated for checks and never taken for an object', () => {
  const value: Json = { list: [1, { deep: rawNumber('9007199254740993') }] }
  expect(hasRawNumber(value)).toBe(true)
  expect(hasRawNumber({ list: [1, { deep: 2 }] })).toBe(false)
  expect(approximate(value)).toEqual({ list: [1, { deep: 9007199254740992 }] })
  expect(isObject(rawNumber('1'))).toBe(false)
  expect(isRawNumber({ rawJSON: '1' })).toBe(false)
})

test('levels are counted by the lists and objects inside each other, and looking at them overflows nothing', () => {
  const value = parseJson('{"a":[1,{"b":9007199254740993}],"c":[]}')
  expect(isDeeperThan(3, value)).toBe(false)
  expect(isDeeperThan(2, value)).toBe(true)
  expect(isDeeperThan(0, rawNumber('9007199254740993'))).toBe(false)
  expect(isDeeperThan(0, undefined)).toBe(false)
  const deep = parseJson(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  expect(isDeeperThan(200, deep)).toBe(true)
})
