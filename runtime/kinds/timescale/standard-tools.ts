import type { JsonObject } from '../../contract/json.ts'
import type { StandardTool } from '../../contract/tool.ts'
import { manageTools } from './manage-tools.ts'

// What belongs to the server, to TimescaleDB or to another extension is not what a model is asked about.
const ownTables = `nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' AND nspname NOT LIKE '\\_timescaledb\\_%'
  AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')`

const text = (description: string): JsonObject => ({ type: 'string', maxLength: 256, description })

const rows = (columns: JsonObject): JsonObject => ({
  type: 'object',
  required: ['rows'],
  properties: { rows: { type: 'array', items: { type: 'object', properties: columns } } },
})

const cached: JsonObject = { cache: { ttl: '1m', stale: '10m', tags: ['schema'] } }

const listTables: StandardTool = {
  name: 'list_tables',
  summary: 'The tables and views of this database, with their sizes.',
  description: 'Rows are the server’s estimate, not a count. Ask describe_table for columns and indexes of one.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    properties: { schema: text('Only tables of this schema.'), like: text('Only names like this; % stands for anything.') },
  },
  output: rows({
    schema: { type: 'string' },
    name: { type: 'string' },
    type: { enum: ['table', 'partitioned table', 'view', 'materialized view', 'foreign table'] },
    rows: { type: ['integer', 'null'], description: 'Estimated; null when never analysed.' },
    bytes: { type: 'string', description: 'With indexes, as digits. A hypertable’s chunks are not in it.' },
    comment: { type: ['string', 'null'] },
  }),
  operation: {
    sql: `
SELECT n.nspname AS schema, c.relname AS name,
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END AS type,
  CASE WHEN c.reltuples >= 0 THEN c.reltuples::float8 END AS rows,
  pg_total_relation_size(c.oid) AS bytes, obj_description(c.oid, 'pg_class') AS comment
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND ${ownTables}
  AND (:schema::text IS NULL OR n.nspname = :schema) AND (:like::text IS NULL OR c.relname LIKE :like)
ORDER BY 1, 2`,
    whenEmpty: 'no table of this database fits; leave out schema and like to see all',
  },
  policy: cached,
}

