import pg from 'pg'
import { HubError } from '../../runtime/contract/errors.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { addressOf } from '../../runtime/kinds/timescale/address.ts'

/** A column as the database has it. */
export interface Column {
  readonly name: string
  /** Quoted where SQL needs that. */
  readonly quoted: string
  /** Of the server's own: `int4`, `timestamptz`; of arrays that of the element. */
  readonly type: string
  readonly isArray: boolean
  /** As a CAST takes it. */
  readonly sqlType: string
  readonly nullable: boolean
  readonly maxLength: number | null
  readonly labels: readonly string[] | null
  readonly comment: string | null
}

/** An index whose entries are in order (btree) and that holds every row. */
export interface Index {
  readonly columns: readonly string[]
  readonly unique: boolean
}

/** A table, a partitioned table, a materialized view, or a view that was asked for by name. */
export interface Table {
  readonly schema: string
  readonly name: string
  /** With its schema, quoted where SQL needs that. */
  readonly quoted: string
  readonly type: string
  readonly comment: string | null
  readonly columns: readonly Column[]
  readonly primaryKey: readonly string[]
  readonly indexes: readonly Index[]
  readonly references: readonly string[]
  /** The time column of a hypertable. */
  readonly timeColumn: string | null
}

/** What a database holds. */
export interface Catalogue {
  readonly database: string
  readonly version: string
  readonly timescale: boolean
  readonly tables: readonly Table[]
}

/** Which tables are wanted; none named: all but views. */
export interface TableSelection {
  readonly tables: readonly string[]
  readonly schemas: readonly string[]
}

const timeoutMs = 15_000

/** Reads what a database holds, in a read-only transaction. Rejects HUB_CONFIG_VALUE for what is no connection string, HUB_CONNECTOR_DOWN or HUB_UPSTREAM_FAILED for a database that cannot be read; none of them repeats the string. */
export async function readCatalogue(url: string, selection: TableSelection): Promise<Catalogue> {
  const { connectionString } = addressOf(new Secret(url, 'the command line'))
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: timeoutMs, statement_timeout: timeoutMs, application_name: 'hub import' })
  // What breaks later breaks a query too.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('BEGIN READ ONLY')
    return await read(client, selection)
  } catch (error) {
    throw explain(error as Error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function read(client: pg.Client, { tables, schemas }: TableSelection): Promise<Catalogue> {
  const { rows } = await client.query<{ database: string; version: string; timescale: boolean }>(
    `SELECT current_database() AS database, current_setting('server_version') AS version, EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'timescaledb') AS timescale`,
  )
  const [about] = rows
  if (about === undefined) throw new HubError('HUB_UPSTREAM_FAILED', 'the database does not say what it is')
  const found = await client.query<{ table: Omit<Table, 'timeColumn'> }>(tablesQuery, [schemas, tables])
  const times = about.timescale ? await client.query<{ schema: string; name: string; column: string }>(hypertablesQuery) : { rows: [] }
  const timeOf = (table: Omit<Table, 'timeColumn'>): string | null =>
    times.rows.find(({ schema, name }) => schema === table.schema && name === table.name)?.column ?? null
  return { ...about, tables: found.rows.map(({ table }) => ({ ...table, timeColumn: timeOf(table) })) }
}

const tablesQuery = `
SELECT json_build_object(
  'schema', n.nspname, 'name', c.relname, 'quoted', quote_ident(n.nspname) || '.' || quote_ident(c.relname),
  'type', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'm' THEN 'materialized view' WHEN 'v' THEN 'view' ELSE 'foreign table' END,
  'comment', obj_description(c.oid, 'pg_class'),
  'columns', (
    SELECT coalesce(json_agg(json_build_object(
      'name', a.attname, 'quoted', quote_ident(a.attname), 'type', coalesce(b.typname, e.typname, t.typname), 'isArray', e.oid IS NOT NULL,
      'sqlType', CASE WHEN t.typname = 'bpchar' THEN 'bpchar' WHEN e.typname = 'bpchar' THEN 'bpchar[]' ELSE format_type(a.atttypid, NULL) END,
      'nullable', NOT a.attnotnull AND NOT coalesce(t.typnotnull, false),
      'maxLength', CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4 END,
      'labels', (SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = coalesce(e.oid, t.oid)),
      'comment', col_description(c.oid, a.attnum)
    ) ORDER BY a.attnum), '[]')
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type e ON t.typcategory = 'A' AND e.oid = t.typelem
    LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'SELECT')
  ),
  'primaryKey', (
    SELECT coalesce(json_agg(a.attname ORDER BY k.place), '[]')
    FROM pg_constraint p CROSS JOIN LATERAL unnest(p.conkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE p.conrelid = c.oid AND p.contype = 'p'
  ),
  'indexes', (
    SELECT coalesce(json_agg(json_build_object('unique', x.indisunique, 'columns', (
      SELECT json_agg(a.attname ORDER BY k.place)
      FROM unnest(x.indkey) WITH ORDINALITY AS k (number, place) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
      WHERE k.place <= x.indnkeyatts
    )) ORDER BY x.indexrelid), '[]')
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam
    WHERE x.indrelid = c.oid AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL AND m.amname = 'btree'
  ),
  'references', (
    SELECT coalesce(json_agg(pg_get_constraintdef(f.oid) ORDER BY f.conname), '[]') FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'
  )
) AS table
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND NOT c.relispartition
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE '\\_timescaledb\\_%' AND n.nspname NOT LIKE 'timescaledb\\_%'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
  AND (cardinality($1::text[]) = 0 OR n.nspname = ANY ($1::text[]))
  AND CASE WHEN cardinality($2::text[]) = 0 THEN c.relkind IN ('r', 'p', 'm') ELSE c.relname = ANY ($2::text[]) OR n.nspname || '.' || c.relname = ANY ($2::text[]) END
ORDER BY n.nspname, c.relname`

const hypertablesQuery = `
SELECT hypertable_schema AS schema, hypertable_name AS name, column_name AS "column"
FROM timescaledb_information.dimensions WHERE dimension_number = 1 AND time_interval IS NOT NULL`

function explain(error: Error): HubError {
  if (error instanceof HubError) return error
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && (code.startsWith('28') || code === '3D000'))
    return new HubError('HUB_UPSTREAM_FAILED', `the database refuses the login (${code}): are user, password and database of the address right`, {}, error)
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('08'))
    return new HubError('HUB_UPSTREAM_FAILED', `the database refused to be read (${code}): may this user read the catalogue`, {}, error)
  const reason = typeof code === 'string' ? code : /timeout/i.test(error.message) ? 'no connection in time' : 'the connection was lost'
  return new HubError(
    'HUB_CONNECTOR_DOWN',
    `the database cannot be reached (${reason}): is it running, are host and port right, and does it ask for TLS (sslmode=verify-full)`,
    {},
    error,
  )
}
