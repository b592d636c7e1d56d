import { describe, expect, test } from 'vitest'
import { HubError } from '../../../runtime/contract/errors.ts'
import { defineKind, type Extras, type ExtrasEvent, type KindTools } from '../../../runtime/contract/kind.ts'
import type { Logger } from '../../../runtime/contract/telemetry.ts'
import { createRegistryManager } from '../../../runtime/registry/manager.ts'
import type { RegistryEvent, Renewal } from '../../../runtime/registry/types.ts'
import { connector, plan, principal, tool } from '../../fixtures/plan.ts'

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

/** A kind that keeps count of what is done to it. */
function testKind() {
  const events: string[] = []
  const listeners = new Map<string, (event: ExtrasEvent) => void>()
  let refusals = 0
  const kind = defineKind({
    kind: 'test',
    summary: 'For tests.',
    config: true,
    operation: true,
    async open(_config: unknown, lent: KindTools) {
      if (refusals > 0) {
        refusals -= 1
        throw new HubError('HUB_CONNECTOR_DOWN', 'not today')
      }
      events.push(`open ${lent.connector}`)
      const extras = { onEvent: (listener: (event: ExtrasEvent) => void) => listeners.set(lent.connector, listener) } as unknown as Extras
      return {
        bind: (spec: { name: string }) => {
          events.push(`bind ${spec.name}`)
          return async () => ({ type: 'data', data: spec.name }) as const
        },
        check: async () => ({ state: 'up' }) as const,
        close: async () => void events.push(`close ${lent.connector}`),
        extras,
      }
    },
  })
  return { kind, events, emit: (name: string, event: ExtrasEvent) => listeners.get(name)?.(event), refuse: (times: number) => (refusals = times) }
}

function manage(first: ReturnType<typeof plan>, clock = { now: 0 }) {
  const test = testKind()
  const manager = createRegistryManager({
    plan: first,
    kinds: [test.kind],
    lend: (spec, healthChanged) => ({ connector: spec.name, healthChanged }) as unknown as KindTools,
    log: silent,
    now: () => clock.now,
  })
  return { ...test, manager, clock }
}

const market = connector('market', { tools: [tool('market', 'latest', { aliases: ['recent'] }), tool('market', 'add', { effect: 'write' })] })
const notes = connector('notes', { tools: [tool('notes', 'read')] })

describe('opening', () => {
  test('a lazy connector opens at the first call, once for all who wait, and binds each tool once', async () => {
    const { manager, events } = manage(plan([market]))
    const bound = manager.current().tools.get('market_latest')
    expect(events).toEqual([])
    await Promise.all([bound?.handler({}, {} as never), bound?.handler({}, {} as never)])
    await bound?.handler({}, {} as never)
    expect(events).toEqual(['open market', 'bind market_latest'])
    await manager.close()
    expect(events.at(-1)).toBe('close market')
  })

  test('an eager connector opens with the registry', async () => {
    const { manager, events } = manage(plan([{ ...market, start: 'eager' }]))
    await manager.current().connectors.get('market')?.open()
    expect(events).toEqual(['open market'])
    await manager.close()
  })

  test('after a failed opening no caller opens it again before the pause is over; then it comes back', async () => {
    const { manager, events, refuse, clock } = manage(plan([market]))
    refuse(2)
    const open = () => manager.current().connectors.get('market')?.open()
    await expect(open()).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { retryAfterMs: 250 } })
    await expect(open()).rejects.toMatchObject({ details: { retryAfterMs: 250 } })
    clock.now = 250
    await expect(open()).rejects.toMatchObject({ details: { retryAfterMs: 500 } })
    clock.now = 750
    await open()
    expect(events).toEqual(['open market'])
    expect(await manager.current().connectors.get('market')?.probe(new AbortController().signal)).toMatchObject({ state: 'up' })
    await manager.close()
  })

  test('a connector that is off says what it needs and is offered to nobody', async () => {
    const { manager } = manage(plan([{ ...market, off: { reason: 'MARKET_URL is not set', needs: ['MARKET_URL'] } }, notes]))
    const registry = manager.current()
    await expect(registry.connectors.get('market')?.open()).rejects.toMatchObject({ code: 'HUB_CONNECTOR_OFF', details: { needs: ['MARKET_URL'] } })
    expect([...registry.tools.keys()]).toEqual(['notes_read'])
    expect(registry.endpoint('connector', 'market')).toBeUndefined()
    expect(registry.connectors.get('market')?.health().state).toBe('off')
    await manager.close()
  })
})

