import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type pg from 'pg'
import { createKeyCheck, issueKey } from '../../../runtime/auth/keys.ts'
import { HubError } from '../../../runtime/contract/errors.ts'
import type { ApiKeyRecord, ApiKeyStore } from '../../../runtime/contract/store.ts'
import { createApiKeyStore } from '../../../runtime/store/api-keys.ts'
import { createStorePool, migrate } from '../../../runtime/store/postgres.ts'
import { quiet, temporaryDatabase } from '../store/temporary.ts'

let database: Awaited<ReturnType<typeof temporaryDatabase>>
let pool: pg.Pool
let keys: ApiKeyStore & { close(): Promise<void> }
beforeAll(async () => {
  database = await temporaryDatabase()
  pool = createStorePool(database.url)
  await migrate(pool, quiet)
})
beforeEach(async () => {
  await pool.query('TRUNCATE hub.api_keys')
  keys = createApiKeyStore(pool)
})
afterAll(async () => {
  await pool.end()
  await database.close()
})

const start = Date.parse('2026-05-05T10:00:00Z')

async function setUp(options: { readonly expiresInMs?: number } = {}) {
  const clock = { now: start }
  const made = issueKey({ name: 'desk', role: 'writer', organisation: 'acme', scopes: ['market.read'], now: () => clock.now, ...options })
  await keys.insert(made.record)
  return { ...made, clock, check: createKeyCheck(keys, () => clock.now) }
}

async function reasonFor(act: () => unknown): Promise<unknown> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return `${error.code} ${String(error.details.reason)}`
  }
  return 'let in'
}

test('a key says what it is, and its record holds neither key nor secret', async () => {
  const { key, record } = await setUp()
  expect(key).toMatch(/^hub_[0-9a-z]{16}_[0-9a-f]{64}$/)
  expect(JSON.stringify(record)).not.toContain(key.slice(-64))
  expect(issueKey({ name: 'x', role: 'reader', organisation: 'acme', scopes: [], now: Date.now }).key).not.toBe(key)
})

test('a key is its principal, found with one query and then at once', async () => {
  const { key, record, check } = await setUp({ expiresInMs: 60_000 })
  const principal = await check(key)
  expect(principal).toEqual({
    id: `key:${record.id}`,
    organisation: 'acme',
    credential: record.id,
    role: 'writer',
    scopes: new Set(['market.read']),
    via: 'key',
    expiresAt: start + 60_000,
  })
  expect(check(key)).toBe(principal)
})

test('callers that come together share one query', async () => {
  const { key, check } = await setUp()
  const find = vi.spyOn(keys, 'find')
  const all = await Promise.all([check(key), check(key), check(key)])
  expect(new Set(all).size).toBe(1)
  expect(find).toHaveBeenCalledTimes(1)
})

test('a wrong secret and an unknown id are refused in the same words', async () => {
  const { key, check } = await setUp()
  const wrong = `${key.slice(0, -64)}${'0'.repeat(64)}`
  const nobody = `hub_${'0'.repeat(16)}_${'0'.repeat(64)}`
  const messages = await Promise.all([wrong, nobody].map((one) => Promise.resolve(check(one)).catch((error: unknown) => (error as HubError).message)))
  expect(messages[0]).toBe(messages[1])
  expect(await reasonFor(() => check(wrong))).toBe('HUB_UNAUTHENTICATED unknown_key')
})

test.each(['hub_', 'hub_abc_def', `hub_${'a'.repeat(16)}_${'g'.repeat(64)}`, `hub_${'a'.repeat(16)}_${'0'.repeat(65)}`])('%s is malformed', async (key) => {
  const { check } = await setUp()
  expect(await reasonFor(() => check(key))).toBe('HUB_UNAUTHENTICATED malformed')
})

test('a key ends at its expiry, though it was let in a moment ago', async () => {
  const { key, check, clock } = await setUp({ expiresInMs: 1_000 })
  await check(key)
  clock.now += 1_000
  expect(await reasonFor(() => check(key))).toBe('HUB_UNAUTHENTICATED expired')
})

