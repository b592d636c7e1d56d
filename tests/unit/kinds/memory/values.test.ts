import { expect, test } from 'vitest'
import { settingsOf, sizeBytes } from '../../../../runtime/kinds/memory/config.ts'
import { matches } from '../../../../runtime/kinds/memory/names.ts'
import { cursorOf, pageOf, placeOfPage, timeOf, ttlOf } from '../../../../runtime/kinds/memory/values.ts'

test.each([
  ['1ms', 1],
  ['1.5m', 90_000],
  ['7d', 604_800_000],
])('a lifetime of %s is %d ms', (text, ms) => expect(ttlOf(text)).toBe(ms))

test.each(['', '5', '0s', '-1s', '1w', '40000d', 'Infinitys', 'NaN', '1e3s'])('"%s" is no lifetime', (text) => expect(() => ttlOf(text)).toThrow(/ttl/))

test.each([
  ['2026-01-31T09:30:00Z', Date.UTC(2026, 0, 31, 9, 30)],
  ['2026-01-31T09:30:00.250+01:00', Date.UTC(2026, 0, 31, 8, 30, 0, 250)],
  ['1929-10-29T00:00:00Z', Date.UTC(1929, 9, 29)],
])('%s is a moment', (text, time) => expect(timeOf(text, 'at')).toBe(time))

test.each(['', 'now', '2026-01-31', '2026-02-30T25:00:00Z', '2026-01-31T09:30:00', '31.1.2026', 'Infinity'])('"%s" is no moment', (text) => {
  expect(() => timeOf(text, 'at')).toThrow(/at is not a moment/)
})

test.each(['-1', '1.5', '9007199254740993', 'x', '', '99999999999999999'])('"%s" is no cursor', (text) => expect(() => cursorOf(text)).toThrow(/cursor/))

test('a page is found again from its text', () => {
  for (const place of [
    { at: 0, id: 1 },
    { at: -1_267_488_000_000, id: 9 },
  ]) {
    expect(placeOfPage(pageOf(place.at, place.id))).toEqual(place)
  }
})

test.each([
  ['desk', 'desk', true],
  ['desk', 'desks', false],
  ['team-*', 'team-a', true],
  ['team-*', 'team', false],
  ['*', 'anything', true],
  ['a*b*c', 'a-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['a*a', 'a', false],
  ['*x*', 'axb', true],
])('%s and %s: %s', (glob, name, fits) => expect(matches(glob, name)).toBe(fits))

test('sizes are read, and a config has its defaults', () => {
  expect(['1b', '1.5kb', '2mb', '5'].map(sizeBytes)).toEqual([1, 1_536, 2_097_152, Number.NaN])
  expect(settingsOf({ stateTtl: '1h', shared: ['desk'] })).toMatchObject({
    prefix: 'agent_memory',
    stateTtlMs: 3_600_000,
    signalTtlMs: 604_800_000,
    bounds: { valueBytes: 262_144, keys: 10_000, retentionMs: 2_592_000_000 },
  })
})
