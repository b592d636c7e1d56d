import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import type { Handler } from '../../runtime/contract/call.ts'
import { isObject, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { timescale } from '../../runtime/kinds/timescale/kind.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { tool } from '../fixtures/plan.ts'
import { failureOf, until } from './conformance.ts'
import { lend, runWith } from './lent.ts'

const rowsOf = (answer: Answer): readonly JsonObject[] => {
  if (answer.type !== 'data' || !isObject(answer.data)) throw new Error('not rows')
  return answer.data['rows'] as readonly JsonObject[]
}

// The time a transaction began, and the session it ran in, are the same for those that shared a round trip, and for nobody else.
const which = `pg_backend_pid() || ' ' || now() AS trip`
const echo = `SELECT :n::int AS n, ${which}`
const napping = `SELECT :n::int AS n, ${which}, nap(:seconds::float8)`

describe('calls of one statement that set out together', () => {
  let server: RunningPostgres
  let connector: Connector
  let direct: pg.Client

  const bound = (sql: string, over: Parameters<typeof tool>[2] = {}): Handler => connector.bind(tool('market', 'test', { operation: { sql }, ...over }))
  const ask = async (handler: Handler, args: JsonObject, signal?: AbortSignal): Promise<JsonObject> =>
    rowsOf(await handler(args, runWith(signal)))[0] as JsonObject
  const volley = (handler: Handler, each: readonly JsonObject[]): Promise<JsonObject[]> => Promise.all(each.map((args) => ask(handler, args)))
  const trips = (answers: readonly JsonObject[]): number => new Set(answers.map(({ trip }) => trip)).size
  const numbers = (count: number, more: JsonObject = {}): JsonObject[] => Array.from({ length: count }, (_, n) => ({ n, ...more }))

  /** Until the statement is known to be short. */
  async function sharing(handler: Handler, args: readonly JsonObject[]): Promise<void> {
    await until(async () => trips(await volley(handler, args)) === 1)
  }

  async function isNapping(mark: string): Promise<void> {
    await until(
      async () =>
        ((await direct.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%' || $1 || '%'`, [mark])).rowCount ?? 0) > 0,
    )
  }

  beforeAll(async () => {
    server = await startPostgres()
    direct = new pg.Client(server.url)
    await direct.connect()
    await direct.query(`CREATE FUNCTION nap(seconds float8) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(seconds); RETURN 1; END $$`)
    connector = await timescale.open({ url: new Secret(server.url, 'env:MARKET_DATABASE_URL'), pool: 4, statementTimeout: '20s' }, lend('market'))
  })
  afterAll(async () => {
    await connector?.close()
    await direct?.end()
    await server?.stop()
  })

  test('go alone while nobody knows how long it takes, and share a round trip once it was seen to be short, each with its own answer', async () => {
    const handler = bound(echo)
    expect(trips(await volley(handler, numbers(8)))).toBe(8)
    await sharing(handler, numbers(8))
    const answers = await volley(handler, numbers(50))
    expect(answers.map(({ n }) => n)).toEqual(Array.from({ length: 50 }, (_, n) => n))
    expect(trips(answers)).toBeLessThan(50)
  })

  test('go alone again as soon as one of them took long', async () => {
    const handler = bound(`/* long */ ${napping}`)
    await sharing(handler, numbers(4, { seconds: 0 }))
    await ask(handler, { n: 1, seconds: 0.2 })
    expect(trips(await volley(handler, numbers(8, { seconds: 0 })))).toBe(8)
  })

  test('are each cut at their own cap', async () => {
    const handler = bound('SELECT g FROM generate_series(1, :n::int) g', { policy: { result: { rows: 5, bytes: 100_000 } } })
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all([3, 9, 5, 0, 6].map((n) => handler({ n }, runWith())))
      expect(answers.map((answer) => [rowsOf(answer).length, answer.type === 'data' ? answer.truncated : undefined])).toEqual([
        [3, undefined],
        [5, { by: 'rows', kept: 5, limit: 5 }],
        [5, undefined],
        [0, undefined],
        [5, { by: 'rows', kept: 5, limit: 5 }],
      ])
    }
  })

  test('are not harmed by one that fails', async () => {
    const handler = bound(`/* fails */ SELECT 100 / :n::int AS n, ${which}`)
    await sharing(
      handler,
      numbers(5).map(() => ({ n: 1 })),
    )
    for (const bad of [0, 2, 4]) {
      const each = [1, 2, 4, 5, 10].map((n, index) => ask(handler, { n: index === bad ? 0 : n }))
      const ends = await Promise.allSettled(each)
      expect(ends.map((end) => (end.status === 'fulfilled' ? end.value['n'] : (end.reason as { code: string }).code))).toEqual(
        [100, 50, 25, 20, 10].map((n, index) => (index === bad ? 'HUB_QUERY_FAILED' : n)),
      )
    }
  })

  test('are answered though the caller of one before them left, whose statement is ended on the server', async () => {
    const handler = bound(`/* leaves */ ${napping}`)
    await sharing(handler, numbers(5, { seconds: 0 }))
    const caller = new AbortController()
    const before = ask(handler, { n: 1, seconds: 0 })
    const long = failureOf(handler({ n: 2, seconds: 60 }, runWith(caller.signal)))
    const behind = [3, 4].map((n) => ask(handler, { n, seconds: 0 }))
    await isNapping('/* leaves */')
    caller.abort()
    expect((await long).code).toBe('HUB_CANCELLED')
    expect((await Promise.all([before, ...behind])).map(({ n }) => n)).toEqual([1, 3, 4])
    await until(async () => (await direct.query(`SELECT 1 FROM pg_stat_activity WHERE query LIKE '/* leaves */%' AND state = 'active'`)).rowCount === 0)
  })

  test('are answered though one of them left before its turn', async () => {
    const handler = bound(`/* turn */ ${napping}`)
    await sharing(handler, numbers(4, { seconds: 0 }))
    const caller = new AbortController()
    const first = ask(handler, { n: 1, seconds: 0.3 })
    const gone = failureOf(handler({ n: 2, seconds: 60 }, runWith(caller.signal)))
    const last = ask(handler, { n: 3, seconds: 0 })
    await isNapping('/* turn */')
    caller.abort()
    expect((await gone).code).toBe('HUB_CANCELLED')
    expect((await Promise.all([first, last])).map(({ n }) => n)).toEqual([1, 3])
  })

  test('lose the one that ran when the server ends their connection; the others, not begun, go again', async () => {
    const handler = bound(`/* killed */ ${napping}`)
    await sharing(handler, numbers(4, { seconds: 0 }))
    const long = failureOf(handler({ n: 1, seconds: 60 }, runWith()))
    const behind = [2, 3].map((n) => ask(handler, { n, seconds: 0 }))
    await isNapping('/* killed */')
    await direct.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '/* killed */%'`)
    expect(await long).toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    expect((await Promise.all(behind)).map(({ n }) => n)).toEqual([2, 3])
  })

  test('all see a table that changed under their prepared statement as it is now', async () => {
    await direct.query('CREATE TABLE shifting (a int); INSERT INTO shifting VALUES (1)')
    const handler = bound(`SELECT *, :n::int AS n, ${which} FROM shifting`)
    await sharing(handler, numbers(4))
    await direct.query(`ALTER TABLE shifting ADD COLUMN b text DEFAULT 'new'`)
    for (let round = 0; round < 6; round += 1) {
      const answers = await volley(handler, numbers(6))
      expect(answers.map(({ a, b, n }) => [a, b, n])).toEqual(numbers(6).map(({ n }) => [1, 'new', n]))
    }
  })

  test('never share where they write', async () => {
    await direct.query('CREATE TABLE written (n int)')
    const handler = bound(`INSERT INTO written VALUES (:n) RETURNING n, ${which}`, { effect: 'write' })
    for (let round = 0; round < 5; round += 1) expect(trips(await volley(handler, numbers(4)))).toBe(4)
  })

  test('whoever leaves, and whenever: the others are answered, and rightly', async () => {
    const handler = bound(`/* any */ ${napping}`)
    for (let round = 0; round < 60; round += 1) {
      const caller = new AbortController()
      const leaver = round % 5
      const each = numbers(5).map(({ n }) => {
        const leaves = n === leaver
        const answer = ask(handler, { n: Number(n), seconds: leaves && round % 2 === 0 ? 60 : 0 }, leaves ? caller.signal : undefined)
        return answer.then(
          (row) => row['n'],
          (error: { readonly code: string }) => error.code,
        )
      })
      if (round % 4 === 0) await isNapping('/* any */')
      setImmediate(() => caller.abort())
      const ends = await Promise.all(each)
      expect(ends.map((end, n) => (n === leaver ? [n, 'HUB_CANCELLED'].includes(end as number) : end === n))).toEqual([true, true, true, true, true])
    }
  }, 120_000)
})
