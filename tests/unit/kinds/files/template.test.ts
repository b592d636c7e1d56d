import { expect, test } from 'vitest'
import { rawNumber } from '../../../../runtime/contract/json.ts'
import { fillJson, fillNumber, fillPath, fillText, holesOf } from '../../../../runtime/kinds/files/template.ts'

test('holes are names in braces', () => {
  expect(holesOf('{a}/{+b}.md {not a hole} {}')).toEqual([
    { name: 'a', mayClimbDown: false, offset: 0, length: 3 },
    { name: 'b', mayClimbDown: true, offset: 4, length: 4 },
  ])
})

test('texts are filled with what is given, and with nothing for what is not', () => {
  expect(fillText('{a} {b} {c} {d}', { a: 'x{b}', b: 1.5, c: { k: [true] } })).toBe('x{b} 1.5 {"k":[true]} ')
  expect(fillText('{n}', { n: rawNumber('12345678901234567890') })).toBe('12345678901234567890')
  expect(fillText('{n}', { n: null })).toBe('')
  expect(fillText('$& {a}', { a: '$1 $&' })).toBe('$& $1 $&')
})

test('documents keep the types of what fills them', () => {
  expect(fillJson({ a: '{a}', b: ['{b}', 1], c: 'n{b}', d: '{gone}', e: null, f: true }, { a: [1], b: 2 })).toEqual({
    a: [1],
    b: [2, 1],
    c: 'n2',
    e: null,
    f: true,
  })
  expect(fillJson('{gone}', {})).toBeUndefined()
})

test('numbers are whole', () => {
  expect(fillNumber(3, {})).toBe(3)
  expect(fillNumber(undefined, {})).toBeUndefined()
  expect(fillNumber('{n}', { n: 4 })).toBe(4)
  expect(fillNumber('{n}', {})).toBeUndefined()
  expect(() => fillNumber('{n}', { n: 1.5 })).toThrow('whole number')
})

test('paths are filled with texts and numbers only', () => {
  expect(fillPath('{a}/{b}.md', { a: 'x', b: 7 })).toBe('x/7.md')
  expect(() => fillPath('{a}', {})).toThrow('text or a number')
  expect(() => fillPath('{a}', { a: true })).toThrow('text or a number')
})
