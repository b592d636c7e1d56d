import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { failureOf } from './conformance.ts'
import { json, lendHttp, openHttp, request, secret, startService, type Answering, type HttpLent, type Seen, type TestService } from './http-service.ts'
import { runWith } from './lent.ts'

let service: TestService
let lent: HttpLent
const opened: Connector[] = []

beforeAll(async () => {
  service = await startService()
  lent = lendHttp()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(opened.splice(0).map((connector) => connector.close()))
  service.seen.length = 0
})
afterAll(async () => {
  await lent.close()
  await service.stop()
})

async function ask(spec: ToolSpec, args: JsonObject = {}, config: JsonObject = {}, run = runWith()): Promise<Data> {
  const connector = await openHttp({ base: service.url, ...config }, lent)
  opened.push(connector)
  return (await connector.bind(spec)(args, run)) as Data
}
type Data = Extract<Answer, { type: 'data' }>
const rowsOf = ({ data }: Data): readonly number[] => (data as { rows: readonly number[] }).rows
const targets = (): readonly string[] => service.seen.map(({ target }) => target)
const upTo = (from: number, to: number): readonly number[] => Array.from({ length: Math.max(0, to - from) }, (_item, index) => from + index)
const number = (seen: Seen, name: string): number => Number(seen.url.searchParams.get(name))

/** 250 numbers, by page or offset. */
const all = 250
const byPage: Answering = (seen, response) => {
  const size = number(seen, 'limit') || 100
  const from = (number(seen, 'page') - 1) * size
  json(response, { items: upTo(from, Math.min(from + size, all)) })
}
const byOffset: Answering = (seen, response) => {
  const size = Math.min(number(seen, 'limit') || 40, 100)
  json(response, upTo(number(seen, 'offset'), Math.min(number(seen, 'offset') + size, all)))
}
const byCursor: Answering = (seen, response) => {
  const from = Number(seen.url.searchParams.get('after') ?? 0)
  json(response, { items: upTo(from, Math.min(from + 100, all)), meta: { next: from + 100 < all ? String(from + 100) : null } })
}

const input = (...names: readonly string[]): { readonly input: JsonObject } => ({
  input: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) },
})
const pages = { data: '/items', paginate: { style: 'page', page: 'page', size: 'limit', sizeAtMost: 100 } }
const numbered = (over: JsonObject = {}, spec: JsonObject = {}): ToolSpec =>
  request('GET /items?page={page}&limit={limit}', { ...pages, paginate: { ...pages.paginate, ...over } }, { ...input('page', 'limit'), ...spec })

test('pages by number are read until a short one', async () => {
  service.answer(byPage)
  const answer = await ask(numbered())
  expect(answer).toEqual({ type: 'data', data: { rows: upTo(0, all) } })
  expect(targets()).toEqual([1, 2, 3].map((page) => `/items?page=${page}&limit=100`))
})

test('the input of the size is how many are wanted in all', async () => {
  service.answer(byPage)
  expect(await ask(numbered(), { limit: 150 })).toEqual({ type: 'data', data: { rows: upTo(0, 150) } })
  expect(targets()).toEqual([1, 2].map((page) => `/items?page=${page}&limit=100`))
  service.seen.length = 0
  expect(rowsOf(await ask(numbered(), { limit: 7 }))).toEqual(upTo(0, 7))
  expect(targets()).toEqual(['/items?page=1&limit=7'])
})

test('no more than the tool may answer, and that is said', async () => {
  service.answer(byPage)
  const answer = await ask(numbered({}, { policy: { result: { rows: 120, bytes: 1_000_000 } } }), { limit: 999 })
  expect(rowsOf(answer)).toEqual(upTo(0, 120))
  expect(answer.truncated).toEqual({ by: 'rows', kept: 120, limit: 120 })
  expect(service.seen).toHaveLength(2)
})

test('no more requests than allowed, with the way on', async () => {
  service.answer(byPage)
  const answer = await ask(numbered({ maxPages: 2 }))
  expect(answer).toMatchObject({
    data: { rows: upTo(0, 200), truncated: true },
    notes: ['2 pages were read, the most for one call, and there is more', 'go on with page: 3'],
  })
  expect(rowsOf(await ask(numbered(), { page: 3 }))).toEqual(upTo(200, all))
})

test('an output that takes no further member is not given one', async () => {
  service.answer(byPage)
  const output = { type: 'object', additionalProperties: false, properties: { rows: { type: 'array' } } }
  expect((await ask(numbered({ maxPages: 1 }, { output }))).data).toEqual({ rows: upTo(0, 100) })
})

test('no more bytes than the tool may answer', async () => {
  service.answer(byPage)
  const answer = await ask(numbered({}, { policy: { result: { rows: 1_000, bytes: 400 } } }))
  expect(answer.notes?.[0]).toMatch(/^\d+ bytes were read, more than one answer may have, and there is more$/)
  expect(service.seen.length).toBeLessThan(3)
})

test('reading ends before the deadline does', async () => {
  service.answer(byPage)
  const answer = await ask(numbered(), {}, {}, runWith(undefined, Date.now() + 200))
  expect(answer.notes).toEqual(['time ran out after 1 pages, and there is more', 'go on with page: 2'])
  expect(rowsOf(answer)).toEqual(upTo(0, 100))
})

