import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { argumentsOf } from '../../../codegen/tools-page/arguments.ts'
import { anchor, code, inline, paragraphs } from '../../../codegen/tools-page/markdown.ts'
import { duration, policyWords } from '../../../codegen/tools-page/policy-words.ts'
import { typeWords } from '../../../codegen/tools-page/type-words.ts'
import type { JsonSchema } from '../../../runtime/contract/json.ts'

describe('texts of anyone’s', () => {
  test.each([
    ['a\n# b', 'a # b'],
    ['# b', '\\# b'],
    ['1. b', '1\\. b'],
    ['- b', '\\- b'],
    ['---', '\\---'],
    ['-5 degrees', '-5 degrees'],
    ['a_b *c* `d` [e](f) | ~g~ <h> & \\', 'a_b \\*c\\* \\`d\\` \\[e\\](f) \\| \\~g\\~ &lt;h> &amp; \\\\'],
    ['left\u202eright\u001b[31m', 'left right \\[31m'],
  ])('%j is %j on one line', (text, expected) => expect(inline(text)).toBe(expected))

  test('keep their paragraphs and lists, and nothing else', () =>
    expect(paragraphs('One\ntwo.\n\n\n\n* a\n- b\n2. c\n# d\n===\n    <e>\n```\r\n*f*')).toBe(
      'One\ntwo.\n\n- a\n- b\n2. c\n\\# d\n\\===\n&lt;e>\n\\`\\`\\`\n\\*f\\*',
    ))

  test.each([
    ['plain', '`plain`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['a|b\nc', '`a\\|b c`'],
    ['a\\|b', '<code>a\\\\\\|b</code>'],
  ])('%j is %s as code', (text, expected) => expect(code(text)).toBe(expected))

  test('break out of no cell and no line', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '|', '`', '\\', '<', '\n', '[', '#', '-', '1', '.') })
    fc.assert(
      fc.property(text, (one) => {
        for (const shown of [inline(one), code(one)]) {
          expect(shown).not.toContain('\n')
          expect(shown.replaceAll(/\\[\\|]/g, '')).not.toContain('|')
        }
        expect(inline(one)).not.toContain('<')
        expect(paragraphs(one)).not.toMatch(/^(?:#+(?:\s|$)|=+$|```|[ \t])/m)
      }),
      { examples: [['\\|']] },
    )
  })

  test('headings are found by the anchors of the usual hosts', () => expect(anchor('Shop_find-all (old)')).toBe('shop_find-all-old'))
})

describe('types in words', () => {
  const root = { $defs: { point: { type: 'object' }, loop: { $ref: '#/$defs/loop' }, 'a/b~c': { type: 'integer' }, name: { enum: ['x'] } } }
  test.each<[JsonSchema, string]>([
    [true, 'anything'],
    [false, 'nothing'],
    [{}, 'anything'],
    [{ const: null }, 'null'],
    [{ enum: ['a', 2] }, '"a" or 2'],
    [{ enum: Array.from({ length: 20 }, (_, index) => index) }, '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 or 8 more'],
    [{ type: 'integer', minimum: 1 }, 'integer, 1 or more'],
    [{ type: 'number', maximum: 1.5 }, 'number, 1.5 or less'],
    [{ type: ['string', 'null'], format: 'date' }, 'string (date) or null'],
    [{ type: 'array', items: { type: 'array', items: { type: 'string' } }, maxItems: 2 }, 'list of list of string, at most 2'],
    [{ type: 'array' }, 'list'],
    [{ anyOf: [{ type: 'string' }, { type: 'string' }, { $ref: '#/$defs/point' }] }, 'string or object'],
    [{ oneOf: [{ const: 'a' }, { type: 'integer' }] }, '"a" or integer'],
    [{ properties: { a: {} } }, 'object'],
    [{ $ref: '#/$defs/a~1b~0c' }, 'integer'],
    [{ $ref: '#/$defs/loop' }, 'loop'],
    [{ $ref: '#/$defs/gone' }, 'gone'],
    [{ $ref: '#/%' }, '%'],
    [{ $dynamicRef: '#x' }, 'anything'],
  ])('%j is %s', (schema, words) => expect(typeWords(schema, root)).toBe(words))

  test('joined schemas give the fields of all their parts', () => {
    const schema = {
      $defs: { a: { properties: { x: { type: 'string', default: 'q' } }, required: ['x'] } },
      allOf: [{ $ref: '#/$defs/a' }],
      properties: { y: { title: 'Why', $ref: '#/$defs/a' } },
    }
    expect(argumentsOf(schema)).toEqual([
      { path: 'x', type: 'string', isRequired: true, fallback: '"q"', description: '' },
      { path: 'y', type: 'object', isRequired: false, description: 'Why' },
      { path: 'y.x', type: 'string', isRequired: true, fallback: '"q"', description: '' },
    ])
  })

  test('a schema of very many fields is cut', () =>
    expect(argumentsOf({ properties: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`p${index}`, {}])) })).toHaveLength(200))
})

test.each([
  [250, '250 ms'],
  [1_500, '1500 ms'],
  [90_000, '90 s'],
  [3_600_000, '1 h'],
  [172_800_000, '2 d'],
])('%d ms is %s', (ms, words) => expect(duration(ms)).toBe(words))

test('the rules of a tool are told, and none that it does not have', () =>
  expect(
    policyWords({
      timeoutMs: 2_000,
      retry: 0,
      breaker: { failures: 1, resetMs: 1 },
      result: { rows: 5, bytes: 1_048_576 },
      arguments: [{ path: 'symbol', allow: ['BTC/*'] }],
      scopes: [],
    }),
  ).toEqual(['within 2 s', 'at most 5 rows, 1 MB', 'symbol one of "BTC/*"']))
