import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { ask, serveHub, type ServedHub } from '../hub/serve.ts'
import { json, startService, type TestService } from './http-service.ts'

let stores: RunningPostgres
let service: TestService
let served: ServedHub | undefined

beforeAll(async () => {
  ;[stores, service] = await Promise.all([startPostgres(), startService()])
})
afterEach(async () => {
  await served?.close()
  served = undefined
  service.seen.length = 0
})
afterAll(async () => {
  await service?.stop()
  await stores?.stop()
})

const input = '{ type: object, required: [id], properties: { id: { type: string }, at: { type: array, items: { type: number } } } }'
const manifest = `
connector: shop
kind: http
summary: A shop.
config:
  base: \${SHOP_URL}/v1
  auth: { bearer: { secret: SHOP_TOKEN } }
  adHoc: true
tools:
  get: { summary: Gets., effect: read, input: ${input}, operation: { request: 'GET /items/{id}?at={at}' } }
  patient: { summary: Gets again and again., effect: read, input: ${input}, operation: { request: 'GET /items/{id}?at={at}' }, policy: { retry: 2 } }
  many: { summary: Gets many., effect: read, input: { type: object, properties: { page: { type: integer } } }, operation: { request: 'GET /items?page={page}', paginate: { style: page, page: page } }, policy: { result: { rows: 3 } } }
  put: { summary: Puts., effect: write, input: ${input}, operation: { request: 'POST /items', body: { id: '{id}', at: '{at}' } } }
resources:
  'shop://items/{id}': { summary: One item., operation: { request: 'GET /items/{id}' } }
`
const config = (allow: string): string =>
  `hub: { name: served, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "\${DATABASE_URL}" }\negress: { allow: [${allow}] }\n`

async function serve(allow = '127.0.0.1'): Promise<void> {
  const env = { DATABASE_URL: stores.url, SHOP_URL: service.url, SHOP_TOKEN: 'token-of-the-shop' }
  served = await serveHub({ 'hub.config.yaml': config(allow), 'connectors/shop.yaml': manifest }, env)
}
const call = async (name: string, args: Record<string, unknown> = {}) =>
  (await ask(`${served?.hub.url}/mcp`, 'tools/call', { name: `shop_${name}`, arguments: args })).body.result

test('a call goes from the client to the service and back, digits and all', async () => {
  await serve()
  service.answer((seen, response) => json(response, `{"id":9007199254740993,"token":"${seen.headers.authorization}"}`))
  const response = await fetch(`${served?.hub.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'shop_get',
    },
    body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"shop_get","arguments":{"id":"ä/ö","at":[9007199254740993,0.1]},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"}}}}`,
  })
  expect(await response.text()).toContain('"structuredContent":{"id":9007199254740993,"token":"Bearer [secret]"}')
  expect(service.seen[0]?.target).toBe('/v1/items/%C3%A4%2F%C3%B6?at=9007199254740993&at=0.1')
})

test('a resource is read, and the standard tool is there', async () => {
  await serve()
  service.answer((seen, response) => json(response, { asked: seen.target }))
  const { body } = await ask(`${served?.hub.url}/mcp`, 'resources/read', { uri: 'shop://items/7' }, { 'mcp-name': 'shop://items/7' })
  expect(JSON.parse(body.result.contents[0].text)).toEqual({ asked: '/v1/items/7' })
  expect((await call('request', { path: '/status', query: { deep: true } })).structuredContent).toEqual({ asked: '/v1/status?deep=true' })
})

test('a service that is down is asked as often as the policy says, and left alone when it asks for that', async () => {
  await serve()
  service.answer((_seen, response) => json(response, {}, 503))
  expect((await call('get', { id: 'a' })).content[0].text).toContain('HUB_CONNECTOR_DOWN')
  expect(service.seen).toHaveLength(3)
  service.seen.length = 0
  expect((await call('patient', { id: 'a' })).content[0].text).toContain('HUB_CONNECTOR_DOWN')
  expect(service.seen).toHaveLength(3)
  service.seen.length = 0

  const times: number[] = []
  service.answer((_seen, response) => {
    times.push(performance.now())
    json(response, { well: times.length }, times.length === 1 ? 503 : 200, { 'retry-after': '1' })
  })
  expect((await call('patient', { id: 'a' })).structuredContent).toEqual({ well: 2 })
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950)
})

test('a write is never sent twice', async () => {
  await serve()
  service.answer((_seen, response) => response.destroy())
  expect((await call('put', { id: 'a' })).content[0].text).toContain('look before trying again')
  expect(service.seen).toHaveLength(1)
})

test('more than the tool answers is cut, and that is said', async () => {
  await serve()
  service.answer(({ url }, response) =>
    json(
      response,
      [1, 2].map((one) => one + Number(url.searchParams.get('page')) * 10),
    ),
  )
  const result = await call('many')
  expect(result.structuredContent).toEqual({ rows: [11, 12, 21], truncated: true })
  expect(result.content.at(-1).text).toContain('only the first 3 rows')
})

test('an address that the operator did not allow is not reached, and the caller is told no address', async () => {
  await serve('10.0.0.0/8')
  const { body } = await ask(`${served?.hub.url}/mcp`, 'tools/call', { name: 'shop_get', arguments: { id: 'a' } })
  expect(JSON.stringify(body)).toContain('HUB_EGRESS_DENIED')
  expect(JSON.stringify(body)).not.toContain('127.0.0.1')
  expect(service.seen).toEqual([])
})
