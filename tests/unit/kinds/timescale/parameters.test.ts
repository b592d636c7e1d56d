import { expect, test } from 'vitest'
import { rawNumber, type Json } from '../../../../runtime/contract/json.ts'
import { parameterOf } from '../../../../runtime/kinds/timescale/parameters.ts'

test.each<[string, Json | undefined, number | undefined, string | null]>([
  ['nothing', undefined, undefined, null],
  ['null', null, undefined, null],
  ['text', `it's`, undefined, `it's`],
  ['a number', 1.5, undefined, '1.5'],
  ['a number kept as digits', rawNumber('9007199254740993'), undefined, '9007199254740993'],
  ['a boolean', false, undefined, 'false'],
  ['an object', { a: 1 }, undefined, '{"a":1}'],
  ['an array for a text[]', ['a"b', null, '\\'], 1009, '{"a\\"b",NULL,"\\\\"}'],
  ['an array for an int8[] keeps digits', [rawNumber('9007199254740993')], 1016, '{"9007199254740993"}'],
  ['an array for json', [1, 'a'], 114, '[1,"a"]'],
  ['an array for jsonb[]', ['a', { b: 1 }, null], 3807, '{"\\"a\\"","{\\"b\\":1}",NULL}'],
  ['an array for a type of the database’s own', ['a'], 99_999, '{"a"}'],
])('%s', (_name, value, type, expected) => {
  expect(parameterOf(value, type)).toBe(expected)
})
