import { afterEach, describe, expect, test } from 'vitest'
import { HubError } from '../../runtime/contract/errors.ts'
import type { Extras } from '../../runtime/contract/kind.ts'
import type { Principal } from '../../runtime/contract/principal.ts'
import { createMemorySessions } from '../../runtime/mcp/sessions.ts'
import { createTalker, createUpstream, market } from './connectors.ts'
import { startTestHub, type TestHub, type TestHubOptions } from './hub.ts'
import { legacyPost, openSession, openStream, send } from './raw.ts'

const hubs: TestHub[] = []
async function start(options: TestHubOptions): Promise<TestHub> {
  const hub = await startTestHub(options)
  hubs.push(hub)
  return hub
}
afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.close()
})

const call = (id: number | string, name: string, args: object = {}, meta?: object) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args, ...(meta ? { _meta: meta } : {}) },
})
const abilities = { elicitation: {}, sampling: {}, roots: { listChanged: true } }

describe('the handshake', () => {
  test.each([
    ['2025-11-25', '2025-11-25'],
    ['2024-11-05', '2024-11-05'],
    ['1999-01-01', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
  ])('a client that asks for %s gets %s', async (version, negotiated) => {
    const hub = await start({ connectors: [market] })
    const { result, id } = await openSession(`${hub.url}/mcp`, { version })
    expect(result.protocolVersion).toBe(negotiated)
    expect(result.serverInfo).toEqual({ name: 'test-hub', version: '0.0.0' })
    expect(result.capabilities).toMatchObject({ tools: { listChanged: true }, logging: {}, resources: { subscribe: true } })
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    expect(hub.edge.sessionsOpen()).toBe(1)
  })

  test('a connector’s own endpoint tells what the connector is and can', async () => {
    const hub = await start({ connectors: [market, createUpstream('notes')] })
    const notes = await openSession(`${hub.url}/mcp/connectors/notes`)
    expect(notes.result.instructions).toBe('Instructions of notes.')
    expect(notes.result.capabilities.completions).toEqual({})
    const plain = await openSession(`${hub.url}/mcp/connectors/market`)
    expect(plain.result.capabilities.completions).toBeUndefined()
  })

  test('one that is malformed is told what is missing', async () => {
    const hub = await start({ connectors: [market] })
    const answer = await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 0, method: 'initialize', params: {} })
    expect(answer.messages[0].error.code).toBe(-32602)
    expect(answer.headers['mcp-session-id']).toBeUndefined()
  })
})

describe('a handshake with much to declare', () => {
  test('is taken up to a bound: what is declared is kept as long as the session', async () => {
    const hub = await start({ connectors: [market] })
    const open = (note: string) =>
      legacyPost(`${hub.url}/mcp`, {
        jsonrpc: '2.0',
        id: 0,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: { experimental: { note } }, clientInfo: { name: 'raw', version: '1' } },
      })
    expect((await open('x'.repeat(16_000))).headers['mcp-session-id']).toBeDefined()
    const refused = await open('x'.repeat(17_000))
    expect(refused.messages[0].error).toMatchObject({ code: -32602, message: expect.stringContaining('capabilities') })
    expect(refused.headers['mcp-session-id']).toBeUndefined()
    expect(hub.edge.sessionsOpen()).toBe(1)
  })
})

