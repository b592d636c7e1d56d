import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type pg from 'pg'
import type { ApiKeyRecord } from '../../../runtime/contract/store.ts'
import { createApiKeyStore } from '../../../runtime/store/api-keys.ts'
import { createStorePool, migrate } from '../../../runtime/store/postgres.ts'
import { quiet, temporaryDatabase } from './temporary.ts'

let database: Awaited<ReturnType<typeof temporaryDatabase>>
let pool: pg.Pool
beforeAll(async () => {
  database = await temporaryDatabase()
  pool = createStorePool(database.url)
  await migrate(pool, quiet)
})
beforeEach(() => pool.query('TRUNCATE hub.api_keys'))
afterAll(async () => {
  await pool.end()
  await database.close()
})

const record: ApiKeyRecord = {
  id: 'abc',
  name: 'trading desk',
  hash: 'ff',
  organisation: 'acme',
  role: 'writer',
  scopes: ['market.read', 'it’s "odd", {really}'],
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2027-01-01T00:00:00.000Z',
}

test('a key comes back as it was put in, and lists in the order of making', async () => {
  const keys = createApiKeyStore(pool)
  const older = { ...record, id: 'zzz', createdAt: '2025-01-01T00:00:00.000Z', expiresAt: undefined, scopes: [] }
  await keys.insert(record)
  await keys.insert(older)
  expect(await keys.find('abc')).toEqual(record)
  expect(await keys.find('none')).toBeUndefined()
  expect((await keys.list()).map(({ id }) => id)).toEqual(['zzz', 'abc'])
})

test('a key is revoked once', async () => {
  const keys = createApiKeyStore(pool)
  await keys.insert(record)
  expect(await keys.revoke('abc', '2026-02-02T00:00:00.000Z')).toBe(true)
  expect(await keys.revoke('abc', '2026-03-03T00:00:00.000Z')).toBe(false)
  expect(await keys.revoke('none', '2026-03-03T00:00:00.000Z')).toBe(false)
  expect(await keys.find('abc')).toMatchObject({ revokedAt: '2026-02-02T00:00:00.000Z' })
})

test('uses are gathered, written together, and never go back in time', async () => {
  const query = vi.spyOn(pool, 'query')
  const keys = createApiKeyStore(pool)
  await keys.insert(record)
  await keys.insert({ ...record, id: 'other' })
  query.mockClear()
  keys.touch('abc', '2026-05-05T00:00:00.000Z')
  keys.touch('abc', '2026-05-05T00:00:01.000Z')
  keys.touch('other', '2026-05-05T00:00:02.000Z')
  await keys.close()
  expect(query).toHaveBeenCalledTimes(1)
  query.mockRestore()
  keys.touch('abc', '2020-01-01T00:00:00.000Z')
  await keys.close()
  expect((await keys.list()).map(({ lastUsedAt }) => lastUsedAt)).toEqual(['2026-05-05T00:00:01.000Z', '2026-05-05T00:00:02.000Z'])
})

test('a store that is gone is HUB_STORE_DOWN, and a use that cannot be written is no fault', async () => {
  const nowhere = createStorePool('postgres://hub:x@127.0.0.1:9/hub')
  const keys = createApiKeyStore(nowhere)
  await expect(keys.find('abc')).rejects.toMatchObject({ code: 'HUB_STORE_DOWN' })
  await expect(keys.list()).rejects.toMatchObject({ code: 'HUB_STORE_DOWN' })
  await expect(keys.insert(record)).rejects.toMatchObject({ code: 'HUB_STORE_DOWN' })
  keys.touch('abc', record.createdAt)
  await keys.close()
  await nowhere.end()
})
