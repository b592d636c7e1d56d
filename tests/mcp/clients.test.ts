import { PassThrough } from 'node:stream'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ElicitRequestSchema, ResourceUpdatedNotificationSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, describe, expect, test } from 'vitest'
import { localPrincipal } from '../../runtime/auth/local.ts'
import { serveStdioEdge } from '../../runtime/mcp/stdio.ts'
import { createTalker, createUpstream, market } from './connectors.ts'
import { startTestHub, type TestHub, type TestHubOptions } from './hub.ts'
import { createStreamClient } from './stream-client.ts'

const ending: (() => Promise<unknown>)[] = []
async function start(options: TestHubOptions): Promise<TestHub> {
  const hub = await startTestHub(options)
  ending.push(() => hub.close())
  return hub
}
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

const info = { name: 'test-client', version: '1.0.0' }
const abilities = { elicitation: {}, sampling: {}, roots: {} }
const everything = () => ({ connectors: [market, createTalker(), createUpstream('notes')] })

describe.each(['legacy', 'auto'] as const)('the SDK’s client, version negotiation %s', (mode) => {
  async function open(hub: TestHub, path = '/mcp'): Promise<Client> {
    const client = new Client(info, { capabilities: abilities, versionNegotiation: { mode } })
    client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: { name: 'Ada' } }))
    client.setRequestHandler('roots/list', async () => ({ roots: [{ uri: 'file:///home' }] }))
    await client.connect(new StreamableHTTPClientTransport(new URL(hub.url + path)))
    ending.push(() => client.close())
    return client
  }

  test('lists, calls, reads, completes', async () => {
    const hub = await start(everything())
    const client = await open(hub)
    expect(client.getNegotiatedProtocolVersion()).toBe(mode === 'legacy' ? '2025-11-25' : '2026-07-28')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('market_candles')
    const answer = await client.callTool({ name: 'market_candles', arguments: { symbol: 'BTC/USDT' } })
    expect(answer.structuredContent).toMatchObject({ rows: [{ symbol: 'BTC/USDT' }] })
    const list = await client.callTool({ name: 'market_list', arguments: {} })
    expect(list.structuredContent).toEqual(mode === 'legacy' ? { result: [1, 2, 3] } : [1, 2, 3])
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toContain('notes_greet')
    expect((await client.getPrompt({ name: 'market_brief', arguments: { symbol: 'BTC' } })).messages[0]?.content).toEqual({
      type: 'text',
      text: 'Tell me of BTC {other}',
    })
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toContain('hub://notes/note://one')
    expect((await client.readResource({ uri: 'market://candles/BTC' })).contents[0]).toMatchObject({ text: '{"of":"BTC"}' })
    const { completion } = await client.complete({ ref: { type: 'ref/prompt', name: 'notes_greet' }, argument: { name: 'who', value: 'A' } })
    expect(completion.values).toEqual(['{"type":"ref/prompt","name":"greet"}'])
  })

  test('learns of an unknown tool and of one that fails', async () => {
    const client = await open(await start(everything()))
    await expect(client.callTool({ name: 'market_candle', arguments: {} })).rejects.toThrow(/did you mean "market_candles"/)
    const failed = await client.callTool({ name: 'market_fails', arguments: {} })
    expect(failed).toMatchObject({ isError: true, content: [{ type: 'text', text: 'HUB_QUERY_FAILED: the database refused the statement: no such table' }] })
  })

  test('hears progress and answers questions', async () => {
    const client = await open(await start(everything()))
    const heard: number[] = []
    await client.callTool({ name: 'talker_progress', arguments: {} }, { onprogress: ({ progress }) => void heard.push(progress) })
    expect(heard).toEqual([1, 2])
    const twice = await client.callTool({ name: 'talker_ask_twice', arguments: {} })
    expect(twice.structuredContent).toEqual({ first: { action: 'accept', content: { name: 'Ada' } }, second: { roots: [{ uri: 'file:///home' }] } })
    const bridged = await client.callTool({ name: 'talker_upstream_asks', arguments: {} })
    expect(bridged.structuredContent).toEqual({ state: 'upstream state', heard: { action: 'accept', content: { name: 'Ada' } } })
  })

  test('uses a connector’s own endpoint by its own names', async () => {
    const client = await open(await start(everything()), '/mcp/connectors/notes')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['broken', 'link', 'plain'])
    expect(tools[1]).toMatchObject({ _meta: { ui: { resourceUri: 'ui://panel' } }, icons: [{ src: 'https://example.com/icon.png' }] })
    const { content, _meta } = await client.callTool({ name: 'link', arguments: {} })
    expect(content[0]).toMatchObject({ uri: 'note://one' })
    expect(JSON.stringify(_meta)).not.toContain('leak')
    expect(client.getInstructions()).toBe('Instructions of notes.')
  })

  test('cancels a call', async () => {
    const talker = createTalker()
    const client = await open(await start({ connectors: [talker] }))
    const stop = new AbortController()
    const waiting = client.callTool({ name: 'talker_wait', arguments: {} }, { signal: stop.signal })
    await talker.started
    stop.abort('enough')
    await expect(waiting).rejects.toThrow()
    expect(await talker.aborted).toMatchObject({ code: 'HUB_CANCELLED' })
  })
})

