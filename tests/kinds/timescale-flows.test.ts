import { Ajv2020 } from 'ajv/dist/2020.js'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Batch, Position, Row } from '../../runtime/contract/flow.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { timescale } from '../../runtime/kinds/timescale/kind.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { until } from './conformance.ts'
import { lend } from './lent.ts'

let server: RunningPostgres
let connector: Connector
let direct: pg.Client

async function connect(): Promise<void> {
  direct = new pg.Client(server.url)
  direct.on('error', () => {})
  await direct.connect()
}

beforeAll(async () => {
  server = await startPostgres()
  await connect()
  await direct.query(`
    CREATE TABLE ticks (at timestamptz NOT NULL, symbol text NOT NULL, price numeric(38, 18) NOT NULL CHECK (price > 0), amount int8, PRIMARY KEY (symbol, at));
    CREATE TABLE loose (at timestamptz, n int)`)
  connector = await timescale.open({ url: new Secret(server.url, 'env:MARKET_DATABASE_URL'), pool: 2, statementTimeout: '20s' }, lend('market'))
})
beforeEach(() => direct.query('TRUNCATE ticks, loose'))
afterAll(async () => {
  await connector?.close()
  await direct?.end()
  await server?.stop()
})

const never = new AbortController().signal
const at = (second: number): string => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString().replace('.000', '')
const tick = (second: number, over: JsonObject = {}): Row => ({
  at: at(second),
  symbol: 'A',
  price: '1.500000000000000001',
  amount: '9007199254740993',
  ...over,
})
const count = async (table = 'ticks'): Promise<number> => (await direct.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n ?? -1
const spec = { table: 'ticks', key: ['symbol', 'at'] }
const fits = (schema: unknown, value: JsonObject): boolean => new Ajv2020({ strict: false }).validate(schema as object, value)

describe('a sink', () => {
  test('has a schema that takes what a flow writes, and nothing else', () => {
    expect(fits(timescale.sink, spec)).toBe(true)
    expect(fits(timescale.sink, { ...spec, tabel: 'x' })).toBe(false)
    expect(fits(timescale.sink, { table: 'a; DROP TABLE b' })).toBe(false)
    expect(fits(timescale.source, { table: 'ticks', orderBy: 'at', every: '1s' })).toBe(true)
    expect(fits(timescale.source, { table: 'ticks', orderBy: 'at desc' })).toBe(false)
  })

  test('writes rows, and writing them again leaves the table as it was', async () => {
    const sink = connector.sink?.(spec)
    const rows = Array.from({ length: 2_500 }, (_, second) => tick(second))
    expect(await sink?.write(rows, never)).toEqual({ rows: 2_500 })
    expect(await sink?.write(rows, never)).toEqual({ rows: 2_500 })
    expect(await count()).toBe(2_500)
    const { rows: sums } = await direct.query(`SELECT sum(price)::text AS price, max(amount) AS amount FROM ticks`)
    expect(sums).toEqual([{ price: '3750.000000000000002500', amount: '9007199254740993' }])
    await sink?.close()
    await expect(sink?.write(rows, never)).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
  })

  test('refuses rows one by one with why, and writes the others', async () => {
    const rows = Array.from({ length: 1_200 }, (_, second) => tick(second))
    rows[3] = tick(3, { price: 'NaN' })
    rows[700] = tick(700, { price: -1 })
    rows[701] = tick(701, { price: 0 })
    rows[1_100] = tick(1_100, { colour: 'red' })
    rows[1_199] = tick(1_199, { at: '2024-01-01' })
    const written = await connector.sink?.(spec).write(rows, never)
    expect(written?.rows).toBe(1_195)
    expect(written?.refused?.map(({ index }) => index)).toEqual([3, 700, 701, 1_100, 1_199])
    expect(written?.refused?.map(({ reason }) => reason)).toEqual([
      '"price" is not a finite number; leave it out, or write null',
      expect.stringContaining('ticks_price_check'),
      expect.stringContaining('ticks_price_check'),
      '"colour" is not written to "ticks"; leave it out',
      expect.stringContaining('"at" must be a time'),
    ])
    expect(await count()).toBe(1_195)
  })

  test('takes of a row what its columns name, and rows of any shape', async () => {
    const sink = connector.sink?.({ ...spec, columns: { at: 'time', symbol: 'pair', price: 'last', amount: 'size' } })
    const rows: Row[] = [
      { time: at(0), pair: 'Ω/₿', last: 1, size: 2, venue: 'x' },
      { time: at(1), pair: 'Ω/₿', last: 1 },
      { time: at(0), pair: 'Ω/₿', last: 3 },
    ]
    expect(await sink?.write(rows, never)).toEqual({ rows: 3 })
    expect((await direct.query('SELECT price::int, amount FROM ticks ORDER BY at')).rows).toEqual([
      { price: 3, amount: null },
      { price: 1, amount: null },
    ])
  })

  test('rows in more shapes than a statement takes, and of many megabytes, are split', async () => {
    await direct.query(`CREATE TABLE wide (id int PRIMARY KEY, ${Array.from({ length: 8 }, (_, n) => `c${n} text`).join(', ')})`)
    const rows = Array.from({ length: 256 }, (_, id) => ({
      id,
      ...Object.fromEntries(Array.from({ length: 8 }, (_v, n) => [`c${n}`, 'x'.repeat(20_000)]).filter((_v, n) => (id >> n) % 2 === 1)),
    }))
    expect(await connector.sink?.({ table: 'wide', key: ['id'] }).write(rows, never)).toEqual({ rows: 256 })
    expect((await direct.query(`SELECT sum(length(concat(c0, c1, c2, c3, c4, c5, c6, c7)))::int AS n FROM wide`)).rows).toEqual([{ n: 128 * 8 * 20_000 }])
  })

  test('without a key every row is new', async () => {
    const sink = connector.sink?.({ table: 'loose' })
    await sink?.write([{ n: 1 }, { n: 1 }], never)
    expect(await sink?.write([{ n: 1 }], never)).toEqual({ rows: 1 })
    expect(await count('loose')).toBe(3)
    expect(() => connector.sink?.({ table: 'loose', onConflict: 'update' })).toThrow(/needs a key/)
  })

  test('a table that is not there, and one that changed, are told; then it is right again', async () => {
    await direct.query('CREATE TABLE later (id int PRIMARY KEY, note text)')
    const sink = connector.sink?.({ table: 'later', key: ['id'] })
    await sink?.write([{ id: 1, note: 'a' }], never)
    await direct.query('ALTER TABLE later RENAME note TO remark')
    expect(await sink?.write([{ id: 2, note: 'a' }, { id: 3 }], never)).toMatchObject({ rows: 1, refused: [{ index: 0 }] })
    await direct.query('DROP TABLE later')
    await expect(sink?.write([{ id: 4 }], never)).rejects.toMatchObject({
      code: 'HUB_QUERY_FAILED',
      message: expect.stringContaining('no table "later"') as string,
    })
    await direct.query('CREATE TABLE later (id int PRIMARY KEY, note text)')
    expect(await sink?.write([{ id: 5, note: 'b' }], never)).toEqual({ rows: 1 })
  })

  test('a server that is away is HUB_CONNECTOR_DOWN, and the same rows go in when it is back', async () => {
    const sink = connector.sink?.(spec)
    const rows = Array.from({ length: 100 }, (_, second) => tick(second))
    await sink?.write(rows, never)
    await server.pause()
    await expect(sink?.write(rows, never)).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    await server.resume()
    await connect()
    expect(await sink?.write(rows, never)).toEqual({ rows: 100 })
    expect(await count()).toBe(100)
  })
})

describe('a source', () => {
  async function read(from: Position | undefined, over: JsonObject = {}): Promise<readonly Batch[]> {
    const batches: Batch[] = []
    for await (const batch of connector.source?.({ table: 'ticks', orderBy: 'at', ...over }).read(from, never) ?? []) batches.push(batch)
    return batches
  }
  const fill = (from: number, to: number): Promise<unknown> =>
    direct.query(
      `INSERT INTO ticks SELECT '2024-01-01Z'::timestamptz + s * interval '1 second', c, 1.5, 9007199254740993 FROM generate_series(${from}, ${to}) s, unnest('{A,B,C}'::text[]) c`,
    )

  test('reads a table to its end in order, no row twice and none left out, though many have one time', async () => {
    await fill(0, 999)
    const batches = await read(undefined, { batch: 250 })
    const rows = batches.flatMap((batch) => batch.rows)
    expect(batches).toHaveLength(12)
    expect(new Set(rows.map(({ at: time, symbol }) => `${String(time)} ${String(symbol)}`)).size).toBe(3_000)
    expect(rows[0]).toEqual({ at: '2024-01-01T00:00:00Z', symbol: 'A', price: '1.500000000000000000', amount: '9007199254740993' })
    expect(rows.at(-1)).toMatchObject({ at: '2024-01-01T00:16:39Z', symbol: 'C' })
  })

  test('goes on from a position, also one that went through JSON', async () => {
    await fill(0, 9)
    const [first] = await read(undefined, { batch: 10 })
    const position = JSON.parse(JSON.stringify(first?.position)) as Position
    expect((await read(position)).flatMap(({ rows }) => rows)).toHaveLength(20)
    expect((await read(position, { key: ['symbol'], columns: ['price'] })).flatMap(({ rows }) => rows)[0]).toEqual({ price: '1.500000000000000000' })
    await expect(read(position, { table: 'loose', orderBy: 'at', key: [] })).rejects.toMatchObject({ code: 'HUB_CONFIG_VALUE' })
  })

  test('begins where the spec says, and leaves rows without a time out', async () => {
    await fill(0, 9)
    expect((await read(undefined, { from: at(8) })).flatMap(({ rows }) => rows)).toHaveLength(6)
    await direct.query(`INSERT INTO loose VALUES (NULL, 1), ('2024-01-01Z', 2)`)
    expect((await read(undefined, { table: 'loose', key: ['n'] })).flatMap(({ rows }) => rows)).toEqual([{ at: '2024-01-01T00:00:00Z', n: 2 }])
    await expect(read(undefined, { table: 'loose' })).rejects.toMatchObject({ message: expect.stringContaining('has no primary key') as string })
    await expect(read(undefined, { orderBy: 'time' })).rejects.toMatchObject({
      message: expect.stringContaining('no column "time"; there are: at, symbol') as string,
    })
  })

  test('waits for new rows, over an outage, until its reader leaves', async () => {
    await fill(0, 0)
    const leaving = new AbortController()
    const seen: Row[] = []
    const reading = (async () => {
      for await (const { rows } of connector.source?.({ table: 'ticks', orderBy: 'at', every: '5ms' }).read(undefined, leaving.signal) ?? []) seen.push(...rows)
    })()
    await until(() => Promise.resolve(seen.length === 3))
    await fill(1, 1)
    await until(() => Promise.resolve(seen.length === 6))
    await server.restart()
    await connect()
    await fill(2, 2)
    await until(() => Promise.resolve(seen.length === 9))
    await direct.query('ALTER TABLE ticks RENAME amount TO size')
    await fill(3, 3)
    await until(() => Promise.resolve(seen.length === 12))
    expect(seen.at(-1)).toMatchObject({ size: '9007199254740993' })
    leaving.abort()
    await reading
    await direct.query('ALTER TABLE ticks RENAME size TO amount')
  })
})
