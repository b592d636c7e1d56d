import { expect, test } from 'vitest'
import { createNames, fieldTaken, identifier, nameEach, parameterTaken, pascal, singular } from '../../../../codegen/python/names.ts'

test.each([
  ['symbol', 'symbol'],
  ['yearLength', 'yearLength'],
  ['from', 'from_'],
  ['a-b c', 'a_b_c'],
  ['_meta', 'meta'],
  ['__proto__', 'proto__'],
  ['2fa', 'n2fa'],
  ['日本', 'value'],
  ['', 'value'],
  ['model_dump', 'model_dump_'],
  ['model_name', 'model_name'],
  ["');import os#", 'import_os_'],
])('the field of %s is %s', (text, name) => expect(identifier(text, fieldTaken)).toBe(name))

test('a parameter may be called what a field may not, and not self', () => {
  expect(identifier('schema', parameterTaken)).toBe('schema')
  expect(identifier('self', parameterTaken)).toBe('self_')
})

test.each([
  ['latest_candles', 'LatestCandles'],
  ['get-sum', 'GetSum'],
  ['2fa', 'N2fa'],
  ['"""', 'Value'],
])('the class of %s begins with %s', (text, name) => expect(pascal(text)).toBe(name))

test('names that clash get numbers, whatever order they come in, and a name keeps its own', () => {
  const expected = { 'a-b': 'a_b2', 'a.b': 'a_b3', a_b: 'a_b' }
  expect(Object.fromEntries(nameEach(['a-b', 'a_b', 'a.b'], fieldTaken))).toEqual(expected)
  expect(Object.fromEntries(nameEach(['a.b', 'a-b', 'a_b'], fieldTaken))).toEqual(expected)
  const names = createNames(['T1'])
  expect([names.take('T1'), names.take('T1'), names.take('Row'), names.take('Row')]).toEqual(['T1_2', 'T1_3', 'Row', 'Row2'])
})

test.each([
  ['Rows', 'Row'],
  ['Entities', 'Entity'],
  ['Address', 'AddressItem'],
  ['Data', 'DataItem'],
])('one of %s is a %s', (many, one) => expect(singular(many)).toBe(one))