test('the modern client listens and hears of changes', async () => {
  const notes = createUpstream('notes')
  const hub = await start({ connectors: [market, notes] })
  const client = new Client(info, { versionNegotiation: { mode: 'auto' } })
  let tools!: () => void
  let updated!: (uri: string) => void
  const changed = new Promise<void>((resolve) => (tools = resolve))
  const update = new Promise<string>((resolve) => (updated = resolve))
  client.setNotificationHandler('notifications/tools/list_changed', () => tools())
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => updated(params.uri))
  await client.connect(new StreamableHTTPClientTransport(new URL(`${hub.url}/mcp`)))
  ending.push(() => client.close())
  await client.listen({ toolsListChanged: true, resourceSubscriptions: ['hub://notes/note://one'] })
  notes.emit({ type: 'updated', uri: 'note://one' })
  expect(await update).toBe('hub://notes/note://one')
  hub.replace([notes])
  await changed
  expect((await client.listTools()).tools.every(({ name }) => name.startsWith('notes_'))).toBe(true)
})

describe('the client of SDK v1', () => {
  async function open(hub: TestHub): Promise<ClientV1> {
    const client = new ClientV1(info, { capabilities: abilities })
    client.setRequestHandler(ElicitRequestSchema, async () => ({ action: 'accept' as const, content: { name: 'Ada' } }))
    await client.connect(new TransportV1(new URL(`${hub.url}/mcp`)) as never)
    ending.push(() => client.close())
    return client
  }

  test('lists, calls, hears progress and answers questions', async () => {
    const client = await open(await start(everything()))
    expect((await client.listTools()).tools.find(({ name }) => name === 'market_list')?.outputSchema).toMatchObject({
      type: 'object',
      properties: { result: { type: 'array', items: { $ref: '#/properties/result/$defs/price' } } },
    })
    expect((await client.callTool({ name: 'market_list', arguments: {} })).structuredContent).toEqual({ result: [1, 2, 3] })
    const heard: number[] = []
    await client.callTool({ name: 'talker_progress', arguments: {} }, undefined, { onprogress: ({ progress }) => void heard.push(progress) })
    expect(heard).toEqual([1, 2])
    expect((await client.callTool({ name: 'talker_ask', arguments: {} })).structuredContent).toEqual({ heard: { action: 'accept', content: { name: 'Ada' } } })
    await client.ping()
  })

  test('hears of changed lists and watched resources', async () => {
    const notes = createUpstream('notes')
    const hub = await start({ connectors: [market, notes] })
    const client = await open(hub)
    const changed = new Promise<void>((resolve) => client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve()))
    const updated = new Promise<string>((resolve) => client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => resolve(params.uri)))
    await client.subscribeResource({ uri: 'hub://notes/note://one' })
    notes.emit({ type: 'updated', uri: 'note://one' })
    expect(await updated).toBe('hub://notes/note://one')
    hub.replace([notes])
    await changed
  })
})

