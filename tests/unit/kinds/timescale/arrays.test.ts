import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../../../../runtime/contract/json.ts'
import { parseArray, printArray } from '../../../../runtime/kinds/timescale/arrays.ts'

const same = (text: string): Json => text

test.each<[string, Json]>([
  ['{}', []],
  ['{a,b}', ['a', 'b']],
  ['{NULL,"NULL",null}', [null, 'NULL', 'null']],
  ['{"a,b","{}","\\"\\\\",""}', ['a,b', '{}', '"\\', '']],
  [
    '{{1,2},{3,4}}',
    [
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  [
    '[2:3][0:1]={{1,2},{3,4}}',
    [
      ['1', '2'],
      ['3', '4'],
    ],
  ],
])('%s', (text, expected) => {
  expect(parseArray(text, same)).toEqual(expected)
})

test('what is printed is read back, whatever is in it', () => {
  const element = fc.option(fc.string({ unit: 'grapheme' }))
  fc.assert(
    fc.property(fc.oneof(fc.array(element), fc.array(fc.array(element, { minLength: 1 }), { minLength: 1 })), (values) => {
      expect(
        parseArray(
          printArray(values, (value) => value as string | null),
          same,
        ),
      ).toEqual(values)
    }),
  )
})
