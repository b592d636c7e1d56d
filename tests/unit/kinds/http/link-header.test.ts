import { expect, test } from 'vitest'
import { linkIn } from '../../../../runtime/kinds/http/link-header.ts'

const links: readonly (readonly [string, string, string | undefined])[] = [
  ['one link', '</x?page=2>; rel="next"', '/x?page=2'],
  ['the second of two', '<https://a/1>; rel="prev", <https://a/3>; rel="next"', 'https://a/3'],
  ['without quotes', '<a>;rel=next', 'a'],
  ['spaces wherever they may be', '<a> ; rel = "next"', 'a'],
  ['several relations', '<a>; rel="last next"', 'a'],
  ['another case', '<a>; REL="NEXT"', 'a'],
  ['a comma and a semicolon in an address', '<a?b=1,2;c>; rel=next', 'a?b=1,2;c'],
  ['a quoted text that looks like one', '<a>; title="<b>; rel=next, ;", <c>; rel=next', 'c'],
  ['an escaped quote', '<a>; title="\\"; rel=\\"next", <c>; rel=next', 'c'],
  ['only the first rel counts', '<a>; rel=prev; rel=next', undefined],
  ['a parameter without a value', '<a>; crossorigin; rel=next', 'a'],
  ['another relation', '<a>; rel="nexts"', undefined],
  ['no relation', '<a>', undefined],
  ['nothing', '', undefined],
  ['garbage', ';;,<,">', undefined],
  ['an address without an end', '<a; rel=next', undefined],
]
test.each(links)('%s', (_name, header, expected) => {
  expect(linkIn(header, 'next')).toBe(expected)
})

// A reader that goes back over what it read would need hours.
test('a long header is read once', () => {
  expect(linkIn(`<a>${'; a="\\"'.repeat(400_000)}`, 'next')).toBeUndefined()
  expect(linkIn(`<a>${' '.repeat(1_000_000)}`, 'next')).toBeUndefined()
})
