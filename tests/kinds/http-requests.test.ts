import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import { rawNumber, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { standardTools } from '../../runtime/kinds/http/standard-tools.ts'
import { tool } from '../fixtures/plan.ts'
import { failureOf, until } from './conformance.ts'
import { json, lendHttp, openHttp, request, secret, startService, type HttpLent, type Seen, type TestService } from './http-service.ts'
import { runWith } from './lent.ts'

let service: TestService
let lent: HttpLent
const opened: Connector[] = []

beforeAll(async () => {
  service = await startService()
  lent = lendHttp()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connector) => connector.close()))
  service.seen.length = 0
  service.answer((_seen, response) => json(response, {}))
})
afterAll(async () => {
  await lent.close()
  await service.stop()
})

async function open(config: JsonObject = {}): Promise<Connector> {
  const connector = await openHttp({ base: `${service.url}/v1`, ...config }, lent)
  opened.push(connector)
  return connector
}
const ask = async (spec: ToolSpec, args: JsonObject = {}, config: JsonObject = {}): Promise<Answer> => (await open(config)).bind(spec)(args, runWith())
const last = (): Seen => service.seen.at(-1) as Seen
const dataOf = (answer: Answer): unknown => (answer.type === 'data' ? answer.data : undefined)

describe('what is sent', () => {
  const targets: readonly (readonly [string, string, JsonObject, string])[] = [
    ['a value in the path', 'GET /coins/{id}/ohlc', { id: 'bitcoin' }, '/v1/coins/bitcoin/ohlc'],
    ['a slash in the path', 'GET /pairs/{pair}', { pair: 'BTC/USDT' }, '/v1/pairs/BTC%2FUSDT'],
    ['a question mark, a fragment and a percent sign in the path', 'GET /x/{v}', { v: 'a?b#c%d' }, '/v1/x/a%3Fb%23c%25d'],
    ['Unicode in the path', 'GET /x/{v}', { v: 'Zürich 東京 🚀' }, '/v1/x/Z%C3%BCrich%20%E6%9D%B1%E4%BA%AC%20%F0%9F%9A%80'],
    ['two holes in one segment', 'GET /x/{a}-{b}.json', { a: 'BTC', b: 'USD' }, '/v1/x/BTC-USD.json'],
    ['a value in the query', 'GET /q?symbol={symbol}', { symbol: '^GSPC' }, '/v1/q?symbol=%5EGSPC'],
    ['another pair in a value', 'GET /q?symbol={symbol}', { symbol: 'A&apikey=mine=x+y' }, '/v1/q?symbol=A%26apikey%3Dmine%3Dx%2By'],
    ['a line break in a value', 'GET /q?symbol={symbol}', { symbol: 'A\r\nX-Evil: 1' }, '/v1/q?symbol=A%0D%0AX-Evil%3A%201'],
    ['a pair whose input is left out', 'GET /q?a={a}&b=2&c={c}', { c: 'x' }, '/v1/q?b=2&c=x'],
    ['a pair whose input is null', 'GET /q?a={a}', { a: null }, '/v1/q'],
    ['a list', 'GET /q?id={id}', { id: ['a b', 'c,d'] }, '/v1/q?id=a%20b&id=c%2Cd'],
    ['a list with commas', 'GET /q?ids={ids,}', { ids: ['bitcoin', 'a&b'] }, '/v1/q?ids=bitcoin,a%26b'],
    ['a list in the path', 'GET /x/{ids,}', { ids: ['a', 'b'] }, '/v1/x/a,b'],
    ['an empty list', 'GET /q?id={id}&ids={ids,}', { id: [], ids: [] }, '/v1/q'],
    ['numbers and truth', 'GET /q?n={n}&t={t}&d={d}', { n: 12.5, t: false, d: rawNumber('9007199254740993') }, '/v1/q?n=12.5&t=false&d=9007199254740993'],
    ['plain text that is no address', 'GET /ä[b]/%41/%?q=ü', {}, '/v1/%C3%A4%5Bb%5D/%41/%25?q=%C3%BC'],
    ['a pair without a value', 'GET /q?flag&n={n}', { n: 1 }, '/v1/q?flag&n=1'],
  ]
  test.each(targets)('%s', async (_name, text, args, expected) => {
    await ask(request(text), args)
    expect(last().target).toBe(expected)
  })

  const climbing: readonly (readonly [string, string])[] = [
    ['..', '/x/{v}'],
    ['.', '/x/{v}'],
    ['../admin', '/x/{v}'],
    ['a/../../admin', '/x/{v}'],
    ['..\\admin', '/x/{v}'],
    ['%2e%2e', '/x/{v}'],
    ['..%2fadmin', '/x/{v}/y'],
    ['', '/x/{v}'],
    ['.', '/x/.{v}'],
    ['\ud800', '/x/{v}'],
    ['\ud800', '/x?v={v}'],
  ]
  test.each(climbing)('the value %j at %s never reaches the service', async (v, path) => {
    const error = await failureOf(ask(request(`GET ${path}`), { v }))
    expect(error).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringContaining('"v"') as string })
    expect(service.seen).toEqual([])
  })

  test('a value cannot choose the host', async () => {
    for (const v of ['@evil.example', '//evil.example', 'http://evil.example/', '/../..//evil.example'.replace('/../..', '')])
      await ask(request('GET /{v}'), { v })
    expect(service.seen.map(({ headers }) => headers.host)).toEqual(Array(4).fill(new URL(service.url).host))
    expect(service.seen.every(({ target }) => target.startsWith('/v1/'))).toBe(true)
  })

  test('headers are those of the connector, the tool and the caller, the later over the earlier', async () => {
    const spec = request('GET /h', { headers: { Accept: 'text/csv', 'X-Trace': 'trace {id}', 'X-None': '{none}' } })
    await ask(spec, { id: 'é7' }, { headers: { 'X-Plain': 'yes', 'X-Secret': secret('hidden-value'), Accept: 'application/xml' } })
    const { headers, rawHeaders } = last()
    expect(headers).toMatchObject({
      accept: 'text/csv',
      'x-plain': 'yes',
      'x-secret': 'hidden-value',
      'user-agent': 'mcp-integration-hub',
      'accept-encoding': 'gzip, br',
    })
    expect(Buffer.from(headers['x-trace'] as string, 'latin1').toString('latin1')).toBe('trace é7')
    expect(headers).not.toHaveProperty('x-none')
    expect(rawHeaders.filter((name) => name.toLowerCase() === 'accept')).toHaveLength(1)
  })

  test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0b', '東京'])('a header never carries %j', async (v) => {
    const error = await failureOf(ask(request('GET /h', { headers: { 'X-Trace': '{v}' } }), { v }))
    expect(error).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringContaining('x-trace') as string })
    expect(service.seen).toEqual([])
  })

  const order = { type: 'limit', tags: ['a'] }
  const bodies: readonly (readonly [string, JsonObject | string, JsonObject, string])[] = [
    [
      'keeps types',
      { symbol: '{s}', amount: '{n}', live: '{b}', note: 'for {s}!' },
      { s: 'X', n: 2, b: true },
      '{"symbol":"X","amount":2,"live":true,"note":"for X!"}',
    ],
    [
      'keeps digits',
      { amount: '{n}', decimal: '{d}' },
      { n: rawNumber('9007199254740993'), d: rawNumber('0.1000000000000000055') },
      '{"amount":9007199254740993,"decimal":0.1000000000000000055}',
    ],
    ['leaves out what is left out, keeps null', { a: '{a}', b: '{b}', list: ['{a}', 1, '{b}'] }, { b: null }, '{"b":null,"list":[1,null]}'],
    ['is a whole input', '{order}', { order }, JSON.stringify(order)],
    ['cannot be broken out of', { q: 'say "{s}"' }, { s: '"},{"evil":1' }, JSON.stringify({ q: 'say ""},{"evil":1"' })],
    ['leaves braces that are no hole', { query: '{ coin(id: "{s}") { price } }' }, { s: 'btc' }, JSON.stringify({ query: '{ coin(id: "btc") { price } }' })],
  ]
  test.each(bodies)('a JSON body %s', async (_name, body, args, expected) => {
    await ask(request('POST /orders', { body }, { effect: 'write' }), args)
    expect(last()).toMatchObject({ method: 'POST', body: expected })
    expect(last().headers['content-type']).toBe('application/json')
  })

  test('a body whose input is left out is not sent', async () => {
    await ask(request('POST /orders', { body: '{order}' }, { effect: 'write' }))
    expect(last()).toMatchObject({ body: '' })
    expect(last().headers).not.toHaveProperty('content-type')
  })

  test('a form is encoded, lists repeat, what is left out is left out', async () => {
    await ask(request('POST /f', { form: { a: '{a}', list: '{l}', both: '{a}/{b}', none: '{none}', fixed: 'x=y' } }, { effect: 'write' }), {
      a: 'A&b=c',
      l: [1, 'ü'],
      b: '+',
    })
    expect(last().body).toBe('a=A%26b%3Dc&list=1&list=%C3%BC&both=A%26b%3Dc%2F%2B&fixed=x%3Dy')
    expect(last().headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  const ways: readonly (readonly [string, JsonObject, object, string])[] = [
    ['a header', { header: { name: 'X-Api-Key', value: secret('key-123456') } }, { 'x-api-key': 'key-123456' }, '/v1/q?a=1'],
    [
      'a header with a prefix',
      { header: { name: 'Authorization', prefix: 'Apikey ', value: secret('key-123456') } },
      { authorization: 'Apikey key-123456' },
      '/v1/q?a=1',
    ],
    ['the query', { query: { name: 'api key', value: secret('k&y=1 2') } }, {}, '/v1/q?a=1&api%20key=k%26y%3D1%202'],
    [
      'basic',
      { basic: { user: 'me', password: secret('pass:wörd') } },
      { authorization: `Basic ${Buffer.from('me:pass:wörd').toString('base64')}` },
      '/v1/q?a=1',
    ],
    ['bearer', { bearer: secret('token-123') }, { authorization: 'Bearer token-123' }, '/v1/q?a=1'],
    ['an optional secret without a value', { header: { name: 'X-Api-Key' } }, {}, '/v1/q?a=1'],
  ]
  test.each(ways)('auth by %s', async (_name, auth, headers, target) => {
    await ask(request('GET /q?a=1'), {}, { auth })
    expect(last().headers).toMatchObject(headers)
    expect(last().target).toBe(target)
  })

  test('connections are kept alive and no more than the pool are open', async () => {
    const connector = await open({ pool: 2 })
    const held: (() => void)[] = []
    service.answer((_seen, response) => held.push(() => json(response, {})))
    const handler = connector.bind(request('GET /q'))
    const calls = Promise.all(Array.from({ length: 20 }, () => handler({}, runWith())))
    for (let answered = 0; answered < 20; answered += 2) {
      await until(async () => held.length === 2)
      expect(service.seen).toHaveLength(answered + 2)
      for (const answer of held.splice(0)) answer()
    }
    await calls
    // Further ones may have been opened while an answer was still being read.
    expect(new Set(service.seen.map(({ port }) => port)).size).toBeLessThanOrEqual(4)
  })
})

describe('what is answered', () => {
  const body = (text: string | Buffer, type?: string, headers: Readonly<Record<string, string>> = {}): void =>
    service.answer((_seen, response) => response.writeHead(200, { ...(type !== undefined && { 'content-type': type }), ...headers }).end(text))

  const answers: readonly (readonly [string, string | Buffer, string | undefined, unknown])[] = [
    ['an object', '{"a":1}', 'application/json; charset=utf-8', { a: 1 }],
    ['a list, as rows', '[1,2]', 'application/json', { rows: [1, 2] }],
    ['a number', '42', 'application/vnd.api+json', { value: 42 }],
    ['JSON with a byte order mark', '\ufeff{"a":1}', 'application/json', { a: 1 }],
    ['CSV, as text', 'a,b\n1,2\n', 'text/csv', { text: 'a,b\n1,2\n' }],
    ['text of another character set', Buffer.from([0x5a, 0xfc]), 'text/plain; charset=iso-8859-1', { text: 'Zü' }],
    ['JSON without a type', '{"a":1}', undefined, { a: 1 }],
    ['text without a type', 'plain', undefined, { text: 'plain' }],
    ['XML', '<a/>', 'application/atom+xml', { text: '<a/>' }],
  ]
  test.each(answers)('%s', async (_name, text, type, expected) => {
    body(text, type)
    expect(dataOf(await ask(request('GET /q')))).toEqual(expected)
  })

  test('numbers beyond 2^53 and long decimals keep their digits', async () => {
    const text = '{"values":[{"id":9007199254740993,"price":0.12345678901234567891,"exact":1e400,"small":1.5}]}'
    body(text, 'application/json')
    const answer = await ask(request('GET /q', { data: '/values' }))
    expect(JSON.stringify(dataOf(answer))).toBe('{"rows":[{"id":9007199254740993,"price":0.12345678901234567891,"exact":1e400,"small":1.5}]}')
  })

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ] as const)('%s is unpacked', async (name, pack) => {
    body(pack('{"a":"ü"}'), 'application/json', { 'content-encoding': name })
    expect(dataOf(await ask(request('GET /q')))).toEqual({ a: 'ü' })
  })

  test('an answer without a body says so', async () => {
    service.answer((_seen, response) => response.writeHead(204, { etag: '"7"' }).end())
    const answer = await ask(request('DELETE /q/{id}', {}, { effect: 'destroy' }), { id: 1 })
    expect(answer).toEqual({ type: 'data', data: { status: 204, headers: { etag: '"7"' } }, notes: ['the service answered without a body'] })
  })

  test('HEAD answers what there is, whatever its length', async () => {
    service.answer((_seen, response) => response.writeHead(200, { 'content-length': '99999999999', 'content-type': 'image/png' }).end())
    expect(dataOf(await ask(request('HEAD /file')))).toMatchObject({ status: 200, headers: { 'content-length': '99999999999', 'content-type': 'image/png' } })
  })

  test('a pointer leads to the data, with escapes and list places', async () => {
    body('{"a/b":[{"c~d":{"x":1}}]}', 'application/json')
    expect(dataOf(await ask(request('GET /q', { data: '/a~1b/0/c~0d' })))).toEqual({ x: 1 })
  })

  const garbage: readonly (readonly [string, string | Buffer, string | undefined, RegExp, JsonObject])[] = [
    ['JSON that is none', '{"a":', 'application/json', /says it is JSON and is not/, {}],
    ['HTML where data is expected', '<html>', 'text/html', /text\/html where JSON with \/data was expected/, { data: '/data' }],
    ['binary', Buffer.from([0x89, 0x50, 0]), 'image/png', /image\/png, which is neither JSON nor text/, {}],
    ['binary without a type', Buffer.from([0x89, 0x50, 0]), undefined, /does not say what it is/, {}],
    ['nothing at the pointer', '{"meta":1,"status":"ok"}', 'application/json', /nothing at \/values; it has meta, status/, { data: '/values' }],
    ['an unknown character set', 'x', 'text/plain; charset=klingon', /character set klingon/, {}],
  ]
  test.each(garbage)('%s is an error that says so', async (_name, text, type, words, operation) => {
    body(text, type)
    const error = await failureOf(ask(request('GET /q', operation)))
    expect(error).toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.stringMatching(words) as string })
  })

  test.each([
    ['gzip', 'not packed at all', /cannot be unpacked as gzip/],
    ['compress', 'x', /encoding the hub did not ask for \(compress\)/],
  ])('an answer packed as %s that cannot be unpacked is an error', async (packing, text, words) => {
    body(text, 'application/json', { 'content-encoding': packing })
    expect((await failureOf(ask(request('GET /q')))).message).toMatch(words)
  })

  const row = { type: 'object', required: ['price'], properties: { price: { type: 'string' }, id: { type: 'integer' } } }
  const output = { type: 'object', required: ['rows'], properties: { rows: { type: 'array', items: row } } }

  test('an answer that fits what the tool declares is given, big numbers included', async () => {
    body('[{"price":"1.0","id":9007199254740993}]', 'application/json')
    expect(JSON.stringify(dataOf(await ask(request('GET /q', {}, { output }))))).toBe('{"rows":[{"price":"1.0","id":9007199254740993}]}')
  })

  test('an answer that no longer fits is an error with its place', async () => {
    body('[{"price":"1"},{"price":2}]', 'application/json')
    const error = await failureOf(ask(request('GET /q', {}, { output })))
    expect(error).toMatchObject({
      code: 'HUB_UPSTREAM_FAILED',
      message: 'the service answered something else than this tool declares: /rows/1/price must be string',
    })
  })

  test('a tool without rows says what that means', async () => {
    body('[]', 'application/json')
    expect(await ask(request('GET /q', { whenEmpty: 'nobody traded' }))).toEqual({ type: 'data', data: { rows: [] }, notes: ['nobody traded'] })
  })
})

describe('the standard tool request', () => {
  const draft = standardTools.find(({ name }) => name === 'request')!
  const spec = tool('service', 'request', { operation: draft.operation, input: draft.input })

  test('gets any path below base', async () => {
    service.answer((_seen, response) => json(response, { data: { items: [1] } }))
    const answer = await ask(spec, { path: '/a b/ü/', query: { q: 'x&y', list: [1, 2], none: true }, data: '/data/items' })
    expect(last().target).toBe('/v1/a%20b/%C3%BC/?q=x%26y&list=1&list=2&none=true')
    expect(dataOf(answer)).toEqual({ rows: [1] })
  })

  test.each(['/../admin', '/a/%2e%2e/b', '/a//b', '/a?x=1', '/a#b', '/a/..\\..\\b'])('does not take the path %s', async (path) => {
    expect((await failureOf(ask(spec, { path }))).code).toBe('HUB_ARGS_INVALID')
    expect(service.seen).toEqual([])
  })
})
