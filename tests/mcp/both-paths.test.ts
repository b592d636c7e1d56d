import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTalker, createUpstream, market } from './connectors.ts'
import { startTestHub, type TestHub } from './hub.ts'
import { legacyPost, modernPost, send } from './raw.ts'

let hot: TestHub
let sdk: TestHub

beforeAll(async () => {
  const start = (hotPath: boolean) =>
    startTestHub({
      connectors: [market, createTalker(), createUpstream('notes')],
      toolsets: [{ name: 'some', tools: ['market_c*'], prompts: [], resources: [] }],
      hotPath,
    })
  hot = await start(true)
  sdk = await start(false)
})
afterAll(async () => {
  await hot.close()
  await sdk.close()
})

/** Ids and times differ from call to call; everything else must not. */
function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady)
  if (value === null || typeof value !== 'object') return value
  const volatile = new Set(['asOf', 'ageMs', 'callId', 'requestState'])
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, volatile.has(key) ? typeof inner : steady(inner)]))
}

interface Case {
  readonly name: string
  readonly method: string
  readonly params?: Record<string, unknown>
  readonly options?: Parameters<typeof modernPost>[3]
  readonly path?: string
}

const call = (name: string, tool: string, args: object = {}, options: Case['options'] = {}): Case => ({
  name,
  method: 'tools/call',
  params: { name: tool, arguments: args },
  options,
})
const can = { elicitation: {}, roots: {} }
const version = 'io.modelcontextprotocol/protocolVersion'
const capabilities = 'io.modelcontextprotocol/clientCapabilities'

