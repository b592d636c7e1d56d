import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LiveResources } from '../../runtime/contract/live.ts'
import type { Principal } from '../../runtime/contract/principal.ts'
import { settingsOf } from '../../runtime/kinds/memory/config.ts'
import { liveOf } from '../../runtime/kinds/memory/live.ts'
import { connectorOf } from '../../runtime/kinds/memory/open.ts'
import type { MemoryStore } from '../../runtime/kinds/memory/store.ts'
import { until } from './conformance.ts'
import { agent, call, refusal, runOf } from './memory-agents.ts'
import { noRedis, places, startStores, wide, type Stores } from './memory-stores.ts'

let stores: Stores
let all: Readonly<Record<string, MemoryStore>>
let run = 0

beforeAll(async () => {
  stores = await startStores()
  all = stores.make(wide)
})
afterAll(() => stores?.stop())

describe.each(places)('resources of memory in %s', (_words, name) => {
  const given = name === 'Redis' && noRedis !== undefined ? test.skip : test

  function ground() {
    const memory = { store: all[name] as MemoryStore, settings: settingsOf({ shared: ['desk', 'team-*'] }) }
    const organisation = `organisation ${(run += 1)}`
    return {
      live: liveOf(memory),
      connector: connectorOf(memory),
      ada: agent('ada', organisation),
      bob: agent('bob', organisation),
      eve: agent('ada', `${organisation} too`),
    }
  }
  const counted = async (live: LiveResources, uri: string, who: Principal) => {
    const heard = { count: 0 }
    const stop = await live.watch?.(uri, who, () => (heard.count += 1))
    return { heard, stop: stop as () => void }
  }
  const textOf = async (live: LiveResources, uri: string, who: Principal): Promise<unknown> =>
    JSON.parse(String((await live.read(uri, runOf(who)))[0]?.['text']))

  given('one address is another thing to each caller, for reading and for watching', async () => {
    const { live, connector, ada, bob, eve } = ground()
    expect(live.perCaller).toBe(true)
    const watched = await Promise.all(
      [ada, bob, eve].flatMap((who) =>
        ['memory://state/own/k', 'memory://state/shared%2Fdesk/k', 'memory://signals/own%2Fc', 'memory://signals/c'].map((uri) => counted(live, uri, who)),
      ),
    )
    const counts = (): readonly number[] => watched.map(({ heard }) => (heard.count > 0 ? 1 : 0))
    await call(connector, 'set_state', { key: 'k', value: 'private' }, runOf(ada))
    await call(connector, 'publish_signal', { channel: 'own/c', body: 'private' }, runOf(ada))
    await until(() => Promise.resolve(counts()[0] === 1 && counts()[2] === 1))
    expect(counts()).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    await call(connector, 'set_state', { key: 'k', value: 'shared', namespace: 'shared/desk' }, runOf(bob))
    await call(connector, 'publish_signal', { channel: 'c', body: 'shared' }, runOf(bob))
    await until(() => Promise.resolve(counts().slice(0, 8).filter(Boolean).length === 6))
    expect(counts()).toEqual([1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0])
    expect(await textOf(live, 'memory://state/own/k', ada)).toMatchObject({ value: 'private' })
    expect(await textOf(live, 'memory://state/own/k', bob)).toMatchObject({ found: false })
    expect(await textOf(live, 'memory://state/shared/desk/k', bob)).toMatchObject({ value: 'shared' })
    expect(await textOf(live, 'memory://signals/c', ada)).toMatchObject({ rows: [{ body: 'shared', by: 'bob' }] })
    expect(JSON.stringify([await textOf(live, 'memory://signals/c', eve), await textOf(live, 'memory://signals/own%2Fc', bob)])).not.toMatch(/shared"|private/)
    const uris = async (who: Principal) => (await live.resources?.(who))?.map(({ uri }) => uri)
    expect(await uris(ada)).toEqual(['memory://signals/c', 'memory://signals/own%2Fc', 'memory://state/own/k', 'memory://state/shared%2Fdesk/k'])
    expect(await uris(bob)).toEqual(['memory://signals/c', 'memory://state/shared%2Fdesk/k'])
    expect(await uris(eve)).toEqual([])
    for (const { stop } of watched) stop()
    const before = counts().length
    await call(connector, 'set_state', { key: 'k', value: 2 }, runOf(ada))
    expect(counts().length).toBe(before)
  })

  given('the end of a watched value is told, once, and not after the watch', async () => {
    const { live, connector, ada } = ground()
    const one = await counted(live, 'memory://state/own/k', ada)
    await call(connector, 'set_state', { key: 'k', value: 1, ttl: '60ms' }, runOf(ada))
    await until(() => Promise.resolve(one.heard.count === 2))
    expect(await textOf(live, 'memory://state/own/k', ada)).toMatchObject({ found: false })
    one.stop()
    await call(connector, 'set_state', { key: 'k', value: 1, ttl: '10ms' }, runOf(ada))
    const other = await counted(live, 'memory://state/own/k', ada)
    await call(connector, 'delete_state', { key: 'k' }, runOf(ada))
    await call(connector, 'set_state', { key: 'k', value: 1 }, runOf(ada))
    await until(() => Promise.resolve(other.heard.count > 0))
    expect(one.heard.count).toBe(2)
    other.stop()
  })

  given('an address that is none, or not theirs, is refused with words', async () => {
    const { live, ada } = ground()
    for (const uri of [
      'memory://',
      'memory://state',
      'memory://state/own',
      'memory://other/x',
      'http://state/own/k',
      'memory://signals/%zz',
      'memory://state/own/%ff',
    ]) {
      expect(await refusal(live.read(uri, runOf(ada)))).toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
      await expect(live.watch?.(uri, ada, () => {})).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
    }
    expect(await refusal(live.read('memory://state/shared%2Fvault/k', runOf(ada)))).toMatchObject({ code: 'HUB_DENIED' })
    expect(await refusal(live.read('memory://state/..%2Fshared/k', runOf(ada)))).toMatchObject({ code: 'HUB_ARGS_INVALID' })
    expect(await refusal(live.read('memory://state/own/a%00b', runOf(ada)))).toMatchObject({ code: 'HUB_ARGS_INVALID' })
  })
})
