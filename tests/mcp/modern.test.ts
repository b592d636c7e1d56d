import { afterEach, describe, expect, test } from 'vitest'
import type { Run } from '../../runtime/contract/call.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import { createTalker, createUpstream, market } from './connectors.ts'
import { startTestHub, type TestHub, type TestHubOptions } from './hub.ts'
import { legacyPost, modernPost, openStream, send, type OpenStream, type Wire } from './raw.ts'

const hubs: TestHub[] = []
async function start(options: TestHubOptions): Promise<TestHub> {
  const hub = await startTestHub(options)
  hubs.push(hub)
  return hub
}
afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.close()
})

const can = { elicitation: {}, roots: {} }

describe.each([
  ['the hot path', true],
  ['the SDK', false],
] as const)('a question to a modern client, by %s', (_name, hotPath) => {
  const tools =
    (url: string) =>
    (name: string, more: object = {}, capabilities: object = can, meta: object = {}) =>
      modernPost(`${url}/mcp`, 'tools/call', { name, arguments: {}, ...more }, { capabilities, meta })

  test('is the answer; the retry with the response goes on where the call stood', async () => {
    const hub = await start({ connectors: [createTalker()], hotPath })
    const call = tools(hub.url)
    const first = (await call('talker_ask_twice')).messages[0].result
    expect(first).toMatchObject({ resultType: 'input_required', requestState: expect.stringMatching(/^v1\./) })
    const [key, question] = Object.entries(first.inputRequests)[0] as [string, Wire]
    expect(question).toMatchObject({ method: 'elicitation/create', params: { message: 'Who are you?' } })

    const second = await call(
      'talker_ask_twice',
      { requestState: first.requestState, inputResponses: { [key]: { action: 'accept', content: { name: 'Ada' } } } },
      can,
    )
    const asked = second.messages.at(-1).result
    const [other, roots] = Object.entries(asked.inputRequests)[0] as [string, Wire]
    expect(roots.method).toBe('roots/list')
    expect(asked.requestState).not.toBe(first.requestState)

    const third = await call('talker_ask_twice', { requestState: asked.requestState, inputResponses: { [other]: { roots: [] } } })
    expect(third.messages.at(-1).result.structuredContent).toEqual({ first: { action: 'accept', content: { name: 'Ada' } }, second: { roots: [] } })
  })

  test('asked together comes together, and what is left unanswered is asked again', async () => {
    const hub = await start({ connectors: [createTalker()], hotPath })
    const call = tools(hub.url)
    const first = (await call('talker_ask_together')).messages[0].result
    expect(Object.values(first.inputRequests).map((request: Wire) => request.method)).toEqual(['elicitation/create', 'roots/list'])
    const answers = Object.fromEntries(
      Object.entries(first.inputRequests).map(([key, request]: [string, Wire]) => [
        key,
        request.method === 'roots/list' ? { roots: [] } : { action: 'decline' },
      ]),
    )
    const [one] = Object.keys(answers) as [string]
    const half = (await call('talker_ask_together', { requestState: first.requestState, inputResponses: { [one]: answers[one], wrong: { a: 1 } } })).messages[0]
      .result
    expect(Object.keys(half.inputRequests)).toEqual(Object.keys(answers).filter((key) => key !== one))
    const done = (await call('talker_ask_together', { requestState: half.requestState, inputResponses: answers })).messages[0].result
    expect(done.structuredContent.both).toEqual([{ action: 'decline' }, { roots: [] }])
  })

  test('of a modern upstream passes through, its state wrapped and given back', async () => {
    const hub = await start({ connectors: [createTalker()], hotPath })
    const call = tools(hub.url)
    const asked = (await call('talker_upstream_asks')).messages[0].result
    expect(Object.keys(asked.inputRequests)).toEqual(['name'])
    expect(asked.requestState).not.toBe('upstream state')
    const missing = (await call('talker_upstream_asks', { requestState: asked.requestState, inputResponses: { other: {} } })).messages[0].result
    expect(missing.resultType).toBe('input_required')
    const done = (await call('talker_upstream_asks', { requestState: missing.requestState, inputResponses: { name: { action: 'accept' } } })).messages[0].result
    expect(done.structuredContent).toEqual({ state: 'upstream state', heard: { action: 'accept' } })
  })

  test.each([
    ['changed', (state: string) => `${state}-TAMPERED`, 'talker_ask'],
    ['of another tool', (state: string) => state, 'talker_ask_twice'],
    ['made up', () => 'v1.e30.AAAA', 'talker_ask'],
    ['a number', () => 7 as unknown as string, 'talker_ask'],
  ])('a state that is %s is refused', async (_case, bend, name) => {
    const hub = await start({ connectors: [createTalker()], hotPath })
    const call = tools(hub.url)
    const { requestState } = (await call('talker_ask')).messages[0].result
    const { error } = (await call(name, { requestState: bend(requestState), inputResponses: {} })).messages[0]
    expect(error).toMatchObject({ code: -32602, data: { reason: 'invalid_request_state' } })
  })

  test('a state is used up, and good for its owner alone', async () => {
    const hub = await start({
      connectors: [createTalker()],
      hotPath,
      keys: [
        { name: 'one', role: 'reader' },
        { name: 'two', role: 'reader' },
      ],
    })
    const call = (who: string, more: object = {}) =>
      modernPost(
        `${hub.url}/mcp`,
        'tools/call',
        { name: 'talker_ask', arguments: {}, ...more },
        { capabilities: can, headers: { authorization: `Bearer ${hub.keys[who]}` } },
      )
    const { requestState, inputRequests } = (await call('one')).messages[0].result
    const retry = { requestState, inputResponses: { [Object.keys(inputRequests)[0] as string]: { action: 'cancel' } } }
    expect((await call('two', retry)).messages[0].error.code).toBe(-32602)
    expect((await call('one', retry)).messages[0].result.structuredContent).toEqual({ heard: { action: 'cancel' } })
    expect((await call('one', retry)).messages[0].error.code).toBe(-32602)
  })

  test('is not put to a client that did not declare it can answer', async () => {
    const hub = await start({ connectors: [createTalker()], hotPath })
    for (const name of ['talker_ask', 'talker_upstream_asks']) {
      const answer = await tools(hub.url)(name, {}, { roots: {} })
      expect(answer.status).toBe(400)
      expect(answer.messages[0].error).toMatchObject({ code: -32021, data: { requiredCapabilities: { elicitation: { form: {} } } } })
    }
    const bare = await tools(hub.url)('talker_ask', {}, {})
    expect(bare.messages[0].error).toMatchObject({ code: -32021, data: { requiredCapabilities: { elicitation: { form: {} } } } })
  })

  test('of a resource is asked on read, with no state where the upstream keeps none', async () => {
    const hub = await start({ connectors: [createUpstream('notes')], hotPath })
    const read = (more: object = {}) => modernPost(`${hub.url}/mcp/connectors/notes`, 'resources/read', { uri: 'note://asks', ...more }, { capabilities: can })
    const asked = (await read()).messages[0].result
    expect(asked).toMatchObject({ resultType: 'input_required', inputRequests: { ok: { method: 'elicitation/create' } } })
    expect(asked.requestState).toBeUndefined()
    const done = (await read({ inputResponses: { ok: { action: 'accept' } } })).messages[0].result
    expect(done).toMatchObject({ resultType: 'complete', contents: [{ uri: 'note://asks' }], cacheScope: 'private', ttlMs: 0 })
  })

  test('a client that goes away cancels its call', async () => {
    const talker = createTalker()
    const hub = await start({ connectors: [talker], hotPath })
    const lost = new AbortController()
    const body = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name: 'talker_wait',
        arguments: {},
        _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': can },
      },
    }
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'talker_wait',
    }
    const gone = fetch(`${hub.url}/mcp`, { method: 'POST', signal: lost.signal, headers, body: JSON.stringify(body) })
    await talker.started
    lost.abort()
    await expect(gone).rejects.toThrow()
    expect(await talker.aborted).toMatchObject({ code: 'HUB_CANCELLED' })
  })

  test('progress and logs come as events, only to a client that asked', async () => {
    const hub = await start({ connectors: [createTalker()], hotPath })
    const spoken = await tools(hub.url)('talker_progress', {}, {}, { progressToken: 'p' })
    expect(spoken.headers['content-type']).toContain('text/event-stream')
    expect(spoken.messages.map(({ method, params }) => [method, params?.progress])).toEqual([
      ['notifications/progress', 1],
      ['notifications/progress', 2],
      [undefined, undefined],
    ])
    expect((await tools(hub.url)('talker_progress', {}, {})).headers['content-type']).toBe('application/json')
  })
})