describe('a session', () => {
  test('ends by DELETE and is unknown afterwards', async () => {
    const hub = await start({ connectors: [market] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    expect((await send(`${hub.url}/mcp`, { method: 'DELETE', headers })).status).toBe(200)
    const after = await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'ping' }, headers)
    expect(after.status).toBe(404)
    expect(after.messages[0].error.code).toBe(-32001)
    expect(hub.edge.sessionsOpen()).toBe(0)
  })

  test('refuses a version the hub does not speak', async () => {
    const hub = await start({ connectors: [market] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    const answer = await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'ping' }, { ...headers, 'mcp-protocol-version': '2023-01-01' })
    expect(answer.status).toBe(400)
    expect(answer.messages[0].error.message).toContain('2025-11-25, 2025-06-18')
  })

  test('that was idle too long is over, and its streams with it', async () => {
    let now = 1_000_000
    const sessions = createMemorySessions({ most: 10, mostOfOne: 10, idleMs: 60_000 }, () => now)
    const hub = await start({ connectors: [market], sessions })
    const { headers } = await openSession(`${hub.url}/mcp`)
    const stream = await openStream(`${hub.url}/mcp`, { headers })
    now += 60_001
    sessions.sweep()
    await stream.ended
    expect(hub.edge.sessionsOpen()).toBe(0)
    expect((await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'ping' }, headers)).status).toBe(404)
  })

  test('of one caller gives way to its newer ones, never another’s', async () => {
    const sessions = createMemorySessions({ most: 10, mostOfOne: 2, idleMs: 60_000 }, Date.now)
    const hub = await start({
      connectors: [market],
      sessions,
      keys: [
        { name: 'one', role: 'reader' },
        { name: 'two', role: 'reader' },
      ],
    })
    const open = (name: string) => openSession(`${hub.url}/mcp`, { headers: { authorization: `Bearer ${hub.keys[name]}` } })
    const other = await open('two')
    const [first, second, third] = [await open('one'), await open('one'), await open('one')]
    const status = async (session: { headers: Record<string, string> }) =>
      (await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'ping' }, session.headers)).status
    expect([await status(other), await status(first), await status(second), await status(third)]).toEqual([200, 404, 200, 200])
  })

  test('batches are for the revisions that have them', async () => {
    const hub = await start({ connectors: [market] })
    const batch = [{ jsonrpc: '2.0', id: 1, method: 'ping' }, { jsonrpc: '2.0', method: 'notifications/roots/list_changed' }, call(2, 'market_word')]
    const old = await openSession(`${hub.url}/mcp`, { version: '2025-03-26' })
    const answer = await legacyPost(`${hub.url}/mcp`, batch, old.headers)
    expect(answer.messages.map(({ id }) => id)).toEqual([1, 2])
    const young = await openSession(`${hub.url}/mcp`, { version: '2025-06-18' })
    expect((await legacyPost(`${hub.url}/mcp`, batch, young.headers)).status).toBe(400)
    const many = Array.from({ length: 101 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }))
    expect((await legacyPost(`${hub.url}/mcp`, many, old.headers)).status).toBe(400)
    const init = [
      { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'x', version: '1' } } },
    ]
    expect((await legacyPost(`${hub.url}/mcp`, init)).status).toBe(400)
  })

  test('a batch in which one call speaks becomes a stream with every answer', async () => {
    const hub = await start({ connectors: [market, createTalker()] })
    const { headers } = await openSession(`${hub.url}/mcp`, { version: '2025-03-26' })
    const answer = await legacyPost(
      `${hub.url}/mcp`,
      [{ jsonrpc: '2.0', id: 'p', method: 'ping' }, call('c', 'talker_progress', {}, { progressToken: 't' })],
      headers,
    )
    expect(answer.headers['content-type']).toBe('text/event-stream')
    expect(answer.messages.filter(({ id }) => id !== undefined).map(({ id }) => id)).toEqual(['p', 'c'])
    expect(answer.messages.filter(({ method }) => method === 'notifications/progress')).toHaveLength(2)
  })

  test('an id that is still running is not taken twice', async () => {
    const talker = createTalker()
    const hub = await start({ connectors: [talker] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    const first = legacyPost(`${hub.url}/mcp`, call(1, 'talker_wait'), headers)
    await talker.started
    expect((await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'ping' }, headers)).messages[0].error.code).toBe(-32600)
    talker.release()
    expect((await first).messages[0].result.structuredContent).toEqual({ released: true })
  })
})