describe('views', () => {
  const toolsets = [{ name: 'monitor', tools: ['market_l*', 'notes_read'], prompts: [], resources: [] }]

  test('names are prefixed where connectors meet and sorted everywhere', async () => {
    const { manager } = manage(plan([notes, market], toolsets))
    const registry = manager.current()
    const names = (kind: 'all' | 'connector' | 'toolset', name?: string) =>
      registry.view(registry.endpoint(kind, name) as never, principal()).tools.map((entry) => entry.name)
    expect(names('all')).toEqual(['market_add', 'market_latest', 'notes_read'])
    expect(names('connector', 'market')).toEqual(['add', 'latest'])
    expect(names('toolset', 'monitor')).toEqual(['market_latest', 'notes_read'])
    expect(registry.endpoint('toolset', 'other')).toBeUndefined()
    await manager.close()
  })

  test('aliases answer on each endpoint and are not listed', async () => {
    const { manager } = manage(plan([market]))
    const registry = manager.current()
    expect(registry.view(registry.endpoint('all') as never, principal()).find('market_recent')?.spec.name).toBe('market_latest')
    expect(registry.view(registry.endpoint('connector', 'market') as never, principal()).find('recent')?.spec.name).toBe('market_latest')
    await manager.close()
  })

  test('a tool beyond the role does not exist, and a view is made once per class', async () => {
    const { manager } = manage(plan([market]))
    const registry = manager.current()
    const all = registry.endpoint('all') as never
    const reader = registry.view(all, principal({ role: 'reader', id: 'a' }))
    expect(reader.tools.map(({ name }) => name)).toEqual(['market_latest'])
    expect(reader.find('market_add')).toBeUndefined()
    expect(reader.suggest('market_lates')).toEqual(['market_latest', 'market_recent'])
    expect(reader.suggest('market_lates'.padEnd(1_000_000, 'x'))).toEqual([])
    expect(registry.view(all, principal({ role: 'reader', id: 'b', organisation: 'other' }))).toBe(reader)
    expect(registry.view(all, principal({ role: 'observer' })).tools).toEqual([])
    await manager.close()
  })

  test('a scope hides a tool from a key without it; a token sees it, since its client can ask for a stronger one', async () => {
    const scoped = connector('vault', { tools: [tool('vault', 'open', { policy: { scopes: ['vault'] } })] })
    const { manager } = manage(plan([scoped]))
    const registry = manager.current()
    const sees = (over: Parameters<typeof principal>[0]) => registry.view(registry.endpoint('all') as never, principal(over)).tools.length
    expect(sees({ via: 'key' })).toBe(0)
    expect(sees({ via: 'key', scopes: new Set(['vault']) })).toBe(1)
    expect(sees({ via: 'oauth' })).toBe(1)
    expect(sees({ via: 'local' })).toBe(1)
    await manager.close()
  })
})

