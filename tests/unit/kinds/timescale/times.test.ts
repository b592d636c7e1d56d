import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoDate, isoTimestamp } from '../../../../runtime/kinds/timescale/times.ts'

test.each([
  ['2024-01-02 03:04:05+00', '2024-01-02T03:04:05Z'],
  ['2024-01-02 03:04:05.123456+00', '2024-01-02T03:04:05.123456Z'],
  ['2024-01-02 03:04:05.1', '2024-01-02T03:04:05.1Z'],
  ['2024-01-02 03:04:05+02', '2024-01-02T03:04:05+02:00'],
  ['2024-01-02 03:04:05-03:30', '2024-01-02T03:04:05-03:30'],
  ['1850-01-02 03:04:05+00:53:28', '1850-01-02T03:04:05+00:53'],
  ['0001-01-01 00:00:00+00 BC', '0000-01-01T00:00:00Z'],
  ['0044-03-15 12:00:00 BC', '-000043-03-15T12:00:00Z'],
  ['12024-01-02 03:04:05+00', '+012024-01-02T03:04:05Z'],
  ['infinity', 'infinity'],
  ['-infinity', '-infinity'],
])('timestamp %s', (text, expected) => {
  expect(isoTimestamp(text)).toBe(expected)
})

test.each([
  ['2024-02-29', '2024-02-29'],
  ['0044-03-15 BC', '-000043-03-15'],
  ['12024-02-29', '+012024-02-29'],
  ['infinity', 'infinity'],
  ['-infinity', '-infinity'],
])('date %s', (text, expected) => {
  expect(isoDate(text)).toBe(expected)
})

test('every moment of four-digit years is the same moment for JavaScript', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (moment) => {
      const printed = moment.toISOString().replace('T', ' ').replace('Z', '+00')
      expect(Date.parse(isoTimestamp(printed))).toBe(moment.getTime())
    }),
  )
})
