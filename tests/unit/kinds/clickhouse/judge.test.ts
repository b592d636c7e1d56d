import { expect, test } from 'vitest'
import type { Effect } from '../../../../runtime/contract/principal.ts'
import { judge } from '../../../../runtime/kinds/clickhouse/judge.ts'

const found = (sql: string, effect: Effect = 'read'): readonly string[] => {
  const { findings } = judge(sql, { effect, tableFunctions: new Set(['s3']), isCallers: effect === 'read' })
  return findings.map(({ message, within }) => `${message} @ ${sql.slice(within.offset, within.offset + within.length)}`)
}

test.each([
  'SELECT 1',
  '(SELECT 1) UNION ALL (SELECT 2);',
  'WITH x AS (SELECT 1) SELECT * FROM x -- done',
  'FROM t SELECT a',
  'SHOW TABLES',
  'DESCRIBE t',
  'EXPLAIN SELECT 1',
  'EXISTS TABLE t',
  `SELECT format('{}', 1), insert FROM t`,
  'SELECT format FROM t WHERE format = 1',
  'SELECT * FROM system.settings',
  `SELECT 'DROP TABLE t; INSERT' AS url`,
  'SELECT * FROM numbers(10)',
  `SELECT * FROM s3('x')`,
  'SELECT url FROM t',
  'SELECT (url) FROM t',
])('may be read: %s', (sql) => expect(found(sql)).toEqual([]))

test.each([
  ['INSERT INTO t VALUES (1)', 'INSERT writes, and the effect is read @ INSERT'],
  ['with x as (select 1) insert into t select * from x', 'INSERT writes, and the effect is read @ insert'],
  ['ALTER TABLE t ADD COLUMN a Int8', 'ALTER writes, and the effect is read @ ALTER'],
  ['ALTER TABLE t DROP COLUMN a', 'ALTER removes, and the effect is read @ DROP'],
  ['CREATE OR REPLACE TABLE t (a Int8)', 'CREATE removes, and the effect is read @ REPLACE'],
  ['TRUNCATE t', 'TRUNCATE removes, and the effect is read @ TRUNCATE'],
  ['CREATE USER u', 'accounts, functions and named collections are for an administrator, not for a tool @ USER'],
  ['GRANT ALL ON *.* TO u', 'GRANT is not for a tool @ GRANT'],
  ['SELECT 1; DROP TABLE t', 'a second statement begins here @ DROP'],
  ['', 'the statement is empty @ '],
  ['-- nothing', 'the statement is empty @ -'],
  ['"x"', '"x" is not for a tool @ "x"'],
  ["SELECT '", "a quote or comment that begins here has no end @ '"],
  [`SELECT * FROM URL ('x')`, 'URL(…) reaches outside this server @ URL'],
  ['SELECT * FROM `mysql`(1)', 'mysql(…) reaches outside this server @ `mysql`'],
  ['SELECT 1 FORMAT JSON', 'the hub chooses the format itself @ FORMAT'],
  ['SELECT 1 format Null SETTINGS max_threads = 1', 'the hub chooses the format itself @ format'],
  [`SELECT 1 INTO OUTFILE 'x'`, 'INTO OUTFILE writes a file @ INTO'],
  ['SELECT * FROM (SELECT 1 SETTINGS max_threads = 1)', 'settings are the operator’s to choose @ SETTINGS'],
])('may not be read: %s', (sql, expected) => expect(found(sql)[0]).toBe(expected))

test.each([
  ['INSERT INTO url (a) SELECT 1', 'write', []],
  ['INSERT INTO t SELECT * FROM a SETTINGS max_threads = 1', 'write', []],
  ['UPDATE t SET a = 1 WHERE b = 2', 'write', []],
  ['CREATE TABLE file (a Int8) ENGINE = Memory', 'write', []],
  ['DELETE FROM t WHERE a = 1', 'write', ['DELETE removes, and the effect is write @ DELETE']],
  ['DELETE FROM t WHERE a = 1', 'destroy', []],
  ['ALTER TABLE t DELETE WHERE 1', 'destroy', []],
  ['DROP USER u', 'destroy', ['accounts, functions and named collections are for an administrator, not for a tool @ USER']],
  [`INSERT INTO FUNCTION url('http://x') SELECT 1`, 'write', ['url(…) reaches outside this server @ url']],
  ['SELECT 1', 'write', ['SELECT only reads, and the effect is write @ SELECT']],
] as const)('%s under effect %s', (sql, effect, expected) => expect(found(sql, effect)).toEqual(expected))

test('the semicolon and what follows are not sent; placeholders carry their types', () => {
  const { text, placeholders, verb } = judge(' select {a:Array(UInt8)} ; -- bye', { effect: 'read' })
  expect({ text, verb }).toEqual({ text: ' select {a:Array(UInt8)} ', verb: 'SELECT' })
  expect(placeholders).toEqual([
    { name: 'a', written: 'Array(UInt8)', start: 8, end: 24, type: { name: 'Array', words: [], parts: [{ name: 'UInt8', words: [], parts: [] }] } },
  ])
})
