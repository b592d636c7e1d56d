import type { Logger } from '../../contract/telemetry.ts'
import { PostgresLink, type Reach, type Row } from './postgres-link.ts'
import { PostgresNews } from './postgres-news.ts'
import { markMs, type Analysis, type Full, type MemoryStore, type Signal, type StoreParts, type Waiting } from './store.ts'

const sweepEveryMs = 600_000

/** Memory in PostgreSQL: every write is one function of the schema's own. */
export function createPostgresStore(reach: Reach, { bounds, clock }: StoreParts, log: Logger): MemoryStore {
  const { schema } = reach
  const link = new PostgresLink(reach, log)
  const news = new PostgresNews(reach.client, schema, log)
  const now = (): number | null => clock?.() ?? null
  const closed = new AbortController()
  let sweptAt = performance.now()

  const read = (text: string, values: readonly unknown[], waiting: Waiting): Promise<readonly Row[]> => link.rows({ text, values, isWrite: false }, waiting)

  async function write(text: string, values: readonly unknown[], waiting: Waiting): Promise<Row> {
    const [row = {}] = await link.rows({ text, values, isWrite: true }, waiting)
    sweepSometimes()
    return row
  }

  // What is over in spaces that nobody writes to is removed by whoever writes next.
  function sweepSometimes(): void {
    if (performance.now() - sweptAt < sweepEveryMs) return
    sweptAt = performance.now()
    link
      .rows({ text: `SELECT ${schema}.sweep($1)`, values: [now()], isWrite: true }, { signal: closed.signal, deadline: Infinity })
      .catch(() => log.debug('expired memory was not removed; it is tried again later'))
  }

  return {
    async get(space, key, waiting) {
      const [row] = await read(
        `SELECT value, version, created_at, updated_at, expires_at FROM ${schema}.state WHERE space = $1 AND key = $2 AND (expires_at IS NULL OR expires_at > ${schema}.now_ms($3))`,
        [space, key, now()],
        waiting,
      )
      return row && { json: String(row['value']), ...times(row), version: Number(row['version']) }
    },

    async set(space, { key, json, ttlMs, ifVersion, topic }, waiting) {
      const bytes = Buffer.byteLength(key) + Buffer.byteLength(json)
      const { word, first, second, third } = await write(
        `SELECT * FROM ${schema}.set_state($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [now(), space, key, json, bytes, ttlMs ?? null, ifVersion ?? null, bounds.keys, bounds.bytes, topic],
        waiting,
      )
      if (word === 'conflict') return { type: 'conflict', version: Number(first) }
      if (word !== 'done') return { type: 'full', by: word as Full['by'], keys: Number(first), bytes: Number(second) }
      return { type: 'done', version: Number(first), updatedAt: Number(second), expiresAt: optional(third) }
    },

    async delete(space, key, ifVersion, topic, waiting) {
      const { version, deleted } = await write(
        `SELECT * FROM ${schema}.delete_state($1, $2, $3, $4, $5)`,
        [now(), space, key, ifVersion ?? null, topic],
        waiting,
      )
      return { version: Number(version), deleted: deleted === true }
    },

    async list(space, prefix, after, limit, waiting) {
      const living = '(expires_at IS NULL OR expires_at > t.moment)'
      const rows = await read(
        `WITH t AS MATERIALIZED (SELECT ${schema}.now_ms($5) AS moment),
          ended AS (SELECT count(*) AS keys, coalesce(sum(bytes), 0) AS bytes FROM ${schema}.state, t WHERE space = $1 AND expires_at <= t.moment),
          here AS (SELECT coalesce(max(s.keys), 0) - max(ended.keys) AS keys, coalesce(max(s.bytes), 0) - max(ended.bytes) AS bytes FROM ended LEFT JOIN ${schema}.spaces s ON s.space = $1),
          page AS (SELECT key, version, bytes, created_at, updated_at, expires_at FROM ${schema}.state, t
            WHERE space = $1 AND key > $3 AND key >= $2 AND starts_with(key, $2) AND ${living} ORDER BY key LIMIT $4)
        SELECT here.keys AS total_keys, here.bytes AS total_bytes, page.* FROM here LEFT JOIN page ON true ORDER BY page.key`,
        [space, prefix, after ?? '', limit + 1, now()],
        waiting,
      )
      const found = rows.filter(({ key }) => key !== null)
      return {
        entries: found.slice(0, limit).map((row) => ({ key: String(row['key']), version: Number(row['version']), bytes: Number(row['bytes']), ...times(row) })),
        more: found.length > limit,
        keys: Number(rows[0]?.['total_keys'] ?? 0),
        bytes: Number(rows[0]?.['total_bytes'] ?? 0),
      }
    },

    async append(space, analysis, waiting) {
      const { symbol, timeframe, kind, json, by, at } = analysis
      const row = await write(
        `SELECT * FROM ${schema}.append_analysis($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
        [now(), space, at ?? null, symbol, timeframe, kind, by, json, Buffer.byteLength(json), bounds.retentionMs, bounds.analyses, bounds.bytes],
        waiting,
      )
      const [id, moment, recordedAt, expiresAt, dropped] = ['id', 'at', 'recorded', 'ends', 'dropped'].map((name) => Number(row[name])) as [
        number,
        number,
        number,
        number,
        number,
      ]
      return { analysis: { ...analysis, id, at: moment, recordedAt, expiresAt }, dropped }
    },

    async query(space, { symbol, timeframe, kind, from, to, after, limit, bytes }, waiting) {
      // One statement for each set of conditions, so that each finds its index.
      const values: unknown[] = [space, now()]
      const conditions = ['space = $1', `expires_at > ${schema}.now_ms($2)`]
      const where = (condition: (place: string) => string, value: unknown): void => {
        if (value !== undefined) conditions.push(condition(`$${values.push(value)}`))
      }
      where((place) => `symbol = ${place}`, symbol)
      where((place) => `timeframe = ${place}`, timeframe)
      where((place) => `kind = ${place}`, kind)
      where((place) => `at >= ${place}`, from)
      where((place) => `at < ${place}`, to)
      if (after) conditions.push(`(at, id) < ($${values.push(after.at)}, $${values.push(after.id)})`)
      const filtered = `SELECT *, sum(bytes) OVER (ORDER BY at DESC, id DESC ROWS UNBOUNDED PRECEDING) AS total, row_number() OVER (ORDER BY at DESC, id DESC) AS place
        FROM (SELECT * FROM ${schema}.analyses WHERE ${conditions.join(' AND ')} ORDER BY at DESC, id DESC LIMIT $${values.push(limit + 1)}) found`
      const text = `SELECT id, at, symbol, timeframe, kind, by, recorded_at, expires_at, total, CASE WHEN place = 1 OR total <= $${values.push(bytes)} THEN body END AS body FROM (${filtered}) f ORDER BY place`
      const rows = await read(text, values, waiting)
      const analyses = rows.filter(({ body }) => body !== null).slice(0, limit)
      return { analyses: analyses.map(analysisOf), more: rows.length > analyses.length }
    },

    async publish(space, { channel, json, by, ttlMs, topic }, waiting) {
      const { word, id, published, ends } = await write(
        `SELECT * FROM ${schema}.publish_signal($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [now(), space, channel, by, json, Buffer.byteLength(json), ttlMs, bounds.signals, bounds.backlogBytes, bounds.channels, topic],
        waiting,
      )
      if (word !== 'done') return { type: 'full', by: 'channels', keys: Number(id), bytes: 0 }
      return { type: 'done', signal: { id: Number(id), json, by, publishedAt: Number(published), expiresAt: Number(ends) } }
    },

    async read(space, channel, wanted, waiting) {
      const isNewest = wanted.type === 'newest'
      const order = isNewest ? 'DESC' : 'ASC'
      const cursor = wanted.type === 'after' ? wanted.cursor : 0
      const reader = wanted.type === 'unread' ? wanted.reader : null
      const rows = await read(
        `WITH t AS MATERIALIZED (SELECT ${schema}.now_ms($3) AS moment),
          c AS MATERIALIZED (SELECT greatest($4::bigint, coalesce((SELECT cursor FROM ${schema}.marks m, t WHERE m.space = $1 AND m.channel = $2 AND m.reader = $5 AND m.expires_at > t.moment), 0)) AS cursor),
          about AS (SELECT dropped, newest FROM ${schema}.channels h, t WHERE h.space = $1 AND h.channel = $2 AND h.expires_at > t.moment),
          found AS (SELECT s.* FROM ${schema}.signals s, t, c WHERE s.space = $1 AND s.channel = $2 AND s.id > c.cursor AND s.expires_at > t.moment ORDER BY s.id ${order} LIMIT $6),
          sized AS (SELECT *, sum(bytes) OVER (ORDER BY id ${order} ROWS UNBOUNDED PRECEDING) AS total, row_number() OVER (ORDER BY id ${order}) AS place FROM found)
        SELECT c.cursor AS since, about.dropped, about.newest, sized.id, sized.by, sized.published_at, sized.expires_at, sized.place, CASE WHEN place = 1 OR total <= $7 THEN body END AS body
        FROM c LEFT JOIN about ON true LEFT JOIN sized ON true ORDER BY place`,
        [space, channel, now(), cursor, reader, wanted.limit + 1, wanted.bytes],
        waiting,
      )
      const found = rows.filter(({ id }) => id !== null)
      const signals = found
        .filter(({ body }) => body !== null)
        .slice(0, wanted.limit)
        .map(signalOf)
      const more = found.length > signals.length
      const since = Number(rows[0]?.['since'] ?? 0)
      const dropped = Number(rows[0]?.['dropped'] ?? 0)
      if (isNewest) signals.reverse()
      const cut = more && !isNewest ? signals.at(-1)?.id : undefined
      return { signals, more, cursor: cut ?? Math.max(Number(rows[0]?.['newest'] ?? 0), since), missed: !isNewest && since > 0 && since < dropped }
    },

    async mark(space, channel, reader, cursor, waiting) {
      const { at } = await write(`SELECT * FROM ${schema}.mark_signals($1, $2, $3, $4, $5, $6)`, [now(), space, channel, reader, cursor, markMs], waiting)
      return Number(at)
    },

    async channels(space, limit, waiting) {
      const rows = await read(
        `WITH t AS MATERIALIZED (SELECT ${schema}.now_ms($2) AS moment)
        SELECT c.channel, c.newest, c.expires_at, (SELECT count(*) FROM ${schema}.signals s WHERE s.space = $1 AND s.channel = c.channel AND s.expires_at > t.moment) AS signals
        FROM ${schema}.channels c, t WHERE c.space = $1 AND c.expires_at > t.moment ORDER BY c.expires_at DESC, c.channel DESC LIMIT $3`,
        [space, now(), limit],
        waiting,
      )
      return rows.map((row) => ({
        channel: String(row['channel']),
        signals: Number(row['signals']),
        newest: Number(row['newest']),
        expiresAt: Number(row['expires_at']),
      }))
    },

    watch: (topic, changed) => news.watch(topic, changed),

    async version(waiting) {
      const [row] = await read(`SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS standby`, [], waiting)
      const version = `PostgreSQL ${String(row?.['version'])}`
      return row?.['standby'] === true ? { version, degraded: 'this PostgreSQL is a read-only standby: nothing can be written' } : { version }
    },

    async close() {
      closed.abort()
      await Promise.all([link.close(), news.close()])
    },
  }
}

const optional = (value: unknown): number | undefined => (value === null || value === undefined ? undefined : Number(value))

const times = (row: Row): { readonly createdAt: number; readonly updatedAt: number; readonly expiresAt: number | undefined } => ({
  createdAt: Number(row['created_at']),
  updatedAt: Number(row['updated_at']),
  expiresAt: optional(row['expires_at']),
})

const signalOf = (row: Row): Signal => ({
  id: Number(row['id']),
  json: String(row['body']),
  by: String(row['by']),
  publishedAt: Number(row['published_at']),
  expiresAt: Number(row['expires_at']),
})

const analysisOf = (row: Row): Analysis => ({
  id: Number(row['id']),
  at: Number(row['at']),
  symbol: String(row['symbol']),
  timeframe: String(row['timeframe']),
  kind: String(row['kind']),
  json: String(row['body']),
  by: String(row['by']),
  recordedAt: Number(row['recorded_at']),
  expiresAt: Number(row['expires_at']),
})
