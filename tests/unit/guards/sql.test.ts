import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Effect } from '../../../runtime/contract/principal.ts'
import { readStatement, type Statement } from '../../../runtime/guards/sql.ts'

const read = (sql: string, effect: Effect = 'read'): Promise<Statement> => readStatement(sql, { effect })

/** What each finding points at, in the text as written. */
const pointed = (sql: string, { findings }: Statement): readonly string[] =>
  findings.map(({ within }) => sql.slice(within.offset, within.offset + within.length))

describe('a statement that only reads', () => {
  test.each([
    'SELECT 1',
    'SELECT 1;',
    '-- DROP TABLE x\nSELECT 1 /* ; DELETE FROM x */',
    'VALUES (1), (2)',
    'TABLE ohlcv',
    'SHOW statement_timeout',
    'EXPLAIN SELECT 1',
    'EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1',
    'WITH a AS (SELECT 1) SELECT * FROM a UNION SELECT 2',
    `SELECT 'DELETE FROM x; DROP TABLE y'`,
    `SELECT time_bucket_gapfill('1 day', timestamp), locf(last(close, timestamp)) FROM ohlcv GROUP BY 1`,
    'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY close), lag(close) OVER (ORDER BY timestamp ROWS 5 PRECEDING) FROM ohlcv GROUP BY close, timestamp',
    'SELECT "update", t.delete FROM (SELECT 1 AS "update", 2 AS delete) t',
    'SELECT t.nextval, t.http FROM t',
    'SELECT net.total, cron.at FROM net, cron',
    'SELECT t.* FROM t',
    'SELECT (t.row).name FROM t',
    "SELECT currval('s'), random(), now()",
    'SELECT $$ pg_sleep(1) $$',
  ])('may run: %s', async (sql) => {
    expect((await read(sql)).findings).toEqual([])
  })
})

