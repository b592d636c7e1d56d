import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, visible } from '../../../runtime/contract/printable.ts'

test('lines and tabs stay; what commands a terminal or turns a text round is spelled out', () => {
  expect(printable('a\tb\nc')).toBe('a\tb\nc')
  expect(printable('\u001b]52;c;aGk=\u0007\r\u009b31m\u007f\u202eabc\u2066')).toBe(String.raw`\u001b]52;c;aGk=\u0007\u000d\u009b31m\u007f\u202eabc\u2066`)
  expect(printable('família 👩‍👩‍👧 خانه‌ها')).toBe('família 👩‍👩‍👧 خانه‌ها')
})

test('what shows nothing is spelled out in a line of a log', () => {
  expect(visible('a\nb\u200b\u{e0041}é')).toBe(String.raw`a\u000ab\u200b\udb40\udc41é`)
})

test('JSON means the same after it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)) }), (text) => {
      const value = { [text]: text }
      expect(JSON.parse(printable(JSON.stringify(value, undefined, 2)))).toEqual(value)
      expect(JSON.parse(visible(JSON.stringify(value)))).toEqual(value)
    }),
  )
})
