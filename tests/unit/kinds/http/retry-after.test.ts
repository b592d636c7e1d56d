import { expect, test } from 'vitest'
import { retryAfterMs } from '../../../../runtime/kinds/http/retry-after.ts'

const now = Date.parse('2026-01-01T00:00:00Z')
const cases: readonly (readonly [string, Record<string, string>, number | undefined])[] = [
  ['seconds', { 'retry-after': '120' }, 120_000],
  ['no time at all', { 'retry-after': '0' }, 0],
  ['a date by the service’s clock', { 'retry-after': 'Wed, 01 Jan 2020 00:00:05 GMT', date: 'Wed, 01 Jan 2020 00:00:00 GMT' }, 5_000],
  ['a date by our clock where the service has none', { 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT' }, 7_000],
  ['a date that is past', { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
  ['a number that is none', { 'retry-after': '1.5' }, undefined],
  ['words', { 'retry-after': 'soon' }, undefined],
  ['nothing', {}, undefined],
]
test.each(cases)('%s', (_name, headers, expected) => {
  expect(retryAfterMs({ headers }, now)).toBe(expected)
})

test('an endless number stays one that can be counted with', () => {
  expect(Number.isSafeInteger(retryAfterMs({ headers: { 'retry-after': '9'.repeat(40) } }, now))).toBe(true)
})
