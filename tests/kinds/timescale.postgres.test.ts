import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import { isObject, rawNumber, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { standardTools } from '../../runtime/kinds/timescale/standard-tools.ts'
import { timescale } from '../../runtime/kinds/timescale/kind.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { tool } from '../fixtures/plan.ts'
import { failureOf, kindConformance, until } from './conformance.ts'
import { lend, runWith } from './lent.ts'

let admin: pg.Client | undefined

const select = (sql: string, over: Parameters<typeof tool>[2] = {}): ToolSpec => tool('market', 'test', { operation: { sql }, ...over })
const standard = (name: string): ToolSpec => {
  const draft = standardTools.find((candidate) => candidate.name === name)
  if (!draft) throw new Error(`no standard tool ${name}`)
  return tool('market', name, { operation: draft.operation, input: draft.input })
}

kindConformance({
  name: 'PostgreSQL',
  kind: timescale,
  start: async () => {
    const server = await startPostgres()
    const connect = async (): Promise<void> => {
      admin = new pg.Client(server.url)
      admin.on('error', () => {})
      await admin.connect()
    }
    await connect()
    return {
      config: { url: new Secret(server.url, 'env:MARKET_DATABASE_URL'), pool: 4, statementTimeout: '70s' } as unknown as JsonObject,
      secrets: ['hub-password', new URL(server.url).port],
      outage: { begin: () => server.pause(), end: async () => void (await server.resume(), await connect()) },
      stop: async () => {
        await admin?.end()
        await server.stop()
      },
    }
  },
  badConfigs: [
    { name: 'no url', config: { pool: 3 }, about: /url/ },
    { name: 'a pool of none', config: { url: 'postgres://x', pool: 0 }, about: /pool.*>= 1/ },
    { name: 'a pool of hundreds', config: { url: 'postgres://x', pool: 300 }, about: /pool.*<= 50/ },
    { name: 'a duration without a unit', config: { url: 'postgres://x', statementTimeout: '5' }, about: /statementTimeout.*pattern/ },
    { name: 'a field it does not have', config: { url: 'postgres://x', pools: 3 }, about: /pools/ },
  ],
  quick: {
    tool: select('SELECT :n::int + 1 AS n'),
    args: { n: 41 },
    expected: (answer) => expect(answer).toEqual({ type: 'data', data: { rows: [{ n: 42 }] } }),
  },
  slow: {
    tool: select('SELECT count(*) FROM generate_series(1, 40000) a, generate_series(1, 40000) b'),
    args: {},
    isRunning: async () => {
      const found = await admin?.query(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series(1, 40000) b'`)
      return (found?.rowCount ?? 0) > 0
    },
  },
})

describe('statements on PostgreSQL', () => {
  let server: RunningPostgres
  let connector: Connector
  let direct: pg.Client
  const open = (over: JsonObject = {}, url = server.url): Promise<Connector> =>
    timescale.open({ url: new Secret(url, 'env:MARKET_DATABASE_URL'), pool: 4, statementTimeout: '20s', ...over }, lend('market'))
  const ask = (spec: ToolSpec, args: JsonObject = {}, on = connector): Promise<Answer> => on.bind(spec)(args, runWith())
  const rowsOf = (answer: Answer): readonly JsonObject[] => {
    if (answer.type !== 'data' || !isObject(answer.data)) throw new Error('not rows')
    return answer.data['rows'] as readonly JsonObject[]
  }
  const value = async (sql: string, args: JsonObject = {}): Promise<Json | undefined> => rowsOf(await ask(select(sql), args))[0]?.['v']

  beforeAll(async () => {
    server = await startPostgres()
    direct = new pg.Client(server.url)
    await direct.connect()
    await direct.query(`
      CREATE TABLE notes (id serial PRIMARY KEY, body text NOT NULL UNIQUE, tags text[], extra jsonb);
      COMMENT ON TABLE notes IS 'what was noted';
      CREATE FUNCTION scribble() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO notes(body) VALUES (random()::text); RETURN 1; END $$;
      CREATE FUNCTION unlock() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('default_transaction_read_only', 'off', false); RETURN 1; END $$;`)
    connector = await open()
  })
  afterAll(async () => {
    await connector?.close()
    await direct?.end()
    await server?.stop()
  })

  const values: readonly (readonly [string, string, Json])[] = [
    ['int8 beyond 2^53', '9007199254740993::int8', '9007199254740993'],
    ['a numeric with all its digits', '123456789012345678901234567890.123456789::numeric', '123456789012345678901234567890.123456789'],
    ['a numeric that is not a number', `'NaN'::numeric`, 'NaN'],
    ['int4', '42', 42],
    ['float8', '0.1::float8', 0.1],
    ['NaN', `'NaN'::float8`, 'NaN'],
    ['infinity', `'-Infinity'::float8`, '-Infinity'],
    ['bool', 'true', true],
    ['null', 'NULL', null],
    ['timestamptz of another zone', `'2024-03-31 01:30:00.123456+02'::timestamptz`, '2024-03-30T23:30:00.123456Z'],
    ['timestamp without a zone', `'2024-03-31 01:30:00'::timestamp`, '2024-03-31T01:30:00Z'],
    ['a timestamp before our era', `'0044-03-15 12:00:00 BC'::timestamp`, '-000043-03-15T12:00:00Z'],
    ['the end of time', `'infinity'::timestamptz`, 'infinity'],
    ['date', `'2024-02-29'::date`, '2024-02-29'],
    ['a date far away', `'12024-02-29'::date`, '+012024-02-29'],
    ['interval', `'1 day 02:03:04'::interval`, 'P1DT2H3M4S'],
    ['bytea', `'\\xdeadbeef'::bytea`, '3q2+7w=='],
    ['jsonb', `'{"a": [1, null]}'::jsonb`, { a: [1, null] }],
    ['uuid', `'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid`, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    [
      'int4[]',
      'ARRAY[[1,2],[3,NULL]]',
      [
        [1, 2],
        [3, null],
      ],
    ],
    ['text[] with everything in it', `ARRAY['a,b', '{"', 'NULL', NULL, '', 'ä\\']`, ['a,b', '{"', 'NULL', null, '', 'ä\\']],
    ['timestamptz[]', `ARRAY['2024-01-01 00:00+00'::timestamptz]`, ['2024-01-01T00:00:00Z']],
    ['an array that begins at 0', `'[0:1]={5,6}'::int[]`, [5, 6]],
    ['numeric[]', 'ARRAY[1.50, 2]::numeric[]', ['1.50', '2']],
    ['an empty array', `'{}'::int[]`, []],
  ]
  test.each(values)('%s arrives as JSON can hold it', async (_name, sql, expected) => {
    expect(await value(`SELECT ${sql} AS v`)).toEqual(expected)
  })

  test('a number in json that a double would change keeps its digits', async () => {
    expect(JSON.stringify(await value(`SELECT '{"n": 9007199254740993}'::json AS v`))).toBe('{"n":9007199254740993}')
  })

  const parameters: readonly (readonly [string, string, Json, Json])[] = [
    ['an int8 beyond 2^53', 'SELECT :p::int8 AS v', rawNumber('9007199254740993'), '9007199254740993'],
    ['a decimal with many digits', 'SELECT :p::numeric AS v', rawNumber('0.1234567890123456789'), '0.1234567890123456789'],
    ['a quote and a backslash', 'SELECT :p::text AS v', `it's \\ "x" ; DROP`, `it's \\ "x" ; DROP`],
    ['null', 'SELECT :p::text AS v', null, null],
    ['a boolean', 'SELECT NOT :p::bool AS v', true, false],
    ['an array to = ANY', 'SELECT count(*)::int AS v FROM generate_series(1, 9) g WHERE g = ANY(:p)', [2, 3, 40], 2],
    ['a text array with quotes', 'SELECT :p::text[] AS v', ['a"b', 'c,d', null, ''], ['a"b', 'c,d', null, '']],
    ['an array to jsonb', 'SELECT jsonb_array_length(:p::jsonb) AS v', [1, [2, 3], { a: 1 }], 3],
    ['an array to jsonb, inferred', 'SELECT jsonb_array_length(:p) AS v', ['a', 'b'], 2],
    ['an object to jsonb', `SELECT :p::jsonb ->> 'a' AS v`, { a: 'x"y' }, 'x"y'],
    ['objects to jsonb[]', `SELECT (:p::jsonb[])[2] ->> 'a' AS v`, [{ a: 1 }, { a: 'two' }], 'two'],
    [
      'nested numbers',
      'SELECT :p::int[] AS v',
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ]
  test.each(parameters)('%s is bound, not pasted', async (_name, sql, given, expected) => {
    expect(await value(sql, { p: given })).toEqual(expected)
  })

  test('a property the caller leaves out is NULL', async () => {
    expect(await value('SELECT :p::text IS NULL AS v')).toBe(true)
  })

  test('columns of one name do not hide each other', async () => {
    expect(rowsOf(await ask(select('SELECT 1 AS id, 2 AS id, 3 AS "__proto__"')))).toEqual([JSON.parse('{"id":1,"id_2":2,"__proto___2":3}')])
  })

  test('three million rows are capped in one answer of bounded memory', async () => {
    const spec = select(`SELECT g AS id, repeat('x', 100) AS filler FROM generate_series(1, 3000000) g`, {
      policy: { result: { rows: 1_000, bytes: 10_000_000 } },
    })
    const before = process.memoryUsage().rss
    const answer = await ask(spec)
    expect(rowsOf(answer)).toHaveLength(1_000)
    expect(answer).toMatchObject({ truncated: { by: 'rows', kept: 1_000, limit: 1_000 } })
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  })

  test('a result that just fits is not called truncated', async () => {
    const answer = await ask(select('SELECT g FROM generate_series(1, 10) g', { policy: { result: { rows: 10, bytes: 10_000 } } }))
    expect(rowsOf(answer)).toHaveLength(10)
    expect(answer).not.toHaveProperty('truncated')
  })

  test('bytes are capped while rows arrive, the rest is ended on the server and the connection serves on', async () => {
    const spec = select(`SELECT repeat('y', 100000) AS filler FROM generate_series(1, 3000000) g`, { policy: { result: { rows: 100_000, bytes: 1_000_000 } } })
    const answer = await ask(spec)
    expect(rowsOf(answer).length).toBe(9)
    expect(answer).toMatchObject({ truncated: { by: 'bytes', limit: 1_000_000 } })
    await until(
      async () =>
        (await direct.query(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%repeat(''y''%' AND pid <> pg_backend_pid()`)).rowCount ===
        0,
    )
    expect(await value('SELECT 1 AS v')).toBe(1)
  })

  test('a write under effect read is refused by the server as well, even inside a function', async () => {
    const error = await failureOf(ask(select('SELECT scribble()')))
    expect(error).toMatchObject({ code: 'HUB_QUERY_FAILED', details: { sqlstate: '25006' } })
    expect((await direct.query('SELECT 1 FROM notes')).rowCount).toBe(0)
  })

  test('a function that unlocks its session does not unlock it for the next caller', async () => {
    const alone = await open({ pool: 1 })
    expect(rowsOf(await ask(select('SELECT unlock() AS v'), {}, alone))).toEqual([{ v: 1 }])
    expect(await failureOf(ask(select('SELECT scribble()'), {}, alone))).toMatchObject({ details: { sqlstate: '25006' } })
    await alone.close()
  })

  test('a connection string cannot switch off what the hub decides for its sessions', async () => {
    const loose = await open(
      {},
      `${server.url}?options=${encodeURIComponent('-c default_transaction_read_only=off -c statement_timeout=0')}&statement_timeout=1`,
    )
    const settings = await ask(
      select(`SELECT current_setting('transaction_read_only') AS read_only, current_setting('statement_timeout') AS timeout`),
      {},
      loose,
    )
    expect(rowsOf(settings)).toEqual([{ read_only: 'on', timeout: '20s' }])
    await loose.close()
  })

  test('a tool that writes writes, says how many rows, and gives back what it returns', async () => {
    const insert = select('INSERT INTO notes(body, tags, extra) VALUES (:body, :tags, :extra) RETURNING id, tags', { effect: 'write' })
    const answer = await ask(insert, { body: 'first', tags: ['a', 'b'], extra: [{ deep: true }] })
    expect(answer).toEqual({ type: 'data', data: { rows: [{ id: expect.any(Number) as number, tags: ['a', 'b'] }], affected: 1 } })
    const update = await ask(select('UPDATE notes SET body = body', { effect: 'write' }))
    expect(update).toEqual({ type: 'data', data: { rows: [], affected: 1 } })
    expect(await value('SELECT extra AS v FROM notes')).toEqual([{ deep: true }])
  })

  test('a write that answers more than its cap is done in full all the same', async () => {
    const spec = select(`INSERT INTO notes(body) SELECT 'bulk' || g FROM generate_series(1, 50) g RETURNING body`, {
      effect: 'write',
      policy: { result: { rows: 5, bytes: 10_000 } },
    })
    expect(rowsOf(await ask(spec))).toHaveLength(5)
    expect((await direct.query(`SELECT 1 FROM notes WHERE body LIKE 'bulk%'`)).rowCount).toBe(50)
  })

  test('a connector that is read-only refuses what writes', async () => {
    const reader = await open({ readOnly: true })
    expect((await failureOf(ask(select('UPDATE notes SET body = body', { effect: 'write' }), {}, reader))).code).toBe('HUB_DENIED')
    await reader.close()
  })

  test('a constraint that was broken is named', async () => {
    const insert = select(`INSERT INTO notes(body) VALUES ('first')`, { effect: 'write' })
    expect(await failureOf(ask(insert))).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      message: expect.stringContaining('Key (body)=(first) already exists') as string,
      details: { constraint: 'notes_body_key' },
    })
  })

  test('an error of the statement says what, where and what would be right', async () => {
    const error = await failureOf(ask(select('SELECT bodi FROM notes')))
    expect(error.code).toBe('HUB_QUERY_FAILED')
    expect(error.message).toContain('column "bodi" does not exist (SQLSTATE 42703); hint: Perhaps you meant to reference the column "notes.body"')
    expect(error.details).toMatchObject({ sqlstate: '42703', position: 8 })
  })

  test('a statement after one that failed finds a clean connection', async () => {
    const alone = await open({ pool: 1 })
    for (let round = 0; round < 3; round += 1) {
      expect((await failureOf(ask(select('SELECT 1 / (:n::int - :n::int) AS v'), { n: 1 }, alone))).code).toBe('HUB_QUERY_FAILED')
      expect(rowsOf(await ask(select('SELECT :n::int AS v'), { n: round }, alone))).toEqual([{ v: round }])
    }
    await alone.close()
  })

  test('statement_timeout ends a statement whatever its caller does', async () => {
    const hasty = await open({ statementTimeout: '150ms' })
    const error = await failureOf(ask(select('SELECT count(*) FROM generate_series(1, 40000) a, generate_series(1, 40000) b'), {}, hasty))
    expect(error).toMatchObject({ code: 'HUB_TIMEOUT', details: { timeoutMs: 150 } })
    await hasty.close()
  })

  test('a table that changed under a prepared statement is seen as it is now', async () => {
    await direct.query('CREATE TABLE moving (a int); INSERT INTO moving VALUES (1)')
    const alone = await open({ pool: 1 })
    const handler = alone.bind(select('SELECT * FROM moving'))
    expect(rowsOf(await handler({}, runWith()))).toEqual([{ a: 1 }])
    await direct.query(`ALTER TABLE moving ADD COLUMN b text DEFAULT 'new'`)
    expect(rowsOf(await handler({}, runWith()))).toEqual([{ a: 1, b: 'new' }])
    expect(rowsOf(await handler({}, runWith()))).toEqual([{ a: 1, b: 'new' }])
    await direct.query('ALTER TABLE moving RENAME COLUMN a TO c')
    expect(rowsOf(await handler({}, runWith()))).toEqual([{ c: 1, b: 'new' }])
    await alone.close()
  })

  test('a prepared statement the server forgot is prepared again', async () => {
    const alone = await open({ pool: 1 })
    const handler = alone.bind(select('SELECT 7 AS v'))
    expect(rowsOf(await handler({}, runWith()))).toEqual([{ v: 7 }])
    // DEALLOCATE reaches this very session only through a function of the database.
    await direct.query(`CREATE OR REPLACE FUNCTION forget() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DEALLOCATE ALL'; RETURN 1; END $$`)
    await alone.bind(tool('market', 'forget', { operation: { adHoc: 'query' } }))({ sql: 'SELECT forget()' }, runWith())
    expect(rowsOf(await handler({}, runWith()))).toEqual([{ v: 7 }])
    await alone.close()
  })

  test('a connection the server ended in the middle of a statement is told as such, and the next call has a new one', async () => {
    const alone = await open({ pool: 1 })
    const call = failureOf(ask(select(`SELECT count(*) AS ended FROM generate_series(1, 40000) a, generate_series(1, 40000) b`), {}, alone))
    const find = `FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%AS ended%' AND pid <> pg_backend_pid()`
    await until(async () => (await direct.query(`SELECT pg_terminate_backend(pid) ${find}`)).rowCount === 1)
    expect(await call).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { retryAfterMs: 1_000 } })
    expect(rowsOf(await ask(select('SELECT 1 AS v'), {}, alone))).toEqual([{ v: 1 }])
    await alone.close()
  })

  test('idle connections the server ended crash nothing and are replaced', async () => {
    const calm = await open({ pool: 3 })
    await Promise.all([1, 2, 3].map(() => ask(select('SELECT 1 AS v'), {}, calm)))
    await direct.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hub:market' AND state = 'idle'`)
    await until(async () => (await direct.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'hub:market'`)).rowCount === 0)
    // Each of the three may meet one call before this process has read that it is gone.
    const answer = (): Promise<unknown> => ask(select('SELECT 1 AS v'), {}, calm).then(rowsOf, ({ code }: { readonly code: string }) => code)
    const answers = [await answer(), await answer(), await answer(), await answer()]
    for (const one of answers.slice(0, 3)) expect(['HUB_CONNECTOR_DOWN', [{ v: 1 }]]).toContainEqual(one)
    expect(answers[3]).toEqual([{ v: 1 }])
    await calm.close()
  })

  test('a caller that leaves the queue is told at once and costs the others nothing', async () => {
    const alone = await open({ pool: 1 })
    const first = new AbortController()
    const second = new AbortController()
    const busy = failureOf(
      alone.bind(select('SELECT count(*) AS queue FROM generate_series(1, 40000) a, generate_series(1, 40000) b'))({}, runWith(first.signal)),
    )
    const waiting = failureOf(alone.bind(select('SELECT 1'))({}, runWith(second.signal)))
    const behind = ask(select('SELECT 2 AS v'), {}, alone)
    await until(
      async () =>
        ((await direct.query(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%AS queue%' AND pid <> pg_backend_pid()`)).rowCount ?? 0) >
        0,
    )
    second.abort()
    expect((await waiting).code).toBe('HUB_CANCELLED')
    first.abort()
    expect((await busy).code).toBe('HUB_CANCELLED')
    expect(rowsOf(await behind)).toEqual([{ v: 2 }])
    await alone.close()
  })

  test('cancelling a hundred times never ends the statement of another', async () => {
    const shared = await open({ pool: 2 })
    const slow = shared.bind(select('SELECT count(*) FROM generate_series(1, 40000) a, generate_series(1, 40000) b'))
    const quick = shared.bind(select('SELECT sum(g) AS v FROM generate_series(1, 2000) g'))
    for (let round = 0; round < 100; round += 1) {
      const caller = new AbortController()
      const left = failureOf(slow({}, runWith(caller.signal)))
      const stays = quick({}, runWith())
      setImmediate(() => caller.abort())
      expect((await left).code).toBe('HUB_CANCELLED')
      expect(rowsOf(await stays)).toEqual([{ v: '2001000' }])
    }
    await shared.close()
  })

  test('a statement that cannot be cancelled, since the server takes no further connection, is left behind with its connection', async () => {
    await direct.query(`CREATE ROLE tight LOGIN PASSWORD 'tight-password' CONNECTION LIMIT 1`)
    const tight = await open({ pool: 1, statementTimeout: '1s' }, server.url.replace('hub:hub-password', 'tight:tight-password'))
    const caller = new AbortController()
    const left = failureOf(
      tight.bind(select('SELECT count(*) AS tight FROM generate_series(1, 40000) a, generate_series(1, 40000) b'))({}, runWith(caller.signal)),
    )
    await until(
      async () =>
        ((await direct.query(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%AS tight%' AND pid <> pg_backend_pid()`)).rowCount ?? 0) >
        0,
    )
    caller.abort()
    expect((await left).code).toBe('HUB_CANCELLED')
    // Until its statement_timeout ends what was left behind, the server has no room for this role.
    await until(async () => (await direct.query(`SELECT 1 FROM pg_stat_activity WHERE usename = 'tight'`)).rowCount === 0)
    expect(rowsOf(await ask(select('SELECT 1 AS v'), {}, tight))).toEqual([{ v: 1 }])
    await tight.close()
  })

  test('an array for a statement that fails is told like any failure', async () => {
    expect(await failureOf(ask(select('SELECT 1 FROM nowhere WHERE a = ANY(:p)'), { p: [1] }))).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      details: { sqlstate: '42P01' },
    })
  })

  test('a refused login is down, without the name of the user', async () => {
    const wrong = await open({}, server.url.replace('hub-password', 'wrong'))
    const error = await failureOf(ask(select('SELECT 1'), {}, wrong))
    expect(error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { sqlstate: '28P01' } })
    expect(error.message).not.toMatch(/wrong|"hub"/)
    await wrong.close()
  })

  test.each([
    ['another scheme', 'mysql://u:hidden-password@127.0.0.1/x'],
    ['no URL', 'postgres://u:hidden-password@[::/x'],
    ['a certificate that is not there', 'postgres://u:hidden-password@127.0.0.1/x?sslmode=verify-full&sslrootcert=/nowhere.pem'],
  ])('a connection string that cannot be one is refused without its words: %s', async (_name, url) => {
    await expect(open({}, url)).rejects.toMatchObject({ code: 'HUB_CONFIG_VALUE', message: expect.not.stringContaining('hidden') as string })
  })

  test('TLS that the server does not speak is down, not plain text', async () => {
    const secure = await open({}, `${server.url}?sslmode=verify-full`)
    expect(await failureOf(ask(select('SELECT 1'), {}, secure))).toMatchObject({
      code: 'HUB_CONNECTOR_DOWN',
      message: expect.stringContaining('TLS') as string,
    })
    await secure.close()
  })

  test('list_tables and describe_table tell what is there', async () => {
    const tables = rowsOf(await ask(standard('list_tables')))
    expect(tables).toContainEqual(expect.objectContaining({ schema: 'public', name: 'notes', type: 'table', comment: 'what was noted' }))
    expect(tables.every(({ schema }) => schema === 'public')).toBe(true)
    expect(rowsOf(await ask(standard('list_tables'), { like: 'no%' })).map(({ name }) => name)).toEqual(['notes'])
    const [notes] = rowsOf(await ask(standard('describe_table'), { table: 'public.notes' }))
    expect(notes).toMatchObject({
      name: 'notes',
      columns: expect.arrayContaining([expect.objectContaining({ name: 'body', type: 'text', nullable: false })]) as Json,
    })
    expect(notes?.['indexes']).toHaveLength(2)
    expect(await ask(standard('describe_table'), { table: 'nots' })).toMatchObject({ data: { rows: [] }, notes: [expect.stringContaining('list_tables')] })
  })

  test.each(['list_hypertables', 'list_continuous_aggregates'])('%s says that the extension is missing', async (name) => {
    expect(await failureOf(ask(standard(name)))).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      message: expect.stringContaining('does not have the TimescaleDB extension') as string,
    })
  })

  test('query runs one statement of the caller with its parameters, capped', async () => {
    const capped = { ...standard('query'), policy: { ...standard('query').policy, result: { rows: 3, bytes: 10_000 } } }
    const answer = await ask(capped, { sql: 'SELECT g AS v FROM generate_series(1, $1::int) g WHERE g = ANY($2)', params: [100, [5, 6, 7, 8]] })
    expect(rowsOf(answer)).toEqual([{ v: 5 }, { v: 6 }, { v: 7 }])
    expect(answer).toMatchObject({ truncated: { by: 'rows' } })
  })

  test.each([
    ['a write', 'DELETE FROM notes', 'HUB_DENIED', 'DELETE removes'],
    ['two statements', 'SELECT 1; DROP TABLE notes', 'HUB_DENIED', 'second statement'],
    ['a function that acts on others', 'SELECT pg_catalog.pg_terminate_backend(1)', 'HUB_DENIED', 'at character 8 ("pg_catalog.pg_terminate_backend")'],
    ['broken SQL', 'SELEC 1', 'HUB_DENIED', 'syntax error'],
    ['a table that is not there', 'SELECT * FROM nowhere', 'HUB_QUERY_FAILED', 'relation "nowhere" does not exist'],
    ['too few parameters', 'SELECT $1::int + $2::int', 'HUB_QUERY_FAILED', 'bind message supplies'],
  ])('query refuses %s in words for a model', async (_name, sql, code, words) => {
    const error = await failureOf(ask(standard('query'), { sql, params: [1] }))
    expect(error.code).toBe(code)
    expect(error.message).toContain(words)
  })

  test('explain gives the plan, and runs the statement only when asked', async () => {
    const [planned] = rowsOf(await ask(standard('explain'), { sql: 'SELECT * FROM notes WHERE id = $1', params: [1] }))
    expect(planned?.['plan']).toMatchObject([{ Plan: { 'Relation Name': 'notes' } }])
    expect(JSON.stringify(planned)).not.toContain('Actual')
    const [ran] = rowsOf(await ask(standard('explain'), { sql: 'SELECT 1', analyze: true }))
    expect(JSON.stringify(ran)).toContain('Actual Rows')
  })

  test('health says when all connections are busy', async () => {
    const alone = await open({ pool: 1 })
    const caller = new AbortController()
    const busy = failureOf(
      alone.bind(select('SELECT count(*) AS health FROM generate_series(1, 40000) a, generate_series(1, 40000) b'))({}, runWith(caller.signal)),
    )
    await until(
      async () =>
        ((await direct.query(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%AS health%' AND pid <> pg_backend_pid()`)).rowCount ?? 0) >
        0,
    )
    const probe = new AbortController()
    const health = alone.check(probe.signal)
    probe.abort()
    expect(await health).toEqual({ state: 'degraded', detail: 'all 1 connections are busy' })
    caller.abort()
    await busy
    await alone.close()
  })

  test('a connector closed in the middle of a call lets it end', async () => {
    const closing = await open()
    const call = closing.bind(select('SELECT count(*) AS v FROM generate_series(1, 300000) g'))({}, runWith())
    await until(
      async () => ((await direct.query(`SELECT 1 FROM pg_stat_activity WHERE query LIKE '%300000) g' AND pid <> pg_backend_pid()`)).rowCount ?? 0) > 0,
    )
    await closing.close()
    expect(rowsOf(await call)).toEqual([{ v: '300000' }])
  })
})
