import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { HubError } from '../../contract/errors.ts'
import type { Migrated, Migration } from '../../contract/kind.ts'
import { runStatement, type Waiting } from './execution.ts'
import { tokensOf } from './lexer.ts'
import type { Server } from './server.ts'
import type { Row } from './shape.ts'
import { readingSettings, writingSettings } from './settings.ts'

const caps = { rows: 10_000, bytes: 4 * 1024 * 1024 }
const pauseMs = 200
const quarterOfAnHour = 900
const releaseMs = 10_000
const tableExists = 57

/** Applies what was not applied before, in the order of the names. ClickHouse has no transactions: every statement of a migration must be harmless when it runs again. */
export async function migrate(server: Server, migrations: readonly Migration[], signal: AbortSignal, staleSeconds = quarterOfAnHour): Promise<Migrated> {
  const { statementTimeoutMs } = server.settings
  const writeUntil =
    (waiting: Waiting): Write =>
    (text, parameters = {}) =>
      runStatement(server, { text, parameters, settings: writingSettings(statementTimeoutMs), canWrite: true }, caps, waiting)
  const waiting: Waiting = { signal, deadline: Infinity }
  const write = writeUntil(waiting)
  const read = reading(server, waiting)

  await write(
    `CREATE TABLE IF NOT EXISTS hub_migrations (name String, digest String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY name`,
  )
  await takeTurn(write, read, signal, staleSeconds)
  try {
    return await apply(migrations, write, read)
  } finally {
    // Also for a caller that has left.
    await writeUntil({ signal: AbortSignal.timeout(releaseMs), deadline: Infinity })('DROP TABLE IF EXISTS hub_migrations_turn')
  }
}

/** What `migrate` would do. */
export async function rehearse(server: Server, migrations: readonly Migration[], signal: AbortSignal): Promise<Migrated> {
  const read = reading(server, { signal, deadline: Infinity })
  const isNew = (await read(`SELECT 1 AS there FROM system.tables WHERE database = currentDatabase() AND name = 'hub_migrations'`)).length === 0
  const before = new Set(isNew ? [] : (await read('SELECT name FROM hub_migrations')).map(({ name }) => String(name)))
  const names = migrations.map(({ name }) => name).toSorted()
  return { applied: names.filter((name) => !before.has(name)), known: names.filter((name) => before.has(name)), notes: [] }
}

type Write = (text: string, parameters?: Readonly<Record<string, string>>) => Promise<unknown>
type Read = (text: string) => Promise<readonly Row[]>

const reading =
  (server: Server, waiting: Waiting): Read =>
  async (text) =>
    (
      await runStatement(
        server,
        { text, parameters: {}, settings: readingSettings('2', server.settings.statementTimeoutMs, caps), canWrite: false },
        caps,
        waiting,
      )
    ).rows

async function apply(migrations: readonly Migration[], write: Write, read: Read): Promise<Migrated> {
  const before = new Map((await read('SELECT name, digest FROM hub_migrations ORDER BY applied_at')).map(({ name, digest }) => [String(name), String(digest)]))
  const [applied, known, notes]: [string[], string[], string[]] = [[], [], []]
  for (const { name, sql } of migrations.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const digest = createHash('sha256').update(sql).digest('hex')
    const earlier = before.get(name)
    if (earlier !== undefined) {
      known.push(name)
      if (earlier !== digest) notes.push(`${name} is not as it was when it was applied; changes belong into a new file`)
      continue
    }
    for (const statement of statementsOf(sql)) await write(statement)
    await write('INSERT INTO hub_migrations (name, digest) SELECT {name:String}, {digest:String}', { param_name: name, param_digest: digest })
    applied.push(name)
  }
  return { applied, known, notes }
}

/** The statements of a file, by the semicolons that no quote or comment holds. */
export function statementsOf(sql: string): readonly string[] {
  const ends = tokensOf(sql).filter(({ type, text }) => type === 'symbol' && text === ';')
  const starts = [0, ...ends.map(({ end }) => end)]
  return starts.map((start, index) => sql.slice(start, ends[index]?.start)).filter((text) => tokensOf(text).length > 0)
}

const turn = 'hub_migrations_turn'

/**
 * Waits until no other process migrates. A table can be made once: who makes it has the turn. One that a process left behind when it died is taken away after a quarter of an hour, by whoever is first
 * to make a table named after it. The moment a table was made stands in its comment, by the server's clock: not every engine keeps it.
 */
async function takeTurn(write: Write, read: Read, signal: AbortSignal, staleSeconds: number): Promise<void> {
  const holder = randomUUID()
  for (;;) {
    if (await make(write, read, turn, holder)) return
    const held = await heldBy(read, turn, staleSeconds)
    if (held?.isStale === true) await endStale(write, read, held.comment, staleSeconds)
    await pause(pauseMs, undefined, { signal }).catch(() => {
      throw signal.reason instanceof HubError
        ? signal.reason
        : new HubError('HUB_CANCELLED', 'another process migrates this database, and this one waited for it until it was cancelled')
    })
  }
}

async function endStale(write: Write, read: Read, stale: string, staleSeconds: number): Promise<void> {
  const grave = `hub_migrations_stale_${stale.replace(/\W/g, '_')}`
  if (!(await make(write, read, grave, randomUUID()))) {
    // Whoever made it may have died at it too; then the next look finds none.
    if ((await heldBy(read, grave, staleSeconds))?.isStale === true) await write(`DROP TABLE IF EXISTS ${grave}`)
    return
  }
  if ((await heldBy(read, turn, staleSeconds))?.comment === stale) await write(`DROP TABLE IF EXISTS ${turn}`)
  await write(`DROP TABLE IF EXISTS ${grave}`)
}

async function heldBy(read: Read, table: string, staleSeconds: number): Promise<{ readonly comment: string; readonly isStale: boolean } | undefined> {
  const [held] = await read(
    `SELECT comment, toString(toUnixTimestamp(now()) - toInt64OrZero(splitByChar('_', comment)[-1]) > ${staleSeconds}) AS stale FROM system.tables WHERE database = currentDatabase() AND name = '${table}'`,
  )
  return held && { comment: String(held['comment']), isStale: held['stale'] === '1' }
}

/** True when this process made the table; false when it was there. */
async function make(write: Write, read: Read, table: string, holder: string): Promise<boolean> {
  const [clock] = await read('SELECT toString(toUnixTimestamp(now())) AS now')
  try {
    await write(`CREATE TABLE ${table} (holder String) ENGINE = MergeTree ORDER BY holder COMMENT '${holder}_${String(clock?.['now'])}'`)
    return true
  } catch (error) {
    if (error instanceof HubError && error.details['exception'] === tableExists) return false
    throw error
  }
}