test('a revoked key ends within 5 seconds', async () => {
  const { key, record, check, clock } = await setUp()
  await check(key)
  await keys.revoke(record.id, new Date(start).toISOString())
  expect(await reasonFor(() => check(key))).toBe('let in')
  clock.now += 5_000
  expect(await reasonFor(() => check(key))).toBe('HUB_UNAUTHENTICATED revoked')
})

test('a key with a role this hub does not know is refused', async () => {
  const { key, record, check } = await setUp()
  await pool.query("UPDATE hub.api_keys SET role = 'emperor' WHERE id = $1", [record.id])
  expect(await reasonFor(() => check(key))).toBe('HUB_UNAUTHENTICATED claims')
})

test('a record whose hash is damaged lets nobody in', async () => {
  const { key, record, check } = await setUp()
  await pool.query("UPDATE hub.api_keys SET hash = '' WHERE id = $1", [record.id])
  expect(await reasonFor(() => check(key))).toBe('HUB_UNAUTHENTICATED unknown_key')
})

test('when a key was used is told to the store', async () => {
  const { key, check } = await setUp()
  await check(key)
  await keys.close()
  expect((await keys.list())[0]?.lastUsedAt).toBe('2026-05-05T10:00:00.000Z')
})

test('a store that does not answer is a 503: the key may be good', async () => {
  const nowhere = createStorePool('postgres://hub:x@127.0.0.1:9/hub')
  const check = createKeyCheck(createApiKeyStore(nowhere), Date.now)
  expect(await reasonFor(() => check(`hub_${'a'.repeat(16)}_${'0'.repeat(64)}`))).toBe('HUB_STORE_DOWN unavailable')
  await nowhere.end()
})

test('guessing many ids at once does not flood the store', async () => {
  const check = createKeyCheck(keys, Date.now)
  const guesses = Array.from({ length: 300 }, (_, index) => reasonFor(() => check(`hub_${String(index).padStart(16, '0')}_${'0'.repeat(64)}`)))
  const reasons = await Promise.all(guesses)
  expect(reasons.filter((reason) => reason === 'HUB_STORE_DOWN unavailable')).toHaveLength(300 - 256)
  expect(reasons.filter((reason) => reason === 'HUB_UNAUTHENTICATED unknown_key')).toHaveLength(256)
})

describe('made-up ids', () => {
  const guess = (index: number): string => `hub_${String(index).padStart(16, '0')}_${'0'.repeat(64)}`

  /** A store with one key, which says nothing of other ids while `isSlow`. */
  function storeOf(record: ApiKeyRecord) {
    const state = { isSlow: false }
    const find = async (id: string): Promise<ApiKeyRecord | undefined> => {
      if (id === record.id) return record
      return state.isSlow ? new Promise<undefined>(() => {}) : undefined
    }
    const clock = { now: start }
    const check = createKeyCheck({ insert: async () => {}, find, list: async () => [record], revoke: async () => false, touch: () => {} }, () => clock.now)
    return { state, clock, check }
  }

  test('do not keep a known key from being looked up again', async () => {
    const { record, key } = issueKey({ name: 'desk', role: 'writer', organisation: 'acme', scopes: [], now: () => start })
    const { state, clock, check } = storeOf(record)
    await check(key)
    state.isSlow = true
    for (let index = 0; index < 256; index++) void check(guess(index))
    expect(await reasonFor(() => check(guess(256)))).toBe('HUB_STORE_DOWN unavailable')
    clock.now += 4_000
    const again = check(key)
    expect(again).toBeInstanceOf(Promise)
    expect(await again).toMatchObject({ credential: record.id })
  })

  test('do not push out what is known of a key', async () => {
    const { record, key } = issueKey({ name: 'desk', role: 'writer', organisation: 'acme', scopes: [], now: () => start })
    const { check } = storeOf(record)
    const principal = await check(key)
    for (let index = 0; index < 10_100; index++) await reasonFor(() => check(guess(index)))
    expect(check(key)).toBe(principal)
  })
})
