import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withoutTrailing } from '../../../runtime/contract/trailing.ts'

test('what stands at the end goes, and nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('0', '1', '/', '\uFFFD'), maxLength: 12 }), fc.constantFrom('0', '/', '\uFFFD'), (text, character) => {
      expect(withoutTrailing(text, character)).toBe(text.replace(new RegExp(`${character}+$`), ''))
    }),
  )
})

test('a run of millions that is not at the end costs one look', () => {
  const text = `${'0'.repeat(5_000_000)}1`
  expect(withoutTrailing(text, '0')).toBe(text)
  expect(withoutTrailing(`${text}${'0'.repeat(5_000_000)}`, '0')).toBe(text)
})
