import type { JsonObject } from '../../contract/json.ts'
import type { Effect } from '../../contract/principal.ts'
import type { StandardTool } from '../../contract/tool.ts'
import { durationPattern } from '../../contract/duration.ts'
import type { Management } from './operation.ts'

/** What each piece of work on hypertables does to the world. */
export const effectsOfManagement: Readonly<Record<Management, Effect>> = {
  refresh_continuous_aggregate: 'write',
  compress_chunks: 'write',
  decompress_chunks: 'write',
  drop_chunks: 'destroy',
  set_retention: 'destroy',
  set_compression: 'write',
}

const table: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  description: 'The hypertable or continuous aggregate, after its schema and a dot where it is not on the search path.',
  examples: ['ohlcv'],
}
const time = (description: string): JsonObject => ({ type: 'string', format: 'date-time', description, examples: ['2024-01-01T00:00:00Z'] })
const age = (description: string): JsonObject => ({
  type: 'string',
  maxLength: 64,
  description: `${description} An age such as 30d, or a time such as 2024-01-01T00:00:00Z.`,
  examples: ['30d'],
})
const span = (description: string): JsonObject => ({ type: ['string', 'null'], pattern: durationPattern, description, examples: ['30d'] })
const limit: JsonObject = { type: 'integer', minimum: 1, maximum: 1_000, default: 100, description: 'Chunks at most in one call, oldest first.' }

const chunk: JsonObject = {
  chunk: { type: 'string' },
  from: { type: ['string', 'null'], description: 'Where its time begins.' },
  to: { type: ['string', 'null'], description: 'Where it ends, itself not in it.' },
}
const rows = (columns: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  required: ['rows', ...Object.keys(more)],
  properties: { rows: { type: 'array', items: { type: 'object', properties: columns } }, ...more },
})
const input = (required: readonly string[], properties: JsonObject): JsonObject => ({ type: 'object', additionalProperties: false, required, properties })

const operators = { role: 'operator', optIn: 'manage' } as const
const long: JsonObject = { timeout: '10m', concurrency: 2 }
const policies: JsonObject = { cache: false }

const managing = (name: Management, words: Pick<StandardTool, 'summary' | 'description' | 'input' | 'output'>): StandardTool => ({
  name,
  ...words,
  effect: effectsOfManagement[name],
  operation: { manage: name },
  policy: long,
  ...operators,
})