describe('a scope that a token lacks', () => {
  test('is told with 403 and the challenge that names it, whatever the way', async () => {
    for (const hotPath of [true, false]) {
      const hub = await start({
        connectors: [
          {
            name: 'vault',
            tools: { open: { handler: () => Promise.reject(new HubError('HUB_SCOPE_INSUFFICIENT', 'this tool needs more', { scopes: ['deep', 'water'] })) } },
          },
        ],
        hotPath,
      })
      const answer = await modernPost(`${hub.url}/mcp`, 'tools/call', { name: 'vault_open', arguments: {} })
      expect(answer.status).toBe(403)
      expect(answer.headers['www-authenticate']).toContain('insufficient_scope')
      expect(answer.headers['www-authenticate']).toContain('scope="deep water"')
      expect(answer.messages[0].error.data).toMatchObject({ code: 'HUB_SCOPE_INSUFFICIENT' })
    }
  })
})

describe('subscriptions/listen', () => {
  const listen = (url: string, notifications: object, id: unknown = 'l1', headers: Record<string, string> = {}): Promise<OpenStream> =>
    openStream(`${url}/mcp`, {
      headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen', ...headers },
      body: {
        jsonrpc: '2.0',
        id,
        method: 'subscriptions/listen',
        params: { notifications, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} } },
      },
    })

  test('tells of changed lists and watched resources, and counts as a connection', async () => {
    const notes = createUpstream('notes')
    const hub = await start({ connectors: [market, notes] })
    const stream = await listen(hub.url, { toolsListChanged: true, resourceSubscriptions: ['hub://notes/note://one', 'hub://nowhere/x'] })
    const { message } = await stream.next(({ method }) => method === 'notifications/subscriptions/acknowledged')
    expect(message.params.notifications).toMatchObject({ toolsListChanged: true, resourceSubscriptions: ['hub://notes/note://one', 'hub://nowhere/x'] })
    expect(notes.watched).toEqual(['note://one'])
    const connections = async () => /mcp_active_connections\{server="all"\} (\d+)/.exec(await hub.metrics.text())?.[1]
    expect(await connections()).toBe('1')
    notes.emit({ type: 'updated', uri: 'note://one' })
    const update = await stream.next(({ method }) => method === 'notifications/resources/updated')
    expect(update.message.params.uri).toBe('hub://notes/note://one')
    hub.replace([notes])
    await stream.next(({ method }) => method === 'notifications/tools/list_changed')
    stream.close()
    await expect.poll(() => notes.watched).toEqual([])
    await expect.poll(connections).toBe('0')
  })

  test('is one caller’s so many times and no more, and another’s still', async () => {
    const hub = await start({
      connectors: [market],
      keys: [
        { name: 'one', role: 'reader' },
        { name: 'two', role: 'reader' },
      ],
    })
    const open = (name: string): Promise<OpenStream> => listen(hub.url, { toolsListChanged: true }, 'l1', { authorization: `Bearer ${hub.keys[name]}` })
    const streams = await Promise.all(Array.from({ length: 64 }, () => open('one')))
    for (const stream of streams) await stream.next(({ method }) => method === 'notifications/subscriptions/acknowledged')
    const body = { notifications: { toolsListChanged: true } }
    const refused = await modernPost(`${hub.url}/mcp`, 'subscriptions/listen', body, { id: 'l2', headers: { authorization: `Bearer ${hub.keys['one']}` } })
    expect(refused.messages[0]).toMatchObject({ id: 'l2', error: { data: { code: 'HUB_LIMITED' } } })
    await (await open('two')).next(({ method }) => method === 'notifications/subscriptions/acknowledged')
    streams[0]?.close()
    await expect.poll(async () => (await open('one')).headers['content-type']).toContain('text/event-stream')
  })

  test('takes no address that is too long, and no more of them than one caller may watch', async () => {
    const hub = await start({ connectors: [createUpstream('notes')] })
    const ask = async (resourceSubscriptions: readonly string[]) =>
      (await modernPost(`${hub.url}/mcp`, 'subscriptions/listen', { notifications: { resourceSubscriptions } })).messages[0].error
    expect(await ask([`hub://notes/${'x'.repeat(5_000)}`])).toMatchObject({ code: -32602 })
    expect(await ask(Array.from({ length: 1_001 }, (_, index) => `hub://notes/note://${index}`))).toMatchObject({ data: { code: 'HUB_LIMITED' } })
  })

  test('ends in good order when the hub stops', async () => {
    const hub = await start({ connectors: [market] })
    const stream = await listen(hub.url, { toolsListChanged: true })
    await stream.next(({ method }) => method === 'notifications/subscriptions/acknowledged')
    const closing = hub.edge.close()
    const { message } = await stream.next(({ id }) => id === 'l1')
    expect(message.result.resultType).toBe('complete')
    await closing
  })
})

