import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rawNumber, type Json } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { startClickHouse, type RunningClickHouse } from '../components/clickhouse.ts'
import { failureOf } from './conformance.ts'
import { connect, reading, rowsOf, toolOf } from './clickhouse-kit.ts'
import { runWith } from './lent.ts'

const started = await startClickHouse()
const missing = 'reason' in started ? started.reason : undefined

describe.skipIf(missing !== undefined)(`values go to ClickHouse and come back unchanged${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const server = started as RunningClickHouse
  let connector: Connector
  beforeAll(async () => {
    connector = await connect(server.url)
  })
  afterAll(async () => {
    await connector?.close()
    await server.stop()
  })
  const ask = async (sql: string, args = {}) => rowsOf(await connector.bind(reading(sql))(args, runWith()))

  const bound: readonly (readonly [type: string, given: Json, back: Json])[] = [
    ['UInt64', '18446744073709551615', '18446744073709551615'],
    ['UInt64', rawNumber('9007199254740993'), '9007199254740993'],
    ['Int64', '-9223372036854775808', '-9223372036854775808'],
    [
      'Int256',
      '-57896044618658097711785492504343953926634992332820282019728792003956564819968',
      '-57896044618658097711785492504343953926634992332820282019728792003956564819968',
    ],
    ['UInt8', 255, 255],
    ['UInt32', 1e9, 1_000_000_000],
    ['Decimal(38, 18)', '12345678901234567890.123456789012345678', '12345678901234567890.123456789012345678'],
    ['Decimal(38, 18)', rawNumber('0.123456789012345678'), '0.123456789012345678'],
    ['Decimal(38, 18)', 1e-7, '0.0000001'],
    ['Decimal256(3)', '-1.5', '-1.5'],
    ['Float64', 0.1, 0.1],
    ['Float64', 1.7976931348623157e308, 1.7976931348623157e308],
    ['Float64', 'NaN', 'NaN'],
    ['Float64', 'Infinity', 'Infinity'],
    ['Float64', '-inf', '-Infinity'],
    ['Bool', true, true],
    ['Date', '2024-02-29', '2024-02-29'],
    ['Date32', '1925-01-01', '1925-01-01'],
    ['DateTime', '2024-01-01T02:00:00+02:00', '2024-01-01T00:00:00Z'],
    ["DateTime('America/New_York')", '2024-07-01T00:00:00Z', '2024-07-01T00:00:00Z'],
    ['DateTime64(3)', '2024-01-01T00:00:00.123Z', '2024-01-01T00:00:00.123Z'],
    ['DateTime64(9)', '2024-01-01T00:00:00.123456789Z', '2024-01-01T00:00:00.123456789Z'],
    ['DateTime64(3)', '1969-12-31T23:59:58.500Z', '1969-12-31T23:59:58.500Z'],
    ["DateTime64(3, 'Asia/Tokyo')", '2001-09-09T01:46:40Z', '2001-09-09T01:46:40.000Z'],
    ['String', "tab\tnew\nline\r'quote'\"\\back`\0 ü 😀 {x:String} $$", "tab\tnew\nline\r'quote'\"\\back`\0 ü 😀 {x:String} $$"],
    ['String', '\\N', '\\N'],
    ['String', '', ''],
    ['LowCardinality(String)', 'ä', 'ä'],
    ['FixedString(4)', 'abcd', 'abcd'],
    ['UUID', '61f0c404-5cb3-11e7-907b-a6006ad3dba0', '61f0c404-5cb3-11e7-907b-a6006ad3dba0'],
    ['IPv4', '10.0.0.1', '10.0.0.1'],
    ['IPv6', '2001:db8::1', '2001:db8::1'],
    ["Enum8('buy' = 1, 'sell' = 2)", 'sell', 'sell'],
    ['Nullable(Int8)', null, null],
    ['Nullable(String)', 'NULL', 'NULL'],
    ['Array(String)', ["it's", 'a\\b', '\t', '', 'ü,]'], ["it's", 'a\\b', '\t', '', 'ü,]']],
    ['Array(UInt64)', ['18446744073709551615', 1], ['18446744073709551615', '1']],
    ['Array(Decimal(20, 10))', ['0.1000000001', 2], ['0.1000000001', '2']],
    ['Array(Float64)', ['NaN', '-Infinity', 1.5], ['NaN', '-Infinity', 1.5]],
    ['Array(Nullable(String))', ['x', null], ['x', null]],
    ['Array(DateTime64(3))', ['2024-01-01T00:00:00.5Z'], ['2024-01-01T00:00:00.500Z']],
    ['Array(DateTime)', ['2024-01-01'], ['2024-01-01T00:00:00Z']],
    ['Array(Bool)', [true, false], [true, false]],
    ['Array(Array(Int8))', [[1], [], [-2, 3]], [[1], [], [-2, 3]]],
    ['Tuple(String, Decimal(10, 2))', ["o'k", '1.25'], ["o'k", '1.25']],
    ['Tuple(price Decimal(38, 18), at DateTime64(3))', { price: '1.1', at: '2024-01-01T00:00:00Z' }, { price: '1.1', at: '2024-01-01T00:00:00.000Z' }],
    ['Map(String, UInt64)', { "k'\\": '18446744073709551615' }, { "k'\\": '18446744073709551615' }],
    ['Map(String, Float64)', { a: 'NaN' }, { a: 'NaN' }],
    ['Map(String, Array(Tuple(UInt8, String)))', { a: [[1, 'x']] }, { a: [[1, 'x']] }],
  ]
  test.each(bound)('a parameter of type %s: %j', async (type, given, back) => {
    expect(await ask(`SELECT {v:${type}} AS v`, { v: given })).toEqual([{ v: back }])
  })

  const inserted = bound
  test('every one of them is inserted into a column and read back, in one table', async () => {
    const columns = inserted.map(([type], index) => `c${index} ${type}`)
    await server.run(`CREATE TABLE every_type (id UInt8, ${columns.join(', ')}) ENGINE = MergeTree ORDER BY id`)
    const row = { id: 1, ...Object.fromEntries(inserted.map(([_type, given], index) => [`c${index}`, given])) }
    const written = await connector.sink?.({ table: 'every_type' }).write([row], AbortSignal.timeout(20_000))
    expect(written).toEqual({ rows: 1 })
    const [back] = await ask('SELECT * FROM every_type')
    for (const [index, [type, , expected]] of inserted.entries()) expect([type, back?.[`c${index}`]]).toEqual([type, expected])
  })

  const misfits: readonly (readonly [type: string, given: Json, why: RegExp])[] = [
    ['UInt8', 300, /"v" is beyond UInt8/],
    ['UInt8', -1, /beyond UInt8/],
    ['Int64', '9223372036854775808', /beyond Int64/],
    ['UInt8', 1.5, /not a whole number/],
    ['UInt8', 'one', /not a number/],
    ['Decimal(10, 3)', '1.2345', /more than 3 digits behind the point/],
    ['Decimal(10, 3)', '12345678', /more than 7 digits before the point/],
    ['DateTime', '2024-02-30T00:00:00Z', /not a time as ISO 8601/],
    ['DateTime', '1969-12-31', /cannot hold/],
    ['Date', '2024-01-01T00:00:00Z', /not a day/],
    ['UUID', 'x', /not a UUID/],
    ['FixedString(2)', 'abc', /longer than 2 bytes/],
    ["Enum8('buy' = 1)", 'hold', /not one of buy/],
    ['Array(UInt8)', [1, 256], /"v" \[1\] is beyond/],
    ['Array(UInt8)', 1, /not an array/],
    ['Tuple(UInt8, UInt8)', [1], /not a tuple of 2/],
    ['Map(String, UInt8)', [1], /not an object/],
    ['Bool', 'yes', /neither true nor false/],
    ['UInt8', null, /has no value/],
  ]
  test.each(misfits)('what ClickHouse would bend to fit %s is refused: %j', async (type, given, why) => {
    const error = await failureOf(connector.bind(reading(`SELECT {v:${type}} AS v`))({ v: given }, runWith()))
    expect(error.code).toBe('HUB_ARGS_INVALID')
    expect(error.message).toMatch(why)
  })

  test('a key of a megabyte, in Unicode, is bound and found', async () => {
    const key = `${'ключ 😀 '.repeat(90_000)}'\\`
    expect(Buffer.byteLength(key)).toBeGreaterThan(1_000_000)
    await server.run('CREATE TABLE long_keys (key String, n UInt64) ENGINE = MergeTree ORDER BY n')
    const tool = toolOf({ insert: { table: 'long_keys', rows: 'rows' } }, { effect: 'write' })
    expect(
      await connector.bind(tool)(
        {
          rows: [
            { key, n: 1 },
            { key: 'short', n: 2 },
          ],
        },
        runWith(),
      ),
    ).toMatchObject({ data: { written: 2 } })
    expect(await ask('SELECT n, length(key) AS bytes FROM long_keys WHERE key = {key:String}', { key })).toEqual([
      { n: '1', bytes: String(Buffer.byteLength(key)) },
    ])
  })

  test('what of a megabyte cannot be cut into pieces is refused in words', async () => {
    const error = await failureOf(connector.bind(reading('SELECT {v:Array(String)} AS v'))({ v: ['x'.repeat(200_000)] }, runWith()))
    expect(error).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringContaining('128 KiB') as string })
  })

  test('a form carries what a URL is too short for', async () => {
    const names = Array.from({ length: 2_000 }, (_one, index) => `symbol ${index}'`)
    expect(await ask('SELECT length({v:Array(String)}) AS n, {w:String} AS w', { v: names, w: 'x\ny' })).toEqual([{ n: '2000', w: 'x\ny' }])
  })

  test('answers hold every sort of value, two columns of one name and none at all', async () => {
    const [row] = await ask(
      `SELECT toUInt64('18446744073709551615') AS u, toDecimal128('1.50', 18) AS d, nan AS n, -1 / 0 AS i, [1 / 0, 1.5] AS f, toDateTime('2024-01-01 00:00:00', 'Europe/Berlin') AS t,
        toDateTime64('2024-01-01 00:00:00.12', 3) AS t3, map('a', toUInt64(1)) AS m, CAST((1, [nan]), 'Tuple(x UInt64, y Array(Float64))') AS nested, NULL AS nothing,
        CAST('{"a":18446744073709551615,"b":[1.5]}', 'JSON') AS j, toLowCardinality('x') AS l, true AS b, unhex('ff00fe') AS bytes, 1 AS \`a.b\`, toIntervalDay(3) AS days`,
    )
    expect(row).toEqual({
      u: '18446744073709551615',
      d: '1.5',
      n: 'NaN',
      i: '-Infinity',
      f: ['Infinity', 1.5],
      t: '2023-12-31T23:00:00Z',
      t3: '2024-01-01T00:00:00.120Z',
      m: { a: '1' },
      nested: { x: '1', y: ['NaN'] },
      nothing: null,
      j: { a: '18446744073709551615', b: [1.5] },
      l: 'x',
      b: true,
      bytes: '�\0�',
      'a.b': 1,
      days: '3',
    })
    expect(await ask('SELECT 1 AS a, 2 AS b, a AS `__proto__`')).toEqual([{ a: 1, b: 2, __proto___2: 1 }])
    expect(await ask('SELECT 1 WHERE 0')).toEqual([])
  })
})
