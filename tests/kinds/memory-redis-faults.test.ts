import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HubError } from '../../runtime/contract/errors.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector, Extras } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { memory } from '../../runtime/kinds/memory/kind.ts'
import { startRedis, type RunningRedis } from '../components/redis.ts'
import { until } from './conformance.ts'
import { lend, runWith, someone } from './lent.ts'
import { agent, call, refusal, runOf } from './memory-agents.ts'
import { noRedis } from './memory-stores.ts'

describe.skipIf(noRedis !== undefined)(`memory in a Redis that fails${noRedis === undefined ? '' : ` (skipped: ${noRedis})`}`, () => {
  let server: RunningRedis
  const opened: Connector[] = []
  const servers: RunningRedis[] = []
  const ending: Redis[] = []

  async function start(flags: readonly string[] = []): Promise<RunningRedis> {
    const one = await startRedis(flags)
    servers.push(one)
    return one
  }
  async function open(url = server.url, config: JsonObject = {}): Promise<Connector> {
    const connector = await memory.open({ url: new Secret(url, 'env:MEMORY_URL'), ...config }, lend('memory'))
    opened.push(connector)
    return connector
  }
  /** A client of the test's own. */
  function direct(one = server): Redis {
    const client = new Redis(one.url)
    client.on('error', () => {})
    ending.push(client)
    return client
  }

  beforeEach(async () => {
    server = await start()
  })
  afterEach(async () => {
    vi.useRealTimers()
    await Promise.all(opened.splice(0).map((one) => one.close()))
    for (const client of ending.splice(0)) client.disconnect()
    await Promise.all(servers.splice(0).map((one) => one.stop()))
  })

  test('stopped mid-call: a read may be asked again, a write is in doubt, and both work when it is back', async () => {
    const connector = await open()
    await call(connector, 'set_state', { key: 'k', value: 1 })
    server.freeze()
    const [read, write] = [refusal(call(connector, 'get_state', { key: 'k' })), refusal(call(connector, 'set_state', { key: 'k', value: 2 }))]
    await server.crash()
    expect(await read).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { retryAfterMs: expect.any(Number) as number } })
    expect(await write).toMatchObject({
      code: 'HUB_CONNECTOR_DOWN',
      message: expect.stringContaining('look before trying again'),
      details: { outcome: 'unknown' },
    })
    expect((await write).details.retryAfterMs).toBeUndefined()
    await server.resume()
    expect(await call(connector, 'set_state', { key: 'k', value: 3 })).toMatchObject({ key: 'k' })
    expect(await call(connector, 'get_state', { key: 'k' })).toMatchObject({ value: 3 })
  })

  test('too slow for the deadline: the caller is told in time, and the write is not done later', async () => {
    const connector = await open()
    await call(connector, 'get_state', { key: 'k' })
    server.freeze()
    const deadline = Date.now() + 40
    const caller = new AbortController()
    const late = refusal(call(connector, 'set_state', { key: 'k', value: 'late' }, { ...runWith(caller.signal), deadline }))
    setTimeout(() => caller.abort(new HubError('HUB_TIMEOUT', 'late')), 41)
    expect(await late).toMatchObject({ code: 'HUB_TIMEOUT', message: expect.stringContaining('not known') })
    await until(() => Promise.resolve(Date.now() > deadline + 5))
    server.thaw()
    expect(await call(connector, 'get_state', { key: 'k' })).toMatchObject({ found: false })
    expect(await call(connector, 'set_state', { key: 'k', value: 'in time' })).toMatchObject({ version: 1 })
  })

  test('a caller that leaves a read is told so at once', async () => {
    const connector = await open()
    await call(connector, 'get_state', { key: 'k' })
    server.freeze()
    const caller = new AbortController()
    const gone = refusal(call(connector, 'get_state', { key: 'k' }, runWith(caller.signal)))
    caller.abort()
    expect(await gone).toMatchObject({ code: 'HUB_CANCELLED' })
    server.thaw()
    expect(await call(connector, 'get_state', { key: 'k' })).toMatchObject({ found: false })
  })

  test('clocks that differ, and a clock that is moved, change neither deadlines nor lifetimes', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
    const connector = await open()
    const run = () => runOf(someone, { deadline: Date.now() + 2_000 })
    const { updatedAt, expiresAt } = await call(connector, 'set_state', { key: 'k', value: 1, ttl: '10m' }, run())
    // Redis' clock counts, which all hubs share.
    expect(Date.parse(String(updatedAt))).toBeLessThan(Date.now() - 3_500_000)
    expect(Date.parse(String(expiresAt)) - Date.parse(String(updatedAt))).toBe(600_000)
    expect(await call(connector, 'get_state', { key: 'k' }, run())).toMatchObject({ found: true })
    vi.setSystemTime(Date.now() - 7_200_000)
    expect(await call(connector, 'set_state', { key: 'k', value: 2 }, run())).toMatchObject({ version: 2 })
    expect(await call(connector, 'set_state', { key: 'k', value: 3 }, run())).toMatchObject({ version: 3 })
  })

  test('full (maxmemory, noeviction): writes are refused with what to do, deleting frees room', async () => {
    const connector = await open()
    for (let written = 0; written < 10; written += 1) await call(connector, 'set_state', { key: `k${written}`, value: 'x'.repeat(200_000) })
    const client = direct()
    // Less than is in use already.
    await client.config('SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '1mb')
    for (const name of ['set_state', 'merge_state']) {
      const refused = await refusal(call(connector, name, { key: 'k0', value: 1, patch: 1 }))
      expect(refused).toMatchObject({ code: 'HUB_LIMITED', message: expect.stringContaining('delete_state') })
    }
    for (const [name, args] of [
      ['append_analysis', { symbol: 'S', kind: 'k', body: 1 }],
      ['publish_signal', { channel: 'c', body: 1 }],
    ] as const) {
      expect(await refusal(call(connector, name, args))).toMatchObject({ code: 'HUB_LIMITED' })
    }
    expect(await call(connector, 'list_state')).toMatchObject({ usage: { keys: 10 } })
    for (const key of ['k0', 'k1', 'k2']) expect(await call(connector, 'delete_state', { key })).toMatchObject({ deleted: true })
    await client.config('SET', 'maxmemory', '100mb')
    expect(await call(connector, 'set_state', { key: 'after', value: 1 })).toMatchObject({ version: 11 })
    expect(await call(connector, 'list_state')).toMatchObject({ usage: { keys: 8 } })
  })

  test('a read-only replica is read, refuses writes with words, and is degraded', async () => {
    await call(await open(), 'set_state', { key: 'k', value: 1 })
    const replica = await start(['--replicaof', '127.0.0.1', String(server.port)])
    const connector = await open(replica.url)
    await until(async () => (await call(connector, 'get_state', { key: 'k' }).catch(() => undefined))?.['found'] === true)
    const refused = await refusal(call(connector, 'set_state', { key: 'k', value: 2 }))
    expect(refused).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('read-only replica') })
    expect(await call(connector, 'list_state')).toMatchObject({ rows: [{ key: 'k', version: 1 }] })
    expect(await connector.check(AbortSignal.timeout(5_000))).toMatchObject({ state: 'degraded', detail: expect.stringContaining('read-only') })
  })

  test('a Redis that throws memory away when full is degraded', async () => {
    const cache = await start(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'])
    expect(await (await open(cache.url)).check(AbortSignal.timeout(5_000))).toMatchObject({ state: 'degraded', detail: expect.stringContaining('allkeys-lru') })
  })

  test('what Redis threw away is gone, and counts as nothing once it is written again', async () => {
    const connector = await open()
    await call(connector, 'set_state', { key: 'k', value: 1 })
    const client = direct()
    for (const key of await client.keys('*:v:k')) await client.del(key)
    expect(await call(connector, 'get_state', { key: 'k' })).toMatchObject({ found: false })
    expect(await call(connector, 'list_state')).toMatchObject({ rows: [] })
    await call(connector, 'set_state', { key: 'k', value: 2, ifVersion: 0 })
    expect(await call(connector, 'list_state')).toMatchObject({ rows: [{ key: 'k' }], usage: { keys: 1 } })
  })

  test.each([
    ['a wrong password', (url: string) => url.replace(server.password, 'wrong-password-of-the-hub')],
    ['no password', (url: string) => url.replace(`:${server.password}@`, '')],
    ['a user nobody knows', (url: string) => url.replace('//:', '//nobody-at-all:')],
  ])('%s: the operator is told, and nobody sees it', async (_what, change) => {
    const url = change(server.url)
    const lent = lend('memory')
    const connector = await memory.open({ url: new Secret(url, 'env:MEMORY_URL') }, lent)
    opened.push(connector)
    const error = await refusal(call(connector, 'get_state', { key: 'k' }))
    expect(error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('refuses the hub’s login') })
    const health = await connector.check(AbortSignal.timeout(5_000))
    expect(health.state).toBe('down')
    const said = [error.message, JSON.stringify(error.details), JSON.stringify(health), ...lent.logged].join(' ')
    for (const word of [server.password, 'wrong-password', 'nobody-at-all', String(server.port), '127.0.0.1']) expect(said).not.toContain(word)
  })

  test.each(['redis://', 'redis://host/notanumber', 'redis://user:%zz@host', 'redis://ho st'])(
    'an address that is none is refused without a word of it: %s',
    async (url) => {
      const secret = `${url}?secret-word`
      const [result] = await Promise.allSettled([memory.open({ url: new Secret(secret, 'env:MEMORY_URL') }, lend('memory'))])
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'HUB_CONFIG_VALUE', message: expect.stringMatching(/^(?!.*secret-word).*env:MEMORY_URL/) },
      })
    },
  )

  test('scripts that were flushed are sent again', async () => {
    const connector = await open()
    await call(connector, 'set_state', { key: 'k', value: 1 })
    await direct().script('FLUSH')
    expect(await call(connector, 'set_state', { key: 'k', value: 2 })).toMatchObject({ version: 2 })
    expect(await call(connector, 'list_state')).toMatchObject({ usage: { keys: 1 } })
  })

  test('something else under the same keys is told apart from a fault of the hub', async () => {
    const connector = await open()
    await direct()
      .set('agent_memory:{default:own:someone}:v:k', 'not ours')
      .then(() => direct().set('agent_memory:{default:own:someone}:m', 'x'))
    expect(await refusal(call(connector, 'set_state', { key: 'other', value: 1 }))).toMatchObject({
      code: 'HUB_UPSTREAM_FAILED',
      message: expect.stringContaining('prefix of its own'),
    })
  })

  test.each([false, true])('keys of one space lie in one slot of a cluster (cluster: %s)', async (cluster) => {
    const node = await start(['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'])
    const client = direct(node)
    await client.cluster('ADDSLOTSRANGE', 0, 16_383)
    await until(async () => (await client.cluster('INFO')).includes('cluster_state:ok'))
    const connector = await open(node.url, { cluster, shared: ['desk'] })
    const me = runOf(agent('a{b}c', 'o}{p'))
    await call(connector, 'set_state', { key: '{x}', value: 1, ttl: '1h' }, me)
    await call(connector, 'merge_state', { key: '{x}', patch: 2, namespace: 'shared/desk' }, me)
    await call(connector, 'append_analysis', { symbol: 'S', kind: 'k', body: 1 }, me)
    await call(connector, 'publish_signal', { channel: '{c}', body: 1 }, me)
    await call(connector, 'mark_signals_read', { channel: '{c}', cursor: '1' }, me)
    expect(await call(connector, 'list_state', {}, me)).toMatchObject({ rows: [{ key: '{x}' }] })
    expect(await call(connector, 'query_analyses', {}, me)).toMatchObject({ rows: [{ body: 1 }] })
    expect(await call(connector, 'read_signals', { channel: '{c}', unread: true }, me)).toMatchObject({ rows: [], next: '1' })
    expect(await call(connector, 'list_channels', {}, me)).toMatchObject({ rows: [{ channel: '{c}' }] })
    expect(await call(connector, 'delete_state', { key: '{x}' }, me)).toMatchObject({ deleted: true })
    const slots = await Promise.all((await client.keys('*own*')).map((key) => client.cluster('KEYSLOT', key)))
    expect(slots.length).toBeGreaterThan(2)
    expect(new Set(slots).size).toBe(1)
  })

  test('a watched channel misses nothing while Redis is away', async () => {
    const connector = await open()
    const extras = connector.extras as Extras
    const uri = 'memory://signals/news'
    let told = 0
    extras.onEvent(() => (told += 1))
    await extras.subscribe(uri, someone)
    const publish = (body: number) => call(connector, 'publish_signal', { channel: 'news', body })
    const bodies = async (): Promise<unknown> => {
      const { contents } = (await extras.readResource(uri, runWith())) as { contents: readonly { text: string }[] }
      return (JSON.parse(contents[0]?.text as string) as { rows: { body: number }[] }).rows.map(({ body }) => body)
    }
    await publish(1)
    await until(() => Promise.resolve(told > 0))
    await server.pause()
    const before = told
    expect(await refusal(publish(99))).toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    await server.resume()
    await publish(2)
    await until(() => Promise.resolve(told > before))
    expect(await bodies()).toEqual([1, 2])
    // And news go on after the reconnection.
    const again = told
    await publish(3)
    await until(() => Promise.resolve(told > again))
    expect(await bodies()).toEqual([1, 2, 3])
  })

  test('a watch begun while Redis is away hears of what comes when it is back', async () => {
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
  })

  test('too many that wait for one Redis are refused', async () => {
    const connector = await open()
    await call(connector, 'get_state', { key: 'k' })
    server.freeze()
    const caller = new AbortController()
    const calls = Array.from({ length: 4_100 }, () => call(connector, 'get_state', { key: 'k' }, runWith(caller.signal)).catch((error: HubError) => error.code))
    expect(await calls.at(-1)).toBe('HUB_LIMITED')
    caller.abort()
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['HUB_CANCELLED', 'HUB_LIMITED']))
    server.thaw()
    await until(async () => (await call(connector, 'get_state', { key: 'k' }).catch(() => undefined)) !== undefined)
  })

  test('closing leaves no connection behind, watched or not', async () => {
    const connector = await open()
    await connector.extras?.subscribe('memory://signals/news', someone)
    await call(connector, 'get_state', { key: 'k' })
    const client = direct()
    const ours = async (): Promise<number> => String(await client.client('LIST')).split('name=hub:memory').length - 1
    await until(async () => (await ours()) === 2)
    await connector.close()
    await until(async () => (await ours()) === 0)
  })
})