describe('answers', () => {
  test('are JSON when the call said nothing and a stream when it did', async () => {
    const hub = await start({ connectors: [market, createTalker()] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    expect((await legacyPost(`${hub.url}/mcp`, call(1, 'market_word'), headers)).headers['content-type']).toBe('application/json')
    const spoken = await legacyPost(`${hub.url}/mcp`, call(2, 'talker_progress', {}, { progressToken: 7 }), headers)
    expect(spoken.headers['content-type']).toBe('text/event-stream')
    expect(spoken.messages.map(({ method, id, params }) => method ?? `${id}:${params}`)).toEqual([
      'notifications/progress',
      'notifications/message',
      'notifications/progress',
      '2:undefined',
    ])
    expect(spoken.messages[0].params).toEqual({ progressToken: 7, progress: 1, total: 2, message: 'half' })
  })

  test('leave out log messages below the level the client set', async () => {
    const hub = await start({ connectors: [createTalker(), createUpstream('notes')] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params: { level: 'error' } }, headers)
    expect((await legacyPost(`${hub.url}/mcp`, call(2, 'talker_progress'), headers)).headers['content-type']).toBe('application/json')
  })

  test('every answer says how fresh it is', async () => {
    const hub = await start({ connectors: [market] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    const ask = async () => (await legacyPost(`${hub.url}/mcp`, call(1, 'market_cached'), headers)).messages[0].result
    const first = await ask()
    expect(first._meta['io.integration-hub/freshness']).toMatchObject({
      source: 'market',
      cache: 'miss',
      callId: expect.any(String),
      asOf: expect.stringMatching(/^\d{4}-/),
      ageMs: expect.any(Number),
    })
    const second = await ask()
    expect(second._meta['io.integration-hub/freshness'].cache).toBe('hit')
    expect(second.structuredContent).toEqual(first.structuredContent)
  })
})

describe('a client that goes away', () => {
  test('before anything was said cancels its call', async () => {
    const talker = createTalker()
    const hub = await start({ connectors: [talker] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    const lost = new AbortController()
    const gone = fetch(`${hub.url}/mcp`, {
      method: 'POST',
      signal: lost.signal,
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify(call(1, 'talker_wait')),
    })
    await talker.started
    lost.abort()
    await expect(gone).rejects.toThrow()
    expect(await talker.aborted).toMatchObject({ code: 'HUB_CANCELLED' })
  })

  test('cancels by notification, and its request is answered with that', async () => {
    const talker = createTalker()
    const hub = await start({ connectors: [talker] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    const waiting = legacyPost(`${hub.url}/mcp`, call('w', 'talker_wait'), headers)
    await talker.started
    expect(
      (await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'w', reason: 'enough' } }, headers)).status,
    ).toBe(202)
    expect(await talker.aborted).toMatchObject({ code: 'HUB_CANCELLED' })
    expect((await waiting).messages[0].error.data.code).toBe('HUB_CANCELLED')
  })

  test('in the middle of a stream comes back with the last event id and misses nothing', async () => {
    const talker = createTalker()
    const hub = await start({ connectors: [talker] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    const stream = await openStream(`${hub.url}/mcp`, { headers, body: call(5, 'talker_speak_and_wait', {}, { progressToken: 1 }) })
    expect(stream.events[0] ?? (await stream.next(() => true), stream.events[0])).toMatchObject({ id: 'c1_0', retry: '3000', data: '' })
    const { event } = await stream.next(({ method }) => method === 'notifications/progress')
    stream.close()
    await stream.ended
    talker.release()

    const again = await openStream(`${hub.url}/mcp`, { headers: { ...headers, 'last-event-id': event.id as string } })
    await again.next(({ id }) => id === 5)
    await again.ended
    expect(
      again.events
        .map(({ data }) => data && JSON.parse(data))
        .filter(Boolean)
        .map(({ method, id }) => method ?? id),
    ).toEqual(['notifications/progress', 5])
    const late = await openStream(`${hub.url}/mcp`, { headers: { ...headers, 'last-event-id': again.events.at(-2)?.id as string } })
    await late.ended
    expect(late.events.filter(({ data }) => data).map(({ data }) => JSON.parse(data as string).id)).toEqual([5])
  })

  test('and asks for an event there never was is told so', async () => {
    const hub = await start({ connectors: [market] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    for (const id of ['c9_1', 'rubbish']) expect((await openStream(`${hub.url}/mcp`, { headers: { ...headers, 'last-event-id': id } })).status).toBe(400)
  })
})

describe('the stream of GET', () => {
  test('one at a time, and only of a session', async () => {
    const hub = await start({ connectors: [market] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    const stream = await openStream(`${hub.url}/mcp`, { headers })
    expect(stream.status).toBe(200)
    expect(stream.headers['x-accel-buffering']).toBe('no')
    expect((await openStream(`${hub.url}/mcp`, { headers })).status).toBe(409)
    expect((await openStream(`${hub.url}/mcp`, {})).status).toBe(400)
    expect((await openStream(`${hub.url}/mcp`, { headers: { ...headers, 'mcp-session-id': 'another' } })).status).toBe(404)
    expect((await send(`${hub.url}/mcp`, { method: 'GET', headers: { ...headers, accept: 'application/json' } })).status).toBe(406)
    stream.close()
  })

  test('tells of changed lists, what changed while nobody listened included', async () => {
    const hub = await start({ connectors: [market] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    hub.replace([{ ...market, tools: { one_more: { handler: async () => ({ type: 'data', data: {} }) } } }])
    const stream = await openStream(`${hub.url}/mcp`, { headers })
    await stream.next(({ method }) => method === 'notifications/tools/list_changed')
    const list = await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers)
    expect(list.messages[0].result.tools.map(({ name }: { name: string }) => name)).toEqual(['market_one_more'])
    stream.close()
  })

  test('tells of updates of watched resources, by the address the client knows, and of upstream logs once asked', async () => {
    const notes = createUpstream('notes')
    const hub = await start({ connectors: [market, notes] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    const stream = await openStream(`${hub.url}/mcp`, { headers })
    const post = (method: string, params: object) => legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 1, method, params }, headers)
    expect((await post('resources/subscribe', { uri: 'hub://notes/note://one' })).messages[0].result).toEqual({})
    expect(notes.watched).toEqual(['note://one'])
    notes.emit({ type: 'updated', uri: 'note://other' })
    notes.emit({ type: 'updated', uri: 'note://one' })
    const { message } = await stream.next(({ method }) => method === 'notifications/resources/updated')
    expect(message.params).toEqual({ uri: 'hub://notes/note://one' })

    notes.emit({ type: 'log', level: 'error', data: 'not asked for' })
    await post('logging/setLevel', { level: 'warning' })
    expect(notes.levels).toEqual(['warning'])
    notes.emit({ type: 'log', level: 'info', data: 'too quiet' })
    notes.emit({ type: 'log', level: 'error', data: 'heard' })
    await stream.next(({ method, params }) => method === 'notifications/message' && params.data === 'heard')
    expect(JSON.stringify(stream.events)).not.toMatch(/not asked for|too quiet|note:\/\/other/)

    await post('resources/unsubscribe', { uri: 'hub://notes/note://one' })
    expect(notes.watched).toEqual([])
    expect((await post('resources/subscribe', { uri: 'hub://notes/none/of/these' })).messages[0].result).toEqual({})
    expect((await post('resources/subscribe', { uri: 'market://nothing' })).messages[0].error).toMatchObject({
      code: -32602,
      data: { uri: 'market://nothing' },
    })
    stream.close()
  })

  test('what an upstream refuses to watch is an error, and does not stand in the way of the next', async () => {
    const notes = createUpstream('notes')
    const { extras } = notes
    let refuses = true
    const subscribe = (uri: string, principal: Principal): Promise<void> =>
      refuses ? Promise.reject(new HubError('HUB_UPSTREAM_FAILED', 'no such note')) : (extras as Extras).subscribe(uri, principal)
    const hub = await start({ connectors: [{ ...notes, extras: { ...(extras as Extras), subscribe } }] })
    const [one, two] = [await openSession(`${hub.url}/mcp`), await openSession(`${hub.url}/mcp`)]
    const watch = async ({ headers }: typeof one, uri: string) =>
      (await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri } }, headers)).messages[0]
    expect((await watch(one, 'hub://notes/note://one')).error.message).toContain('no such note')
    refuses = false
    expect((await watch(two, 'hub://notes/note://one')).result).toEqual({})
    expect(notes.watched).toEqual(['note://one'])
    expect((await watch(two, `hub://notes/${'x'.repeat(5_000)}`)).error.code).toBe(-32602)
  })

  test('one caller who watches all it may leaves room for the others', async () => {
    const notes = createUpstream('notes')
    const hub = await start({
      connectors: [notes],
      keys: [
        { name: 'one', role: 'reader' },
        { name: 'two', role: 'reader' },
      ],
    })
    const open = (name: string) => openSession(`${hub.url}/mcp`, { version: '2025-03-26', headers: { authorization: `Bearer ${hub.keys[name]}` } })
    const watch = async ({ headers }: Awaited<ReturnType<typeof open>>, uris: readonly string[]) =>
      (
        await legacyPost(
          `${hub.url}/mcp`,
          uris.map((uri, id) => ({ jsonrpc: '2.0', id, method: 'resources/subscribe', params: { uri: `hub://notes/note://${uri}` } })),
          headers,
        )
      ).messages
    const session = await open('one')
    for (let from = 0; from < 1_000; from += 100)
      await watch(
        session,
        Array.from({ length: 100 }, (_, index) => `${from + index}`),
      )
    expect(notes.watched).toHaveLength(1_000)
    const [refused] = await watch(await open('one'), ['more'])
    expect(refused.error).toMatchObject({ data: { code: 'HUB_LIMITED' } })
    const [taken] = await watch(await open('two'), ['more'])
    expect(taken.result).toEqual({})
    expect(notes.watched.at(-1)).toBe('note://more')
  })

  test('two sessions that watch one resource are one subscription upstream', async () => {
    const notes = createUpstream('notes')
    const hub = await start({ connectors: [notes] })
    const [one, two] = [await openSession(`${hub.url}/mcp`), await openSession(`${hub.url}/mcp/connectors/notes`)]
    const post = (path: string, headers: Record<string, string>, method: string, uri: string) =>
      legacyPost(hub.url + path, { jsonrpc: '2.0', id: 1, method, params: { uri } }, headers)
    await post('/mcp', one.headers, 'resources/subscribe', 'hub://notes/note://one')
    await post('/mcp/connectors/notes', two.headers, 'resources/subscribe', 'note://one')
    expect(notes.watched).toEqual(['note://one'])
    await post('/mcp', one.headers, 'resources/unsubscribe', 'hub://notes/note://one')
    expect(notes.watched).toEqual(['note://one'])
    await send(`${hub.url}/mcp/connectors/notes`, { method: 'DELETE', headers: two.headers })
    expect(notes.watched).toEqual([])
  })
})

describe('questions to a legacy client', () => {
  test('come on the stream of the call and are answered by POST', async () => {
    const hub = await start({ connectors: [createTalker()] })
    const { headers } = await openSession(`${hub.url}/mcp`, { capabilities: abilities })
    const stream = await openStream(`${hub.url}/mcp`, { headers, body: call(1, 'talker_ask_twice', {}, { progressToken: 1 }) })
    const first = await stream.next(({ method }) => method === 'elicitation/create')
    const reply = { action: 'accept', content: { name: 'Ada' } }
    expect((await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: first.message.id, result: reply }, headers)).status).toBe(202)
    const second = await stream.next(({ method }) => method === 'roots/list')
    await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: second.message.id, result: { roots: [] } }, headers)
    const { message } = await stream.next(({ id, result }) => id === 1 && result)
    expect(message.result.structuredContent).toEqual({ first: reply, second: { roots: [] } })
  })

  test('of a modern upstream are asked one by one, and the upstream gets its state back', async () => {
    const hub = await start({ connectors: [createTalker()] })
    const { headers } = await openSession(`${hub.url}/mcp`, { capabilities: abilities })
    const stream = await openStream(`${hub.url}/mcp`, { headers, body: call(1, 'talker_upstream_asks') })
    const { message } = await stream.next(({ method }) => method === 'elicitation/create')
    await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: message.id, result: { action: 'decline' } }, headers)
    const answer = await stream.next(({ id, result }) => id === 1 && result)
    expect(answer.message.result.structuredContent).toEqual({ state: 'upstream state', heard: { action: 'decline' } })
  })

  test('that never end are ended', async () => {
    const hub = await start({ connectors: [createTalker()] })
    const { headers } = await openSession(`${hub.url}/mcp`, { capabilities: abilities })
    const stream = await openStream(`${hub.url}/mcp`, { headers, body: call(1, 'talker_upstream_never_content') })
    const answered = new Set<unknown>()
    for (let round = 0; round < 8; round += 1) {
      const { message } = await stream.next(({ method, id }) => method === 'elicitation/create' && !answered.has(id))
      answered.add(message.id)
      await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: message.id, result: { action: 'cancel' } }, headers)
    }
    const { message } = await stream.next(({ id, result }) => id === 1 && result)
    expect(message.result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('HUB_UPSTREAM_FAILED') }] })
  })

  test('a refusal of the client reaches the tool as an error, with nothing lost', async () => {
    const hub = await start({ connectors: [createTalker()] })
    const { headers } = await openSession(`${hub.url}/mcp`, { capabilities: abilities })
    const stream = await openStream(`${hub.url}/mcp`, { headers, body: call(1, 'talker_ask') })
    const { message } = await stream.next(({ method }) => method === 'elicitation/create')
    await legacyPost(`${hub.url}/mcp`, { jsonrpc: '2.0', id: message.id, error: { code: -1, message: 'user is out' } }, headers)
    const answer = await stream.next(({ id, result }) => id === 1 && result)
    expect(answer.message.result.content[0].text).toContain('user is out')
  })

  test('are not put to a client that cannot answer them', async () => {
    const hub = await start({ connectors: [createTalker()] })
    const { headers } = await openSession(`${hub.url}/mcp`, { capabilities: { roots: {} } })
    const answer = await legacyPost(`${hub.url}/mcp`, call(1, 'talker_ask'), headers)
    expect(answer.messages[0].result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('HUB_INPUT_UNSUPPORTED') }] })
  })

  test('a session that ends ends its calls', async () => {
    const talker = createTalker()
    const hub = await start({ connectors: [talker] })
    const { headers } = await openSession(`${hub.url}/mcp`)
    const waiting = legacyPost(`${hub.url}/mcp`, call(1, 'talker_wait'), headers)
    await talker.started
    await send(`${hub.url}/mcp`, { method: 'DELETE', headers })
    expect(await talker.aborted).toMatchObject({ code: 'HUB_SESSION_UNKNOWN' })
    expect((await waiting).messages[0].error).toBeDefined()
  })
})

test('a hub that stops ends streams, lets calls finish and takes no new ones', async () => {
  const talker = createTalker()
  const hub = await startTestHub({ connectors: [talker] })
  const { headers } = await openSession(`${hub.url}/mcp`)
  const stream = await openStream(`${hub.url}/mcp`, { headers })
  const waiting = legacyPost(`${hub.url}/mcp`, call(1, 'talker_wait'), headers)
  await talker.started
  const closing = hub.edge.close()
  await stream.ended
  expect((await legacyPost(`${hub.url}/mcp`, call(2, 'talker_ask'), headers)).status).toBe(503)
  talker.release()
  expect((await waiting).messages[0].result.structuredContent).toEqual({ released: true })
  await closing
  await hub.close()
})
