import { expect, test } from 'vitest'
import { globOf } from '../../../../runtime/kinds/files/glob.ts'

test.each([
  ['*.md', 'a.md', true],
  ['*.md', 'x/y/a.md', true],
  ['*.md', 'a.mdx', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['?', '🪙', true],
  ['x/*.md', 'x/a.md', true],
  ['x/*.md', 'x/y/a.md', false],
  ['x/*.md', 'a.md', false],
  ['x/**', 'x/y/a.md', true],
  ['x/**', 'x', true],
  ['**/a.md', 'a.md', true],
  ['**/a.md', 'x/y/a.md', true],
  ['x/**/y/*', 'x/y/z', true],
  ['x/**/y/*', 'x/a/b/y/z', true],
  ['x/**/y/*', 'x/a/b/z', false],
  ['*a*b*c', 'xxaxxbxxc', true],
  ['*a*b*c', 'xxaxxcxxb', false],
  ['[ab]', 'a', false],
  ['(a+)+', '(a+)+', true],
  ['Cafe\u0301', 'Café', true],
  ['', '', true],
])('%s and %s: %s', (glob, path, fits) => {
  expect(globOf(glob)(path.split('/'))).toBe(fits)
})
