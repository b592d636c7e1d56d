import { describe, expect, test } from 'vitest'
import { parseJson, type Json } from '../../../../../runtime/contract/json.ts'
import { momentOf, writtenAs, type Unit } from '../../../../../runtime/kinds/http/streams/times.ts'

describe('moments', () => {
  const cases: readonly (readonly [Json, Unit, number, string])[] = [
    [1_592_249_566, 's', 1_592_249_566_000, '2020-06-15T19:32:46.000Z'],
    ['1592249566', 's', 1_592_249_566_000, '2020-06-15T19:32:46.000Z'],
    [1_592_249_566.5, 's', 1_592_249_566_500, '2020-06-15T19:32:46.500Z'],
    [0, 's', 0, '1970-01-01T00:00:00.000Z'],
    [1_592_249_566_123, 'ms', 1_592_249_566_123, '2020-06-15T19:32:46.123Z'],
    [5, 'ms', 5, '1970-01-01T00:00:00.005Z'],
    [1_592_249_566_123_456, 'us', 1_592_249_566_123, '2020-06-15T19:32:46.123456Z'],
    [parseJson('1592249566123456789'), 'ns', 1_592_249_566_123, '2020-06-15T19:32:46.123456789Z'],
    ['1592249566123000000', 'ns', 1_592_249_566_123, '2020-06-15T19:32:46.123Z'],
    ['2020-06-15T19:32:46Z', 'iso', 1_592_249_566_000, '2020-06-15T19:32:46.000Z'],
    ['2020-06-15T21:32:46.1234567+02:00', 'iso', 1_592_249_566_123, '2020-06-15T19:32:46.1234567Z'],
    ['2020-06-15 19:32:46', 'plain', 1_592_249_566_000, '2020-06-15T19:32:46.000Z'],
    ['2020-06-15 19:32', 'plain', 1_592_249_520_000, '2020-06-15T19:32:00.000Z'],
    ['2020-06-15', 'plain', 1_592_179_200_000, '2020-06-15T00:00:00.000Z'],
  ]
  test.each(cases)('%s in %s', (value, unit, ms, iso) => {
    expect(momentOf(value, unit)).toEqual({ ms, iso })
  })

  test.each([
    [null, 's'],
    ['', 's'],
    ['NaN', 's'],
    [-5, 's'],
    [Number.POSITIVE_INFINITY, 'ms'],
    ['99999999999999999999', 's'],
    ['yesterday', 'iso'],
    ['2020-13-45', 'plain'],
    [{}, 'ms'],
    [5, 'iso'],
  ] as readonly (readonly [Json, Unit])[])('%s in %s is none', (value, unit) => {
    expect(momentOf(value, unit)).toBeUndefined()
  })

  test('they are written back in every unit, whole and rounded down', () => {
    const ms = 1_592_249_566_987
    expect(['s', 'ms', 'us', 'ns', 'iso', 'plain'].map((unit) => writtenAs(ms, unit as Unit))).toEqual([
      1_592_249_566,
      1_592_249_566_987,
      1_592_249_566_987_000,
      '1592249566987000000',
      '2020-06-15T19:32:46.987Z',
      '2020-06-15 19:32:46',
    ])
  })
})
