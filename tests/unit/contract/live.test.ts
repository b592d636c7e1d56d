import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Audience, ExtrasEvent } from '../../../runtime/contract/kind.ts'
import { extrasOf, type LiveResources } from '../../../runtime/contract/live.ts'
import type { Principal } from '../../../runtime/contract/principal.ts'
import { runWith, someone } from '../../kinds/lent.ts'

const ann: Principal = { ...someone, id: 'ann' }
const bob: Principal = { ...someone, id: 'bob' }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Resources whose changes the test makes itself. */
function watched(more: Partial<LiveResources> = {}): ReturnType<typeof extrasOf> & {
  readonly told: readonly ExtrasEvent[]
  readonly open: ReadonlyMap<string, () => void>
} {
  const open = new Map<string, () => void>()
  const told: ExtrasEvent[] = []
  const live = extrasOf({
    read: (uri) => Promise.resolve([{ uri, text: 'now' }]),
    watch: (uri, { id }, changed) => {
      const key = `${id} ${uri}`
      open.set(key, changed)
      return Promise.resolve(() => void open.delete(key))
    },
    ...more,
  })
  live.extras.onEvent((event) => told.push(event))
  return { ...live, told, open }
}

describe('watching', () => {
  test('one address is watched once for all, until the last lets it go', async () => {
    const { extras, open } = watched()
    await extras.subscribe('a:1', ann)
    await extras.subscribe('a:1', bob)
    expect([...open.keys()]).toEqual(['ann a:1'])
    await extras.unsubscribe('a:1', ann)
    expect(open.size).toBe(1)
    await extras.unsubscribe('a:1', bob)
    expect(open.size).toBe(0)
    await extras.unsubscribe('a:1', bob)
  })

  test('where an address is another thing to each caller, each is told of the own one', async () => {
    const { extras, open, told } = watched({ perCaller: true })
    await extras.subscribe('a:1', ann)
    await extras.subscribe('a:1', bob)
    open.get('bob a:1')?.()
    const audience: Audience = { organisation: 'default', principal: 'bob' }
    expect(told).toEqual([{ type: 'updated', uri: 'a:1', audience }])
  })

  test('many changes are told as few: the first at once, the last always', async () => {
    const { extras, open, told } = watched()
    await extras.subscribe('a:1', ann)
    const changed = open.get('ann a:1') as () => void
    for (let count = 0; count < 1_000; count += 1) changed()
    expect(told).toHaveLength(1)
    vi.advanceTimersByTime(250)
    expect(told).toHaveLength(2)
    vi.advanceTimersByTime(10_000)
    expect(told).toHaveLength(2)
    changed()
    expect(told).toHaveLength(3)
  })

  test('a watch let go while it begins is ended as soon as it began', async () => {
    let begun!: (stop: () => void) => void
    const stop = vi.fn<() => void>()
    const { extras } = watched({ watch: () => new Promise((resolve) => (begun = resolve)) })
    const subscribing = extras.subscribe('a:1', ann)
    await extras.unsubscribe('a:1', ann)
    begun(stop)
    await subscribing
    expect(stop).toHaveBeenCalledOnce()
  })

  test('a watch that cannot begin says why, and may be tried again', async () => {
    const watch = vi
      .fn<NonNullable<LiveResources['watch']>>()
      .mockRejectedValueOnce(new Error('away'))
      .mockResolvedValueOnce(() => undefined)
    const { extras } = watched({ watch })
    await expect(extras.subscribe('a:1', ann)).rejects.toThrow('away')
    await extras.subscribe('a:1', ann)
    expect(watch).toHaveBeenCalledTimes(2)
  })

  test('a watch that cannot begin says so to everyone who waits for it', async () => {
    let fail!: (error: Error) => void
    const { extras } = watched({ watch: () => new Promise((_, reject) => (fail = reject)) })
    const both = Promise.allSettled([extras.subscribe('a:1', ann), extras.subscribe('a:1', bob)])
    fail(new Error('away'))
    expect(await both).toMatchObject([{ reason: { message: 'away' } }, { reason: { message: 'away' } }])
  })

  test('closing ends every watch, and nothing is told or watched afterwards', async () => {
    const { extras, open, told, close } = watched()
    await extras.subscribe('a:1', ann)
    const changed = open.get('ann a:1') as () => void
    close()
    expect(open.size).toBe(0)
    changed()
    await extras.subscribe('a:2', ann)
    expect([told, open.size]).toEqual([[], 0])
  })

  test('is bounded', async () => {
    const { extras } = watched()
    for (let count = 0; count < 4_000; count += 1) await extras.subscribe(`a:${count}`, ann)
    await expect(extras.subscribe('a:more', ann)).rejects.toMatchObject({ code: 'HUB_LIMITED' })
  })
})

test('resources that never change say so, and are read', async () => {
  const { extras } = extrasOf({ read: (uri) => Promise.resolve([{ uri, text: 'fixed' }]), templates: [{ uriTemplate: 'a:{n}' }] })
  expect(extras.capabilities).toEqual({ resources: {} })
  await expect(extras.subscribe('a:1', ann)).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
  expect(await extras.readResource('a:1', runWith())).toEqual({ contents: [{ uri: 'a:1', text: 'fixed' }] })
  expect([await extras.templates(), await extras.resources(ann), await extras.prompts()]).toEqual([[{ uriTemplate: 'a:{n}' }], [], []])
})
