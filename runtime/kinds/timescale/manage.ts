import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler, Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { durationMs } from '../../contract/duration.ts'
import { runStatement } from './run.ts'
import type { Runnable } from './runnable.ts'
import type { ManageOperation, Management } from './operation.ts'
import type { Parameter } from './parameters.ts'
import { managingTimeoutMs, type Pools } from './pools.ts'
import { timestampFault } from './written-times.ts'

const mostChunks = 20_000

/** A hypertable, or a continuous aggregate and the hypertable it is kept in. */
interface Found {
  /** As SQL names it. */
  readonly relation: string
  readonly isAggregate: boolean
}

interface Chunk {
  readonly chunk: string
  readonly from: string | null
  readonly to: string | null
  readonly bytes: string
  readonly compressed: boolean
}

/** Statements of one call, one after another, each ended on the server when the caller leaves. */
type Ask = (text: string, values: readonly Parameter[], needs?: 'timescaledb') => Promise<readonly JsonObject[]>

/** Binds a tool for operators: work on hypertables, outside the session that only reads. */
export function bindManage(tool: ToolSpec<ManageOperation>, pools: Pools): Handler {
  const work = works[tool.operation.manage]
  return async (args, run) => {
    const ask: Ask = async (text, values, needs) => {
      const statement: Runnable = { name: '', text, canWrite: true, isLong: true, statementTimeoutMs: managingTimeoutMs, ...(needs && { needs }) }
      return (await runStatement(pools, statement, values, { rows: mostChunks, bytes: 16 * 1024 * 1024 }, run)).rows
    }
    return { type: 'data', ...(await work(ask, args, run)) }
  }
}

type Done = Omit<Extract<Answer, { type: 'data' }>, 'type'>
type Work = (ask: Ask, args: Args, run: Run) => Promise<Done>

const works: Readonly<Record<Management, Work>> = {
  refresh_continuous_aggregate: async (ask, args) => {
    const [from, to] = [timeOf(args, 'from'), timeOf(args, 'to')]
    if (from >= to) throw new HubError('HUB_ARGS_INVALID', '"from" must be before "to"')
    const { relation, isAggregate } = await find(ask, args['aggregate'])
    if (!isAggregate)
      throw new HubError(
        'HUB_ARGS_INVALID',
        `"${String(args['aggregate'])}" is a hypertable, not a continuous aggregate; list_continuous_aggregates names those`,
      )
    await ask('CALL refresh_continuous_aggregate($1::regclass, $2::timestamptz, $3::timestamptz)', [relation, from, to])
    return { data: { aggregate: relation, from, to } }
  },
  compress_chunks: async (ask, args, run) => {
    const { relation } = await find(ask, args['table'])
    const chunks = await chunksOf(ask, relation, await momentOf(ask, args, 'olderThan'), undefined)
    return oneByOne({
      ask,
      run,
      chunks: chunks.filter(({ compressed }) => !compressed),
      limit: limitOf(args),
      done: 'compressed',
      text: 'SELECT compress_chunk($1::regclass, if_not_compressed => true)',
    })
  },
  decompress_chunks: async (ask, args, run) => {
    const { relation } = await find(ask, args['table'])
    const [from, to] = [timeOf(args, 'from'), timeOf(args, 'to')]
    const chunks = (await chunksOf(ask, relation, undefined, undefined)).filter((chunk) => chunk.compressed && isWithin(chunk, from, to))
    return oneByOne({ ask, run, chunks, limit: limitOf(args), done: 'decompressed', text: 'SELECT decompress_chunk($1::regclass, if_compressed => true)' })
  },
  drop_chunks: async (ask, args) => {
    const { relation } = await find(ask, args['table'])
    const olderThan = await momentOf(ask, args, 'olderThan')
    const newerThan = args['newerThan'] === undefined ? undefined : await momentOf(ask, args, 'newerThan')
    const chunks = await chunksOf(ask, relation, olderThan, newerThan)
    const rows = chunks.map(({ chunk, from, to, bytes }) => ({ chunk, from, to, bytes }))
    if (args['dryRun'] !== false) return { data: { rows, dropped: false, chunks: rows.length }, notes: [noteOfDryRun(rows.length)] }
    const dropped = await ask('SELECT drop_chunks($1::regclass, older_than => $2::timestamptz, newer_than => $3::timestamptz) AS chunk', [
      relation,
      olderThan,
      newerThan ?? null,
    ])
    const names = new Set(dropped.map(({ chunk }) => chunk))
    const gone = rows.filter(({ chunk }) => names.has(chunk))
    return { data: { rows: gone, dropped: true, chunks: dropped.length } }
  },
  set_retention: (ask, args) => setPolicy(ask, args, { policy: 'retention', argument: 'dropAfter', setting: 'drop_after' }),
  set_compression: (ask, args) => setPolicy(ask, args, { policy: 'compression', argument: 'compressAfter', setting: 'compress_after' }),
}

const noteOfDryRun = (chunks: number): string =>
  chunks === 0 ? 'no chunk fits; nothing would be removed' : `nothing was removed; dryRun: false removes these ${chunks} chunks and every row in them`

async function find(ask: Ask, name: Json | undefined): Promise<Found> {
  const [found] = await ask(
    `SELECT format('%I.%I', view_schema, view_name) AS relation, true AS "isAggregate" FROM timescaledb_information.continuous_aggregates
     WHERE format('%I.%I', view_schema, view_name)::regclass = to_regclass($1)
     UNION ALL SELECT format('%I.%I', hypertable_schema, hypertable_name), false FROM timescaledb_information.hypertables
     WHERE format('%I.%I', hypertable_schema, hypertable_name)::regclass = to_regclass($1)`,
    [String(name)],
    'timescaledb',
  )
  if (found) return found as unknown as Found
  throw new HubError(
    'HUB_ARGS_INVALID',
    `"${String(name)}" is neither a hypertable nor a continuous aggregate here; list_hypertables and list_continuous_aggregates name them`,
  )
}

