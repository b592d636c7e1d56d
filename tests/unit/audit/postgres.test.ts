import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type pg from 'pg'
import { createAudit, type AuditPool } from '../../../runtime/audit/postgres.ts'
import { parseJson } from '../../../runtime/contract/json.ts'
import type { AuditLine } from '../../../runtime/contract/store.ts'
import { createStorePool, migrate } from '../../../runtime/store/postgres.ts'
import { quiet, temporaryDatabase } from '../store/temporary.ts'

let database: Awaited<ReturnType<typeof temporaryDatabase>>
let pool: pg.Pool
const open: { close(): Promise<void> }[] = []
beforeAll(async () => {
  database = await temporaryDatabase()
  pool = createStorePool(database.url)
  await migrate(pool, quiet)
})
beforeEach(() => pool.query('TRUNCATE hub.audit'))
afterEach(async () => {
  for (const audit of open.splice(0)) await audit.close()
})
afterAll(async () => {
  await pool.end()
  await database.close()
})

const line = (callId: string, more: Partial<AuditLine> = {}): AuditLine => ({
  callId,
  phase: 'outcome',
  at: '2026-05-05T10:00:00.123Z',
  principal: 'alice',
  organisation: 'acme',
  credential: 'k1',
  role: 'writer',
  tool: 'market_latest',
  connector: 'market',
  effect: 'read',
  ...more,
})

/** The pool, with a count of inserts and a switch that makes PostgreSQL look gone or mute. */
function watched(): AuditPool & { inserts: number; state: 'up' | 'gone' | 'mute' } {
  const own = {
    inserts: 0,
    state: 'up' as 'up' | 'gone' | 'mute',
    query: (statement: Parameters<AuditPool['query']>[0]): Promise<unknown> => {
      own.inserts++
      if (own.state === 'mute') return new Promise(() => undefined)
      if (own.state === 'gone') return Promise.reject(new Error('connect ECONNREFUSED'))
      return pool.query({ ...statement, values: [...statement.values] })
    },
  }
  return own
}

function audit(options: { readonly pool: AuditPool; readonly maxQueued?: number; readonly onLost?: (lines: number) => void; readonly timeoutMs?: number }) {
  const made = createAudit({ log: quiet, maxQueued: 1_000, ...options })
  open.push(made)
  return made
}

const callIds = async (): Promise<readonly string[]> =>
  (await pool.query<{ call_id: string }>('SELECT call_id FROM hub.audit ORDER BY id')).rows.map((row) => row.call_id)

test('a written line is in the table, whole, before write resolves', async () => {
  const own = audit({ pool })
  await own.write(line('c1', { phase: 'intent', effect: 'write', args: { symbol: 'BTC/USDT', size: parseJson('9007199254740995') } }))
  const { rows } = await pool.query(
    'SELECT call_id, phase, at, principal, organisation, credential, role, tool, connector, effect, args::text, status, duration_ms, cache FROM hub.audit',
  )
  expect(rows).toEqual([
    {
      call_id: 'c1',
      phase: 'intent',
      at: new Date('2026-05-05T10:00:00.123Z'),
      principal: 'alice',
      organisation: 'acme',
      credential: 'k1',
      role: 'writer',
      tool: 'market_latest',
      connector: 'market',
      effect: 'write',
      args: '{"symbol":"BTC/USDT","size":9007199254740995}',
      status: null,
      duration_ms: null,
      cache: null,
    },
  ])
})

test('concurrent writes and what was appended before share one insert, in their order', async () => {
  const counted = watched()
  const own = audit({ pool: counted })
  own.append(line('a', { status: 'ok', durationMs: 1.5, cache: 'hit' }))
  await Promise.all(['b', 'c', 'd'].map((id) => own.write(line(id))))
  expect(counted.inserts).toBe(1)
  expect(await callIds()).toEqual(['a', 'b', 'c', 'd'])
})

