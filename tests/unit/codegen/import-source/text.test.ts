import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { block, brief, flow, literal, oneLine } from '../../../../codegen/import-source/text.ts'
import type { Json } from '../../../../runtime/contract/json.ts'
import { substitute } from '../../../../runtime/manifest/scalars.ts'

const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '~',
    'yes',
    '- a',
    'a: b',
    '#c',
    '---',
    '...',
    '&a',
    '*a',
    '!t',
    '%T',
    '{x}',
    '[x]',
    "'",
    '"',
    '1e3',
    '0x1',
    ' x ',
    'a\nb',
    'a\n',
    '\n',
    '\tb',
    'line0x',
    '2024-01-31',
  ),
)
const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    odd,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(odd, tie('value'), { maxKeys: 4 }),
  ),
})).value

const equal = (found: unknown, wanted: Json): void => expect(JSON.stringify(found)).toBe(JSON.stringify(wanted))

describe('YAML that is written of foreign values', () => {
  test('is read back as the same, in a block at any depth', () =>
    fc.assert(
      fc.property(fc.dictionary(odd, values, { minKeys: 1, maxKeys: 4 }), fc.integer({ min: 0, max: 3 }), (value, depth) => {
        const text = `${depth === 0 ? '' : 'top:\n'}${block(value, depth * 2)}\n`
        equal(depth === 0 ? parse(text) : (parse(text) as { top: Json }).top, value)
      }),
      { numRuns: 500 },
    ))

  test('and on one line, inside a flow mapping too', () =>
    fc.assert(
      fc.property(values, (value) => {
        expect(flow(value)).not.toMatch(/[\r\n]/)
        equal(parse(`{ a: ${flow(value)}, b: 1 }`), { a: value, b: 1 })
      }),
      { numRuns: 500 },
    ))
})

test('foreign text never names a variable of the environment', () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom('$', '{', '}', 'A', ':-', '${A}', '${{', '}}', '$${', ' '), { maxLength: 12 }), (parts) => {
      const { missing, malformed } = substitute(literal(parts.join('')), { A: 'leaked' })
      expect({ missing, malformed, text: substitute(literal(parts.join('')), { A: 'leaked' }).text.includes('leaked') }).toEqual({
        missing: [],
        malformed: [],
        text: false,
      })
    }),
  ))

test('foreign text fits on one line of a comment', () => {
  expect(oneLine(' a\r\n# b\u2028c\u0000\td ')).toBe('a # b c d')
  expect(brief('one two three', 8)).toBe('one two…')
  expect(brief('short', 8)).toBe('short')
})
