import { expect, test } from 'vitest'
import { HubError } from '../../../runtime/contract/errors.ts'
import type { Principal } from '../../../runtime/contract/principal.ts'
import type { ToolPolicy, ToolSpec } from '../../../runtime/contract/tool.ts'
import { createLimits } from '../../../runtime/limits/limits.ts'
import { createWindows } from '../../../runtime/limits/windows.ts'

const minute = 60_000
const config = { principal: { calls: 3, perMs: minute }, organisation: { calls: 5, perMs: minute }, bodyBytes: 1, concurrency: 2 }

const caller = (id: string, organisation = 'acme'): Principal => ({ id, organisation, credential: id, role: 'reader', scopes: new Set(), via: 'key' })

function tool(name: string, policy: Partial<ToolPolicy> = {}): ToolSpec {
  return {
    name,
    local: name,
    connector: 'market',
    summary: '',
    input: true,
    effect: 'read',
    role: 'reader',
    operation: {},
    policy: { timeoutMs: 1, retry: 0, breaker: { failures: 1, resetMs: 1 }, result: { rows: 1, bytes: 1 }, arguments: [], scopes: [], ...policy },
    aliases: [],
    annotations: {},
    tests: [],
    digest: name,
    place: { file: 'x', line: 1, column: 1 },
  }
}

function setUp(more: Partial<typeof config> = {}) {
  const clock = { now: 1_000_000 }
  const limits = createLimits({ ...config, ...more }, () => clock.now)
  const outcome = (principal: Principal, spec: ToolSpec): string => {
    const refused = limits.take(principal, spec)
    return refused instanceof HubError ? `${refused.code} ${refused.details.retryAfterMs}` : 'let in'
  }
  return { clock, limits, outcome }
}

test('a principal has so many calls in a window, over all tools, and all of them again in the next', () => {
  const { clock, outcome } = setUp()
  expect(['a', 'b', 'c'].map((name) => outcome(caller('alice'), tool(name)))).toEqual(['let in', 'let in', 'let in'])
  clock.now += 20_000
  expect(outcome(caller('alice'), tool('d'))).toBe('HUB_LIMITED 40000')
  expect(outcome(caller('bob'), tool('d'))).toBe('let in')
  clock.now += 40_000
  expect(outcome(caller('alice'), tool('d'))).toBe('let in')
})

test('an organisation shares its calls; another is not touched', () => {
  const { outcome } = setUp()
  for (const id of ['alice', 'bob', 'carol', 'dave', 'erin']) expect(outcome(caller(id), tool('a'))).toBe('let in')
  expect(outcome(caller('frank'), tool('a'))).toBe('HUB_LIMITED 60000')
  expect(outcome(caller('frank', 'other'), tool('a'))).toBe('let in')
})

test('callers of one name in two organisations are two callers', () => {
  const { outcome } = setUp()
  for (let call = 0; call < 3; call++) outcome(caller('alice', 'acme'), tool('a'))
  expect(outcome(caller('alice', 'other'), tool('a'))).toBe('let in')
})

test('a tool’s own limit counts each principal for itself, and only that tool', () => {
  const { outcome } = setUp()
  const rare = tool('rare', { limit: { calls: 1, perMs: 1_000 } })
  expect([outcome(caller('alice'), rare), outcome(caller('alice'), rare), outcome(caller('bob'), rare), outcome(caller('alice'), tool('other'))]).toEqual([
    'let in',
    'HUB_LIMITED 1000',
    'let in',
    'let in',
  ])
})

test('a refused call costs nothing of any limit', () => {
  const { outcome } = setUp()
  const rare = tool('rare', { limit: { calls: 1, perMs: minute } })
  outcome(caller('alice'), rare)
  for (let call = 0; call < 10; call++) outcome(caller('alice'), rare)
  expect([outcome(caller('alice'), tool('b')), outcome(caller('alice'), tool('b'))]).toEqual(['let in', 'let in'])
})

test('the refusal tells a model how much is allowed and when to come back', () => {
  const { limits } = setUp({ principal: { calls: 0, perMs: 90_000 } })
  expect(limits.take(caller('alice'), tool('a'))).toMatchObject({ message: 'you call too often: 0 calls in 90 s are allowed; retry in 90 s' })
})

test('a limit per month is a limit per month', () => {
  const { clock, outcome } = setUp({ principal: { calls: 1, perMs: 30 * 24 * 60 * minute } })
  expect(outcome(caller('alice'), tool('a'))).toBe('let in')
  clock.now += 29 * 24 * 60 * minute
  expect(outcome(caller('alice'), tool('a'))).toBe(`HUB_LIMITED ${24 * 60 * minute}`)
})

test('the number of keys is bounded: the longest unused is forgotten', () => {
  const windows = createWindows(2, () => 0)
  for (const key of ['a', 'b', 'c']) windows.peek(key, { calls: 1, perMs: 10 }).used++
  expect(windows.peek('c', { calls: 1, perMs: 10 }).waitMs).toBe(10)
  expect(windows.peek('a', { calls: 1, perMs: 10 }).waitMs).toBe(0)
})

test('a principal has so many calls under way, and a place given back twice is one place', () => {
  const { limits } = setUp()
  const alice = caller('alice')
  const [first, second] = [limits.enter(alice, tool('a')), limits.enter(alice, tool('b'))]
  expect(limits.enter(alice, tool('c'))).toMatchObject({ code: 'HUB_LIMITED', message: expect.stringContaining('2 calls under way') })
  expect(limits.enter(caller('bob'), tool('c'))).toBeTypeOf('function')
  if (typeof first !== 'function' || typeof second !== 'function') throw new Error('not let in')
  first()
  first()
  expect(limits.enter(alice, tool('c'))).toBeTypeOf('function')
  expect(limits.enter(alice, tool('c'))).toBeInstanceOf(HubError)
})

test('a tool has so many calls under way over all callers', () => {
  const { limits } = setUp()
  const narrow = tool('narrow', { concurrency: 1 })
  const leave = limits.enter(caller('alice'), narrow)
  expect(limits.enter(caller('bob'), narrow)).toMatchObject({ code: 'HUB_LIMITED', message: expect.stringContaining('narrow has 1') })
  if (typeof leave === 'function') leave()
  expect(limits.enter(caller('bob'), narrow)).toBeTypeOf('function')
})
