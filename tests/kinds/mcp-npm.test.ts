import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InputRequest } from '../../runtime/contract/call.ts'
import type { Json, JsonObject } from '../../runtime/contract/json.ts'
import type { Extras } from '../../runtime/contract/kind.ts'
import { used } from '../components/used.ts'
import { openMcp, runOf, structuredOf, textOf } from '../fixtures/upstreams/lent.ts'
import { someone } from './lent.ts'
import type { Opened } from '../fixtures/upstreams/lent.ts'

const version = '2026.8.31'

describe('@modelcontextprotocol/server-everything, from npm, over stdio', () => {
  let one: Opened
  beforeAll(async () => {
    used('@modelcontextprotocol/server-everything')
    one = await openMcp({ package: { registry: 'npm', name: '@modelcontextprotocol/server-everything', version } })
  })
  afterAll(() => one.close())

  test('is run from node_modules, and answers', async () => {
    expect(textOf(await one.call('echo', { message: 'hello' }))).toContain('hello')
    expect(textOf(await one.call('get-sum', { a: 2, b: 40 }))).toContain('42')
    expect(one.log.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([])
  })

  test('structured content, images and resource links pass through', async () => {
    expect(structuredOf(await one.call('get-structured-content', { location: 'Chicago' }))).toMatchObject({ conditions: expect.any(String) })
    const image = await one.call('get-tiny-image')
    expect(image.type === 'content' && image.content.some((block) => block.type === 'image' && block.mimeType === 'image/png')).toBe(true)
    const links = await one.call('get-resource-links', { count: 2 })
    expect(links.type === 'content' && links.content.filter((block) => block.type === 'resource_link')).toHaveLength(2)
  })

  test('progress is told', async () => {
    const told: number[] = []
    await one.call('trigger-long-running-operation', { duration: 0.2, steps: 4 }, { progress: (done) => void told.push(done) })
    expect(told).toEqual([1, 2, 3, 4])
  })

  test('its elicitation and its sampling reach the caller', async () => {
    const asked: InputRequest[] = []
    const ask = async (request: InputRequest): Promise<Json> => {
      asked.push(request)
      return request.method === 'elicitation/create'
        ? { action: 'accept', content: { name: 'Ada' } }
        : { role: 'assistant', model: 'm', content: { type: 'text', text: 'a sampled answer' } }
    }
    expect(JSON.stringify(await one.call('trigger-elicitation-request', {}, { ask }))).toContain('Ada')
    expect(JSON.stringify(await one.call('trigger-sampling-request', { prompt: 'p', maxTokens: 5 }, { ask }))).toContain('a sampled answer')
    expect(asked.map(({ method }) => method)).toEqual(['elicitation/create', 'sampling/createMessage'])
  })

  test('its environment holds nothing of the hub’s', async () => {
    process.env.HUB_SECRET_OF_ITS_OWN = 'must not be seen'
    expect(textOf(await one.call('get-env'))).not.toContain('must not be seen')
    delete process.env.HUB_SECRET_OF_ITS_OWN
  })

  test('prompts, resources, templates and completion pass through', async () => {
    const extras = one.connector.extras as Extras
    const prompts = await extras.prompts()
    expect(prompts.length).toBeGreaterThan(2)
    expect((await extras.resources(someone)).length).toBeGreaterThan(0)
    expect((await extras.templates()).length).toBeGreaterThan(0)
    expect(await extras.getPrompt('simple-prompt', {}, runOf())).toMatchObject({ messages: expect.any(Array) })
    const [resource] = await extras.resources(someone)
    expect(await extras.readResource(String(resource?.uri), runOf())).toMatchObject({ contents: [{ uri: resource?.uri }] })
    const params = { ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument: { name: 'department', value: '' } }
    expect(((await extras.complete(params, runOf())) as { completion: { values: string[] } }).completion.values.length).toBeGreaterThan(0)
  })

  test('an unknown tool is refused by it, in words', async () => {
    const answer = await one.call('no-such-tool').catch((error: unknown) => error)
    expect(`${JSON.stringify(answer)} ${(answer as Error).message}`).toMatch(/no-such-tool/)
  })
})

describe('@modelcontextprotocol/server-memory, from npm, over stdio', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-memory-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('remembers what it was told, past its own end', async () => {
    used('@modelcontextprotocol/server-memory')
    const config = {
      package: { registry: 'npm', name: '@modelcontextprotocol/server-memory', version },
      env: { MEMORY_FILE_PATH: join(folder, 'memory.json') },
    } as const
    const first = await openMcp(config, { effect: 'write' })
    await first.call('create_entities', { entities: [{ name: 'BTC/USDT', entityType: 'pair', observations: ['rose 5 % on Monday'] }] })
    await first.close()
    const second = await openMcp(config)
    const graph = structuredOf(await second.call('search_nodes', { query: 'Monday' })) as { entities: JsonObject[] }
    expect(graph.entities).toMatchObject([{ name: 'BTC/USDT' }])
    await second.close()
  })
})
