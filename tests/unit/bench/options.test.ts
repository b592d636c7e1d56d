import { expect, test } from 'vitest'
import { readOptions } from '../../../bench/options.ts'

test('without options everything is measured in full', () => {
  expect(readOptions([])).toMatchObject({
    parts: ['query', 'federation', 'list', 'cache', 'kinds', 'codegen'],
    quick: false,
    strict: false,
    effort: { repetitions: 3, settleMs: 2500, measureMs: 3000 },
  })
})

test('parts, repetitions and files are taken as written', () => {
  expect(readOptions(['--only', 'list, cache', '--repetitions', '5', '--json', 'out.json'])).toMatchObject({
    parts: ['list', 'cache'],
    effort: { repetitions: 5 },
    json: 'out.json',
  })
  expect(readOptions(['--quick'])?.effort.repetitions).toBe(1)
  expect(readOptions(['--help'])).toBeUndefined()
})

test.each([
  [['--only', 'everything'], /there are query, federation, list, cache, kinds, codegen/],
  [['--repetitions', '0'], /a whole number above 0/],
  [['--write', '--quick'], /a full run/],
  [['--write', '--only', 'list'], /a full run/],
  [['--fast'], /fast/],
])('%j is refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(message)
})
