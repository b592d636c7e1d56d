import { expect, test } from 'vitest'
import { isDay, momentOf } from '../../../../runtime/kinds/clickhouse/times.ts'

test.each([
  ['2024-01-01T00:00:00Z', '2024-01-01 00:00:00', '1704067200'],
  ['2024-01-01', '2024-01-01 00:00:00', '1704067200'],
  ['2024-01-01 00:00', '2024-01-01 00:00:00', '1704067200'],
  ['2024-01-01T00:00:00.120+05:30', '2023-12-31 18:30:00.120', '1704047400.120'],
  ['2024-01-01T00:00:00-0800', '2024-01-01 08:00:00', '1704096000'],
  ['1970-01-01T00:00:01.123456789Z', '1970-01-01 00:00:01.123456789', '0000000001.123456789'],
])('%s', (written, text, unix) => expect(momentOf(written)).toMatchObject({ text, unix }))

test.each(['2024-02-30', '2024-13-01', '2024-01-01T25:00:00Z', '2024-01-01T00:00:00 Europe/Berlin', 'now', '', '1704067200'])('%s is no moment', (text) =>
  expect(momentOf(text)).toBeUndefined(),
)

test('a day is a date that exists', () =>
  expect(['2024-02-29', '2023-02-29', '2024-1-1', '2024-01-01T00:00:00Z'].map(isDay)).toEqual([true, false, false, false]))