/** Chunks that end by the one moment and begin at or after the other, oldest first. */
async function chunksOf(ask: Ask, relation: string, olderThan: string | undefined, newerThan: string | undefined): Promise<readonly Chunk[]> {
  const rows = await ask(
    `SELECT s.chunk::text AS chunk, c.range_start AS "from", c.range_end AS "to", c.is_compressed AS compressed, coalesce(z.total_bytes, 0) AS bytes
     FROM show_chunks($1::regclass, older_than => $2::timestamptz, newer_than => $3::timestamptz) AS s (chunk)
     JOIN timescaledb_information.chunks c ON format('%I.%I', c.chunk_schema, c.chunk_name)::regclass = s.chunk
     LEFT JOIN LATERAL (SELECT total_bytes FROM chunks_detailed_size(format('%I.%I', c.hypertable_schema, c.hypertable_name)::regclass) d
       WHERE d.chunk_schema = c.chunk_schema AND d.chunk_name = c.chunk_name) z ON true
     ORDER BY c.range_start, c.range_start_integer`,
    [relation, olderThan ?? null, newerThan ?? null],
  )
  return rows as unknown as readonly Chunk[]
}

const isWithin = ({ from, to }: Chunk, begin: string, end: string): boolean =>
  (to === null || Date.parse(to) > Date.parse(begin)) && (from === null || Date.parse(from) < Date.parse(end))

const limitOf = ({ limit }: Args): number => (typeof limit === 'number' ? limit : 100)

interface OneByOne {
  readonly ask: Ask
  readonly run: Run
  readonly chunks: readonly Chunk[]
  readonly limit: number
  readonly text: string
  readonly done: string
}

async function oneByOne({ ask, run, chunks, limit, text, done }: OneByOne): Promise<Done> {
  const wanted = chunks.slice(0, limit)
  const rows: JsonObject[] = []
  try {
    for (const { chunk, from, to, bytes } of wanted) {
      await ask(text, [chunk])
      rows.push({ chunk, from, to, bytesBefore: bytes, bytesAfter: await sizeOf(ask, chunk) })
      run.progress(rows.length, wanted.length)
    }
  } catch (error) {
    if (!(error instanceof HubError) || rows.length === 0) throw error
    throw new HubError(
      error.code,
      `${rows.length} of ${wanted.length} chunks were ${done}, and stay so; then: ${error.message}`,
      { ...error.details, done: rows.length },
      error,
    )
  }
  const remaining = chunks.length - wanted.length
  return { data: { rows, remaining }, ...(rows.length === 0 && { notes: [`no chunk of that time is left to be ${done}`] }) }
}

async function sizeOf(ask: Ask, chunk: string): Promise<Json> {
  const [row] = await ask(
    `SELECT d.total_bytes AS bytes FROM timescaledb_information.chunks c, chunks_detailed_size(format('%I.%I', c.hypertable_schema, c.hypertable_name)::regclass) d
     WHERE d.chunk_schema = c.chunk_schema AND d.chunk_name = c.chunk_name AND format('%I.%I', c.chunk_schema, c.chunk_name)::regclass = $1::regclass`,
    [chunk],
  )
  return row?.['bytes'] ?? null
}

async function setPolicy(
  ask: Ask,
  args: Args,
  { policy, argument, setting }: { readonly policy: 'retention' | 'compression'; readonly argument: string; readonly setting: string },
): Promise<Done> {
  const { relation } = await find(ask, args['table'])
  const after = args[argument]
  const data = { table: relation, [argument]: after ?? null }
  if (typeof after !== 'string') {
    await ask(`SELECT remove_${policy}_policy($1::regclass, if_exists => true)`, [relation])
    return { data }
  }
  const span = `PT${durationMs(after) / 1_000}S`
  const [job] = await ask(
    `SELECT j.job_id::text AS id FROM timescaledb_information.jobs j
     LEFT JOIN timescaledb_information.continuous_aggregates a
       ON a.materialization_hypertable_schema = j.hypertable_schema AND a.materialization_hypertable_name = j.hypertable_name
     WHERE j.proc_name = 'policy_${policy}'
       AND to_regclass(format('%I.%I', coalesce(a.view_schema, j.hypertable_schema), coalesce(a.view_name, j.hypertable_name))) = $1::regclass`,
    [relation],
  )
  if (job) {
    await ask(
      `SELECT alter_job($1::int, config => jsonb_set(config, '{${setting}}', to_jsonb(justify_hours($2::interval)))) FROM timescaledb_information.jobs WHERE job_id = $1::int`,
      [String(job['id']), span],
    )
  } else await ask(`SELECT add_${policy}_policy($1::regclass, justify_hours($2::interval))`, [relation, span])
  return { data }
}

function timeOf(args: Args, name: string): string {
  const text = String(args[name])
  const fault = timestampFault(text, true)
  if (fault !== undefined) throw new HubError('HUB_ARGS_INVALID', `"${name}" ${fault}`)
  return new Date(text).toISOString()
}

/** A time as it is, or the time that an age reaches back to by the database's own clock. */
async function momentOf(ask: Ask, args: Args, name: string): Promise<string> {
  const text = String(args[name])
  const ageMs = durationMs(text)
  if (Number.isNaN(ageMs)) return timeOf(args, name)
  const [row] = await ask(`SELECT now() - $1::interval AS at`, [`PT${ageMs / 1_000}S`])
  return String(row?.['at'])
}