const refresh = managing('refresh_continuous_aggregate', {
  summary: 'Brings a window of a continuous aggregate up to date with the rows it stands on.',
  description:
    'Needs the TimescaleDB extension. Where the rows of the window are no longer kept, what was aggregated from them is gone after it: do not reach back beyond the retention of the hypertable.',
  input: input(['aggregate', 'from', 'to'], {
    aggregate: { ...table, description: 'The continuous aggregate; list_continuous_aggregates names them.', examples: ['ohlcv_5m'] },
    from: time('Where the window begins.'),
    to: time('Where it ends; buckets that reach beyond it are left out.'),
  }),
  output: {
    type: 'object',
    required: ['aggregate', 'from', 'to'],
    properties: { aggregate: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' } },
  },
})

const compress = managing('compress_chunks', {
  summary: 'Compresses the chunks of a hypertable whose time has passed.',
  description: 'Needs the TimescaleDB extension, and compression set up on the hypertable. Chunk by chunk: what is done stays done when the call ends early.',
  input: input(['table', 'olderThan'], { table, olderThan: age('Chunks that end before it.'), limit }),
  output: rows(
    { ...chunk, bytesBefore: { type: 'string' }, bytesAfter: { type: 'string' } },
    { remaining: { type: 'integer', description: 'Chunks that fit and were not reached.' } },
  ),
})

const decompress = managing('decompress_chunks', {
  summary: 'Takes chunks of a hypertable out of compression, so that much of them can be changed.',
  description:
    'Needs the TimescaleDB extension. A compression policy compresses them again in time. Chunk by chunk: what is done stays done when the call ends early.',
  input: input(['table', 'from', 'to'], { table, from: time('Chunks that end after it.'), to: time('Chunks that begin before it.'), limit }),
  output: rows(
    { ...chunk, bytesBefore: { type: 'string' }, bytesAfter: { type: 'string' } },
    { remaining: { type: 'integer', description: 'Chunks that fit and were not reached.' } },
  ),
})

const drop = managing('drop_chunks', {
  summary: 'Removes whole chunks of a hypertable with all their rows; without dryRun: false it only tells which.',
  description:
    'Needs the TimescaleDB extension. Call it first as it is, show the user what would go, and repeat it with dryRun: false when that is wanted. It cannot be undone.',
  input: input(['table', 'olderThan'], {
    table,
    olderThan: age('Chunks that end before it.'),
    newerThan: age('Of those, only chunks that begin at or after it.'),
    dryRun: { type: 'boolean', default: true, description: 'true: nothing is removed; the answer is what would be.' },
  }),
  output: rows({ ...chunk, bytes: { type: 'string' } }, { dropped: { type: 'boolean' }, chunks: { type: 'integer' } }),
})

const retention = managing('set_retention', {
  summary: 'Has chunks of a hypertable removed by themselves when they are older than so much, or never.',
  description:
    'Needs the TimescaleDB extension. It removes whole chunks, of every timeframe: the hub’s own ohlcv keeps days and longer by a job of its own, which show_policies lists, and needs no policy.',
  input: input(['table', 'dropAfter'], { table, dropAfter: span('Chunks older than this go; null: they stay.') }),
  output: { type: 'object', required: ['table', 'dropAfter'], properties: { table: { type: 'string' }, dropAfter: { type: ['string', 'null'] } } },
})

const compression = managing('set_compression', {
  summary: 'Has chunks of a hypertable compressed by themselves when they are older than so much, or never.',
  description: 'Needs the TimescaleDB extension, and compression set up on the hypertable.',
  input: input(['table', 'compressAfter'], { table, compressAfter: span('Chunks older than this are compressed; null: they are not.') }),
  output: { type: 'object', required: ['table', 'compressAfter'], properties: { table: { type: 'string' }, compressAfter: { type: ['string', 'null'] } } },
})

// Of a continuous aggregate the jobs name the hypertable it is kept in.
const jobsWithTables = `timescaledb_information.jobs j
LEFT JOIN timescaledb_information.continuous_aggregates a
  ON a.materialization_hypertable_schema = j.hypertable_schema AND a.materialization_hypertable_name = j.hypertable_name`

const showPolicies: StandardTool = {
  name: 'show_policies',
  summary: 'What happens to hypertables by itself: compression, retention, refreshing of aggregates and other jobs, with their settings.',
  description: 'Needs the TimescaleDB extension. show_jobs tells how they went.',
  effect: 'read',
  input: input([], { table }),
  output: rows({
    job: { type: 'integer' },
    schema: { type: ['string', 'null'] },
    table: { type: ['string', 'null'], description: 'Null for a job that is of no one table.' },
    policy: { type: 'string', description: 'compression, retention, refresh, or the procedure of another job.' },
    settings: { type: ['object', 'null'] },
    every: { type: 'string', description: 'ISO 8601 duration.' },
    isOn: { type: 'boolean' },
  }),
  operation: {
    sql: `
SELECT j.job_id AS job, coalesce(a.view_schema, j.hypertable_schema) AS schema, coalesce(a.view_name, j.hypertable_name) AS table,
  CASE j.proc_name WHEN 'policy_compression' THEN 'compression' WHEN 'policy_retention' THEN 'retention' WHEN 'policy_refresh_continuous_aggregate' THEN 'refresh'
    ELSE j.proc_schema || '.' || j.proc_name END AS policy,
  j.config AS settings, j.schedule_interval AS every, j.scheduled AS "isOn"
FROM ${jobsWithTables}
WHERE j.job_id >= 1000 AND (:table::text IS NULL OR to_regclass(:table) = CASE WHEN j.hypertable_name IS NULL THEN to_regclass(j.config ->> 'table')
  ELSE to_regclass(format('%I.%I', coalesce(a.view_schema, j.hypertable_schema), coalesce(a.view_name, j.hypertable_name))) END)
ORDER BY 2, 3, 4`,
    needs: 'timescaledb',
    whenEmpty: 'there is no policy here; set_compression and set_retention make them',
  },
  policy: policies,
  ...operators,
}

const showJobs: StandardTool = {
  name: 'show_jobs',
  summary: 'How the background jobs of this database went: last run, next run, failures, and the last error.',
  description: 'Needs the TimescaleDB extension.',
  effect: 'read',
  input: input([], { failing: { type: 'boolean', default: false, description: 'Only jobs whose last run failed.' } }),
  output: rows({
    job: { type: 'integer' },
    name: { type: 'string' },
    table: { type: ['string', 'null'] },
    status: { type: ['string', 'null'], description: 'Of the last run; null when there was none.' },
    lastStart: { type: ['string', 'null'] },
    lastSuccess: { type: ['string', 'null'] },
    nextStart: { type: ['string', 'null'] },
    runs: { type: ['string', 'null'] },
    failures: { type: ['string', 'null'] },
    lastError: { type: ['string', 'null'] },
  }),
  operation: {
    sql: `
SELECT j.job_id AS job, j.application_name AS name, coalesce(a.view_name, j.hypertable_name) AS table, s.last_run_status AS status,
  nullif(s.last_run_started_at, '-infinity') AS "lastStart", nullif(s.last_successful_finish, '-infinity') AS "lastSuccess", j.next_start AS "nextStart",
  s.total_runs AS runs, s.total_failures AS failures,
  (SELECT e.err_message FROM timescaledb_information.job_errors e WHERE e.job_id = j.job_id ORDER BY e.finish_time DESC LIMIT 1) AS "lastError"
FROM ${jobsWithTables}
LEFT JOIN timescaledb_information.job_stats s ON s.job_id = j.job_id
WHERE :failing::boolean IS NOT TRUE OR s.last_run_status = 'Failed'
ORDER BY 1`,
    needs: 'timescaledb',
    whenEmpty: 'there is no such job',
  },
  policy: policies,
  ...operators,
}

/** Tools for those who look after hypertables, switched on by `manage: true`. */
export const manageTools: readonly StandardTool[] = [showPolicies, showJobs, refresh, compress, decompress, drop, retention, compression]