describe('a new plan', () => {
  test('shares what did not change, closes the rest when the last call leaves, and tells what changed', async () => {
    const { manager, events } = manage(plan([market, notes]))
    const told: (RegistryEvent | Renewal)[] = []
    await Promise.all([...manager.current().connectors.values()].map((open) => open.open()))
    manager.onEvent((event) => told.push(event))
    const leave = manager.current().hold()
    manager.replace(
      plan([
        { ...market, digest: 'moved' },
        { ...notes, tools: [...notes.tools, tool('notes', 'find')] },
      ]),
    )
    expect(told).toEqual([
      { type: 'tools', connectors: ['notes'] },
      { type: 'renewed', connector: 'market' },
    ])
    await manager.current().connectors.get('notes')?.open()
    expect(events).toEqual(['open market', 'open notes'])
    leave()
    await expect.poll(() => events).toEqual(['open market', 'open notes', 'close market'])
    await manager.close()
    expect(events).toEqual(['open market', 'open notes', 'close market', 'close notes'])
  })

  test('a connector switched off is closed even though its settings are the same', async () => {
    const { manager, events } = manage(plan([notes]))
    await manager.current().connectors.get('notes')?.open()
    manager.replace(plan([{ ...notes, off: { reason: 'enabled: false', needs: [] } }]))
    await expect.poll(() => events).toEqual(['open notes', 'close notes'])
    await manager.close()
  })

  test('other tests, or other lines, are no news to clients', async () => {
    const { manager } = manage(plan([notes]))
    const told: (RegistryEvent | Renewal)[] = []
    manager.onEvent((event) => told.push(event))
    const place = { file: 'notes.yaml', line: 99, column: 1 }
    manager.replace(plan([{ ...notes, tools: notes.tools.map((one) => ({ ...one, place, tests: [{ name: 'new', args: {}, expect: [], place }] })) }]))
    expect(told).toEqual([])
    await manager.close()
  })

  test('what clients cannot see is no news; a scope is', async () => {
    const { manager } = manage(plan([notes]))
    const told: (RegistryEvent | Renewal)[] = []
    manager.onEvent((event) => told.push(event))
    manager.replace(plan([{ ...notes, tools: [tool('notes', 'read', { operation: { tool: 'other' }, digest: 'other', policy: { timeoutMs: 1 } })] }]))
    expect(told).toEqual([])
    manager.replace(plan([{ ...notes, tools: [tool('notes', 'read', { policy: { scopes: ['notes'] } })] }]))
    expect(told).toEqual([{ type: 'tools', connectors: ['notes'] }])
    await manager.close()
  })

  test('a toolset that takes other tools is news to its clients, though no connector changed', async () => {
    const { manager } = manage(plan([notes], [{ name: 'few', tools: ['notes_read'], prompts: [], resources: [] }]))
    const told: (RegistryEvent | Renewal)[] = []
    manager.onEvent((event) => told.push(event))
    manager.replace(plan([notes], [{ name: 'few', tools: [], prompts: [], resources: [] }]))
    expect(told).toEqual([{ type: 'tools', connectors: [] }])
    await manager.close()
  })

  test('the same plan again tells nobody anything', async () => {
    const same = plan([notes])
    const { manager } = manage(same)
    const told: (RegistryEvent | Renewal)[] = []
    manager.onEvent((event) => told.push(event))
    manager.replace(same)
    expect(told).toEqual([])
    await manager.close()
  })
})

test('changes at an upstream are passed on under its connector’s name', async () => {
  const { manager, emit } = manage(plan([notes]))
  const told: (RegistryEvent | Renewal)[] = []
  const stop = manager.onEvent((event) => told.push(event))
  await manager.current().connectors.get('notes')?.open()
  emit('notes', { type: 'prompts' })
  emit('notes', { type: 'updated', uri: 'note://1' })
  emit('notes', { type: 'log', level: 'info', data: 'hello' })
  stop()
  emit('notes', { type: 'tools' })
  expect(told).toEqual([
    { type: 'renewed', connector: 'notes' },
    { type: 'prompts', connectors: ['notes'] },
    { type: 'updated', connector: 'notes', uri: 'note://1' },
    { type: 'log', connector: 'notes', params: { level: 'info', data: 'hello', logger: 'notes' } },
  ])
  await manager.close()
})
