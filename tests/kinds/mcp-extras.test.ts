import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Definitions, Extras, ExtrasEvent } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import type { McpConfig } from '../../runtime/kinds/mcp/config.ts'
import { openMcp, runOf, stdioOf, structuredOf, until } from '../fixtures/upstreams/lent.ts'
import { someone } from './lent.ts'
import type { Opened } from '../fixtures/upstreams/lent.ts'
import { listenBare } from '../fixtures/upstreams/bare.ts'
import { listenLegacy } from '../fixtures/upstreams/legacy.ts'
import { listenModern } from '../fixtures/upstreams/modern.ts'

let modern: Awaited<ReturnType<typeof listenModern>>
let legacy: Awaited<ReturnType<typeof listenLegacy>>
let bare: Awaited<ReturnType<typeof listenBare>>
beforeAll(async () => {
  ;[modern, legacy, bare] = await Promise.all([listenModern(), listenLegacy(), listenBare()])
})
afterAll(() => Promise.all([modern, legacy, bare].map((server) => server.close())))

const roads: readonly { readonly road: string; readonly era: 'modern' | 'legacy'; readonly config: () => McpConfig }[] = [
  { road: 'stdio, SDK v2', era: 'modern', config: () => stdioOf('modern') },
  { road: 'stdio, SDK v1', era: 'legacy', config: () => stdioOf('legacy') },
  { road: 'Streamable HTTP, SDK v2', era: 'modern', config: () => ({ url: modern.url }) },
  { road: 'Streamable HTTP, SDK v1', era: 'legacy', config: () => ({ url: legacy.url }) },
  { road: 'HTTP+SSE, SDK v1', era: 'legacy', config: () => ({ url: legacy.sseUrl, transport: 'sse' }) },
]

describe.each(roads)('over $road', ({ config, era }) => {
  let one: Opened
  let extras: Extras
  const events: ExtrasEvent[] = []
  beforeAll(async () => {
    one = await openMcp(config())
    extras = one.connector.extras as Extras
    extras.onEvent((event) => events.push(event))
    await one.call('echo', { text: 'connected' })
  })
  afterAll(() => one.close())

  test('capabilities and instructions are the upstream’s', () => {
    expect(extras.capabilities).toMatchObject({ prompts: { listChanged: true }, resources: { subscribe: true }, completions: {} })
    expect(extras.instructions).toMatch(/^A fixture on SDK v/)
  })

  test('lists are whole, their pages merged', async () => {
    expect((await extras.prompts()).map(({ name }) => name)).toEqual(['greet', 'plain'])
    expect((await extras.resources(someone)).map(({ uri }) => uri)).toContain('notes://one')
    expect(await extras.templates()).toEqual([{ uriTemplate: 'notes://{name}', name: 'note', mimeType: 'text/plain' }])
  })

  test('prompts, resources and completions pass through', async () => {
    expect(await extras.getPrompt('greet', { who: 'Ada' }, runOf())).toMatchObject({
      messages: [{ role: 'user', content: { type: 'text', text: 'Greet Ada' } }],
    })
    const read = await extras.readResource('notes://one', runOf())
    expect(read).toMatchObject({ contents: [{ uri: 'notes://one', mimeType: 'text/plain', text: 'first note' }] })
    expect(read).not.toHaveProperty('resultType')
    expect(JSON.stringify(read)).not.toContain('serverInfo')
    const params = { ref: { type: 'ref/prompt', name: 'greet' }, argument: { name: 'who', value: 'al' } }
    expect(await extras.complete(params, runOf())).toMatchObject({ completion: { values: ['alice', 'albert'], hasMore: false } })
  })

  test('a resource that is not there is HUB_RESOURCE_UNKNOWN', async () => {
    await expect(extras.readResource('notes://nowhere', runOf())).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
  })

  test.each(['tools', 'prompts', 'resources'] as const)('a change of its %s is told', async (what) => {
    events.length = 0
    await one.call('change', { what })
    await until('the event', () => events.some(({ type }) => type === what))
    if (what === 'resources') expect((await extras.resources(someone)).map(({ uri }) => uri)).toEqual(expect.arrayContaining(['notes://one', 'notes://two']))
  })

  // The upstreams on stdio and SDK v2 announce to whoever listens for that address.
  test('a subscribed resource tells its updates until it is unsubscribed', async () => {
    events.length = 0
    await extras.subscribe('notes://one', someone)
    await one.call('touch', { uri: 'notes://one', text: 'first note' })
    await until('the update', () => events.some((event) => event.type === 'updated' && event.uri === 'notes://one'))
    await extras.unsubscribe('notes://one', someone)
    events.length = 0
    await one.call('touch', { uri: 'notes://one', text: 'first note' })
    await one.call('change', { what: 'prompts' })
    await until('the next event', () => events.some(({ type }) => type === 'prompts'))
    expect(events.filter(({ type }) => type === 'updated')).toEqual([])
  })

  // The other era has no such thing.
  if (era === 'legacy')
    test('the level of its log messages can be set', async () => {
      await extras.setLogLevel('error')
      expect(one.log.filter(({ fields }) => String(fields.reason).includes('setLevel'))).toEqual([])
    })
})