describe('what does more than effect read is found at its place', () => {
  const cases: readonly (readonly [sql: string, at: string, message: RegExp])[] = [
    ['INSERT INTO x VALUES (1)', 'INSERT', /INSERT writes, and the effect is read/],
    ['/* é😀 */ UPDATE x SET a = 1', 'UPDATE', /UPDATE writes/],
    ['MERGE INTO x USING y ON true WHEN MATCHED THEN DELETE', 'MERGE', /MERGE writes/],
    ['DELETE FROM x', 'DELETE', /DELETE removes, and the effect is read/],
    [`WITH a AS (SELECT 'é', 'delete'), b AS (DELETE FROM x RETURNING *) SELECT * FROM b`, 'DELETE', /DELETE removes/],
    ['WITH a AS (WITH b AS (SELECT 1) INSERT INTO x TABLE b RETURNING 1) SELECT * FROM a', 'INSERT', /INSERT writes/],
    ['EXPLAIN ANALYZE UPDATE x SET a = 1', 'UPDATE', /UPDATE writes/],
    ['SELECT 1 INTO y FROM x', 'INTO', /SELECT INTO makes a table/],
    ['CREATE TABLE y AS SELECT 1', 'CREATE', /CREATE TABLE AS writes/],
    ['SELECT * FROM x FOR UPDATE', 'FOR', /FOR UPDATE and FOR SHARE lock rows/],
    ['SELECT * FROM (SELECT * FROM x FOR NO KEY UPDATE) y', 'FOR', /lock rows/],
    ['CALL work()', 'CALL', /CALL writes/],
    ["COPY x TO PROGRAM 'sh'", 'COPY', /COPY is not for a tool: it moves files/],
    ['DO $$ BEGIN END $$', 'DO', /DO is not for a tool: what it does is hidden/],
    ['SET default_transaction_read_only = off', 'SET', /VARIABLE SET is not for a tool: it changes a connection/],
    ['BEGIN READ WRITE', 'BEGIN', /TRANSACTION is not for a tool: every call is a transaction/],
    ['COMMIT', 'COMMIT', /TRANSACTION/],
    ['LOCK TABLE x', 'LOCK', /LOCK is not for a tool/],
    ['NOTIFY a', 'NOTIFY', /NOTIFY is not for a tool/],
    ['LISTEN a', 'LISTEN', /LISTEN/],
    ['PREPARE a AS DELETE FROM x', 'PREPARE', /PREPARE/],
    ['EXPLAIN EXECUTE a', 'EXPLAIN', /EXECUTE/],
    ['ALTER SYSTEM SET a = 1', 'ALTER', /ALTER SYSTEM/],
    ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'CREATE', /CREATE FUNCTION/],
    ['DROP TABLE x', 'DROP', /DROP removes/],
    ['TRUNCATE x', 'TRUNCATE', /TRUNCATE removes/],
    ['VACUUM x', 'VACUUM', /VACUUM is not for a tool/],
    ['GRANT ALL ON x TO y', 'GRANT', /GRANT/],
    ['SELECT pg_sleep(10)', 'pg_sleep', /pg_sleep is not allowed here: it holds a connection/],
    ["SELECT * FROM pg_catalog.pg_read_file('/etc/passwd')", 'pg_catalog.pg_read_file', /reads or writes files/],
    ['SELECT "pg_catalog" . /* x */ "pg_terminate_backend" (1)', '"pg_catalog" . /* x */ "pg_terminate_backend"', /acts on other sessions/],
    ['SELECT U&"pg\\005fsleep"(1)', 'U&"pg\\005fsleep"', /pg_sleep/],
    ['SELECT PG_SLEEP(1)', 'PG_SLEEP', /pg_sleep/],
    ["SELECT 1 WHERE EXISTS (SELECT 1 FROM x ORDER BY (SELECT set_config('a', 'b', false)))", 'set_config', /changes settings/],
    ["SELECT coalesce(NULL, CASE WHEN true THEN nextval('s') END)", 'nextval', /moves a sequence/],
    ["SELECT query_to_xml('DELETE FROM x', true, true, '')", 'query_to_xml', /runs SQL handed over as text/],
    ["SELECT ts_stat('SELECT 1')", 'ts_stat', /runs SQL/],
    ["SELECT ext.dblink_exec('x', 'y')", 'ext.dblink_exec', /speaks to other servers/],
    ['SELECT pg_try_advisory_lock(1)', 'pg_try_advisory_lock', /takes a lock/],
    ["SELECT lo_import('/etc/passwd')", 'lo_import', /files/],
    ['SELECT lo_create(0)', 'lo_create', /large objects/],
    ["SELECT pg_notify('a', 'b')", 'pg_notify', /tells other sessions/],
    ["SELECT pg_logical_emit_message(true, 'a', 'b')", 'pg_logical_emit_message', /replication/],
    ['SELECT pg_stat_reset()', 'pg_stat_reset', /statistics/],
    ['SELECT pg_reload_conf()', 'pg_reload_conf', /administers/],
    ["SELECT cron.schedule('x', 'y')", 'cron.schedule', /schedules jobs/],
    ["SELECT drop_chunks('x', INTERVAL '1 day')", 'drop_chunks', /changes a hypertable/],
    ['SELECT (0.1::float8).pg_sleep', 'pg_sleep', /pg_sleep/],
    ['SELECT (0.1::float8)."pg_sleep"', '"pg_sleep"', /pg_sleep/],
    ['SELECT s.pg_sleep FROM generate_series(1, 2) s', 's.pg_sleep', /pg_sleep/],
    [`SELECT s.crosstab2 FROM (VALUES ('SELECT 1'::text)) s`, 's.crosstab2', /crosstab2 is not allowed here: it runs SQL/],
    [`SELECT ('SELECT 1'::text).crosstab2`, 'crosstab2', /crosstab2 is not allowed here: it runs SQL/],
    ['SELECT (0.5::float8).setseed', 'setseed', /setseed is not allowed here: it changes settings/],
    ["SELECT ('select 1'::text).dblink", 'dblink', /dblink is not allowed here: it speaks to other servers/],
    ['SELECT set_limit(0.1)', 'set_limit', /set_limit is not allowed here: it changes settings/],
    ['SELECT (0.1::real).set_limit', 'set_limit', /set_limit is not allowed here: it changes settings/],
  ]
  test.each(cases)('%s', async (sql, at, message) => {
    const statement = await read(sql)
    expect(pointed(sql, statement)[0]).toBe(at)
    expect(statement.findings[0]?.message).toMatch(message)
    expect(statement.findings[0]).toMatchObject({ code: 'HUB_CONFIG_SQL', hint: expect.any(String) as string })
  })

  test('two faults of one statement are both told', async () => {
    const sql = 'WITH a AS (DELETE FROM x RETURNING *) SELECT pg_sleep(1) FROM a'
    expect(pointed(sql, await read(sql))).toEqual(expect.arrayContaining(['DELETE', 'pg_sleep']))
  })
})