const describeTable: StandardTool = {
  name: 'describe_table',
  summary: 'Columns, keys and indexes of one table or view.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['table'],
    properties: {
      table: { ...text('Its name, after its schema and a dot where it is not on the search path.'), minLength: 1, examples: ['ohlcv', 'public.ohlcv'] },
    },
  },
  output: rows({
    schema: { type: 'string' },
    name: { type: 'string' },
    type: { type: 'string' },
    comment: { type: ['string', 'null'] },
    columns: { type: ['array', 'null'], items: { type: 'object' } },
    indexes: { type: ['array', 'null'], items: { type: 'object' } },
    constraints: { type: ['array', 'null'], items: { type: 'object' } },
  }),
  operation: {
    sql: `
SELECT n.nspname AS schema, c.relname AS name,
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END AS type,
  obj_description(c.oid, 'pg_class') AS comment,
  (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
      'default', pg_get_expr(d.adbin, d.adrelid), 'comment', col_description(c.oid, a.attnum)) ORDER BY a.attnum)
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  (SELECT json_agg(json_build_object('name', i.relname, 'definition', pg_get_indexdef(x.indexrelid), 'primary', x.indisprimary, 'unique', x.indisunique) ORDER BY i.relname)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid) AS indexes,
  (SELECT json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid)) ORDER BY k.conname)
    FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('f', 'c', 'x')) AS constraints
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass(:table)::oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    whenEmpty: 'no table or view of that name is visible here; list_tables names them, and one outside the search path needs its schema: schema.table',
  },
  policy: cached,
}

const listHypertables: StandardTool = {
  name: 'list_hypertables',
  summary: 'The hypertables of this database with their time column, chunks and compression.',
  description: 'Needs the TimescaleDB extension.',
  effect: 'read',
  input: { type: 'object', additionalProperties: false, properties: { schema: text('Only hypertables of this schema.') } },
  output: rows({
    schema: { type: 'string' },
    name: { type: 'string' },
    timeColumn: { type: ['string', 'null'] },
    chunkInterval: { type: ['string', 'null'], description: 'ISO 8601 duration, or a number for integer time.' },
    chunks: { type: 'string', description: 'How many, as digits.' },
    compressedChunks: { type: 'string', description: 'How many of them are compressed, as digits.' },
    compression: { type: 'boolean', description: 'Whether compression is set up.' },
    oldest: { type: ['string', 'null'], description: 'Start of the oldest chunk.' },
    newest: { type: ['string', 'null'], description: 'End of the newest chunk.' },
  }),
  operation: {
    sql: `
SELECT h.hypertable_schema AS schema, h.hypertable_name AS name, d.column_name AS "timeColumn",
  coalesce(d.time_interval::text, d.integer_interval::text) AS "chunkInterval", coalesce(c.chunks, 0) AS chunks, coalesce(c.compressed, 0) AS "compressedChunks",
  h.compression_enabled AS compression, coalesce(c.oldest::text, c.oldest_integer::text) AS oldest, coalesce(c.newest::text, c.newest_integer::text) AS newest
FROM timescaledb_information.hypertables h
LEFT JOIN timescaledb_information.dimensions d
  ON d.hypertable_schema = h.hypertable_schema AND d.hypertable_name = h.hypertable_name AND d.dimension_number = 1
LEFT JOIN (
  SELECT hypertable_schema, hypertable_name, count(*) AS chunks, count(*) FILTER (WHERE is_compressed) AS compressed,
    min(range_start) AS oldest, max(range_end) AS newest, min(range_start_integer) AS oldest_integer, max(range_end_integer) AS newest_integer
  FROM timescaledb_information.chunks GROUP BY 1, 2
) c ON c.hypertable_schema = h.hypertable_schema AND c.hypertable_name = h.hypertable_name
WHERE :schema::text IS NULL OR h.hypertable_schema = :schema
ORDER BY 1, 2`,
    needs: 'timescaledb',
    whenEmpty: 'this database has no hypertables',
  },
  policy: cached,
}

const listContinuousAggregates: StandardTool = {
  name: 'list_continuous_aggregates',
  summary: 'The continuous aggregates of this database, what they stand on and how they are defined.',
  description: 'Needs the TimescaleDB extension.',
  effect: 'read',
  input: { type: 'object', additionalProperties: false, properties: { schema: text('Only aggregates of this schema.') } },
  output: rows({
    schema: { type: 'string' },
    name: { type: 'string' },
    hypertable: { type: 'string', description: 'What it aggregates.' },
    materializedOnly: { type: 'boolean', description: 'False: rows not yet materialized are computed at query time.' },
    compression: { type: 'boolean' },
    refreshEvery: { type: ['string', 'null'], description: 'ISO 8601 duration; null when nothing refreshes it by itself.' },
    definition: { type: 'string' },
  }),
  operation: {
    sql: `
SELECT a.view_schema AS schema, a.view_name AS name, a.hypertable_schema || '.' || a.hypertable_name AS hypertable, a.materialized_only AS "materializedOnly",
  a.compression_enabled AS compression, j.schedule_interval AS "refreshEvery", a.view_definition AS definition
FROM timescaledb_information.continuous_aggregates a
LEFT JOIN LATERAL (
  SELECT j.schedule_interval FROM timescaledb_information.jobs j
  WHERE j.proc_name = 'policy_refresh_continuous_aggregate'
    AND j.hypertable_schema = a.materialization_hypertable_schema AND j.hypertable_name = a.materialization_hypertable_name
  LIMIT 1
) j ON true
WHERE :schema::text IS NULL OR a.view_schema = :schema
ORDER BY 1, 2`,
    needs: 'timescaledb',
    whenEmpty: 'this database has no continuous aggregates',
  },
  policy: cached,
}

const statement: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 20_000,
  description: 'One SELECT, VALUES, TABLE, SHOW or EXPLAIN. Values go into params as $1, $2, …, not into the text.',
  examples: ['SELECT symbol, count(*) FROM ohlcv WHERE timestamp >= $1 GROUP BY symbol'],
}
const params: JsonObject = { type: 'array', maxItems: 100, items: {}, description: 'The values of $1, $2, … in this order.', examples: [['2024-01-01']] }

const query: StandardTool = {
  name: 'query',
  summary: 'Any one read-only SQL statement over this database.',
  description:
    'Answers at most as many rows as the tool allows and says when there are more: aggregate, filter and LIMIT in SQL. list_tables and describe_table tell what is there.',
  effect: 'read',
  input: { type: 'object', additionalProperties: false, required: ['sql'], properties: { sql: statement, params } },
  output: rows({}),
  operation: { adHoc: 'query' },
  optIn: 'adHoc',
}

const explain: StandardTool = {
  name: 'explain',
  summary: 'How the server would run one read-only SQL statement: its plan and expected cost.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['sql'],
    properties: { sql: statement, params, analyze: { type: 'boolean', default: false, description: 'Run it too, and measure.' } },
  },
  output: rows({ plan: { type: 'array' } }),
  operation: { adHoc: 'explain' },
  optIn: 'adHoc',
}

/** Tools every connector of this kind has without writing them. */
export const standardTools: readonly StandardTool[] = [listTables, describeTable, listHypertables, listContinuousAggregates, query, explain, ...manageTools]