test('subscriptions are asked for again when the upstream was lost', async () => {
  const one = await openMcp(stdioOf('legacy'))
  const events: ExtrasEvent[] = []
  const extras = one.connector.extras as Extras
  extras.onEvent((event) => events.push(event))
  await extras.subscribe('notes://one', someone)
  process.kill(structuredOf(await one.call('state')).pid as number, 'SIGKILL')
  await until('the loss', () => one.health.at(-1)?.state === 'down')
  await one.call('touch', { uri: 'notes://one', text: 'again' })
  await until('the update', () => events.some(({ type }) => type === 'updated'))
  await one.close()
})

test('a log message beside every call is an event', async () => {
  const one = await openMcp({ url: legacy.url })
  const events: ExtrasEvent[] = []
  ;(one.connector.extras as Extras).onEvent((event) => events.push(event))
  await one.call('echo', { text: 'connected' })
  await legacy.announce('a word to all')
  await until('the message', () => events.some(({ type }) => type === 'log'))
  expect(events).toContainEqual({ type: 'log', level: 'info', data: 'a word to all' })
  await one.close()
})

describe('pinned definitions', () => {
  const definitions: Definitions = {
    server: {},
    instructions: 'pinned instructions',
    capabilities: { prompts: {}, resources: {} },
    tools: [],
    prompts: [{ name: 'pinned' }],
    resources: [{ uri: 'pinned://one', name: 'one' }],
    resourceTemplates: [],
  }

  test('are listed while the upstream was not started, and nothing is started for them', async () => {
    const one = await openMcp(stdioOf('modern'), { definitions })
    const extras = one.connector.extras as Extras
    expect([await extras.prompts(), await extras.resources(someone), await extras.templates()]).toEqual([definitions.prompts, definitions.resources, []])
    expect([extras.capabilities, extras.instructions]).toEqual([definitions.capabilities, 'pinned instructions'])
    expect(await one.connector.check(AbortSignal.timeout(1000))).toMatchObject({ state: 'unknown' })
    await one.close()
  })

  test('are listed while it is down', async () => {
    const one = await openMcp({ command: process.execPath, args: ['-e', 'process.exit(1)'] }, { definitions })
    await expect(one.call('echo')).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    expect(await (one.connector.extras as Extras).prompts()).toEqual(definitions.prompts)
    await one.close()
  })

  test('give way to what the upstream has once it is there', async () => {
    const one = await openMcp({ url: modern.url }, { definitions })
    await one.call('echo', { text: 'x' })
    expect(((await one.connector.extras?.prompts()) ?? []).map(({ name }) => name)).toEqual(['greet', 'plain'])
    await one.close()
  })
})

test('without pinned definitions a list starts the upstream; one that has no such list has an empty one', async () => {
  const one = await openMcp({ url: bare.url })
  const extras = one.connector.extras as Extras
  expect([await extras.prompts(), await extras.resources(someone), await extras.templates()]).toEqual([[], [], []])
  expect(await one.connector.check(AbortSignal.timeout(1000))).toMatchObject({ state: 'up', version: 'fixture-bare 0' })
  await one.close()
})

test('what an upstream says of itself is handed out without the secrets it was given, and is no drift for it', async () => {
  const echo = { name: 'echo', description: 'echo t0ps3cret', inputSchema: { type: 'object' } }
  const definitions: Definitions = { server: {}, capabilities: {}, tools: [echo], prompts: [], resources: [], resourceTemplates: [] }
  const one = await openMcp({ ...stdioOf('telltale'), env: { TOKEN: new Secret('t0ps3cret', 'env:TOKEN') } }, { definitions })
  const extras = one.connector.extras as Extras
  await one.call('echo')
  expect(extras.instructions).toBe('my token is [secret]')
  expect(await extras.prompts()).toEqual([{ name: 'p', description: 'prompt [secret]', arguments: [{ name: 'a', description: 'argument [secret]' }] }])
  expect(await extras.resources(someone)).toEqual([{ uri: 'up://a', name: 'a', description: 'resource [secret]' }])
  expect(await extras.templates()).toEqual([{ uriTemplate: 'up://{a}', name: 'a', description: 'template [secret]' }])
  expect(await one.connector.check(AbortSignal.timeout(5_000))).toMatchObject({ state: 'up', version: 'telltale 1 of [secret]' })
  expect(one.log.filter(({ fields }) => fields.code === 'HUB_CONFIG_DRIFT')).toEqual([])
  await one.close()
})

test('prompts: false and resources: false hide them', async () => {
  const one = await openMcp({ url: modern.url, prompts: false, resources: false })
  const extras = one.connector.extras as Extras
  await one.call('echo', { text: 'x' })
  expect(Object.keys(extras.capabilities)).not.toEqual(expect.arrayContaining(['prompts', 'resources']))
  expect([await extras.prompts(), await extras.resources(someone), await extras.templates()]).toEqual([[], [], []])
  await expect(extras.getPrompt('greet', { who: 'x' }, runOf())).rejects.toMatchObject({ code: 'HUB_PROMPT_UNKNOWN' })
  await expect(extras.readResource('notes://one', runOf())).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
  await one.close()
})
