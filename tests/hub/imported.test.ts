import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { importOpenapi } from '../../codegen/import-openapi.ts'
import { importPostgres } from '../../codegen/import-postgres.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { startTimescale } from '../components/timescale.ts'
import { ask, serveHub, type ServedHub } from './serve.ts'

let store: RunningPostgres
let served: ServedHub | undefined
beforeAll(async () => {
  store = await startPostgres()
})
afterEach(async () => {
  await served?.close()
  served = undefined
})
afterAll(() => store.stop())

interface Listed {
  readonly name: string
  readonly inputSchema: object
  readonly outputSchema?: object
}
type Row = Readonly<Record<string, string | number | null>>

const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)

/** Calls a tool of the served hub; its answer must fit what the tool declares. */
async function call(name: string, args: object): Promise<{ readonly rows: readonly Row[] } & Readonly<Record<string, unknown>>> {
  const url = `${served?.hub.url}/mcp`
  const { body } = await ask(url, 'tools/call', { name, arguments: args })
  if (body.result.isError) throw new Error(body.result.content[0].text as string)
  const { tools } = (await ask(url, 'tools/list')).body.result as { tools: readonly Listed[] }
  const { outputSchema } = tools.find((one) => one.name === name) as Listed
  const { truncated: _truncated, ...answer } = body.result.structuredContent
  if (outputSchema !== undefined) expect(ajv.validate(outputSchema, answer), `${name}: ${ajv.errorsText()}`).toBe(true)
  return answer
}

const config =
  'hub: { name: served, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "${DATABASE_URL}" }\negress: { allow: [127.0.0.1] }\n'

describe('a database', () => {
  const tables = `
    CREATE TYPE mood AS ENUM ('fine', 'sad');
    CREATE TABLE "Odd Table" (id bigserial PRIMARY KEY, "limit" int, "na me" varchar(20), mood mood, tags text[], data jsonb, on_day date, password_hash text);
    CREATE INDEX ON "Odd Table" ("na me");
    INSERT INTO "Odd Table" ("limit", "na me", mood, tags, data, on_day, password_hash) SELECT i, 'n' || i, 'fine', ARRAY['a', NULL], '{"a":1}', '2024-01-31', 'x' FROM generate_series(1, 25) i;
    CREATE TABLE events (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz NOT NULL, kind text, value float8);
    CREATE INDEX ON events (at);
    CREATE INDEX ON events (kind, at);
    INSERT INTO events (at, kind, value) SELECT timestamptz '2024-01-01Z' + (i / 3) * interval '20 minutes', 'k' || i % 2, CASE WHEN i = 7 THEN 'NaN'::float8 ELSE i END FROM generate_series(0, 29) i;
    CREATE TABLE candles (symbol text, at timestamptz, open numeric, high numeric, low numeric, close numeric, volume numeric, PRIMARY KEY (symbol, at));
    INSERT INTO candles SELECT 'A', timestamptz '2024-01-01Z' + i * interval '1 day', i, i + 2, i - 2, i + 1, 10 FROM generate_series(0, 13) i;`

  beforeAll(async () => {
    const client = new pg.Client({ connectionString: store.url })
    await client.connect()
    await client.query(tables).finally(() => void client.end())
  })

  const serve = async (): Promise<void> => {
    const { manifest } = await importPostgres({ url: store.url, name: 'shop' })
    expect(manifest).not.toContain('hub-password')
    served = await serveHub({ 'connectors/shop.yaml': manifest }, { DATABASE_URL: store.url, SHOP_DATABASE_URL: store.url })
  }

  test('offers rows by key, by index and in steps of time, without what looks secret', async () => {
    await serve()
    const [row] = (await call('shop_get_Odd_Table', { id: 3 })).rows
    expect(row).toEqual({ id: '3', limit: 3, 'na me': 'n3', mood: 'fine', tags: ['a', null], data: { a: 1 }, on_day: '2024-01-31' })
    expect((await call('shop_get_Odd_Table', { id: '999' })).rows).toEqual([])
    expect((await call('shop_list_Odd_Table', { na_me: 'n7' })).rows.map(({ id }) => id)).toEqual(['7'])
    expect((await call('shop_list_events', { kind: 'k1', from: '2024-01-01T02:00:00Z', limit: 2 })).rows).toHaveLength(2)
    expect(
      (await call('shop_events_over_time', { bucket: '1 hour', from: '2024-01-01T00:00:00Z' })).rows.map((one) => [one['bucket'], one['rows_in_step']]),
    ).toEqual([
      ['2024-01-01T03:00:00Z', 3],
      ['2024-01-01T02:00:00Z', 9],
      ['2024-01-01T01:00:00Z', 9],
      ['2024-01-01T00:00:00Z', 9],
    ])
  })

  test.each([
    { tool: 'shop_list_events', keys: ['at', 'id'], many: 30 },
    { tool: 'shop_list_Odd_Table', keys: ['id'], many: 25 },
  ])('$tool goes through every row once, page by page', async ({ tool, keys, many }) => {
    await serve()
    const seen: Row[] = []
    for (let before: object = {}; ;) {
      const { rows } = await call(tool, { limit: 7, ...before })
      seen.push(...rows)
      const last = rows.at(-1)
      if (last === undefined) break
      before = Object.fromEntries(keys.map((key) => [`before_${key}`, last[key]]))
    }
    expect(seen).toHaveLength(many)
    expect(new Set(seen.map(({ id }) => id)).size).toBe(many)
  })

  test('candles become longer candles', async () => {
    await serve()
    const { rows } = await call('shop_candles_over_time', { symbol: 'A', bucket: '7 days', from: '2024-01-01T00:00:00Z' })
    expect(rows).toEqual([
      { bucket: '2024-01-08T00:00:00Z', open: '7', high: '15', low: '5', close: '14', volume: '70', rows_in_step: 7 },
      { bucket: '2024-01-01T00:00:00Z', open: '0', high: '8', low: '-2', close: '7', volume: '70', rows_in_step: 7 },
    ])
  })
})