test('what was read is not lost when a later page fails, and the answer says that it is not whole', async () => {
  service.answer((seen, response, message) => (number(seen, 'page') === 2 ? json(response, { message: 'tired' }, 400) : byPage(seen, response, message)))
  const answer = await ask(numbered())
  expect(rowsOf(answer)).toEqual(upTo(0, 100))
  expect(answer.notes).toEqual([
    'page 2 could not be read (the service refuses the request (status 400): tired), so the answer is not complete',
    'go on with page: 2',
  ])
  expect(await failureOf(ask(numbered(), { page: 2 }))).toMatchObject({ code: 'HUB_UPSTREAM_FAILED' })
})

test('a service that gives the same page again and again is found out', async () => {
  service.answer((_seen, response) => json(response, { items: upTo(0, 100) }))
  const answer = await ask(numbered())
  expect(rowsOf(answer)).toEqual(upTo(0, 100))
  expect(answer.notes?.[0]).toContain('paginate in the manifest may name the wrong hole')
  expect(service.seen).toHaveLength(2)
})

test('pages may be counted from another number', async () => {
  service.answer((_seen, response) => json(response, { items: [] }))
  await ask(numbered({ start: 0 }))
  expect(targets()).toEqual(['/items?page=0&limit=100'])
})

test('offsets go by what came, where no size is said', async () => {
  service.answer(byOffset)
  const spec = request('GET /items?offset={offset}', { paginate: { style: 'offset', offset: 'offset' } }, input('offset'))
  expect(rowsOf(await ask(spec))).toEqual(upTo(0, all))
  expect(targets().slice(0, 3)).toEqual(['/items?offset=0', '/items?offset=40', '/items?offset=80'])
  expect(rowsOf(await ask(spec, { offset: 240 }))).toEqual(upTo(240, all))
})

test('cursors are followed to the end', async () => {
  service.answer(byCursor)
  const spec = request('GET /items?after={after}', { data: '/items', paginate: { style: 'cursor', cursor: 'after', next: '/meta/next' } }, input())
  expect(rowsOf(await ask(spec))).toEqual(upTo(0, all))
  expect(targets()).toEqual(['/items', '/items?after=100', '/items?after=200'])
})

test('cursors may go in the body of a safe POST', async () => {
  service.answer((seen, response) => {
    const { after = 0 } = JSON.parse(seen.body) as { after?: number }
    json(response, { items: [after], next: after < 2 ? after + 1 : undefined })
  })
  const spec = request(
    'POST /search',
    { safe: true, body: { after: '{after}' }, data: '/items', paginate: { style: 'cursor', cursor: 'after', next: '/next' } },
    input(),
  )
  expect(rowsOf(await ask(spec))).toEqual([0, 1, 2])
})

test('a circle of cursors ends', async () => {
  let count = 0
  service.answer((_seen, response) => json(response, { items: [count++], next: count % 2 === 0 ? 'b' : 'a' }))
  const answer = await ask(request('GET /items?after={after}', { data: '/items', paginate: { style: 'cursor', cursor: 'after', next: '/next' } }, input()))
  expect(rowsOf(answer)).toEqual([0, 1, 2])
  expect(answer.notes?.[0]).toContain('read already')
})

const linked = request('GET /items?q={q}', { paginate: { style: 'link' } }, input('q'))

test('links are followed, from where they stand, with credentials once', async () => {
  service.answer((seen, response) => {
    const page = number(seen, 'p')
    const next: Readonly<Record<string, string>> =
      page < 2 ? { link: `<https://api.example.com/x>; rel="first", <?p=${page + 1}&key=k-123456&q=a%2Cb>; title="a, \\"b\\"; rel=next"; rel="last next"` } : {}
    json(response, [page], 200, next)
  })
  expect(rowsOf(await ask(linked, { q: 'a,b' }, { auth: { query: { name: 'key', value: secret('k-123456') } } }))).toEqual([0, 1, 2])
  expect(targets()).toEqual(['/items?q=a%2Cb&key=k-123456', '/items?p=1&q=a%2Cb&key=k-123456', '/items?p=2&q=a%2Cb&key=k-123456'])
})

test('the address of the next page may stand in the body', async () => {
  service.answer((seen, response) => json(response, { data: [seen.target], links: { next: seen.target === '/items' ? '/items/2' : null } }))
  const spec = request('GET /items', { data: '/data', paginate: { style: 'link', next: '/links/next' } }, input())
  expect((await ask(spec)).data).toEqual({ rows: ['/items', '/items/2'] })
})

test('a link to another origin is not followed, and that is said', async () => {
  service.answer((_seen, response) => json(response, [1], 200, { link: '<http://10.0.0.1/steal>; rel=next' }))
  const answer = await ask(linked, {}, { auth: { bearer: secret('token-123') } })
  expect(answer).toMatchObject({ data: { rows: [1] }, notes: [expect.stringContaining('another origin') as string] })
  expect(service.seen).toHaveLength(1)
})

test('where there is no list there are no pages', async () => {
  service.answer((_seen, response) => json(response, { items: { a: 1 } }))
  expect((await failureOf(ask(numbered()))).message).toBe('the service answered no list at /items, so it has no pages')
})

test('callers hear how far it is', async () => {
  service.answer(byPage)
  const progress: number[] = []
  await ask(numbered(), {}, {}, { ...runWith(), progress: (done) => void progress.push(done) })
  expect(progress).toEqual([100, 200, 250])
})
