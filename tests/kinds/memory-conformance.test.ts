import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { memory } from '../../runtime/kinds/memory/kind.ts'
import type { MemoryOperation } from '../../runtime/kinds/memory/operation.ts'
import { startRedis } from '../components/redis.ts'
import { startPostgres } from '../components/postgres.ts'
import { tool } from '../fixtures/plan.ts'
import { kindConformance, type Subject } from './conformance.ts'
import { lend, runWith } from './lent.ts'
import { noRedis } from './memory-stores.ts'

const standard = (name: string): ToolSpec => {
  const draft = memory.standardTools?.find((one) => one.name === name)
  if (!draft) throw new Error(`no standard tool ${name}`)
  return tool('memory', name, { operation: draft.operation, input: draft.input, effect: draft.effect })
}
const config = (url?: string): JsonObject => ({ ...(url !== undefined && { url: new Secret(url, 'env:MEMORY_URL') }) }) as unknown as JsonObject

const about: Pick<Subject, 'kind' | 'badConfigs' | 'quick'> = {
  kind: memory,
  badConfigs: [
    { name: 'a url of another store', config: { url: 'mysql://x' }, about: /redis:\/\/|no store/ },
    { name: 'a size without a unit', config: { maxValue: '5' }, about: /maxValue.*pattern/ },
    { name: 'values larger than any tool answers', config: { maxValue: '2mb' }, about: /over 1mb/ },
    { name: 'less room than one value has', config: { maxValue: '256kb', maxBytes: '1kb' }, about: /maxBytes is less/ },
    { name: 'a shared namespace with a slash', config: { shared: ['shared/desk'] }, about: /shared\/desk/ },
    { name: 'a lifetime of nothing', config: { signalTtl: '0s' }, about: /signalTtl/ },
    { name: 'a prefix that is no name', config: { prefix: 'a:b' }, about: /prefix.*pattern/ },
    { name: 'a field it does not have', config: { maxValues: '1kb' }, about: /maxValues/ },
  ],
  quick: {
    tool: standard('get_state'),
    args: { key: 'nothing' },
    expected: (answer: Answer) => expect(answer).toEqual({ type: 'data', data: { namespace: 'own', key: 'nothing', found: false } }),
  },
}

if (noRedis === undefined) {
  kindConformance({
    ...about,
    name: 'Redis',
    start: async () => {
      const server = await startRedis()
      return {
        config: config(server.url),
        secrets: [server.password, String(server.port)],
        outage: { begin: () => server.pause(), end: () => server.resume() },
        stop: () => server.stop(),
      }
    },
  })
} else {
  describe('kind memory on Redis', () => {
    test.skip(`conforms (skipped: ${noRedis})`, () => expect.unreachable())
  })
}

let watcher: pg.Client | undefined
let holder: pg.Client | undefined

/** Takes the row of the space the calls write to, and keeps it: whoever writes there waits. */
async function hold(url: string): Promise<void> {
  ;[watcher, holder] = await Promise.all(
    [0, 1].map(async () => {
      const client = new pg.Client(url)
      client.on('error', () => {})
      await client.connect()
      return client
    }),
  )
  const store = await memory.open({ url: new Secret(url, 'env:MEMORY_URL') }, lend('memory'))
  await store.bind(standard('set_state') as ToolSpec<MemoryOperation>)({ key: 'held', value: 0 }, runWith())
  await store.close()
  await holder?.query('BEGIN')
  await holder?.query('SELECT * FROM agent_memory.spaces FOR UPDATE')
}

kindConformance({
  ...about,
  name: 'PostgreSQL',
  start: async () => {
    const server = await startPostgres()
    await hold(server.url)
    return {
      config: config(server.url),
      secrets: ['hub-password', new URL(server.url).port],
      outage: { begin: () => server.pause(), end: () => server.resume() },
      stop: async () => {
        await Promise.all([watcher?.end(), holder?.end()])
        await server.stop()
      },
    }
  },
  slow: {
    tool: standard('set_state'),
    args: { key: 'held', value: 1 },
    isRunning: async () => {
      const found = await watcher?.query(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND wait_event_type = 'Lock' AND query LIKE '%set_state%'`)
      return (found?.rowCount ?? 0) > 0
    },
  },
})

kindConformance({
  ...about,
  name: 'this process',
  isAlone: true,
  start: () => Promise.resolve({ config: config(), secrets: [], stop: () => Promise.resolve() }),
})
