import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connector } from '../../runtime/contract/kind.ts'
import { startClickHouse, type RunningClickHouse } from '../components/clickhouse.ts'
import { failureOf, until } from './conformance.ts'
import { connect, reading, rowsOf, standard, toolOf } from './clickhouse-kit.ts'
import { lend, runWith } from './lent.ts'

const started = await startClickHouse()
const missing = 'reason' in started ? started.reason : undefined
const slow = (mark: string): string => `SELECT sleepEachRow(1) AS ${mark} FROM numbers(60) SETTINGS max_block_size = 1`

describe.skipIf(missing !== undefined)(`what goes wrong with ClickHouse${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
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
  const refused = (sql: string, args = {}) => failureOf(connector.bind(reading(sql))(args, runWith()))
  const running = async (mark: string): Promise<boolean> =>
    (await server.run(`SELECT count() FROM system.processes WHERE query LIKE '%${mark}%' AND query NOT LIKE '%system.processes%'`)).trim() !== '0'

  /** Takes the server away, looks at what that did, and brings it back whatever was found. */
  async function away(look: () => Promise<void>): Promise<void> {
    await server.outage?.begin()
    try {
      await look()
    } finally {
      await server.outage?.end()
    }
    expect(await ask('SELECT 1 AS n')).toEqual([{ n: 1 }])
  }

  test('a server stopped in the middle of a call is down, with a time to retry; started again it answers', async ({ skip }) => {
    if (!server.outage) return skip('a server that was there before is not stopped')
    const call = failureOf(connector.bind(reading(slow('in_the_middle')))({}, runWith()))
    await until(() => running('in_the_middle'))
    await away(async () => expect(await call).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { retryAfterMs: 1_000 } }))
  })

  test('a server stopped in the middle of an answer is down', async ({ skip }) => {
    if (!server.outage) return skip('a server that was there before is not stopped')
    const sql = `SELECT number, sleepEachRow(0.05) AS in_the_answer FROM numbers(1000) SETTINGS max_block_size = 1`
    const call = failureOf(connector.bind(reading(sql))({}, runWith()))
    await until(() => running('in_the_answer'))
    await away(async () => expect((await call).code).toBe('HUB_CONNECTOR_DOWN'))
  })

  test('an insert that a stopped server had begun is in doubt, and nobody is told to repeat it', async ({ skip }) => {
    if (!server.outage) return skip('a server that was there before is not stopped')
    await server.run('CREATE TABLE in_doubt (n UInt8, slow UInt8 MATERIALIZED sleepEachRow(1)) ENGINE = MergeTree ORDER BY n')
    const rows = [{ n: 1 }, { n: 2 }, { n: 3 }]
    const call = failureOf(connector.bind(toolOf({ insert: { table: 'in_doubt', rows: 'rows' } }, { effect: 'write' }))({ rows }, runWith()))
    await until(() => running('INSERT INTO `in_doubt`'))
    await away(async () => {
      const error = await call
      expect(error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { outcome: 'unknown' } })
      expect(error.details.retryAfterMs).toBeUndefined()
    })
    expect((await server.run('SELECT count() FROM in_doubt')).trim()).toBe('0')
  })

  test('a query that runs too long is ended by the server itself', async () => {
    const hasty = await connect(server.url, { statementTimeout: '300ms' })
    const error = await failureOf(hasty.bind(reading(`SELECT count() AS too_long FROM system.numbers WHERE NOT ignore(sipHash64(number))`))({}, runWith()))
    expect(error).toMatchObject({ code: 'HUB_TIMEOUT', message: expect.stringContaining('300 ms') as string, details: { exception: 159 } })
    await until(async () => !(await running('too_long')))
    await hasty.close()
  })

  test('a caller that leaves is told at once, and a write is ended on the server too', async () => {
    await server.run('CREATE TABLE left_alone (n UInt8) ENGINE = MergeTree ORDER BY n')
    const caller = new AbortController()
    const sql = `INSERT INTO left_alone SELECT sleepEachRow(1) AS left_write FROM numbers(60) SETTINGS max_block_size = 1`
    const call = failureOf(connector.bind(toolOf({ sql }, { effect: 'write' }))({}, runWith(caller.signal)))
    await until(() => running('left_write'))
    caller.abort()
    expect(await call).toMatchObject({ code: 'HUB_CANCELLED', message: expect.stringContaining('whether the write was done is not known') as string })
    await until(async () => !(await running('left_write')))
  })

  test('three million rows asked for are cut at the cap, and the server stops', async () => {
    const answer = await connector.bind(reading('SELECT number, repeat(toString(number), 100) AS text, 1 AS three_million FROM numbers(3000000)'))(
      {},
      runWith(),
    )
    expect(answer).toMatchObject({ truncated: { by: 'bytes', limit: 262_144 } })
    const rows = await connector.bind(reading('SELECT number, 1 AS three_million FROM numbers(3000000)', { rows: 500, bytes: 10_000_000 }))({}, runWith())
    expect(rows).toMatchObject({ truncated: { by: 'rows', kept: 500, limit: 500 } })
    expect(rowsOf(rows).at(-1)).toEqual({ number: '499', three_million: 1 })
    await until(async () => !(await running('three_million')))
  })

  test('exactly as many rows as the cap are all of them', async () => {
    const answer = await connector.bind(reading('SELECT number FROM numbers(500)', { rows: 500 }))({}, runWith())
    expect(rowsOf(answer)).toHaveLength(500)
    expect(answer).not.toHaveProperty('truncated')
  })

  test('a row larger than the whole cap is left out, and that is said', async () => {
    const answer = await connector.bind(reading(`SELECT repeat('x', 1000000) AS text`, { bytes: 10_000 }))({}, runWith())
    expect(answer).toMatchObject({ data: { rows: [] }, truncated: { by: 'bytes', kept: 0 } })
  })

  test('a server that fails after it began to answer is told by its own words, not as an answer', async () => {
    const tool = reading(`SELECT number, throwIf(number = 200000, 'the two hundred thousandth') AS t FROM numbers(300000)`, {
      rows: 1_000_000,
      bytes: 100_000_000,
    })
    const error = await failureOf(connector.bind(tool)({}, runWith()))
    expect(error).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      message: expect.stringContaining('the two hundred thousandth') as string,
      details: { exception: 395 },
    })
  })

  test('a table dropped while it is read: the answer is whole or the fault is told, and the next call is told which table is gone', async () => {
    await server.run('CREATE TABLE going (n UInt64) ENGINE = MergeTree ORDER BY n')
    await server.run('INSERT INTO going SELECT number FROM numbers(5)')
    const [read] = await Promise.allSettled([
      (async () => {
        const call = connector.bind(reading('SELECT n, sleepEachRow(0.2) AS while_dropped FROM going SETTINGS max_block_size = 1'))({}, runWith())
        await until(() => running('while_dropped'))
        await server.run('DROP TABLE going SYNC')
        return call
      })(),
    ])
    if (read.status === 'fulfilled') expect(rowsOf(read.value)).toHaveLength(5)
    else expect((read.reason as { code?: string }).code).toBe('HUB_QUERY_FAILED')
    expect(await refused('SELECT n FROM going')).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      message: expect.stringContaining('going') as string,
      details: { name: 'UNKNOWN_TABLE' },
    })
  })

  test('a schema that no longer fits: an insert looks again, and refuses what the new table does not take', async () => {
    await server.run('CREATE TABLE changing (n UInt64, old String) ENGINE = MergeTree ORDER BY n')
    const insert = connector.bind(toolOf({ insert: { table: 'changing', rows: 'rows' } }, { effect: 'write' }))
    expect(await insert({ rows: [{ n: 1, old: 'x' }] }, runWith())).toMatchObject({ data: { written: 1 } })
    await server.run('ALTER TABLE changing DROP COLUMN old')
    expect(await failureOf(insert({ rows: [{ n: 2, old: 'x' }] }, runWith()))).toMatchObject({
      code: 'HUB_ARGS_INVALID',
      message: expect.stringContaining('"old" is not a column of changing') as string,
    })
    await server.run('ALTER TABLE changing ADD COLUMN new String')
    expect(await failureOf(connector.bind(reading('SELECT old FROM changing'))({}, runWith()))).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      details: { name: 'UNKNOWN_IDENTIFIER' },
    })
    await server.run('DROP TABLE changing SYNC')
    expect(await failureOf(insert({ rows: [{ n: 2 }] }, runWith()))).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      message: expect.stringContaining('no table changing') as string,
    })
  })

  const words: readonly (readonly [sql: string, code: string, about: RegExp])[] = [
    ['SELECT symbl FROM (SELECT 1 AS symbol)', 'HUB_QUERY_FAILED', /Maybe you meant.*symbol/],
    ['SELECT * FROM system.tabels', 'HUB_QUERY_FAILED', /Maybe you meant system\.tables/],
    ['SELECT coun()', 'HUB_QUERY_FAILED', /Maybe you meant.*count/],
    ['SELECT FROM WHERE', 'HUB_QUERY_FAILED', /Syntax error/],
    ['SELECT 1 FROM no_such_database.t', 'HUB_QUERY_FAILED', /no_such_database/],
    ['SELECT toUInt8(throwIf(1, $$spoken$$))', 'HUB_QUERY_FAILED', /spoken/],
    ['SELECT groupArray(number) FROM numbers(100000000) SETTINGS max_memory_usage = 10000000', 'HUB_QUERY_FAILED', /more memory than ClickHouse may give it/],
    ['SELECT count() FROM numbers(1000000) SETTINGS max_rows_to_read = 10', 'HUB_QUERY_FAILED', /reads more than it may/],
  ]
  test.each(words)('%s is told in words that help', async (sql, code, about) => {
    const error = await refused(sql)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(about)
    expect(error.message).not.toMatch(/version 2|Stack trace|hub-password/)
  })

  test('what the lint misses the server refuses: a read is read-only there', async () => {
    await server.run('CREATE TABLE kept (n UInt8) ENGINE = MergeTree ORDER BY n')
    expect(await ask(`SELECT getSetting('readonly') AS level`)).toEqual([{ level: 2 }])
    const adHoc = await connector.bind(standard('query'))({ sql: `SELECT getSetting('readonly') AS level, getSetting('max_result_rows') AS most` }, runWith())
    expect(rowsOf(adHoc)).toEqual([{ level: 1, most: 1001 }])
  })

  test('statements of callers cannot lift their limits, write, or reach outside', async () => {
    const query = connector.bind(standard('query'))
    const cases: readonly (readonly [string, RegExp])[] = [
      ['SELECT 1 SETTINGS max_execution_time = 0', /settings are the operator/],
      ['INSERT INTO kept VALUES (1)', /INSERT writes/],
      ['WITH 1 AS x INSERT INTO kept SELECT x', /INSERT writes/],
      ['DROP TABLE kept', /DROP removes/],
      ['SELECT 1; SELECT 2', /second statement/],
      [`SELECT * FROM url('http://127.0.0.1/', CSV)`, /reaches outside/],
      [`SELECT * FROM \`remote\`('127.0.0.1', system.one)`, /reaches outside/],
      [`SELECT file('/etc/passwd')`, /reaches outside/],
      ['SELECT 1 FORMAT CSV', /chooses the format/],
      [`SELECT 1 INTO OUTFILE '/tmp/x'`, /writes a file/],
      ['SYSTEM SHUTDOWN', /not for a tool/],
      ['SET max_threads = 1', /not for a tool/],
      [`SELECT 'open`, /has no end/],
    ]
    for (const [sql, about] of cases) {
      const error = await failureOf(query({ sql }, runWith()))
      expect([sql, error.code]).toEqual([sql, 'HUB_DENIED'])
      expect(error.message).toMatch(about)
    }
    expect(await failureOf(query({ sql: 'SELECT {a:UInt8}' }, runWith()))).toMatchObject({
      code: 'HUB_ARGS_INVALID',
      message: expect.stringContaining('no "a"') as string,
    })
    expect(await failureOf(query({ sql: 'SELECT 1', params: { a: 1 } }, runWith()))).toMatchObject({ code: 'HUB_ARGS_INVALID' })
  })

  test('a user whose profile reads only is served: level 2 with all limits, level 1 told what to mend', async ({ skip }) => {
    if (!server.readers) return skip('a server that was there before has its own users')
    const two = await connect(server.readers.two)
    expect(
      rowsOf(await two.bind(standard('query'))({ sql: `SELECT getSetting('readonly') AS level, getSetting('max_execution_time') AS seconds` }, runWith())),
    ).toEqual([{ level: 2, seconds: 30 }])
    expect((await two.check(AbortSignal.timeout(5_000))).state).toBe('up')
    const write = toolOf({ sql: 'CREATE TABLE by_two (n UInt8) ENGINE = Memory' }, { effect: 'write' })
    expect(await failureOf(two.bind(write)({}, runWith()))).toMatchObject({ code: 'HUB_DENIED' })
    const caller = new AbortController()
    const call = failureOf(two.bind(reading(slow('by_two')))({}, runWith(caller.signal)))
    await until(() => running('by_two'))
    caller.abort()
    expect((await call).code).toBe('HUB_CANCELLED')
    await until(async () => !(await running('by_two')))
    await two.close()

    const one = await connect(server.readers.one)
    expect(await failureOf(one.bind(reading('SELECT 1'))({}, runWith()))).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      message: expect.stringContaining('gives that user readonly = 2') as string,
    })
    expect(await one.check(AbortSignal.timeout(5_000))).toMatchObject({ state: 'down', detail: expect.stringContaining('readonly = 2') as string })
    await one.close()
  })

  test('a login that is refused is down for its operator, and the password is told to nobody', async ({ skip }) => {
    if (!server.outage) return skip('a server that was there before has its own users')
    const lent = lend('history')
    const stranger = await connect(server.url.replace('hub-password', 'wrong-password'), {}, lent)
    const error = await failureOf(stranger.bind(reading('SELECT 1'))({}, runWith()))
    expect(error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('AUTHENTICATION_FAILED') as string })
    expect(JSON.stringify([error.message, error.details, await stranger.check(AbortSignal.timeout(5_000)), lent.logged])).not.toContain('wrong-password')
    expect(lent.protectedValues).toContain('wrong-password')
    await stranger.close()
  })

  test.each([
    ['postgres://a:secret-word@x/y', /does not begin with http/],
    ['http://', /not a URL/],
    ['http://a:secret-word@x/db?readonly=0', /has a query/],
    ['http://a:secret-word@x/db/more', /more than the name of a database/],
    ['http://a:secret%zz-word@x/db', /% in it/],
  ])('a URL that cannot be one is refused without a word of it: %s', async (url, about) => {
    const [result] = await Promise.allSettled([connect(url)])
    const { reason } = result as PromiseRejectedResult
    expect(reason).toMatchObject({ code: 'HUB_CONFIG_VALUE', message: expect.stringMatching(about) as string })
    expect((reason as Error).message).not.toContain('secret')
  })

  test('what answers and is not ClickHouse is told as that, without its words', async () => {
    const { createServer } = await import('node:http')
    const proxy = createServer((_request, response) => void response.writeHead(502).end('<html>internal-name-of-a-proxy</html>'))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const stranger = await connect(`http://127.0.0.1:${(proxy.address() as { port: number }).port}`)
    const error = await failureOf(stranger.bind(reading('SELECT 1'))({}, runWith()))
    expect(error).toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.not.stringContaining('internal-name') as string })
    await stranger.close()
    await new Promise((resolve) => proxy.close(resolve))
  })

  test('a connector that only reads refuses what writes', async () => {
    const reader = await connect(server.url, { readOnly: true })
    expect((await failureOf(reader.bind(toolOf({ sql: 'DROP TABLE kept' }, { effect: 'destroy' }))({}, runWith()))).code).toBe('HUB_DENIED')
    expect(() => reader.sink?.({ table: 'kept' })).toThrow(/readOnly/)
    expect(reader.migrate).toBeUndefined()
    await reader.close()
  })

  test('settings of the config reach the server; table functions that it allows may be used', async () => {
    const own = await connect(server.url, {
      settings: { max_threads: 3, log_queries: false },
      maxMemory: '1.5gb',
      maxRowsRead: 1_000,
      tableFunctions: ['remote'],
      compression: true,
    })
    const sql = `SELECT getSetting('max_threads') AS threads, getSetting('max_memory_usage') AS memory, getSetting('max_rows_to_read') AS most, getSetting('log_queries') AS logs FROM remote('127.0.0.1:1', system.one) WHERE 0`
    expect(rowsOf(await own.bind(reading(sql.replace(/ FROM[\s\S]*/, '')))({}, runWith()))).toEqual([
      { threads: 3, memory: 1_610_612_736, most: 1_000, logs: false },
    ])
    expect((await failureOf(own.bind(reading(sql))({}, runWith()))).code).not.toBe('HUB_DENIED')
    expect((await failureOf(connector.bind(reading(sql))({}, runWith()))).code).toBe('HUB_DENIED')
    await own.close()
  })

  test('thirty calls at once go through a pool of two', async () => {
    const narrow = await connect(server.url, { pool: 2 })
    const handler = narrow.bind(reading('SELECT {n:UInt32} AS n'))
    const answers = await Promise.all(Array.from({ length: 30 }, (_one, n) => handler({ n }, runWith())))
    expect(answers.map((answer) => rowsOf(answer)[0]?.['n'])).toEqual(Array.from({ length: 30 }, (_one, n) => n))
    await narrow.close()
  })

  test('more calls than may wait are refused at once, and a probe says that all connections are taken', async () => {
    const narrow = await connect(server.url, { pool: 1 })
    const first = failureOf(narrow.bind(reading(slow('taken_alone')))({}, runWith()))
    await until(() => running('taken_alone'))
    const handler = narrow.bind(reading('SELECT 1 AS n'))
    const waiting = Promise.allSettled(Array.from({ length: 1_024 }, () => handler({}, runWith())))
    expect(await failureOf(handler({}, runWith()))).toMatchObject({ code: 'HUB_LIMITED', details: { retryAfterMs: 1_000 } })
    await narrow.close()
    expect((await first).code).toBe('HUB_CONNECTOR_DOWN')
    await waiting

    const probed = await connect(server.url, { pool: 1 })
    const caller = new AbortController()
    const call = failureOf(probed.bind(reading(slow('taken_again')))({}, runWith(caller.signal)))
    await until(() => running('taken_again'))
    const probing = new AbortController()
    const health = probed.check(probing.signal)
    await until(async () => (await server.run('SELECT 1')) !== '')
    probing.abort()
    expect(await health).toEqual({ state: 'degraded', detail: 'all 1 connections are busy' })
    caller.abort()
    await call
    await probed.close()
  })

  test('a closing connector ends what its callers wait for, on the server too', async () => {
    const closing = await connect(server.url)
    const call = failureOf(closing.bind(reading(slow('at_closing')))({}, runWith()))
    await until(() => running('at_closing'))
    await closing.close()
    expect((await call).code).toBe('HUB_CONNECTOR_DOWN')
    await until(async () => !(await running('at_closing')))
  })

  test('a long statement tells how far it is', async () => {
    const seen: (readonly [number, number | undefined])[] = []
    const run = { ...runWith(), progress: (done: number, total?: number) => void seen.push([done, total]) }
    await connector.bind(reading('SELECT number, sleepEachRow(0.5) AS told FROM numbers(5) SETTINGS max_block_size = 1'))({}, run)
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.at(-1)?.[0]).toBeGreaterThan(0)
    expect(seen.at(-1)?.[1]).toBe(5)
  })

  test('standard tools tell of databases, tables, columns and what runs', async () => {
    await server.run(
      `CREATE TABLE told (n UInt64 COMMENT 'a number', s LowCardinality(String) DEFAULT 'x') ENGINE = MergeTree PARTITION BY s ORDER BY n COMMENT 'a table'`,
    )
    await server.run('INSERT INTO told (n) SELECT number FROM numbers(10)')
    const tables = rowsOf(await connector.bind(standard('list_tables'))({ like: 'tol%' }, runWith()))
    expect(tables).toEqual([expect.objectContaining({ name: 'told', engine: 'MergeTree', rows: '10', sortingKey: 'n', comment: 'a table' })])
    expect(Number(tables[0]?.['bytes'])).toBeGreaterThan(0)
    expect(rowsOf(await connector.bind(standard('list_tables'))({ database: 'system', like: 'one' }, runWith()))).toHaveLength(1)
    const [described] = rowsOf(await connector.bind(standard('describe_table'))({ table: 'told' }, runWith()))
    expect(described).toMatchObject({
      name: 'told',
      rows: '10',
      partitionKey: 's',
      columns: [
        { name: 'n', type: 'UInt64', default: '', comment: 'a number', inSortingKey: true, inPartitionKey: false },
        { name: 's', type: 'LowCardinality(String)', default: "DEFAULT 'x'", inPartitionKey: true },
      ],
    })
    expect(await connector.bind(standard('describe_table'))({ table: 'nowhere.told' }, runWith())).toMatchObject({ data: { rows: [] } })
    const databases = rowsOf(await connector.bind(standard('list_databases'))({}, runWith()))
    expect(databases.filter(({ current }) => current === true)).toHaveLength(1)
    const caller = new AbortController()
    const call = failureOf(connector.bind(reading(slow('seen_running')))({}, runWith(caller.signal)))
    await until(() => running('seen_running'))
    const found = rowsOf(await connector.bind(standard('running_queries'))({}, runWith()))
    expect(found.some(({ query, kind }) => kind === 'Select' && String(query).includes('seen_running'))).toBe(true)
    caller.abort()
    await call
    const explained = await connector.bind(standard('explain'))({ sql: 'SELECT s FROM told WHERE n = {n:UInt64}', params: { n: 3 } }, runWith())
    expect(
      rowsOf(explained)
        .map(({ explain }) => explain)
        .join('\n'),
    ).toContain('PrimaryKey')
    expect(rowsOf(await connector.bind(standard('explain'))({ sql: 'SELECT s FROM told', kind: 'estimate' }, runWith()))).toEqual([
      expect.objectContaining({ table: 'told', rows: '10' }),
    ])
    expect((await failureOf(connector.bind(standard('explain'))({ sql: 'EXPLAIN SELECT 1' }, runWith()))).code).toBe('HUB_DENIED')
  })
})