describe('effects write and destroy', () => {
  const cases: readonly (readonly [sql: string, effect: Effect, message: RegExp | undefined])[] = [
    ['INSERT INTO x SELECT * FROM y ON CONFLICT DO NOTHING RETURNING id', 'write', undefined],
    ["UPDATE x SET a = nextval('s')", 'write', undefined],
    ['SELECT * FROM x FOR UPDATE SKIP LOCKED', 'write', undefined],
    ["SELECT add_retention_policy('x', INTERVAL '1 day')", 'write', undefined],
    ['MERGE INTO x USING y ON x.a = y.a WHEN MATCHED THEN UPDATE SET b = 1', 'write', undefined],
    ['CREATE TABLE x (a int)', 'write', undefined],
    ['ALTER TABLE x ADD COLUMN b int', 'write', undefined],
    ["CALL refresh_continuous_aggregate('x', NULL, NULL)", 'write', undefined],
    ['DELETE FROM x', 'destroy', undefined],
    ['DROP TABLE x', 'destroy', undefined],
    ['ALTER TABLE x DROP COLUMN a', 'destroy', undefined],
    ['MERGE INTO x USING y ON x.a = y.a WHEN MATCHED THEN DELETE', 'destroy', undefined],
    ['DELETE FROM x', 'write', /DELETE removes, and the effect is write/],
    ['ALTER TABLE x DROP COLUMN a', 'write', /ALTER TABLE with DROP/],
    ['MERGE INTO x USING y ON x.a = y.a WHEN MATCHED THEN DELETE', 'write', /MERGE with DELETE/],
    ["INSERT INTO x SELECT pg_read_file('/etc/passwd')", 'write', /files/],
    ['CALL pg_catalog.pg_sleep(1)', 'destroy', /pg_sleep/],
    ['SET a = 1', 'destroy', /not for a tool/],
    ['COPY x FROM STDIN', 'write', /not for a tool/],
    ['COMMIT', 'destroy', /not for a tool/],
    ['DO $$ BEGIN END $$', 'destroy', /not for a tool/],
  ]
  test.each(cases)('%s under %s', async (sql, effect, message) => {
    const { findings } = await read(sql, effect)
    if (message) expect(findings[0]?.message).toMatch(message)
    else expect(findings).toEqual([])
  })
})

describe('one statement, and one the parser can read', () => {
  test.each([
    ['SELECT 1; DROP TABLE x', 'DROP', 'a second statement begins here'],
    ['SELECT 1; -- é😀\n  SELECT 2', 'SELECT', 'a second statement begins here'],
    ['SELECT 1;;SELECT 2', 'SELECT', 'a second statement begins here'],
    ["SELECT é, '😀' frm x frm", 'x', 'syntax error at or near "x"'],
    ['SELECT 1 +', '+', 'syntax error at end of input'],
    ['SELEC 1', 'SELEC', 'syntax error at or near "SELEC"'],
    ["SELECT 'never closed", "'", 'unterminated quoted string at or near "\'never closed"'],
    ['SELECT 1 \0; DROP TABLE x', '\0', 'the statement has a NUL character'],
    ['', '', 'the statement is empty'],
    [' \n ', ' ', 'the statement is empty'],
    ['-- nothing\n', '-', 'the statement is empty'],
    [';', ';', 'the statement is empty'],
  ])('%j', async (sql, at, message) => {
    const statement = await read(sql)
    expect(statement.findings.map((finding) => finding.message)).toEqual([message])
    expect(pointed(sql, statement)).toEqual([at])
  })

  const deep: readonly (readonly [string, string])[] = [
    ['subqueries', `SELECT ${'(SELECT '.repeat(3000)}1${')'.repeat(3000)}`],
    ['subqueries behind commas', `SELECT ${'1, (SELECT '.repeat(3000)}1${')'.repeat(3000)}`],
    ['CASE', `SELECT ${'CASE WHEN true THEN '.repeat(3000)}1${' END'.repeat(3000)}`],
    ['sums', `SELECT 1${'+1'.repeat(5000)}`],
    ['NOT', `SELECT ${'NOT '.repeat(5000)}true`],
    ['unions', `SELECT 1, 2${' UNION SELECT 1, 2'.repeat(3000)}`],
    ['subscripts', `SELECT ${'a['.repeat(3000)}1${']'.repeat(3000)}`],
  ]
  test.each(deep)('%s nested without end are refused, and the parser is whole afterwards', async (_name, sql) => {
    expect((await read(sql)).findings.map(({ message }) => message)).toEqual(['the statement nests too deep'])
    expect((await read('SELECT pg_sleep(1)')).findings).toHaveLength(1)
    expect((await read('SELECT 1')).findings).toEqual([])
  })

  test('what is as deep as the bound allows parses', async () => {
    for (const sql of [
      `SELECT ${'(SELECT '.repeat(100)}1${')'.repeat(100)}`,
      `SELECT 1${'+1'.repeat(490)}`,
      `SELECT 1, 2${' UNION SELECT 1, 2'.repeat(240)}`,
    ]) {
      expect((await read(sql)).findings).toEqual([])
    }
  })

  test('a long flat list parses; one beyond the bounds is refused', async () => {
    expect((await read(`SELECT 1 WHERE 1 IN (${Array.from({ length: 5000 }, (_, index) => index).join(', ')})`)).findings).toEqual([])
    expect((await read(`SELECT 1 WHERE 1 IN (${Array.from({ length: 11_000 }, () => 1).join(', ')})`)).findings[0]?.message).toBe(
      'the statement has more than 20000 lexemes',
    )
    expect((await read(`SELECT '${'x'.repeat(300 * 1024)}'`)).findings[0]?.message).toBe('the statement is longer than 256 kB')
  })
})

