import { describe, expect, test } from 'vitest'
import { HubError } from '../../../runtime/contract/errors.ts'
import { LegacySession } from '../../../runtime/mcp/legacy-session.ts'
import { createMemorySessions, type SessionRecord } from '../../../runtime/mcp/sessions.ts'

const record: SessionRecord = {
  id: 's',
  endpoint: 'all',
  organisation: 'default',
  credential: 'c',
  principal: 'p',
  version: '2025-06-18',
  capabilities: {},
  subscriptions: ['a:1'],
}
const question = { method: 'roots/list', params: {} }
const never = new AbortController().signal

function open(begun: Promise<void> = Promise.resolve()) {
  const store = createMemorySessions({ most: 9, mostOfOne: 9, idleMs: 1_000 }, () => 0)
  store.create(record)
  const watched = new Set<string>()
  const session = new LegacySession(record, store, (uri) => {
    watched.add(uri)
    return Object.assign(() => void watched.delete(uri), { begun })
  })
  return { session, store, watched }
}

describe('a living session', () => {
  test('watches again what its record says, once each, and lets go of all when it ends', async () => {
    const { session, store, watched } = open()
    expect([...watched]).toEqual(['a:1'])
    await session.subscribe('a:2')
    await session.subscribe('a:2')
    expect(store.read('s')?.subscriptions).toEqual(['a:1', 'a:2'])
    session.end(new HubError('HUB_STOPPING', 'over'))
    expect(watched.size).toBe(0)
  })

  test('watches so many resources and no more', async () => {
    const { session } = open()
    for (let index = 2; index <= 1_000; index += 1) await session.subscribe(`a:${index}`)
    await expect(session.subscribe('a:one-more')).rejects.toMatchObject({ code: 'HUB_LIMITED' })
  })

  test('lets go of what its upstream refuses, says why, and remembers nothing of it', async () => {
    const refusal = Promise.reject(new HubError('HUB_UPSTREAM_FAILED', 'no such note'))
    const { session, store, watched } = open(refusal)
    const both = await Promise.allSettled([session.subscribe('a:2'), session.subscribe('a:2')])
    expect(both).toMatchObject([{ reason: { message: 'no such note' } }, { reason: { message: 'no such note' } }])
    expect([[...watched], session.isWatching('a:2'), store.read('s')?.subscriptions]).toEqual([['a:1'], false, ['a:1']])
  })

  test('is asked so much at a time and no more', async () => {
    const { session } = open()
    const asked = Array.from({ length: 64 }, () => session.ask(question, () => undefined, never))
    await expect(session.ask(question, () => undefined, never)).rejects.toMatchObject({ code: 'HUB_LIMITED' })
    session.end(new HubError('HUB_SESSION_UNKNOWN', 'over'))
    for (const answer of asked) await expect(answer).rejects.toMatchObject({ code: 'HUB_SESSION_UNKNOWN' })
  })

  test('takes a question back when the call that asked ends, and hears no answer to it any more', async () => {
    const { session } = open()
    const lost = new AbortController()
    const written: string[] = []
    const asked = session.ask(question, (text) => written.push(text), lost.signal)
    lost.abort(new HubError('HUB_TIMEOUT', 'late'))
    await expect(asked).rejects.toMatchObject({ code: 'HUB_CANCELLED' })
    expect(JSON.parse(written[1] as string)).toMatchObject({ method: 'notifications/cancelled', params: { requestId: 'hub-1' } })
    session.answer({ id: 'hub-1', result: {} })
    session.answer({ id: 'made-up', result: {} })
  })

  test('keeps so many streams; those that ended give way first', () => {
    const { session } = open()
    const first = session.openStream()
    const second = session.openStream()
    second.end()
    for (let index = 3; index <= 17; index += 1) session.openStream()
    expect(session.findStream(first.id)).toBe(first)
    expect(session.findStream(second.id)).toBeUndefined()
    expect(session.findStream('g')).toBe(session.stream)
  })

  test('forgets an ended stream after those who wanted to come back had their time', () => {
    const { session } = open()
    const [ended, going] = [session.openStream(), session.openStream()]
    ended.end()
    session.forgetEnded()
    expect(session.findStream(ended.id)).toBe(ended)
    session.forgetEnded()
    expect(session.findStream(ended.id)).toBeUndefined()
    expect(session.findStream(going.id)).toBe(going)
  })
})
