import { expect, test } from 'vitest'
import type { Connector, Extras } from '../../../runtime/contract/kind.ts'
import { extrasOf } from '../../../runtime/contract/live.ts'
import type { Principal } from '../../../runtime/contract/principal.ts'
import { createSubscriptions } from '../../../runtime/mcp/subscriptions.ts'
import type { OpenConnector, Registry, RegistrySource, Renewal } from '../../../runtime/registry/types.ts'
import { lend, someone } from '../../kinds/lent.ts'

const bob: Principal = { ...someone, id: 'bob' }

/** A registry of one connector, `notes`, which the test opens and replaces. */
function source(
  definitions?: object,
  refuses: { because?: string } = {},
): {
  readonly registry: RegistrySource
  readonly watched: string[]
  readonly opened: () => number
  replace(): void
  open(): void
} {
  const watched: string[] = []
  const listeners = new Set<(event: Renewal) => void>()
  let opened = 0
  let extras: Extras | undefined
  const renewed = (): void => {
    for (const listener of listeners) listener({ type: 'renewed', connector: 'notes' })
  }
  const open = (): void => {
    opened += 1
    extras = extrasOf({
      read: () => Promise.resolve([]),
      perCaller: true,
      watch: (uri, { id }) => {
        if (refuses.because !== undefined) return Promise.reject(new Error(refuses.because))
        watched.push(`${opened}: ${id} ${uri}`)
        return Promise.resolve(() => void watched.splice(watched.indexOf(`${opened}: ${id} ${uri}`), 1))
      },
    }).extras
    renewed()
  }
  const connector = {
    spec: { definitions },
    extras: () => extras,
    open: () => {
      if (extras === undefined) open()
      return Promise.resolve({} as Connector)
    },
  } as unknown as OpenConnector
  return {
    registry: {
      current: () => ({ connectors: new Map([['notes', connector]]) }) as unknown as Registry,
      onEvent: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    watched,
    opened: () => opened,
    open,
    replace: () => {
      extras = undefined
      watched.length = 0
      renewed()
    },
  }
}

test('the first who watches opens a connector that waits, and everyone’s wishes reach it', async () => {
  const { registry, watched, opened } = source()
  const subscriptions = createSubscriptions(registry, lend('notes').log)
  subscriptions.watch('notes', 'a:1', someone)
  const release = subscriptions.watch('notes', 'a:1', bob)
  expect([watched, opened()]).toEqual([['1: someone a:1', '1: bob a:1'], 1])
  release()
  release()
  await expect.poll(() => watched).toEqual(['1: someone a:1'])
})

test('a connector that was replaced is asked again for what is still watched, and for nothing else', () => {
  const { registry, watched, replace } = source()
  const subscriptions = createSubscriptions(registry, lend('notes').log)
  subscriptions.watch('notes', 'a:1', someone)
  subscriptions.watch('notes', 'a:2', someone)()
  replace()
  expect(watched).toEqual(['2: someone a:1'])
  subscriptions.close()
  replace()
  expect(watched).toEqual([])
})

test('nobody watching, nothing is opened', () => {
  const { registry, opened, replace } = source()
  createSubscriptions(registry, lend('notes').log).watch('unknown', 'a:1', someone)()
  replace()
  expect(opened()).toBe(0)
})

test('an upstream server, which knows no callers, is asked once for all of them', async () => {
  const { registry, watched } = source({})
  const subscriptions = createSubscriptions(registry, lend('notes').log)
  const releases = [subscriptions.watch('notes', 'a:1', someone), subscriptions.watch('notes', 'a:1', bob)]
  expect(watched).toEqual(['1: someone a:1'])
  releases[0]?.()
  expect(watched).toEqual(['1: someone a:1'])
  releases[1]?.()
  await expect.poll(() => watched).toEqual([])
})

test('whoever watches is told what the upstream says, and the next who watches has it asked again', async () => {
  const refuses: { because?: string } = { because: 'no such note' }
  const { registry, watched } = source({}, refuses)
  const subscriptions = createSubscriptions(registry, lend('notes').log)
  const [first, second] = [subscriptions.watch('notes', 'a:1', someone), subscriptions.watch('notes', 'a:1', bob)]
  await expect(first.begun).rejects.toThrow('no such note')
  await expect(second.begun).rejects.toThrow('no such note')
  delete refuses.because
  const third = subscriptions.watch('notes', 'a:1', bob)
  await third.begun
  expect(watched).toEqual(['1: someone a:1'])
  for (const release of [first, second, third]) release()
  await expect.poll(() => watched).toEqual([])
})

test('a connector that does not open is told of too', async () => {
  const { registry } = source()
  registry.current().connectors.get('notes')!.open = () => Promise.reject(new Error('away'))
  await expect(createSubscriptions(registry, lend('notes').log).watch('notes', 'a:1', someone).begun).rejects.toThrow('away')
})

test('one caller may watch so much and no more, which leaves room for the others', async () => {
  const { registry, watched } = source()
  const subscriptions = createSubscriptions(registry, lend('notes').log)
  const releases = Array.from({ length: 1_000 }, (_, index) => subscriptions.watch('notes', `a:${index}`, someone))
  await Promise.all(releases.map(({ begun }) => begun))
  const more = subscriptions.watch('notes', 'a:more', someone)
  await expect(more.begun).rejects.toMatchObject({ code: 'HUB_LIMITED' })
  more()
  expect([subscriptions.room(someone), subscriptions.room(bob)]).toEqual([0, 1_000])
  await subscriptions.watch('notes', 'a:1', bob).begun
  expect(watched.at(-1)).toBe('1: bob a:1')
  releases[0]?.()
  await subscriptions.watch('notes', 'a:more', someone).begun
})

test('all callers together may watch so much and no more', async () => {
  const { registry } = source({})
  const subscriptions = createSubscriptions(registry, lend('notes').log)
  for (let index = 0; index < 10_000; index += 1) subscriptions.watch('unknown', `a:${index}`, { ...someone, id: `other ${index % 10}` })
  await expect(subscriptions.watch('notes', 'a:1', bob).begun).rejects.toMatchObject({ code: 'HUB_LIMITED' })
})