test.each(['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'])(
  '%s has one page, and refuses a cursor it never gave out',
  async (method) => {
    for (const hotPath of [true, false]) {
      const hub = await start({ connectors: [market], hotPath })
      for (const cursor of ['garbage', 5]) {
        const answers = [
          await modernPost(`${hub.url}/mcp`, method, { cursor }),
          await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 1, method, params: { cursor } }),
        ]
        for (const { messages } of answers) expect(messages[0].error).toMatchObject({ code: -32602, message: expect.stringContaining('cursor') })
      }
    }
  },
)

test('GET and DELETE are of the other era', async () => {
  const hub = await start({ connectors: [market] })
  expect((await send(`${hub.url}/mcp`, { method: 'GET', headers: { accept: 'text/event-stream' } })).status).toBe(400)
  expect((await send(`${hub.url}/mcp`, { method: 'DELETE' })).status).toBe(400)
})

test('lists of one sick upstream empty no one else’s', async () => {
  const [well, sick] = [createUpstream('well'), createUpstream('sick')]
  const hub = await start({ connectors: [market, well, sick] })
  sick.fail = true
  const { resources } = (await modernPost(`${hub.url}/mcp`, 'resources/list')).messages[0].result
  expect(resources.map(({ uri }: { uri: string }) => uri)).toEqual(['hub://well/note://one', 'market://symbols'])
  const { prompts } = (await modernPost(`${hub.url}/mcp`, 'prompts/list')).messages[0].result
  expect(prompts.map(({ name }: { name: string }) => name)).toContain('well_greet')
})

