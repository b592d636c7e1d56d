import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { HubError } from '../../runtime/contract/errors.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector, Extras } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { memory } from '../../runtime/kinds/memory/kind.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { until } from './conformance.ts'
import { lend, runWith, someone } from './lent.ts'
import { agent, call, refusal, runOf } from './memory-agents.ts'

describe('memory in a PostgreSQL that fails', () => {
  let server: RunningPostgres
  const opened: Connector[] = []
  const clients: pg.Client[] = []

  async function open(url = server.url, config: JsonObject = {}): Promise<Connector> {
    const connector = await memory.open({ url: new Secret(url, 'env:MEMORY_URL'), ...config }, lend('memory'))
    opened.push(connector)
    return connector
  }
  async function direct(): Promise<pg.Client> {
    const client = new pg.Client(server.url)
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }

  beforeAll(async () => {
    server = await startPostgres()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
    await (await direct()).query('DROP SCHEMA IF EXISTS agent_memory CASCADE')
    await Promise.all(clients.splice(0).map((one) => one.end().catch(() => undefined)))
  })
  afterAll(() => server?.stop())

  test('stopped mid-call: a write is in doubt, and everything works when it is back', async () => {
    const connector = await open()
    await call(connector, 'set_state', { key: 'k', value: 1 })
    const holder = await direct()
    await holder.query('BEGIN')
    await holder.query('SELECT * FROM agent_memory.spaces FOR UPDATE')
    const write = refusal(call(connector, 'set_state', { key: 'k', value: 2 }))
    const watcher = await direct()
    await until(async () => ((await watcher.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)).rowCount ?? 0) > 0)
    // A server that stops may end the holder first, and the write would go through in its last moment.
    await watcher.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)
    await server.pause()
    expect(await write).toMatchObject({
      code: 'HUB_CONNECTOR_DOWN',
      message: expect.stringContaining('look before trying again'),
      details: { outcome: 'unknown' },
    })
    expect(await refusal(call(connector, 'get_state', { key: 'k' }))).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { retryAfterMs: 1_000 } })
    await server.resume()
    expect(await call(connector, 'get_state', { key: 'k' })).toMatchObject({ value: 1 })
    expect(await call(connector, 'set_state', { key: 'k', value: 3 })).toMatchObject({ version: 2 })
  })

  test('a write whose caller left while it waited is not done', async () => {
    const connector = await open()
    await call(connector, 'set_state', { key: 'k', value: 1 })
    const [holder, watcher] = [await direct(), await direct()]
    await holder.query('BEGIN')
    await holder.query('SELECT * FROM agent_memory.spaces FOR UPDATE')
    const caller = new AbortController()
    const write = refusal(call(connector, 'set_state', { key: 'k', value: 2 }, runWith(caller.signal)))
    const waits = async (): Promise<boolean> => ((await watcher.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)).rowCount ?? 0) > 0
    await until(waits)
    caller.abort()
    expect(await write).toMatchObject({ code: 'HUB_CANCELLED' })
    await until(async () => !(await waits()))
    await holder.query('ROLLBACK')
    expect(await call(connector, 'get_state', { key: 'k' })).toMatchObject({ value: 1, version: 1 })
  })

  test('a watched channel misses nothing while PostgreSQL is away', async () => {
    const connector = await open()
    const extras = connector.extras as Extras
    const uri = 'memory://signals/news'
    let told = 0
    extras.onEvent(() => (told += 1))
    await extras.subscribe(uri, someone)
    const publish = (body: number) => call(connector, 'publish_signal', { channel: 'news', body })
    await publish(1)
    await until(() => Promise.resolve(told > 0))
    await server.pause()
    const before = told
    await server.resume()
    await publish(2)
    await until(() => Promise.resolve(told > before))
    const { contents } = (await extras.readResource(uri, runWith())) as { contents: readonly { text: string }[] }
    expect(JSON.parse(contents[0]?.text as string)).toMatchObject({ rows: [{ body: 1 }, { body: 2 }] })
    const watcher = await direct()
    await until(async () => ((await watcher.query(`SELECT 1 FROM pg_stat_activity WHERE query = 'LISTEN agent_memory'`)).rowCount ?? 0) > 0)
    const again = told
    await publish(3)
    await until(() => Promise.resolve(told > again))
  })

  test('a watch begun while PostgreSQL is away hears of what comes when it is back', async () => {
    await server.pause()
    const connector = await open()
    const extras = connector.extras as Extras
    let told = 0
    extras.onEvent(() => (told += 1))
    await extras.subscribe('memory://state/own/k', someone)
    await server.resume()
    await until(() => Promise.resolve(told > 0))
    const before = told
    await call(connector, 'set_state', { key: 'k', value: 1 })
    await until(() => Promise.resolve(told > before))
    await extras.unsubscribe('memory://state/own/k', someone)
  })

  test('many that start together make the tables once', async () => {
    const connectors = await Promise.all(Array.from({ length: 6 }, () => open()))
    const written = await Promise.all(connectors.map((one, index) => call(one, 'set_state', { key: `k${index}`, value: index })))
    expect(written.map(({ version }) => Number(version)).toSorted((left, right) => left - right)).toEqual([1, 2, 3, 4, 5, 6])
    expect((await (await direct()).query('SELECT version FROM agent_memory.about')).rowCount).toBe(1)
  })

  test('tables that were dropped are made again', async () => {
    const connector = await open()
    await call(connector, 'set_state', { key: 'k', value: 1 })
    await (await direct()).query('DROP SCHEMA agent_memory CASCADE')
    expect(await call(connector, 'get_state', { key: 'k' })).toMatchObject({ found: false })
    expect(await call(connector, 'set_state', { key: 'k', value: 2 })).toMatchObject({ version: 1 })
  })

  test('a server that only reads is read, and refuses writes with words', async () => {
    await call(await open(), 'set_state', { key: 'k', value: 1 })
    const connector = await open(`${server.url}?options=-c%20default_transaction_read_only%3Don`)
    expect(await call(connector, 'get_state', { key: 'k' })).toMatchObject({ value: 1 })
    expect(await refusal(call(connector, 'set_state', { key: 'k', value: 2 }))).toMatchObject({
      code: 'HUB_CONNECTOR_DOWN',
      message: expect.stringContaining('read-only'),
    })
  })

  test('a role that may make nothing, and a wrong password: the operator is told, and nobody sees them', async () => {
    await (await direct()).query(`CREATE ROLE reader LOGIN PASSWORD 'reader-password'`)
    const { port } = new URL(server.url)
    const reader = await open(`postgres://reader:reader-password@127.0.0.1:${port}/postgres`)
    const wrong = await open(server.url.replace('hub-password', 'wrong-password'))
    const none = await open(server.url.replace('/postgres', '/nowhere-at-all'))
    const said: string[] = []
    const expected: readonly (readonly [Connector, string])[] = [
      [reader, 'grant its role CREATE'],
      [wrong, 'refuses the hub’s login'],
      [none, 'refuses the hub’s login'],
    ]
    for (const [connector, words] of expected) {
      const error: HubError = await refusal(call(connector, 'get_state', { key: 'k' }))
      expect(error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining(words) })
      said.push(error.message, JSON.stringify(await connector.check(AbortSignal.timeout(5_000))))
    }
    for (const word of ['reader-password', 'wrong-password', 'hub-password', 'nowhere-at-all', port]) expect(said.join(' ')).not.toContain(word)
  })

  test('an address that is none is refused without a word of it', async () => {
    const secret = 'postgres://user:secret-word@host:99999999/x'
    const [result] = await Promise.allSettled([memory.open({ url: new Secret(secret, 'env:MEMORY_URL') }, lend('memory'))])
    expect(result).toMatchObject({
      status: 'rejected',
      reason: { code: 'HUB_CONFIG_VALUE', message: expect.stringMatching(/^(?!.*secret-word).*env:MEMORY_URL/) },
    })
    const [other] = await Promise.allSettled([memory.open({ url: new Secret('mysql://secret-word', 'env:MEMORY_URL') }, lend('memory'))])
    expect(other).toMatchObject({ status: 'rejected', reason: { code: 'HUB_CONFIG_VALUE', message: expect.stringMatching(/^(?!.*secret-word).*redis:\/\//) } })
  })

  test('what is over is removed from spaces nobody writes to, and counts stay true', async () => {
    const connector = await open(server.url, { historyRetention: '1ms', signalTtl: '1ms' })
    const [gone, other] = [runOf(agent('gone')), runOf(agent('other'))]
    await call(connector, 'set_state', { key: 'long', value: 1 }, gone)
    await call(connector, 'set_state', { key: 'short', value: 1, ttl: '1ms' }, gone)
    await call(connector, 'append_analysis', { symbol: 'S', kind: 'k', body: 1 }, gone)
    await call(connector, 'publish_signal', { channel: 'own/c', body: 1 }, gone)
    const client = await direct()
    const left = async (): Promise<unknown> =>
      (
        await client.query(
          'SELECT (SELECT count(*)::int FROM agent_memory.state) AS state, (SELECT count(*)::int FROM agent_memory.analyses) AS analyses, (SELECT count(*)::int FROM agent_memory.signals) AS signals',
        )
      ).rows[0]
    expect(await left()).toEqual({ state: 2, analyses: 1, signals: 1 })
    await client.query('SELECT agent_memory.sweep((extract(epoch FROM clock_timestamp()) * 1000)::bigint + 10)')
    expect(await left()).toEqual({ state: 1, analyses: 0, signals: 0 })
    expect(await call(connector, 'list_state', {}, gone)).toMatchObject({ rows: [{ key: 'long' }], usage: { keys: 1, bytes: 5 } })
    expect(await call(connector, 'list_state', {}, other)).toMatchObject({ usage: { keys: 0 } })
  })

  test('closing leaves no connection behind, watched or not', async () => {
    const connector = await open()
    await connector.extras?.subscribe('memory://signals/news', someone)
    await call(connector, 'get_state', { key: 'k' })
    const client = await direct()
    const ours = async (): Promise<number> => (await client.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'hub:memory'`)).rowCount ?? 0
    expect(await ours()).toBe(2)
    await connector.close()
    await until(async () => (await ours()) === 0)
  })
})
