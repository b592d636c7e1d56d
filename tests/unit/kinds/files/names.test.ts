import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePaths, fold, isServed, parseFolderPath, parsePath, pathFault, shown } from '../../../../runtime/kinds/files/names.ts'

test.each([
  'a',
  'a.md',
  'BTC-USDT/2026-11-21.md',
  'über uns/50 % & mehr #1.md',
  '日本語/メモ.txt',
  '🪙',
  'a~1',
  "it's (fine) [here] {now}",
  'a..b',
  'x'.repeat(255),
])('%s is a path', (path) => {
  expect(pathFault(path)).toBeUndefined()
  expect(parsePath(path).join('/')).toBe(path)
})

test.each([
  ['', /without a name/],
  ['/a', /without a name/],
  ['a/', /without a name/],
  ['a//b', /without a name/],
  ['.', /climb/],
  ['a/../b', /climb/],
  ['...', /begins with a dot/],
  ['.env', /begins with a dot/],
  ['a\\b', /backslash/],
  ['\\\\host\\share', /backslash/],
  ['a\0', /cannot be seen/],
  ['a\nb', /cannot be seen/],
  ['a\u202Eb', /cannot be seen/],
  ['a\u200Bb', /cannot be seen/],
  ['a\u00A0b', /cannot be seen/],
  ['a\u3164b', /cannot be seen/],
  ['a\uFE0Fb', /cannot be seen/],
  ['a\uE000', /cannot be seen/],
  ['a\u0378', /cannot be seen/],
  ['\uD800', /well-formed/],
  ['a∕b', /looks like a slash/],
  ['a／b', /looks like a slash/],
  ['a＼b', /looks like a slash/],
  ['‥', /looks like a slash or a dot/],
  ['a․․b', /looks like a slash or a dot/],
  ['．．', /looks like a slash or a dot/],
  ['C:', /< > :/],
  ['a:stream', /< > :/],
  ['a*', /< > :/],
  ['%2e%2e', /percent-encoded/],
  ['a%00', /percent-encoded/],
  [' a', /space/],
  ['a /b', /space/],
  ['a.', /ends with a dot/],
  ['con', /Windows/],
  ['NUL.txt', /Windows/],
  ['a/COM1.md', /Windows/],
  ['lpt¹', /Windows/],
  ['℀', /compatibility/],
  ['x'.repeat(256), /255 bytes/],
  ['ü'.repeat(128), /255 bytes/],
  [`${'x'.repeat(200)}/`.repeat(6).slice(0, -1), /1024 bytes/],
  ['a/'.repeat(20).slice(0, -1), /16 folders/],
  ['x'.repeat(1_000_000), /1024 bytes/],
])('%j is none', (path, why) => {
  expect(pathFault(path)).toMatch(why)
  expect(() => parsePath(path)).toThrow(why)
})

test('a path is in normal form C, whatever form it came in', () => {
  expect(parsePath('Cafe\u0301/A\u030A')).toEqual(['Café', 'Å'])
  // The Kelvin sign becomes a K.
  expect(parsePath('\u212A')).toEqual(['K'])
  expect(isServed('Cafe\u0301')).toBe(false)
  expect(isServed('Café')).toBe(true)
})

test('no path that is taken has a part that climbs, in any normal form', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc.array(fc.constantFrom('.', '/', '\\', '．', '∕', '%2e', 'a', '\0', ' '), { maxLength: 10 }).map((parts) => parts.join('')),
      ),
      (text) => {
        if (pathFault(text) !== undefined) return
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) {
          const again = text.normalize('NFC').normalize(form)
          expect(again.split(/[/\\]/)).toHaveLength(text.split('/').length)
          for (const part of again.split('/')) expect(part.trim().replace(/\.+$/, '')).not.toBe('')
        }
      },
    ),
    { numRuns: 2_000 },
  )
})

test('names that some file system takes for one have one fold', () => {
  for (const [one, other] of [
    ['a', 'A'],
    ['é', 'E\u0301'],
    ['ß', 'SS'],
    ['ſ', 's'],
    ['K', '\u212A'],
    ['ﬁ', 'FI'],
    ['Σ', 'ς'],
    ['ǅ', 'ǆ'],
  ] as const)
    expect(fold(one)).toBe(fold(other))
  expect(fold('a')).not.toBe(fold('b'))
})

test('a place to begin at may be the folder itself', () => {
  expect(parseFolderPath('')).toEqual([])
  expect(parseFolderPath('a/b/')).toEqual(['a', 'b'])
  expect(() => parseFolderPath('/')).toThrow(/without a name/)
})

test('paths are ordered folder by folder', () => {
  const paths = [['b'], ['a', 'z'], ['a.md'], ['a'], ['a', 'b', 'c']]
  expect(paths.toSorted(comparePaths)).toEqual([['a'], ['a', 'b', 'c'], ['a', 'z'], ['a.md'], ['b']])
})

test('what an error shows of a caller’s text is short and harmless', () => {
  expect(shown('x'.repeat(1_000))).toHaveLength(81)
  expect(shown('a\u202Eb\u0000')).toBe('a\uFFFDb\uFFFD')
})
