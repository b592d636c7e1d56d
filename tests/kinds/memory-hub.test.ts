import { readFile } from 'node:fs/promises'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { localPrincipal } from '../../runtime/auth/local.ts'
import type { Args } from '../../runtime/contract/call.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { startRedis, type RunningRedis } from '../components/redis.ts'
import { serveHub, type ServedHub } from '../hub/serve.ts'
import { noRedis } from './memory-stores.ts'

let stores: RunningPostgres
let redis: RunningRedis | undefined
const ending: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  ;[stores, redis] = await Promise.all([startPostgres(), noRedis === undefined ? startRedis() : undefined])
})
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})
afterAll(async () => {
  await Promise.all([stores?.stop(), redis?.stop()])
})

const shipped = async (name: string): Promise<string> => readFile(new URL(`../../connectors/${name}`, import.meta.url), 'utf8')

async function serve(url: string): Promise<ServedHub> {
  const files = { 'connectors/memory.yaml': await shipped('memory.yaml'), 'connectors/shared.yaml': await shipped('shared.yaml') }
  const config = 'hub: { name: served, listen: 127.0.0.1:0 }\nmanifests: [connectors/memory.yaml]\nstores: { postgres: "${DATABASE_URL}" }\n'
  const served = await serveHub({ ...files, 'hub.config.yaml': config }, { DATABASE_URL: stores.url, ...(url !== '' && { MEMORY_URL: url }) })
  ending.push(() => served.close())
  return served
}

async function connect(served: ServedHub, mode: 'legacy' | 'auto', path = '/mcp'): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(new StreamableHTTPClientTransport(new URL(`${served.hub.url}${path}`)))
  ending.push(() => client.close())
  return client
}

const contentOf = (result: Awaited<ReturnType<Client['readResource']>>): unknown => JSON.parse((result.contents[0] as { text: string }).text)

const urls: readonly (readonly [string, () => string])[] = [
  [noRedis === undefined ? 'Redis' : `Redis (skipped: ${noRedis})`, () => redis?.url ?? ''],
  ['PostgreSQL', () => stores.url],
  ['this process', () => ''],
]

describe.each(urls)('the shipped manifest over %s', (name, url) => {
  const given = name.startsWith('Redis') && noRedis !== undefined ? test.skip : test

  given('answers a standard tool, a declared tool, a resource and a subscription', async () => {
    const client = await connect(await serve(url()), 'legacy')
    const use = async (tool: string, args: Record<string, unknown> = {}) => {
      const answer = await client.callTool({ name: `agent_memory_${tool}`, arguments: args })
      expect(answer.isError, JSON.stringify(answer.content)).not.toBe(true)
      return answer.structuredContent
    }
    const names = (await client.listTools()).tools.map((tool) => tool.name)
    expect(names).toEqual(
      expect.arrayContaining(['get_state', 'append_analysis', 'publish_signal', 'write_brief', 'portfolio'].map((tool) => `agent_memory_${tool}`)),
    )

    expect(await use('set_state', { key: 'plan', value: { step: 1 } })).toMatchObject({ namespace: 'own', version: expect.any(Number) as number })
    expect(await use('merge_state', { key: 'plan', patch: { step: 2 } })).toMatchObject({ key: 'plan' })
    expect(await use('get_state', { key: 'plan' })).toMatchObject({ found: true, value: { step: 2 } })
    expect(await use('list_state', { prefix: 'pl' })).toMatchObject({ rows: [{ key: 'plan' }] })
    const clash = await client.callTool({ name: 'agent_memory_set_state', arguments: { key: 'plan', value: 1, ifVersion: 1_000_000 } })
    expect(clash).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('get_state it again') as string }] })

    await use('write_brief', { symbol: '^GSPC', summary: 'Flat.', mood: 'neutral' })
    expect(await use('briefs', { symbol: '^GSPC' })).toMatchObject({ rows: [{ by: 'local', body: { summary: 'Flat.', mood: 'neutral' } }] })
    expect(contentOf(await client.readResource({ uri: 'desk://briefs/%5EGSPC' }))).toMatchObject({ rows: [{ body: { summary: 'Flat.' } }] })

    const told: string[] = []
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void told.push(params.uri))
    const uri = 'hub://agent_memory/memory://signals/alerts.BTC%2FUSDT'
    await client.subscribeResource({ uri })
    await expect
      .poll(async () => {
        await use('alert', { symbol: 'BTC/USDT', what: 'spike', price: '73750.07' })
        return told
      })
      .toContain(uri)
    expect(contentOf(await client.readResource({ uri }))).toMatchObject({
      channel: 'alerts.BTC/USDT',
      rows: expect.arrayContaining([expect.objectContaining({ by: 'local', body: { symbol: 'BTC/USDT', what: 'spike', price: '73750.07' } })]) as unknown[],
    })
    expect((await client.listResources()).resources.map((one) => one.uri)).toEqual(expect.arrayContaining([uri, 'hub://agent_memory/memory://state/own/plan']))
    expect((await client.listResourceTemplates()).resourceTemplates.map((one) => one.uriTemplate)).toContain(
      'hub://agent_memory/memory://state/{namespace}/{key}',
    )
    expect(contentOf(await client.readResource({ uri: 'hub://agent_memory/memory://state/own/plan' }))).toMatchObject({ value: { step: 2 } })
    await expect(client.readResource({ uri: 'hub://agent_memory/memory://state/own' })).rejects.toThrow(/resource/i)
    expect((await client.getPrompt({ name: 'agent_memory_hand_over', arguments: { topic: 'gold' } })).messages[0]?.content).toMatchObject({
      text: expect.stringContaining('handover/gold') as string,
    })
  })
})

test('watched state tells of writes on its connector’s own endpoint', async () => {
  const client = await connect(await serve(redis?.url ?? stores.url), 'legacy', '/mcp/connectors/agent_memory')
  const uri = 'memory://state/shared%2Fdesk/mood'
  let told = 0
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => void (told += params.uri === uri ? 1 : 0))
  await client.subscribeResource({ uri })
  const set = (ttl: string) => client.callTool({ name: 'set_state', arguments: { namespace: 'shared/desk', key: 'mood', value: 'calm', ttl } })
  await expect.poll(async () => (await set('1h'), told)).toBeGreaterThan(0)
  const before = told
  await set('300ms')
  await expect.poll(() => told, { timeout: 10_000 }).toBeGreaterThan(before)
  await expect.poll(async () => contentOf(await client.readResource({ uri })), { timeout: 10_000 }).toMatchObject({ found: false })
})

test('a cached answer out of an agent’s own memory is given to nobody else', async () => {
  const manifest = `connector: mem
kind: memory
summary: Memory.
tools:
  mine: { summary: My state., effect: read, input: { type: object, properties: {} }, operation: { get: { namespace: own, key: k } }, policy: { cache: 1m } }
`
  const served = await serveHub({ 'connectors/mem.yaml': manifest }, { DATABASE_URL: stores.url })
  ending.push(() => served.close())
  const as = async (id: string, tool: string, args: Args = {}): Promise<unknown> =>
    (await served.hub.callTool(tool, args, { ...localPrincipal, id, credential: id })).polished?.answer
  await as('ann', 'mem_set_state', { key: 'k', value: 'of ann alone' })
  expect(await as('ann', 'mem_mine')).toMatchObject({ data: { value: 'of ann alone' } })
  expect(await as('bob', 'mem_mine')).toMatchObject({ data: { found: false } })
})
