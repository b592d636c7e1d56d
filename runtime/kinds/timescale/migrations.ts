import { HubError } from '../../contract/errors.ts'
import type { Migrated, Migration } from '../../contract/kind.ts'
import { readMigration, stepsOf, type ReadMigration } from './migration-text.ts'

/** A connection of its own, as far as migrating needs it. */
export interface MigrationSession {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>
}

/** How a database is migrated. */
export interface MigrateOptions {
  /** Whether candles of a day and longer stay. */
  readonly keepDaily: boolean
  /** Changes nothing: `applied` is what would be applied. */
  readonly isRehearsal?: boolean
  /** No further migration begins once it aborts; who hands it in ends the statement under way. */
  readonly signal?: AbortSignal
}

/** Any number, the same in every process that migrates one database. */
const migrationLock = 4_871_203_379
const keptTimeframes = ['1d', '3d', '1w', '1M']

// Not `hub`: for a role of that name the schema would stand before public on its search path, and its tables would be made there.
const makeRecords = `
CREATE SCHEMA IF NOT EXISTS hub_data;
CREATE TABLE IF NOT EXISTS hub_data.migrations (
  name text PRIMARY KEY, digest text NOT NULL, steps_done integer NOT NULL DEFAULT 0, applied_at timestamptz
);
COMMENT ON TABLE hub_data.migrations IS 'What hub migrate applied to this database.'`

/** What is recorded of one migration. */
interface Recorded {
  readonly digest: string
  readonly stepsDone: number
  readonly isApplied: boolean
}

/** Applies what is new, each migration whole or not at all; one that must run statement by statement goes on where it stopped. Processes take turns. */
export async function migrateDatabase(session: MigrationSession, migrations: readonly Migration[], options: MigrateOptions): Promise<Migrated> {
  const read = migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(readMigration)
  const timescale = await extensionOf(session)
  const before = await recordsOf(session)
  if (options.isRehearsal || read.every((one) => before.get(one.name)?.isApplied === true || (one.needsTimescale && !timescale.isThere))) {
    if (!options.isRehearsal && timescale.isThere) await settle(session, options.keepDaily)
    return outcomeOf(read, before, timescale)
  }

  await session.query('SELECT pg_advisory_lock($1)', [migrationLock])
  try {
    await session.query(makeRecords).catch((error: unknown) => Promise.reject(failed('what was applied cannot be recorded, so nothing was', error)))
    // Another process may have been at it meanwhile.
    const records = await recordsOf(session)
    const due = read.filter((one) => records.get(one.name)?.isApplied !== true && (timescale.isThere || !one.needsTimescale))
    for (const one of due) {
      options.signal?.throwIfAborted()
      await (one.isStepwise ? applySteps(session, one, records.get(one.name)) : applyWhole(session, one))
    }
    if (timescale.isThere) await settle(session, options.keepDaily)
    return outcomeOf(read, records, timescale)
  } finally {
    // A session that broke gave the lock back itself.
    await session.query('SELECT pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined)
  }
}

interface Extension {
  readonly isThere: boolean
  /** The server has it, and this database does not use it. */
  readonly isOffered: boolean
}

async function extensionOf(session: MigrationSession): Promise<Extension> {
  const { rows } = await session.query(
    `SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') AS "isThere", EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') AS "isOffered"`,
  )
  return rows[0] as unknown as Extension
}

async function recordsOf(session: MigrationSession): Promise<ReadonlyMap<string, Recorded>> {
  const { rows: found } = await session.query(`SELECT to_regclass('hub_data.migrations') IS NOT NULL AS "isThere"`)
  if (found[0]?.['isThere'] !== true) return new Map()
  const { rows } = await session.query('SELECT name, digest, steps_done, applied_at IS NOT NULL AS applied FROM hub_data.migrations')
  return new Map(
    rows.map((row) => [String(row['name']), { digest: String(row['digest']), stepsDone: Number(row['steps_done']), isApplied: row['applied'] === true }]),
  )
}

async function applyWhole(session: MigrationSession, { name, sql, digest }: ReadMigration): Promise<void> {
  await session.query('BEGIN')
  try {
    await session.query(sql)
    await session.query('INSERT INTO hub_data.migrations (name, digest, applied_at) VALUES ($1, $2, now())', [name, digest])
    await session.query('COMMIT')
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined)
    throw failed(`${name} failed and left nothing behind`, error)
  }
}