test('a hypertable is read by its own buckets', async () => {
  const timescale = await startTimescale()
  try {
    await timescale.run(`CREATE TABLE ticks (symbol text NOT NULL, at timestamptz NOT NULL, price numeric); SELECT create_hypertable('ticks', 'at');
      INSERT INTO ticks SELECT 'A', timestamptz '2024-01-01Z' + i * interval '1 minute', i FROM generate_series(0, 9) i`)
    const { manifest, notes } = await importPostgres({ url: timescale.url, name: 'ticks' })
    expect(manifest).toContain('needs: timescaledb')
    expect(notes).toContainEqual(expect.stringContaining('no primary key'))
    served = await serveHub(
      { 'connectors/ticks.yaml': manifest.replace('readOnly: true', 'pool: 1\n  readOnly: true') },
      { DATABASE_URL: store.url, TICKS_DATABASE_URL: timescale.url },
    )
    const { rows } = await call('ticks_ticks_over_time', { bucket: '5 minutes', from: '2024-01-01T00:00:00Z' })
    expect(rows.map((row) => [row['bucket'], row['rows_in_step'], row['min_price'], row['max_price']])).toEqual([
      ['2024-01-01T00:05:00Z', 5, '5', '9'],
      ['2024-01-01T00:00:00Z', 5, '0', '4'],
    ])
    await served.close()
    served = undefined
  } finally {
    await timescale.stop()
  }
})

describe('an API', () => {
  const books = Array.from({ length: 23 }, (_, index) => ({ id: index + 1, title: `Book ${index + 1}`, shelf: { name: index % 2 === 0 ? 'red' : 'blue' } }))
  const document = {
    openapi: '3.0.3',
    info: { title: 'Library', version: '1' },
    servers: [{ url: '/v1' }],
    security: [{ key: [] }],
    components: {
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } },
      schemas: {
        Book: {
          type: 'object',
          required: ['id', 'title'],
          properties: {
            id: { type: 'integer', readOnly: true },
            title: { type: 'string' },
            shelf: { $ref: '#/components/schemas/Shelf' },
            next: { $ref: '#/components/schemas/Book' },
          },
        },
        Shelf: { type: 'object', nullable: true, properties: { name: { type: 'string' } } },
      },
    },
    paths: {
      '/books': {
        get: {
          operationId: 'listBooks',
          parameters: [
            { name: 'page', in: 'query', schema: { type: 'integer' } },
            { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 10 } },
            { name: 'filter', in: 'query', style: 'deepObject', schema: { type: 'object', properties: { shelf: { type: 'string' } } } },
          ],
          responses: {
            200: {
              description: 'some',
              content: {
                'application/json': { schema: { type: 'object', properties: { items: { type: 'array', items: { $ref: '#/components/schemas/Book' } } } } },
              },
            },
          },
        },
        post: {
          operationId: 'addBook',
          parameters: [{ name: 'title', in: 'query', schema: { type: 'string' } }],
          requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Book' } } } },
          responses: { 201: { description: 'it', content: { 'application/json': { schema: { $ref: '#/components/schemas/Book' } } } } },
        },
      },
      '/books/{id}': {
        get: {
          operationId: 'getBook',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
          responses: { 200: { description: 'it', content: { 'application/json': { schema: { $ref: '#/components/schemas/Book' } } } } },
        },
      },
    },
  }
  let api: Server
  let address: string

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', address)
    const send = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (url.pathname === '/openapi.json') return send(200, document)
    if (request.headers['x-key'] !== 'the-key-of-the-library') return send(401, { message: 'who are you' })
    if (request.method === 'POST') {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      return send(201, { id: 99, ...(JSON.parse(text) as object), shelf: null, asked: url.search })
    }
    const id = /^\/v1\/books\/(\d+)$/.exec(url.pathname)?.[1]
    if (id !== undefined) return books[Number(id) - 1] === undefined ? send(404, { message: 'no such book' }) : send(200, books[Number(id) - 1])
    const size = Math.min(Number(url.searchParams.get('limit') ?? 10), 10)
    const first = (Number(url.searchParams.get('page') ?? 1) - 1) * size
    const shelf = url.searchParams.get('filter[shelf]')
    send(200, { items: books.filter((book) => shelf === null || book.shelf.name === shelf).slice(first, first + size) })
  }

  beforeAll(async () => {
    api = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
    await once(api, 'listening')
    address = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise((done) => api.close(done)))

  test('is imported from its own address, and its tools do what its operations do', async () => {
    const { manifest, tools } = await importOpenapi({ location: `${address}/openapi.json`, name: 'library' })
    expect(tools).toBe(3)
    served = await serveHub(
      { 'hub.config.yaml': config, 'connectors/library.yaml': manifest },
      { DATABASE_URL: store.url, LIBRARY_KEY: 'the-key-of-the-library' },
    )
    expect((await call('library_list_books', { limit: 23 })).rows.map(({ id }) => id)).toEqual(books.map(({ id }) => id))
    expect((await call('library_list_books', { limit: 100, filter_shelf: 'blue' })).rows).toHaveLength(11)
    expect(await call('library_get_book', { id: 7 })).toMatchObject({ title: 'Book 7', shelf: { name: 'red' } })
    expect(await call('library_add_book', { title: 'kept', title_body: 'New' })).toEqual({ id: 99, title: 'New', shelf: null, asked: '?title=kept' })
    await expect(call('library_get_book', { id: 777 })).rejects.toThrow('no such book')
  })
})
