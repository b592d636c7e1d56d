import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson, rawNumber, type Json } from '../../../runtime/contract/json.ts'
import type { ValueRule } from '../../../runtime/contract/tool-test.ts'
import { broken, find, firstDifference, isSame, show } from '../../../runtime/trials/value.ts'

const row = { symbol: '^GSPC', close: '3230.780029', closes: 252, volume: rawNumber('9007199254740995'), none: null, tags: ['index', { of: 'us' }] }

describe('a rule about one value', () => {
  const cases: readonly { rule: ValueRule; holds: readonly Json[]; fails: readonly Json[] }[] = [
    { rule: { equals: 252 }, holds: [252, rawNumber('252.0')], fails: ['252', 253, null, [252]] },
    { rule: { equals: { a: 1, b: [null] } }, holds: [{ b: [null], a: 1 }], fails: [{ a: 1 }, { a: 1, b: [null], c: 1 }, { a: 1, b: [] }] },
    { rule: { equals: null }, holds: [null], fails: [0, '', false, {}] },
    { rule: { equals: [1, 2] }, holds: [[1, 2]], fails: [[2, 1], [1], { 0: 1, 1: 2 }] },
    { rule: { matches: '^2020-\\d{2}' }, holds: ['2020-04-17'], fails: ['in 2020-04', 2020, null] },
    {
      rule: { approx: { value: 0.287, tolerance: 0.001 } },
      holds: [0.2875, '0.28714796', rawNumber('0.28700000000000001')],
      fails: [0.2885, 'about 0.287', '', null, true],
    },
    { rule: { approx: { value: 5, tolerance: 0 } }, holds: [5, '5', '5.0'], fails: [5.0000001] },
    { rule: { contains: 'GSPC' }, holds: ['^GSPC', ['GSPC']], fails: ['gspc', ['^GSPC'], { GSPC: 1 }, null] },
    { rule: { contains: { of: 'us' } }, holds: [{ of: 'us', and: 1 }, [{ of: 'us', and: 1 }]], fails: [{ of: 'uk' }, [{ of: 'uk' }], '{"of":"us"}', []] },
    { rule: { type: 'integer' }, holds: [1, -3, 2.0, rawNumber('9007199254740995')], fails: [1.5, '1', rawNumber('1.50000000000000001')] },
    { rule: { type: 'number' }, holds: [1.5, rawNumber('1.50000000000000001')], fails: ['1.5', null] },
    { rule: { type: 'object' }, holds: [{}], fails: [[], null, 'x', rawNumber('12345678901234567890')] },
    { rule: { type: 'array' }, holds: [[]], fails: [{}, 'x'] },
    { rule: { type: 'null' }, holds: [null], fails: [0, 'null'] },
    { rule: { type: 'string' }, holds: ['', 'a'], fails: [1, null] },
    { rule: { type: 'boolean' }, holds: [true, false], fails: [0, 'true'] },
    { rule: { type: 'string', matches: '^a', contains: 'b' }, holds: ['ab'], fails: ['a', 'b', 'ba'] },
  ]
  test.each(cases)('$rule', ({ rule, holds, fails }) => {
    for (const value of holds) expect(broken(rule, value), show(value)).toEqual([])
    for (const value of fails) expect(broken(rule, value), show(value)).not.toEqual([])
  })

  test('says each word that does not hold', () => {
    expect(broken({ type: 'integer', approx: { value: 1, tolerance: 0.5 }, equals: 1 }, 'x')).toEqual(['1', '1 ± 0.5', 'a value of type integer'])
  })
})

describe('a place in an answer', () => {
  const answer: Json = { rows: [row], 'a.b': { '': 1 } }
  test.each<{ path: string[]; value: Json }>([
    { path: [], value: answer },
    { path: ['rows', '0', 'closes'], value: 252 },
    { path: ['rows', '0', 'tags', '1', 'of'], value: 'us' },
    { path: ['a.b', ''], value: 1 },
    { path: ['rows', '0', 'none'], value: null },
  ])('$path', ({ path, value }) => expect(find(answer, path)).toEqual({ value }))

  test.each([
    { path: ['rows', '1', 'closes'], lost: 'a list of 1 at rows, without "1"' },
    { path: ['rows', 'length'], lost: 'a list of 1 at rows, without "length"' },
    { path: ['constructor'], lost: 'a map of rows, a.b at the root, without "constructor"' },
    { path: ['rows', '0', 'close', '0'], lost: '"3230.780029" at rows.0.close, without "0"' },
  ])('$path leads nowhere', ({ path, lost }) => expect(find(answer, path)).toEqual({ lost }))
})

describe('two values', () => {
  test('are the same whatever order their members have', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = parseJson(JSON.stringify(value))
        const turned = JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
          inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).toReversed()) : inner,
        ) as Json
        expect(isSame(json, turned)).toBe(true)
        expect(firstDifference(json, turned)).toBeUndefined()
      }),
    )
  })

  test('differ exactly when a first difference is found, and it is one', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (left, right) => {
        const difference = firstDifference(left as Json, right as Json)
        expect(difference === undefined).toBe(isSame(left as Json, right as Json))
      }),
    )
  })

  test('whose digits a double would lose are told apart', () => {
    expect(isSame(rawNumber('9007199254740993'), rawNumber('9007199254740995'))).toBe(false)
  })

  test.each<{ wanted: Json; value: Json; found: object }>([
    { wanted: { rows: [{ a: 1 }] }, value: { rows: [{ a: 2 }] }, found: { at: '/rows/0/a', wanted: 1, value: 2 } },
    { wanted: { rows: [1, 2] }, value: { rows: [1] }, found: { at: '/rows/1', wanted: 2, value: undefined } },
    { wanted: { a: 1 }, value: { a: 1, 'b/c~': 2 }, found: { at: '/b~1c~0', wanted: undefined, value: 2 } },
    { wanted: 'x', value: { a: 1 }, found: { at: '', wanted: 'x', value: { a: 1 } } },
  ])('$wanted and $value first differ at $found.at', ({ wanted, value, found }) => expect(firstDifference(wanted, value)).toEqual(found))
})

test('a long value is shown by its beginning', () => expect(show('x'.repeat(10_000))).toHaveLength(201))