async function applySteps(session: MigrationSession, migration: ReadMigration, record: Recorded | undefined): Promise<void> {
  const { name, digest } = migration
  const steps = await stepsOf(migration)
  await session.query('INSERT INTO hub_data.migrations (name, digest) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', [name, digest])
  // Of a text that changed since, the statements that were done are not those that are known.
  const first = record?.digest === digest ? record.stepsDone : 0
  for (const [index, step] of steps.entries()) {
    if (index < first) continue
    try {
      await session.query(step)
    } catch (error) {
      throw failed(`statement ${index + 1} of ${steps.length} of ${name} failed; those before it are done, and hub migrate goes on from here`, error)
    }
    await session.query('UPDATE hub_data.migrations SET steps_done = $2, digest = $3 WHERE name = $1', [name, index + 1, digest])
  }
  await session.query('UPDATE hub_data.migrations SET applied_at = now() WHERE name = $1', [name])
}

function failed(what: string, error: unknown): Error {
  const { code, severity, message } = error as { readonly code?: string; readonly severity?: string; readonly message: string }
  // Faults of the connection are told by whoever owns it.
  if (severity === undefined || code === undefined || code.startsWith('57')) return error as Error
  const wayOn = code === '42501' ? '; the role of this connector needs CREATE on the database and its schema' : ''
  return new HubError('HUB_QUERY_FAILED', `${what}: ${message} (SQLSTATE ${code})${wayOn}`, { sqlstate: code }, error)
}

/** What no migration can record, since it may change: which candles stay. */
async function settle(session: MigrationSession, keepDaily: boolean): Promise<void> {
  await session.query(
    `SELECT alter_job(job_id, config => jsonb_set(config, '{keep}', $1::jsonb)) FROM timescaledb_information.jobs
     WHERE proc_schema = 'hub_data' AND proc_name = 'drop_old_candles' AND config -> 'keep' <> $1::jsonb`,
    [JSON.stringify(keepDaily ? keptTimeframes : [])],
  )
}

function outcomeOf(read: readonly ReadMigration[], before: ReadonlyMap<string, Recorded>, timescale: Extension): Migrated {
  const isKnown = ({ name }: ReadMigration): boolean => before.get(name)?.isApplied === true
  const waiting = read.filter((one) => !isKnown(one) && one.needsTimescale && !timescale.isThere)
  const applied = read.filter((one) => !isKnown(one) && !waiting.includes(one))
  const changed = read.filter((one) => isKnown(one) && before.get(one.name)?.digest !== one.digest)
  const newer = [...before.keys()].filter((name) => !read.some((one) => one.name === name))
  const notes: string[] = []
  if (waiting.length > 0) {
    const wayOn = timescale.isOffered ? 'the server offers it: CREATE EXTENSION timescaledb, then hub migrate again' : 'with it, hub migrate brings the rest'
    notes.push(
      `this database does not have the TimescaleDB extension: the tables are ordinary ones, nothing is compressed or removed by itself, and there are no aggregates of 5 m, 1 h and 1 d; ${wayOn} (${waiting.map(({ name }) => name).join(', ')})`,
    )
  }
  for (const { name } of changed) notes.push(`${name} is not as it was when it was applied here; the database keeps what was applied`)
  if (newer.length > 0) notes.push(`the database was migrated by a newer hub: ${newer.join(', ')} is not known to this one`)
  return { applied: applied.map(({ name }) => name), known: read.filter(isKnown).map(({ name }) => name), notes }
}
