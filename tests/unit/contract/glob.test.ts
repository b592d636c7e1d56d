import fc from 'fast-check'
import { expect, test } from 'vitest'
import { globMatches } from '../../../runtime/contract/glob.ts'

test.each([
  ['*', '', true],
  ['market_*', 'market_latest', true],
  ['market_*', 'other_market_latest', false],
  ['*_latest', 'market_latest', true],
  ['*a*b*c', 'xxaxxbxxc', true],
  ['*a*b*c', 'xxaxxcxxb', false],
  ['a.c', 'abc', false],
  ['[a]+', '[a]+', true],
  ['a*', 'a\nb', true],
  ['', 'a', false],
])('%s and %s: %s', (pattern, name, fits) => expect(globMatches(pattern, name)).toBe(fits))

test('the same as a regular expression with .* for each star', () => {
  const text = (characters: readonly string[]) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 10 })
  fc.assert(
    fc.property(text(['a', 'b', '*']), text(['a', 'b']), (pattern, name) => {
      expect(globMatches(pattern, name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name))
    }),
    { numRuns: 2_000 },
  )
})

test('many stars and a long name that almost fits have an answer', () => {
  expect(globMatches(`${'*a'.repeat(50)}b`, 'a'.repeat(100_000))).toBe(false)
  expect(globMatches('a*a*a*a*a*b', 'a'.repeat(1_000_000))).toBe(false)
})