describe('statements of callers', () => {
  test('$1 stays, and :name is a syntax error', async () => {
    const rules = { effect: 'read', placeholders: 'positional' } as const
    expect(await readStatement('SELECT $1::int', rules)).toEqual({ text: 'SELECT $1::int', names: [], placeholders: [], findings: [] })
    expect((await readStatement('SELECT :a', rules)).findings[0]?.message).toBe('syntax error at or near ":"')
  })
})

test('never rejects, whatever the text, and every finding lies inside it', async () => {
  const piece = fc.constantFrom(
    'SELECT',
    ' ',
    ':a',
    '$1',
    '(',
    ')',
    '[',
    ']',
    ';',
    "'",
    '"',
    '$$',
    '--',
    '/*',
    '*/',
    'é',
    '😀',
    ',',
    '::',
    'DELETE FROM',
    'x',
    '\0',
    '\n',
    'pg_sleep(1)',
    'U&"',
    "E'\\",
  )
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(' ')),
      ),
      async (sql) => {
        const { findings } = await read(sql)
        for (const { within } of findings) {
          expect(within.offset).toBeGreaterThanOrEqual(0)
          expect(within.offset + within.length).toBeLessThanOrEqual(Math.max(1, sql.length))
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('a denied function is found wherever it is put, however it is written', async () => {
  const around = fc.constantFrom<(call: string) => string>(
    (call) => `SELECT ${call}`,
    (call) => `SELECT 1 FROM ${call}`,
    (call) => `SELECT 1 WHERE ${call} IS NULL`,
    (call) => `WITH a AS MATERIALIZED (SELECT ${call}) SELECT * FROM a`,
    (call) => `SELECT 1 ORDER BY ${call}`,
    (call) => `SELECT 1 GROUP BY ${call} HAVING ${call} IS NULL`,
    (call) => `SELECT 1 LIMIT (SELECT 1 FROM ${call})`,
    (call) => `SELECT 1 FROM (VALUES (1)) v JOIN LATERAL ${call} ON true`,
    (call) => `SELECT 1 UNION ALL SELECT 2 FROM ROWS FROM (${call}) r`,
    (call) => `SELECT ARRAY[${call}], ROW(${call}), CASE WHEN true THEN ${call} END`,
    (call) => `SELECT sum(1) FILTER (WHERE ${call} IS NULL) OVER (PARTITION BY ${call})`,
    (call) => `SELECT jsonb_build_object('a', VARIADIC ARRAY[${call}])`,
    (call) => `EXPLAIN SELECT ${call}`,
    (call) => `VALUES (${call})`,
    (call) => `SELECT * FROM t TABLESAMPLE system (${call})`,
  )
  const name = fc.constantFrom('pg_sleep', 'pg_terminate_backend', 'set_config', 'lo_export', 'dblink', 'query_to_xml')
  const spelling = fc.constantFrom<(name: string) => string>(
    (text) => text,
    (text) => text.toUpperCase(),
    (text) => `"${text}"`,
    (text) => `pg_catalog.${text}`,
    (text) => `"pg_catalog" /* */ . ${text}`,
    (text) => `${text} -- (\n`,
  )
  await fc.assert(
    fc.asyncProperty(around, name, spelling, async (place, denied, spell) => {
      const { findings } = await read(place(`${spell(denied)}(1)`))
      expect(findings.length).toBeGreaterThan(0)
      expect(findings[0]?.message).toContain(`${denied} is not allowed here`)
    }),
    { numRuns: 300 },
  )
})
