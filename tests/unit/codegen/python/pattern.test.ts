import { describe, expect, test } from 'vitest'
import { rustPattern } from '../../../../codegen/python/pattern.ts'

describe('a pattern in the words of Rust', () => {
  test.each([
    ['^-?[0-9]+(\\.[0-9]+)?$', '^\\-?[0-9]+(?:\\.[0-9]+)?$'],
    ['\\d\\w\\s', '[0-9][0-9A-Za-z_][\\s\\x{FEFF}]'],
    ['[\\d\\w.-]', '[0-90-9A-Za-z_\\.\\-]'],
    ['[^\\W]', undefined],
    ['(?<year>\\d{4})', '(?:[0-9]{4})'],
    ['\\u0041\\x42\\u{1F600}', '\\x{0041}\\x{42}\\x{1F600}'],
    ['\\/[a&&b[c~~d]', '/[a\\&\\&b\\[c\\~\\~d]'],
    ['\\bword\\b', '(?-u:\\b)word(?-u:\\b)'],
    ['^\\p{Lu}\\p{L}*$', '^\\p{Lu}\\p{L}*$'],
    ['a|b|', 'a|b|'],
    ['x{2,}?y*?', 'x{2,}?y*?'],
    ['', ''],
  ])('%s', (source, expected) => expect(rustPattern(source)).toBe(expected))

  test.each([
    ['looking ahead', '^(?!a)'],
    ['looking behind', '(?<=a)b'],
    ['a reference back', '(a)\\1'],
    ['a name back', '(?<a>x)\\k<a>'],
    ['modifiers', '(?i:a)'],
    ['a script', '\\p{Script=Greek}'],
    ['a class of nothing', '[]'],
    ['a class of everything', '[^]'],
    ['a surrogate', '\\ud83d'],
    ['not a word’s edge', '\\B'],
    ['more states than the engine holds', '(?:[a-z]{1,999}){1,999}'],
    ['the same with classes of Unicode', '\\p{L}{1,200}'],
    ['more text than anyone reads', 'a'.repeat(3_000)],
    ['what is open', '(a'],
    ['what is closed twice', 'a)'],
  ])('none for %s', (_what, source) => expect(rustPattern(source)).toBeUndefined())
})
