import { expect, test } from 'vitest'
import { createMemorySessions, isOwner, type SessionRecord } from '../../../runtime/mcp/sessions.ts'
import { principal } from '../../fixtures/plan.ts'

const record = (id: string, credential = 'key:1'): SessionRecord => ({
  id,
  endpoint: 'all',
  organisation: 'default',
  credential,
  principal: 'someone',
  version: '2025-11-25',
  capabilities: {},
  subscriptions: [],
})

test('the session used longest ago gives way when there are too many', () => {
  const ended: string[] = []
  const sessions = createMemorySessions({ most: 2, mostOfOne: 2, idleMs: 1_000 }, () => 0)
  sessions.onEnded((id) => ended.push(id))
  sessions.create(record('a', 'key:a'))
  sessions.create(record('b', 'key:b'))
  sessions.read('a')
  sessions.create(record('c', 'key:c'))
  expect(ended).toEqual(['b'])
  expect(sessions.size).toBe(2)
})

test('a sweep ends what is idle and spares what was used', () => {
  let now = 0
  const ended: string[] = []
  const sessions = createMemorySessions({ most: 9, mostOfOne: 9, idleMs: 1_000 }, () => now)
  sessions.onEnded((id) => ended.push(id))
  sessions.create(record('idle'))
  sessions.create(record('used'))
  now = 900
  sessions.read('used')
  now = 1_100
  sessions.sweep()
  expect(ended).toEqual(['idle'])
  now = 5_000
  expect(sessions.read('used')).toBeUndefined()
  expect(ended).toEqual(['idle', 'used'])
})

test('a record is rewritten while it lives, and removed without a word', () => {
  const ended: string[] = []
  const sessions = createMemorySessions({ most: 9, mostOfOne: 9, idleMs: 1_000 }, () => 0)
  sessions.onEnded((id) => ended.push(id))
  sessions.create(record('a'))
  sessions.write({ ...record('a'), logLevel: 'error' })
  sessions.write({ ...record('never'), logLevel: 'error' })
  expect(sessions.read('a')).toMatchObject({ logLevel: 'error' })
  expect(sessions.read('never')).toBeUndefined()
  sessions.remove('a')
  expect(sessions.size).toBe(0)
  expect(ended).toEqual([])
})

test('a session belongs to organisation, credential and principal together', () => {
  expect(isOwner(record('a'), principal())).toBe(true)
  for (const other of [{ organisation: 'x' }, { credential: 'x' }, { id: 'x' }]) expect(isOwner(record('a'), principal(other))).toBe(false)
})
