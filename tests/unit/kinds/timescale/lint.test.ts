import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../../../../runtime/contract/json.ts'
import type { ToolDraft } from '../../../../runtime/contract/tool.ts'
import { inputNames, lint } from '../../../../runtime/kinds/timescale/lint.ts'

const draft = (sql: string, input: JsonSchema = { type: 'object' }, over: Partial<ToolDraft> = {}): ToolDraft => ({
  name: 'test',
  summary: 'A test.',
  effect: 'read',
  input,
  operation: { sql },
  ...over,
})
const properties = (...names: readonly string[]): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
})

test('a sound statement has nothing against it', async () => {
  expect(await lint(draft('SELECT 1 WHERE :a = :b', properties('a', 'b')))).toEqual([])
})

test('faults of the statement stand in operation.sql, at their characters', async () => {
  expect(await lint(draft('SELECT pg_sleep(1)'))).toMatchObject([{ code: 'HUB_CONFIG_SQL', path: ['operation', 'sql'], within: { offset: 7, length: 8 } }])
})

test('a placeholder without input and an input without placeholder are both told, each at its place', async () => {
  const findings = await lint(draft('SELECT :symbl', properties('symbol')))
  expect(findings).toMatchObject([
    { code: 'HUB_CONFIG_PLACEHOLDER', path: ['operation', 'sql'], within: { offset: 7, length: 6 }, hint: 'did you mean "symbol"?' },
    { code: 'HUB_CONFIG_PLACEHOLDER', path: ['input', 'properties', 'symbol'], hint: 'did you mean ":symbl"?' },
  ])
})

test('inputs are not called unused while the statement cannot be read', async () => {
  expect(await lint(draft('SELEC :a', properties('b')))).toMatchObject([{ code: 'HUB_CONFIG_SQL' }, { message: '":a" has no input property of that name' }])
})

test('a statement of the caller reads', async () => {
  expect(await lint(draft('', true, { operation: { adHoc: 'query' } }))).toEqual([])
  expect(await lint(draft('', true, { operation: { adHoc: 'query' }, effect: 'write' }))).toMatchObject([{ code: 'HUB_CONFIG_OPERATION', path: ['effect'] }])
})

test('an operation that is none is left to its schema', async () => {
  expect(await lint(draft('', true, { operation: 'SELECT 1' }))).toEqual([])
  expect(await lint(draft('', true, { operation: { sql: 5 } }))).toEqual([])
})

describe('input properties', () => {
  test.each<[string, JsonSchema, readonly string[]]>([
    ['none', true, []],
    [
      'of alternatives',
      {
        properties: { a: true },
        anyOf: [{ properties: { b: true } }, true],
        oneOf: [{ properties: { c: true } }],
        allOf: [{ properties: { a: true, d: true } }],
      },
      ['a', 'd', 'b', 'c'],
    ],
    ['behind a reference', { allOf: [{ $ref: '#/$defs/x~1y' }], $defs: { 'x/y': { properties: { e: true } } } }, ['e']],
    ['behind a reference that leads elsewhere', { $ref: 'other.json', properties: { f: true } }, ['f']],
    ['behind a reference that leads nowhere', { $ref: '#/$defs/none' }, []],
    ['in a circle', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a', properties: { g: true } } } }, ['g']],
  ])('%s', (_name, schema, expected) => {
    expect([...inputNames(schema)].toSorted()).toEqual([...expected].toSorted())
  })
})
