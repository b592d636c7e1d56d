import type { JsonObject } from '../../contract/json.ts'
import type { StandardTool } from '../../contract/tool.ts'

const systemDatabases = `('system', 'INFORMATION_SCHEMA', 'information_schema')`

const text = (description: string): JsonObject => ({ type: 'string', maxLength: 256, description })

const rows = (columns: JsonObject): JsonObject => ({
  type: 'object',
  required: ['rows'],
  properties: { rows: { type: 'array', items: { type: 'object', properties: columns } } },
})

const digits = (description: string): JsonObject => ({ type: ['string', 'null'], description: `${description}, as digits.` })
const cached: JsonObject = { cache: { ttl: '1m', stale: '10m', tags: ['schema'] } }

const listDatabases: StandardTool = {
  name: 'list_databases',
  summary: 'The databases of this ClickHouse server, with how many tables each has and how large they are.',
  description: 'The one marked as current is where names without a database are looked up. Ask list_tables for what is in one.',
  effect: 'read',
  input: { type: 'object', additionalProperties: false, properties: {} },
  output: rows({
    name: { type: 'string' },
    engine: { type: 'string' },
    current: { type: 'boolean', description: 'Names without a database are looked up here.' },
    tables: digits('How many tables and views it has'),
    rows: digits('Rows of its tables'),
    bytes: digits('Compressed size of its tables on disk'),
    comment: { type: 'string' },
  }),
  operation: {
    sql: `
SELECT d.name AS name, d.engine AS engine, toBool(d.name = currentDatabase()) AS current, count(t.name) AS tables, sum(t.total_rows) AS rows, sum(t.total_bytes) AS bytes, any(d.comment) AS comment
FROM system.databases AS d LEFT JOIN (SELECT database, nullIf(name, '') AS name, total_rows, total_bytes FROM system.tables WHERE NOT is_temporary) AS t ON t.database = d.name
GROUP BY d.name, d.engine
ORDER BY name`,
  },
  policy: cached,
}

const listTables: StandardTool = {
  name: 'list_tables',
  summary: 'The tables and views of this ClickHouse server, with their engines, rows and sizes.',
  description:
    'Without a database: those of all but the server’s own. Ask describe_table for the columns and keys of one; a statement is fast when it filters by the first columns of the sorting key.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    properties: { database: text('Only tables of this database.'), like: text('Only names like this; % stands for anything.') },
  },
  output: rows({
    database: { type: 'string' },
    name: { type: 'string' },
    engine: { type: 'string', description: 'View and MaterializedView are views; *MergeTree hold data.' },
    rows: digits('Rows, exact for tables of the MergeTree family; null where the engine does not say'),
    bytes: digits('Compressed size on disk; null where the engine does not say'),
    sortingKey: { type: 'string' },
    comment: { type: 'string' },
  }),
  operation: {
    sql: `
SELECT database, name, engine, total_rows AS rows, total_bytes AS bytes, sorting_key AS sortingKey, comment
FROM system.tables
WHERE NOT is_temporary AND NOT startsWith(name, '.inner')
  AND if({database:Nullable(String)} IS NULL, database NOT IN ${systemDatabases}, database = {database:Nullable(String)})
  AND ({like:Nullable(String)} IS NULL OR name LIKE assumeNotNull({like:Nullable(String)}))
ORDER BY database, name`,
    whenEmpty: 'no table fits; leave out database and like to see all',
  },
  policy: cached,
}

