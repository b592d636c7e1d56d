import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../runtime/contract/json.ts'
import type { Effect } from '../../../../runtime/contract/principal.ts'
import { lint } from '../../../../runtime/kinds/clickhouse/lint.ts'

const found = (operation: JsonObject, input: JsonObject = {}, effect: Effect = 'read'): readonly string[] =>
  lint({ name: 'tool', summary: 'A tool.', effect, input, operation }).map(({ code, message, path }) => `${code.slice(11)} ${path.join('.')}: ${message}`)
const properties = (all: JsonObject, required: readonly string[] = Object.keys(all)): JsonObject => ({
  type: 'object',
  properties: all,
  required: [...required],
})

describe('placeholders and inputs agree', () => {
  test.each([
    ['{a:UInt8}', properties({ a: { type: 'integer' } }), []],
    ['{a:UInt8}', properties({ a: { type: 'string' } }), []],
    ['{a:String}', properties({ a: { enum: ['x', 'y'] } }), []],
    ['{a:Nullable(UInt8)}', properties({ a: { type: ['integer', 'null'] } }, []), []],
    ['{a:UInt8}', properties({ a: { type: 'integer', default: 1 } }, []), []],
    ['{a:DateTime64(3)}', properties({ a: { type: 'string', format: 'date-time' } }), []],
    ['{a:Array(String)}', { $ref: '#/$defs/in', $defs: { in: properties({ a: { type: 'array' } }) } }, []],
    ['{a:UInt8}', { allOf: [{ properties: { a: { $ref: '#/$defs/n' } } }], required: ['a'], $defs: { n: { type: 'integer' } } }, []],
    ['{a:Identifier}', properties({ a: { enum: ['open', 'close'] } }), []],
    ["'{a:UInt8}' /* {b:UInt8} */", {}, []],
    ['{a:UInt8}', {}, ['PLACEHOLDER operation.sql: {a:…} has no input']],
    ['1', properties({ a: {} }), ['PLACEHOLDER input.properties.a: no {a:Type} in the statement uses this input']],
    ['{a:UInt8}', properties({ a: { type: 'integer' } }, []), ['PLACEHOLDER operation.sql: a may be left out, and then {a:UInt8} has no value']],
    ['{a:UInt8}', { anyOf: [properties({ a: {} })] }, ['PLACEHOLDER operation.sql: a may be left out, and then {a:UInt8} has no value']],
    ['{a:UInt8}', properties({ a: { type: 'boolean' } }), ['PLACEHOLDER operation.sql: a may be of type boolean, which UInt8 does not take']],
    ['{a:LowCardinality(Nullable(String))}', properties({ a: { type: ['string', 'null'] } }), []],
    ['{a:String}', properties({ a: { type: ['string', 'null'] } }), ['PLACEHOLDER operation.sql: a may be null, which String does not take']],
    ['{a:Array(UInt8)}', properties({ a: { type: 'string' } }), ['PLACEHOLDER operation.sql: a may be of type string, which Array does not take']],
    ['{a:Date}', properties({ a: { const: 1 } }), ['PLACEHOLDER operation.sql: a may be of type integer, which Date does not take']],
    ['{a:Map(String, UInt8)}', properties({ a: { type: 'array' } }), ['PLACEHOLDER operation.sql: a may be of type array, which Map does not take']],
    ['{a:Identifier}', properties({ a: { type: 'string' } }), ['PLACEHOLDER operation.sql: {a:Identifier} lets a caller name any table or column']],
    ['{a:Array(}', properties({ a: {} }), ['PLACEHOLDER operation.sql: "Array(" is not a type of ClickHouse']],
  ] as const)('SELECT %s', (sql, input, expected) => expect(found({ sql: `SELECT ${sql}` }, input as JsonObject)).toEqual(expected))
})

test('what reaches outside is remarked on, as only the config can allow it', () => {
  const [finding] = lint({ name: 't', summary: '', effect: 'read', input: {}, operation: { sql: "SELECT * FROM s3('x')" } })
  expect(finding).toMatchObject({ severity: 'warning', message: 's3(…) reaches outside this server' })
})

test('a faulty statement is told with its place, before its inputs', () => {
  const [finding, ...more] = lint({ name: 't', summary: '', effect: 'read', input: properties({ a: {} }), operation: { sql: 'SELECT 1;\nDROP TABLE t' } })
  expect(finding).toMatchObject({ code: 'HUB_CONFIG_SQL', path: ['operation', 'sql'], within: { offset: 10, length: 4 } })
  expect(more).toEqual([])
})

test('inserts name an input that is an array, and write', () => {
  const insert = { insert: { table: 't', rows: 'rows' } }
  expect(found(insert, properties({ rows: { type: 'array' } }), 'write')).toEqual([])
  expect(found(insert, properties({ rows: { type: 'array' } }))).toEqual(['OPERATION effect: an insert writes, and the effect is read'])
  expect(found(insert, {}, 'write')).toEqual(['PLACEHOLDER operation.insert.rows: no input "rows" holds the rows'])
  expect(found(insert, properties({ rows: { type: 'object' } }), 'write')).toEqual(['TYPE input.properties.rows: the rows are an array, and "rows" is not'])
})

test('statements of callers only read', () => {
  expect(found({ adHoc: 'query' }, {}, 'write')).toEqual(['OPERATION effect: statements of callers only read'])
  expect(found({ adHoc: 'query' })).toEqual([])
})
