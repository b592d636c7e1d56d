import type pg from 'pg'
import type { ApiKeyRecord, ApiKeyStore } from '../contract/store.ts'
import { storeDown } from './postgres.ts'

const touchEveryMs = 5_000
const maxTouched = 10_000

interface Row {
  readonly id: string
  readonly name: string
  readonly hash: string
  readonly organisation: string
  readonly role: string
  readonly scopes: readonly string[]
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
  readonly last_used_at: Date | null
}

/** API keys in `hub.api_keys`. Rejects HUB_STORE_DOWN when PostgreSQL does not answer; `touch` is gathered and written every 5 s, `close` writes what is left. */
export function createApiKeyStore(pool: Pick<pg.Pool, 'query'>): ApiKeyStore & { close(): Promise<void> } {
  let touched = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined

  const writeTouched = async (): Promise<void> => {
    timer = undefined
    const now = touched
    touched = new Map()
    if (now.size === 0) return
    // When a key was last used is told to people; losing one such moment is no fault.
    await pool
      .query(
        'UPDATE hub.api_keys k SET last_used_at = greatest(k.last_used_at, t.at) FROM unnest($1::text[], $2::timestamptz[]) AS t (id, at) WHERE k.id = t.id',
        [[...now.keys()], [...now.values()]],
      )
      .catch(() => undefined)
  }

  return {
    async insert(record) {
      await pool
        .query(
          'INSERT INTO hub.api_keys (id, name, hash, organisation, role, scopes, created_at, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
          [
            record.id,
            record.name,
            record.hash,
            record.organisation,
            record.role,
            record.scopes,
            record.createdAt,
            record.expiresAt ?? null,
            record.revokedAt ?? null,
          ],
        )
        .catch(rejectDown)
    },
    async find(id) {
      const { rows } = await pool.query<Row>({ name: 'hub_find_key', text: 'SELECT * FROM hub.api_keys WHERE id = $1', values: [id] }).catch(rejectDown)
      return rows[0] && recordOf(rows[0])
    },
    async list() {
      const { rows } = await pool.query<Row>('SELECT * FROM hub.api_keys ORDER BY created_at, id').catch(rejectDown)
      return rows.map(recordOf)
    },
    async revoke(id, at) {
      const { rowCount } = await pool.query('UPDATE hub.api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL', [id, at]).catch(rejectDown)
      return rowCount === 1
    },
    touch(id, at) {
      if (touched.size >= maxTouched && !touched.has(id)) return
      touched.set(id, at)
      timer ??= setTimeout(() => void writeTouched(), touchEveryMs).unref()
    },
    async close() {
      clearTimeout(timer)
      await writeTouched()
    },
  }
}

const rejectDown = (error: unknown): Promise<never> => Promise.reject(storeDown(error))

const recordOf = (row: Row): ApiKeyRecord => ({
  id: row.id,
  name: row.name,
  hash: row.hash,
  organisation: row.organisation,
  role: row.role,
  scopes: row.scopes,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString(),
  revokedAt: row.revoked_at?.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString(),
})