test('a toolset takes what it names of an upstream, and nothing else', async () => {
  const hub = await start({
    connectors: [market, createUpstream('notes')],
    toolsets: [{ name: 'few', tools: ['market_word'], prompts: ['notes_greet'], resources: ['hub://notes/note://o*'] }],
  })
  const path = `${hub.url}/mcp/toolsets/few`
  const list = async (method: string, member: string, key: string) =>
    (await modernPost(path, method)).messages[0].result[member].map((entry: Record<string, string>) => entry[key])
  expect(await list('tools/list', 'tools', 'name')).toEqual(['market_word'])
  expect(await list('prompts/list', 'prompts', 'name')).toEqual(['notes_greet'])
  expect(await list('resources/list', 'resources', 'uri')).toEqual(['hub://notes/note://one'])
  expect(await list('resources/templates/list', 'resourceTemplates', 'uriTemplate')).toEqual([])
  expect((await modernPost(path, 'resources/read', { uri: 'hub://notes/note://two' })).messages[0].error.code).toBe(-32602)
  expect((await modernPost(path, 'resources/read', { uri: 'hub://notes/note://one' })).messages[0].result.contents[0].uri).toBe('hub://notes/note://one')
  expect((await modernPost(path, 'tools/call', { name: 'market_list', arguments: {} })).messages[0].error.code).toBe(-32602)
})