const modern: readonly Case[] = [
  { name: 'the list', method: 'tools/list' },
  { name: 'the list of a connector', method: 'tools/list', path: '/mcp/connectors/notes' },
  { name: 'the list of a toolset', method: 'tools/list', path: '/mcp/toolsets/some' },
  { name: 'discover', method: 'server/discover' },
  { name: 'discover on a connector', method: 'server/discover', path: '/mcp/connectors/notes' },
  call('rows with big numbers', 'market_candles', { symbol: 'BTC/USDT' }),
  call('an array', 'market_list'),
  call('a word', 'market_word'),
  call('big numbers in arguments', 'market_echo', { n: 1, deep: { text: 'ü' } }),
  call('an unknown tool', 'market_candle'),
  call('missing arguments', 'market_candles'),
  call('a nested fault', 'market_candles', { symbol: 1, extra: true }),
  call('a database error', 'market_fails'),
  call('a fault of the hub', 'market_bursts'),
  call('addresses in content', 'notes_link'),
  call('an error of the upstream', 'notes_broken'),
  { ...call('addresses on the connector itself', 'link'), path: '/mcp/connectors/notes' },
  call('arguments that are no object', 'market_echo', [] as unknown as object),
  { name: 'no tool name', method: 'tools/call', params: {} },
  call('headers that agree', 'market_by_header', { region: 'eu', depth: 2 }, { headers: { 'mcp-param-region': 'eu', 'mcp-param-depth': '2' } }),
  call('a parameter header that is missing', 'market_by_header', { region: 'eu' }),
  call('a parameter header that disagrees', 'market_by_header', { region: 'eu' }, { headers: { 'mcp-param-region': 'us' } }),
  call('progress', 'talker_progress', {}, { meta: { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' } }),
  call('logs not asked for', 'talker_progress'),
  call('a question', 'talker_ask', {}, { capabilities: can }),
  call('a question that cannot be asked', 'talker_ask'),
  call('a question of a modern upstream', 'talker_upstream_asks', {}, { capabilities: can }),
  call('the same to one that cannot be asked', 'talker_upstream_asks'),
  {
    name: 'a state that was changed',
    method: 'tools/call',
    params: { name: 'talker_ask', arguments: {}, requestState: 'v1.e30.x', inputResponses: {} },
    options: { capabilities: can },
  },
  { name: 'a method there is not', method: 'no/such' },
  { name: 'ping', method: 'ping' },
  call('a wrong method header', 'market_list', {}, { headers: { 'mcp-method': 'tools/list' } }),
  call('a wrong name header', 'market_list', {}, { headers: { 'mcp-name': 'market_word' } }),
  call('an encoded name header', 'market_list', {}, { headers: { 'mcp-name': `=?base64?${Buffer.from('market_list').toString('base64')}?=` } }),
  call('another version header', 'market_list', {}, { headers: { 'mcp-protocol-version': '2025-11-25' } }),
  call('an unsupported version', 'market_list', {}, { meta: { [version]: '2099-01-01' }, headers: { 'mcp-protocol-version': '2099-01-01' } }),
  call('a version that is a number', 'market_list', {}, { meta: { [version]: 7 } }),
  call('capabilities that are text', 'market_list', {}, { meta: { [capabilities]: 'all' } }),
  call('a progress token that is none', 'market_list', {}, { meta: { progressToken: {} } }),
  call('a level there is not', 'market_list', {}, { meta: { 'io.modelcontextprotocol/logLevel': 'loud' } }),
  call('an id that is a fraction', 'market_list', {}, { id: 1.5 }),
  call('an id that is text', 'market_list', {}, { id: 'a"b' }),
  { name: 'prompts', method: 'prompts/list' },
  { name: 'a prompt', method: 'prompts/get', params: { name: 'market_brief', arguments: { symbol: 'BTC' } } },
  { name: 'resources', method: 'resources/list' },
  { name: 'a resource', method: 'resources/read', params: { uri: 'hub://notes/note://one' } },
  { name: 'completion', method: 'completion/complete', params: { ref: { type: 'ref/prompt', name: 'notes_greet' }, argument: { name: 'who', value: '' } } },
]

describe('the hot path and the SDK give the same answers', () => {
  test.each(modern)('modern: $name', async ({ method, params, options, path = '/mcp' }) => {
    const [one, other] = await Promise.all([modernPost(hot.url + path, method, params, options), modernPost(sdk.url + path, method, params, options)])
    expect({ status: one.status, messages: steady(one.messages) }).toEqual({ status: other.status, messages: steady(other.messages) })
    expect(one.messages.length).toBeGreaterThan(0)
  })

  const requests: readonly (readonly [string, string, object?])[] = [
    ['the list', 'tools/list'],
    ['ping', 'ping'],
    ['rows', 'tools/call', { name: 'market_candles', arguments: { symbol: 'BTC/USDT' } }],
    ['an array', 'tools/call', { name: 'market_list' }],
    ['a word', 'tools/call', { name: 'market_word' }],
    ['an unknown tool', 'tools/call', { name: 'nope' }],
    ['missing arguments', 'tools/call', { name: 'market_candles', arguments: {} }],
    ['addresses in content', 'tools/call', { name: 'notes_link' }],
    ['a fault of the hub', 'tools/call', { name: 'market_bursts' }],
    ['progress and logs', 'tools/call', { name: 'talker_progress', _meta: { progressToken: 3 } }],
    ['a question that cannot be asked', 'tools/call', { name: 'talker_upstream_asks' }],
    ['prompts', 'prompts/list'],
    ['a prompt of an upstream', 'prompts/get', { name: 'notes_greet', arguments: { who: 'you' } }],
    ['a prompt there is not', 'prompts/get', { name: 'no_such' }],
    ['resources', 'resources/list'],
    ['templates', 'resources/templates/list'],
    ['a read', 'resources/read', { uri: 'market://candles/BTC' }],
    ['a read of nothing', 'resources/read', { uri: 'market://nothing' }],
    ['completion', 'completion/complete', { ref: { type: 'ref/resource', uri: 'hub://notes/note://{id}' }, argument: { name: 'id', value: 'x' } }],
    ['a method there is not', 'no/such'],
    ['a level', 'logging/setLevel', { level: 'info' }],
    ['a level there is not', 'logging/setLevel', { level: 'loud' }],
  ]
  test.each(requests)('legacy, without a session: %s', async (_name, method, params) => {
    const body = { jsonrpc: '2.0', id: 9, method, ...(params ? { params } : {}) }
    const [one, other] = await Promise.all([legacyPost(`${hot.url}/mcp`, body), legacyPost(`${sdk.url}/mcp`, body)])
    expect({ status: one.status, messages: steady(one.messages) }).toEqual({ status: other.status, messages: steady(other.messages) })
    expect(one.messages.length).toBeGreaterThan(0)
  })

  const bodies: readonly (readonly [string, string])[] = [
    ['no JSON', '{"jsonrpc":'],
    ['nothing', ''],
    ['a number', '7'],
    ['no JSON-RPC', '{"hello":"world"}'],
    ['another version of JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"ping"}'],
    ['a member too many', '{"jsonrpc":"2.0","id":1,"method":"ping","extra":1}'],
    ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}'],
    ['an empty batch', '[]'],
    ['a batch with a modern element', `[{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"${version}":"2026-07-28"}}}]`],
    ['a batch with rubbish', '[1]'],
  ]
  test.each(bodies)('a body of %s is refused alike', async (_name, body) => {
    const [one, other] = await Promise.all([legacyPost(`${hot.url}/mcp`, body), legacyPost(`${sdk.url}/mcp`, body)])
    expect(one.status).toBe(other.status)
    expect(one.messages.map(({ error, id }) => ({ code: error.code, id }))).toEqual(other.messages.map(({ error, id }) => ({ code: error.code, id })))
    expect(one.status).toBe(400)
  })

  test.each([
    ['text', { 'content-type': 'text/plain' }, 415],
    ['no media type', {}, 415],
  ] as const)('a content type of %s is refused alike', async (_name, headers, status) => {
    const options = { headers: { accept: 'application/json, text/event-stream', ...headers }, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' }
    const answers = await Promise.all([send(`${hot.url}/mcp`, options), send(`${sdk.url}/mcp`, options)])
    expect(answers.map((answer) => answer.status)).toEqual([status, status])
  })

  test('a fault of the hub shows nothing of itself and stands in the log', () => {
    expect(JSON.stringify(hot.errors)).toContain('call failed inside the hub')
  })
})