test('appended lines reach the table without a flush, 500 at a time', async () => {
  const counted = watched()
  const own = audit({ pool: counted, maxQueued: 5_000 })
  for (let index = 0; index < 1_200; index++) own.append(line(`c${index}`))
  await own.flush()
  expect(counted.inserts).toBe(3)
  expect(await callIds()).toHaveLength(1_200)
  own.append(line('last'))
  await expect.poll(async () => (await callIds()).at(-1)).toBe('last')
})

test('while PostgreSQL is gone writes are refused at once and appended lines wait for it', async () => {
  const store = watched()
  const own = audit({ pool: store })
  store.state = 'gone'
  own.append(line('kept'))
  await expect(own.write(line('refused'))).rejects.toMatchObject({ code: 'HUB_AUDIT_UNAVAILABLE', details: { retryAfterMs: 1_000 } })
  const asked = store.inserts
  await expect(own.write(line('refused too'))).rejects.toMatchObject({ code: 'HUB_AUDIT_UNAVAILABLE' })
  expect(store.inserts).toBe(asked)
  store.state = 'up'
  await expect.poll(callIds, { timeout: 5_000 }).toEqual(['kept'])
  await own.write(line('after'))
  expect(await callIds()).toEqual(['kept', 'after'])
})

test('a PostgreSQL that accepts and never answers holds one write for the time-out and no other', async () => {
  const store = watched()
  const own = audit({ pool: store, timeoutMs: 50 })
  store.state = 'mute'
  await expect(own.write(line('first'))).rejects.toMatchObject({ code: 'HUB_AUDIT_UNAVAILABLE' })
  await expect(own.write(line('second'))).rejects.toMatchObject({ code: 'HUB_AUDIT_UNAVAILABLE' })
  expect(store.inserts).toBe(1)
})

test('lines that no longer fit are counted, never silently dropped', async () => {
  const store = watched()
  let lost = 0
  const own = audit({ pool: store, maxQueued: 3, onLost: (lines) => (lost += lines) })
  store.state = 'gone'
  for (const id of ['a', 'b', 'c', 'd', 'e']) own.append(line(id))
  expect(lost).toBe(2)
  await own.flush()
  store.state = 'up'
  await expect.poll(callIds, { timeout: 5_000 }).toEqual(['a', 'b', 'c'])
})

test('a real server that ends every connection costs no line', async () => {
  const own = audit({ pool })
  await own.write(line('before'))
  own.append(line('during'))
  const admin = createStorePool(database.url)
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()')
  await admin.end()
  await own.flush()
  await expect.poll(callIds, { timeout: 5_000 }).toEqual(['before', 'during'])
})

test('text PostgreSQL cannot hold is mended, and arguments stay as they came', async () => {
  const own = audit({ pool })
  await own.write(line('nul\0', { args: { text: 'a\0b\ud800' } }))
  const { rows } = await pool.query<{ call_id: string; args: string }>('SELECT call_id, args::text FROM hub.audit')
  expect(rows[0]?.call_id).toBe('nul\uFFFD')
  expect(JSON.parse(rows[0]?.args ?? '')).toEqual({ text: 'a\0b\ud800' })
})

test('a line the table refuses costs only itself', async () => {
  let lost = 0
  const own = audit({ pool, onLost: (lines) => (lost += lines) })
  own.append(line('a'))
  own.append(line('bad', { at: 'not a time' }))
  const refused = own.write(line('bad write', { phase: 'neither' as AuditLine['phase'] }))
  own.append(line('z'))
  await expect(refused).rejects.toMatchObject({ code: 'HUB_AUDIT_UNAVAILABLE' })
  await own.flush()
  expect(await callIds()).toEqual(['a', 'z'])
  expect(lost).toBe(1)
})

test('closing writes what waits, then refuses', async () => {
  let lost = 0
  const own = audit({ pool, onLost: (lines) => (lost += lines) })
  own.append(line('last'))
  await own.close()
  expect(await callIds()).toEqual(['last'])
  await expect(own.write(line('late'))).rejects.toMatchObject({ code: 'HUB_AUDIT_UNAVAILABLE' })
  own.append(line('late'))
  expect(lost).toBe(1)
})