test('a prompt of an upstream with a long name is found by its short form, one of a connector whose name begins another’s too', async () => {
  const hub = await start({ connectors: [createUpstream('notes'), createUpstream('notes_two')] })
  const { prompts } = (await modernPost(`${hub.url}/mcp`, 'prompts/list')).messages[0].result
  const names = prompts.map(({ name }: { name: string }) => name)
  expect(names.every((name: string) => name.length <= 60)).toBe(true)
  for (const name of names) {
    const { result } = (await modernPost(`${hub.url}/mcp`, 'prompts/get', { name, arguments: { who: 'x' } })).messages[0]
    const owner = name.startsWith('notes_two_') ? 'notes_two' : 'notes'
    expect(result.messages[0].content.resource.uri).toBe(`hub://${owner}/note://one`)
    expect(result.messages[0].content.resource.text).toBe(
      name.includes('greet') ? 'greet x' : 'a_prompt_with_a_name_that_is_much_too_long_for_sixty_characters x',
    )
  }
})

test('big numbers survive in arguments and results', async () => {
  for (const hotPath of [true, false]) {
    const hub = await start({ connectors: [market], hotPath })
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"market_echo","arguments":{"n":9007199254740995,"in":{"d":12345678901234567890.5}},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
    const { text } = await send(`${hub.url}/mcp`, {
      headers: { 'content-type': 'application/json', 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'market_echo' },
      body,
    })
    expect(text).toContain('"structuredContent":{"n":9007199254740995,"in":{"d":12345678901234567890.5}}')
  }
})

test('the trace a caller belongs to travels on: of _meta, else of the headers', async () => {
  const traced = { handler: async (_args: unknown, run: Run) => ({ type: 'data' as const, data: { ...run.trace } }) }
  const hub = await start({ connectors: [{ name: 'trace', tools: { tell: traced } }] })
  const call = async (meta: object, headers: Record<string, string>) =>
    (await modernPost(`${hub.url}/mcp`, 'tools/call', { name: 'trace_tell', arguments: {} }, { meta, headers })).messages[0].result.structuredContent
  const one = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  expect(await call({ traceparent: one, tracestate: 'a=1', baggage: 'b=2' }, { traceparent: 'other' })).toEqual({
    traceparent: one,
    tracestate: 'a=1',
    baggage: 'b=2',
  })
  expect(await call({}, { traceparent: one })).toEqual({ traceparent: one })
  expect(await call({ traceparent: 'x'.repeat(9_000) }, {})).toEqual({})
})

test('what completes nothing says so', async () => {
  const hub = await start({ connectors: [market] })
  const complete = async (ref: object, argument: object = { name: 'a', value: '' }) =>
    (await modernPost(`${hub.url}/mcp`, 'completion/complete', { ref, argument })).messages[0]
  const nothing = { values: [], total: 0, hasMore: false }
  expect((await complete({ type: 'ref/prompt', name: 'market_brief' })).result.completion).toEqual(nothing)
  expect((await complete({ type: 'ref/resource', uri: 'market://candles/{symbol}' })).result.completion).toEqual(nothing)
  expect((await complete({ type: 'ref/prompt', name: 'none' })).error.code).toBe(-32602)
  expect((await complete({ type: 'ref/other' })).error.code).toBe(-32602)
  expect((await complete({ type: 'ref/prompt', name: 'market_brief' }, {})).error.code).toBe(-32602)
})

test('a prompt that lacks an argument, or gets one of another type, says which', async () => {
  const hub = await start({ connectors: [market] })
  const get = async (args: unknown) => (await modernPost(`${hub.url}/mcp`, 'prompts/get', { name: 'market_brief', arguments: args })).messages[0].error
  expect(await get({})).toMatchObject({ code: -32602, message: expect.stringContaining('needs symbol') })
  expect(await get({ symbol: 7 })).toMatchObject({ message: expect.stringContaining('"symbol"') })
  expect(await get('text')).toMatchObject({ code: -32602 })
})