describe.each(['legacy', 'auto'] as const)('over stdio, version negotiation %s', (mode) => {
  test('the same methods answer, questions included, and changes are told', async () => {
    const notes = createUpstream('notes')
    const hub = await start({ connectors: [market, createTalker(), notes] })
    const stdin = new PassThrough()
    const stdout = new PassThrough()
    const edge = serveStdioEdge({ ...hub.parts, principal: localPrincipal }, { kind: 'all' }, { stdin, stdout })
    ending.push(() => edge.close())
    const client = new Client(info, { capabilities: abilities, versionNegotiation: { mode } })
    client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: { name: 'Ada' } }))
    let tell!: () => void
    let update!: (uri: string) => void
    const changed = new Promise<void>((resolve) => (tell = resolve))
    const updated = new Promise<string>((resolve) => (update = resolve))
    client.setNotificationHandler('notifications/tools/list_changed', () => tell())
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => update(params.uri))
    await client.connect(createStreamClient(stdout, stdin))

    expect((await client.listTools()).tools.length).toBeGreaterThan(10)
    expect((await client.callTool({ name: 'market_candles', arguments: { symbol: 'x' } })).structuredContent).toMatchObject({ rows: [{ close: '67000.5' }] })
    expect((await client.callTool({ name: 'talker_ask', arguments: {} })).structuredContent).toEqual({ heard: { action: 'accept', content: { name: 'Ada' } } })
    const heard: number[] = []
    await client.callTool({ name: 'talker_progress', arguments: {} }, { onprogress: ({ progress }) => void heard.push(progress) })
    expect(heard).toEqual([1, 2])
    await expect(client.callTool({ name: 'nope', arguments: {} })).rejects.toThrow(/HUB_TOOL_UNKNOWN/)

    if (mode === 'auto') await client.listen({ toolsListChanged: true, resourceSubscriptions: ['hub://notes/note://one'] })
    else await client.subscribeResource({ uri: 'hub://notes/note://one' })
    await expect.poll(() => notes.watched).toEqual(['note://one'])
    notes.emit({ type: 'updated', uri: 'note://one' })
    expect(await updated).toBe('hub://notes/note://one')
    hub.replace([notes])
    await changed
    expect((await client.listTools()).tools.every(({ name }) => name.startsWith('notes_'))).toBe(true)

    await client.close()
    await edge.closed
    expect(notes.watched).toEqual([])
  })
})

test('over stdio garbage is answered, big numbers survive, and the end of input ends the edge', async () => {
  const hub = await start({ connectors: [market] })
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  let heard = ''
  stdout.on('data', (chunk) => (heard += chunk))
  const edge = serveStdioEdge({ ...hub.parts, principal: localPrincipal }, { kind: 'connector', name: 'market' }, { stdin, stdout })
  stdin.write('not json\n\n{"jsonrpc":"2.0"}\n')
  stdin.write(
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}\n',
  )
  stdin.write('{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"n":9007199254740995}}}\n')
  const bytes = Buffer.from('{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","arguments":{"t":"ü"}}}\n')
  const middle = bytes.indexOf(0xc3) + 1
  stdin.write(bytes.subarray(0, middle))
  stdin.write(bytes.subarray(middle))
  await expect.poll(() => heard.split('\n').length).toBe(6)
  // Calls run side by side: the one with big numbers may end after the one behind it.
  const lines = heard
    .trim()
    .split('\n')
    .toSorted((left, right) => Number(JSON.parse(left).id) - Number(JSON.parse(right).id))
  expect(lines.map((line) => JSON.parse(line)).map(({ id, error }) => [id, error?.code])).toEqual([
    [null, -32700],
    [null, -32600],
    [1, undefined],
    [2, undefined],
    [3, undefined],
  ])
  expect(lines[3]).toContain('"structuredContent":{"n":9007199254740995')
  expect(lines[4]).toContain('"structuredContent":{"t":"ü"}')
  stdin.end()
  await edge.closed
})

test('over stdio the end of input waits for the answers that are due, and a line without end is refused', async () => {
  let answer!: () => void
  const due = new Promise<void>((resolve) => (answer = resolve))
  const hub = await start({ connectors: [{ name: 'slow', tools: { echo: { handler: () => due.then(() => ({ type: 'data', data: { late: true } })) } } }] })
  const serve = () => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()]
    const heard: string[] = []
    stdout.on('data', (chunk: Buffer) => heard.push(chunk.toString()))
    return { stdin, heard, edge: serveStdioEdge({ ...hub.parts, principal: localPrincipal }, { kind: 'connector', name: 'slow' }, { stdin, stdout }) }
  }
  const first = serve()
  first.stdin.write(
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}\n',
  )
  await expect.poll(() => first.heard.length).toBe(1)
  first.stdin.end('{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{}}}\n')
  await new Promise((resolve) => first.stdin.once('end', resolve))
  answer()
  await first.edge.closed
  expect(first.heard.join('')).toContain('"structuredContent":{"late":true}')

  const second = serve()
  second.stdin.write('x'.repeat(10 * 1024 * 1024 + 1))
  await second.edge.closed
  expect(second.heard.join('')).toContain('a line is over 10485760 characters')
})

test('stdio for an endpoint there is not is refused with a way on', async () => {
  const hub = await start({ connectors: [market] })
  const streams = { stdin: new PassThrough(), stdout: new PassThrough() }
  expect(() => serveStdioEdge({ ...hub.parts, principal: localPrincipal }, { kind: 'connector', name: 'none' }, streams)).toThrow(
    /there is no connector "none"; hub list/,
  )
})