const describeTable: StandardTool = {
  name: 'describe_table',
  summary: 'Columns, keys, partitions and lifetime of one table or view.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['table'],
    properties: {
      table: { ...text('Its name, after its database and a dot where it is not in the current one.'), minLength: 1, examples: ['ohlcv', 'default.ohlcv'] },
    },
  },
  output: rows({
    database: { type: 'string' },
    name: { type: 'string' },
    engine: { type: 'string', description: 'With its arguments, keys and lifetime (TTL).' },
    comment: { type: 'string' },
    rows: digits('Rows'),
    bytes: digits('Compressed size on disk'),
    partitionKey: { type: 'string' },
    sortingKey: { type: 'string', description: 'A filter on its first columns is fast.' },
    definition: { type: 'string', description: 'The SELECT of a view; empty for a table.' },
    columns: { type: 'array', items: { type: 'object' }, description: 'name, type, default, comment and whether it is in a key; in their order.' },
  }),
  operation: {
    sql: `
SELECT t.database AS database, t.name AS name, t.engine_full AS engine, t.comment AS comment, t.total_rows AS rows, t.total_bytes AS bytes,
  t.partition_key AS partitionKey, t.sorting_key AS sortingKey, t.as_select AS definition,
  (SELECT groupArray(CAST(tuple(name, type, concat(default_kind, if(default_kind = '', '', ' '), default_expression), comment, is_in_sorting_key = 1, is_in_partition_key = 1),
      'Tuple(name String, type String, default String, comment String, inSortingKey Bool, inPartitionKey Bool)'))
    FROM (SELECT * FROM system.columns WHERE (table = {table:String} AND database = currentDatabase()) OR concat(database, '.', table) = {table:String} ORDER BY position)) AS columns
FROM system.tables AS t
WHERE (t.name = {table:String} AND t.database = currentDatabase()) OR concat(t.database, '.', t.name) = {table:String}
LIMIT 1`,
    whenEmpty: 'no table or view of that name is visible here; list_tables names them, and one outside the current database needs it: database.table',
  },
  policy: cached,
}

const runningQueries: StandardTool = {
  name: 'running_queries',
  summary: 'What ClickHouse is working on at this moment: statements, how long they run, what they have read and how much memory they take.',
  description: 'The longest running first. A user without the right to see others’ statements sees its own.',
  effect: 'read',
  input: { type: 'object', additionalProperties: false, properties: {} },
  output: rows({
    queryId: { type: 'string' },
    user: { type: 'string' },
    seconds: { type: 'number' },
    readRows: digits('Rows read so far'),
    totalRows: digits('Rows it is expected to read; 0: not known'),
    memoryBytes: digits('Memory it takes'),
    kind: { type: 'string', examples: ['Select', 'Insert'] },
    query: { type: 'string', description: 'Its first 500 characters.' },
  }),
  operation: {
    sql: `
SELECT query_id AS queryId, user, elapsed AS seconds, read_rows AS readRows, total_rows_approx AS totalRows, memory_usage AS memoryBytes, query_kind AS kind,
  substringUTF8(query, 1, 500) AS query
FROM system.processes
WHERE query_id != queryID()
ORDER BY elapsed DESC`,
    whenEmpty: 'nothing else runs at this moment',
  },
}

const statement: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 20_000,
  description: 'One SELECT, SHOW, DESCRIBE, EXISTS or EXPLAIN, without FORMAT and SETTINGS. Values go into params as {name:Type}, not into the text.',
  examples: ['SELECT symbol, count() FROM ohlcv WHERE timestamp >= {from:DateTime} GROUP BY symbol'],
}
const params: JsonObject = {
  type: 'object',
  maxProperties: 100,
  description: 'The values of {name:Type}, by name. Decimals and integers beyond 2^53 may be texts; times are ISO 8601.',
  examples: [{ from: '2024-01-01T00:00:00Z' }],
}

const query: StandardTool = {
  name: 'query',
  summary: 'Any one read-only SQL statement over this ClickHouse.',
  description:
    'Answers at most as many rows as the tool allows and says when there are more: aggregate, filter and LIMIT in SQL. list_tables and describe_table tell what is there. Tables of the ReplacingMergeTree family need FINAL to show one row a key.',
  effect: 'read',
  input: { type: 'object', additionalProperties: false, required: ['sql'], properties: { sql: statement, params } },
  output: rows({}),
  operation: { adHoc: 'query' },
  optIn: 'adHoc',
}

const explain: StandardTool = {
  name: 'explain',
  summary: 'How ClickHouse would run one SELECT, without running it: its plan and which parts of a table it would read.',
  effect: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['sql'],
    properties: {
      sql: statement,
      params,
      kind: {
        enum: ['plan', 'pipeline', 'estimate', 'syntax'],
        default: 'plan',
        description:
          'plan: steps and indexes used; pipeline: processors and threads; estimate: parts, rows and marks to read; syntax: the statement after rewriting.',
      },
    },
  },
  output: rows({ explain: { type: 'string', description: 'A line of the plan, pipeline or statement.' } }),
  operation: { adHoc: 'explain' },
  optIn: 'adHoc',
}

/** Tools every connector of this kind has without writing them. */
export const standardTools: readonly StandardTool[] = [listDatabases, listTables, describeTable, runningQueries, query, explain]
