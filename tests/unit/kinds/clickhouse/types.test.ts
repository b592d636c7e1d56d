import { expect, test } from 'vitest'
import { isNullable, parseType, valueType } from '../../../../runtime/kinds/clickhouse/types.ts'

test.each([
  ['UInt64', { name: 'UInt64', parts: [], words: [] }],
  ['Decimal(38, 18)', { name: 'Decimal', parts: [], words: ['38', '18'] }],
  ["DateTime64(3, 'Europe/Berlin')", { name: 'DateTime64', parts: [], words: ['3', 'Europe/Berlin'] }],
  ["Enum8('a, b' = 1, 'it\\'s' = -2)", { name: 'Enum8', parts: [], words: ['a, b = 1', "it's = -2"] }],
  ['Array(Nullable(Int8))', { name: 'Array', words: [], parts: [{ name: 'Nullable', words: [], parts: [{ name: 'Int8', words: [], parts: [] }] }] }],
  ['Tuple(a String, `b c` Array(Int8))', { name: 'Tuple', words: [], fields: ['a', 'b c'], parts: [parseType('String'), parseType('Array(Int8)')] }],
  ['Tuple(String, Decimal(10, 2))', { name: 'Tuple', words: [], parts: [parseType('String'), parseType('Decimal(10, 2)')] }],
  ['SimpleAggregateFunction(max, Float64)', { name: 'SimpleAggregateFunction', words: ['max'], parts: [parseType('Float64')] }],
])('%s is read', (text, expected) => expect(parseType(text)).toEqual(expected))

test.each(['', '1', 'Array(', 'Array(Int8))', "Enum8('a", 'Map(String', 'Int8; DROP', 'Array(1)', `${'Array('.repeat(40)}Int8${')'.repeat(40)}`])(
  '%s is no type',
  (text) => expect(parseType(text)).toBeUndefined(),
)

test('what only says how a value is stored is taken off', () => {
  expect(valueType(parseType('LowCardinality(Nullable(String))') as never).name).toBe('String')
  expect(valueType(parseType('SimpleAggregateFunction(max, Decimal(3, 1))') as never).words).toEqual(['3', '1'])
  expect(
    ['LowCardinality(Nullable(String))', 'Nullable(Int8)', 'String', 'Array(Nullable(Int8))', 'Dynamic'].map((text) => isNullable(parseType(text) as never)),
  ).toEqual([true, true, false, false, true])
})
