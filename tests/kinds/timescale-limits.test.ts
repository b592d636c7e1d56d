import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import { isObject, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { timescale } from '../../runtime/kinds/timescale/kind.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { tool } from '../fixtures/plan.ts'
import { failureOf } from './conformance.ts'
import { lend, runWith } from './lent.ts'

let server: RunningPostgres
let direct: pg.Client
// Of one connection: what a call leaves behind on it meets the next.
let connector: Connector

beforeAll(async () => {
  server = await startPostgres()
  direct = new pg.Client(server.url)
  await direct.connect()
  await direct.query(`
    CREATE TABLE changing (id int, v text); INSERT INTO changing VALUES (1, '1');
    CREATE TABLE locked (id int, v int);
    CREATE FUNCTION complain() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no such link' USING ERRCODE = '08003'; END $$;`)
})
beforeEach(async () => {
  connector = await timescale.open({ url: new Secret(server.url, 'env:MARKET_DATABASE_URL'), pool: 1, statementTimeout: '50s' }, lend('market'))
})
afterEach(() => connector.close())
afterAll(async () => {
  await direct?.end()
  await server?.stop()
})

const sql = (text: string, over: Parameters<typeof tool>[2] = {}): ToolSpec => tool('market', 'test', { operation: { sql: text }, ...over })
const ask = (spec: ToolSpec, args: JsonObject = {}): Promise<Answer> => connector.bind(spec)(args, runWith())
const rows = async (spec: ToolSpec): Promise<unknown> => {
  const answer = await ask(spec)
  return answer.type === 'data' && isObject(answer.data) ? answer.data['rows'] : answer
}
const one = sql('SELECT 1 AS v')

test('a single row beyond 64 MB is told as one, and the next call is answered', async () => {
  const error = await failureOf(ask(sql(`SELECT repeat('x', 70000000) AS v`)))
  expect(error).toMatchObject({ code: 'HUB_QUERY_FAILED', message: expect.stringContaining('a single row beyond 64 MB') as string })
  expect(await rows(one)).toEqual([{ v: 1 }])
})

test('a row just within 64 MB is left out for its size, and the connection stays', async () => {
  const pid = sql('SELECT pg_backend_pid() AS v')
  const before = await rows(pid)
  expect(await ask(sql(`SELECT repeat('x', 67000000) AS v`))).toMatchObject({ truncated: { by: 'bytes', kept: 0 } })
  expect(await rows(pid)).toEqual(before)
})

test('statements prepared before the type of a column changed take values of the new type', async () => {
  const write = connector.bind(sql('UPDATE changing SET v = :v RETURNING v', { effect: 'write' }))
  const read = connector.bind(sql('SELECT id FROM changing WHERE v = :v'))
  expect(await write({ v: 2 }, runWith())).toMatchObject({ data: { rows: [{ v: '2' }], affected: 1 } })
  expect(await read({ v: 2 }, runWith())).toMatchObject({ data: { rows: [{ id: 1 }] } })
  await direct.query('ALTER TABLE changing ALTER COLUMN v TYPE bigint USING v::bigint')
  expect(await write({ v: 3 }, runWith())).toMatchObject({ data: { rows: [{ v: '3' }], affected: 1 } })
  expect(await read({ v: 3 }, runWith())).toMatchObject({ data: { rows: [{ id: 1 }] } })
})

test('a first call with a list that is given up while its table is locked is ended on the server, and the next call is answered', async () => {
  const locker = new pg.Client(server.url)
  await locker.connect()
  await locker.query('BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE')
  const waiting = async (): Promise<number | null> =>
    (await direct.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM locked%'`)).rowCount
  const caller = new AbortController()
  const left = failureOf(connector.bind(sql('SELECT id FROM locked WHERE v = ANY(:v)'))({ v: [1] }, runWith(caller.signal)))
  await expect.poll(waiting).toBe(1)
  caller.abort()
  await expect.poll(waiting).toBe(0)
  await left
  expect(await rows(one)).toEqual([{ v: 1 }])
  await locker.end()
})

test('an error that quotes a huge value is told in short', async () => {
  const error = await failureOf(ask(sql('SELECT repeat(:letter, 5000000)::int AS v'), { letter: 'y' }))
  expect(error).toMatchObject({ code: 'HUB_QUERY_FAILED', details: { sqlstate: '22P02' } })
  expect(error.message).toContain('invalid input syntax for type integer: "yyy')
  expect(error.message.length).toBeLessThan(4_000)
})

test('an error of a statement that speaks of another connection is of the statement, and its own connection stays', async () => {
  const pid = sql('SELECT pg_backend_pid() AS v')
  const before = await rows(pid)
  expect(await failureOf(ask(sql('SELECT complain()')))).toMatchObject({ code: 'HUB_QUERY_FAILED', details: { sqlstate: '08003' } })
  expect(await rows(pid)).toEqual(before)
})
