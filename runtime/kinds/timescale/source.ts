import { setTimeout as pause } from 'node:timers/promises'
import { HubError } from '../../contract/errors.ts'
import type { Batch, Position, Source } from '../../contract/flow.ts'
import type { Json } from '../../contract/json.ts'
import { readTable, type Table } from './catalog.ts'
import { durationMs } from '../../contract/duration.ts'
import { runStatement } from './run.ts'
import type { Outcome, Runnable } from './runnable.ts'
import type { SourceSpec } from './flow-schemas.ts'
import { quoted, quotedTable } from './identifiers.ts'
import { parameterOf } from './parameters.ts'
import type { Pools } from './pools.ts'
import { isOfSchema } from './writer.ts'

const batchRows = 1_000
const batchBytes = 16 * 1024 * 1024
const firstPauseMs = 250
const longestPauseMs = 10_000

const primaryKey = `
SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indrelid = to_regclass($1)::oid AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)`

/** How a table is read on from a row. */
interface Plan {
  readonly statement: Runnable
  /** The columns whose values name a position, in their order. */
  readonly place: readonly string[]
  /** Of those, the ones read for the position only. */
  readonly hidden: readonly string[]
}

/** A table read in the order of a column, from a row on, by its key: no row twice, and none left out that came in order. */
export function createSource(spec: SourceSpec, pools: Pools, statementTimeoutMs: number): Source {
  const rows = spec.batch ?? batchRows
  const everyMs = spec.every === undefined ? undefined : durationMs(spec.every)
  const over = { canWrite: false, statementTimeoutMs }
  // What reads the first batch, and what reads on after a position.
  let known: { first?: Plan; next?: Plan } = {}

  async function planOf(isFirst: boolean, signal: AbortSignal): Promise<Plan> {
    const waiting = { signal, deadline: Infinity }
    const table = await readTable(pools, spec.table, over, waiting)
    const keys = spec.key ?? (await keyOf(waiting))
    const place = [spec.orderBy, ...keys.filter((name) => name !== spec.orderBy)]
    const read = spec.columns ?? [...table.columns.keys()]
    const hidden = place.filter((name) => !read.includes(name))
    const missing = [...place, ...read].find((name) => !table.columns.has(name))
    if (missing !== undefined)
      throw new HubError('HUB_CONFIG_VALUE', `"${spec.table}" has no column "${missing}"; there are: ${[...table.columns.keys()].join(', ')}`)
    return { statement: { name: '', text: textOf(table, place, [...read, ...hidden], isFirst), ...over }, place, hidden }
  }

  async function keyOf(waiting: { readonly signal: AbortSignal; readonly deadline: number }): Promise<readonly string[]> {
    const statement: Runnable = { name: '', text: primaryKey, ...over }
    const found = await runStatement(pools, statement, [quotedTable(spec.table)], { rows: 100, bytes: 65_536 }, waiting)
    if (found.rows.length > 0) return found.rows.map(({ name }) => name as string)
    throw new HubError('HUB_CONFIG_VALUE', `"${spec.table}" has no primary key; name under key the columns that tell rows of one ${spec.orderBy} apart`)
  }

  /** From the first row at or after `from`, else after the row of a position. */
  function textOf(table: Table, place: readonly string[], read: readonly string[], isFirst: boolean): string {
    const cast = (name: string, index: number): string => `$${index + 1}::text::${table.columns.get(name)?.cast as string}`
    const order = place.map(quoted).join(', ')
    const from = spec.from === undefined ? `${quoted(spec.orderBy)} IS NOT NULL` : `${quoted(spec.orderBy)} >= ${cast(spec.orderBy, 0)}`
    const after = isFirst ? from : `(${order}) > (${place.map(cast).join(', ')})`
    return `SELECT ${read.map(quoted).join(', ')} FROM ${quotedTable(spec.table)} WHERE ${after} ORDER BY ${order} LIMIT ${rows}`
  }

  async function fetch(position: Position | undefined, signal: AbortSignal): Promise<{ readonly outcome: Outcome; readonly plan: Plan }> {
    const plan = position === undefined ? (known.first ??= await planOf(true, signal)) : (known.next ??= await planOf(false, signal))
    const after = (position?.['after'] ?? []) as readonly Json[]
    const values = position === undefined ? (spec.from === undefined ? [] : [spec.from]) : after.map((value) => parameterOf(value))
    if (position !== undefined && after.length !== plan.place.length)
      throw new HubError('HUB_CONFIG_VALUE', `the position is of another key than (${plan.place.join(', ')}); begin anew`)
    return { outcome: await runStatement(pools, plan.statement, values, { rows, bytes: batchBytes }, { signal, deadline: Infinity }), plan }
  }

  async function patiently(position: Position | undefined, signal: AbortSignal): ReturnType<typeof fetch> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        return await fetch(position, signal)
      } catch (error) {
        // A table that changed is read anew, which tells what it lacks if it lacks something.
        if (error instanceof HubError && isOfSchema(error) && (known.first ?? known.next)) {
          known = {}
          continue
        }
        if (!(error instanceof HubError) || error.code !== 'HUB_CONNECTOR_DOWN' || error.message.includes('connector is closed')) throw error
        await pause(pauseMs, undefined, { signal, ref: false })
      }
    }
  }

  return {
    async *read(from, signal): AsyncGenerator<Batch> {
      let position = from
      try {
        while (!signal.aborted) {
          const { outcome, plan } = await patiently(position, signal)
          const last = outcome.rows.at(-1)
          if (last) {
            position = { after: plan.place.map((name) => last[name] as Json) }
            yield { rows: plan.hidden.length === 0 ? outcome.rows : outcome.rows.map((row) => without(row, plan.hidden)), position }
          } else if (outcome.cut === 'bytes') {
            throw new HubError('HUB_QUERY_FAILED', `one row of "${spec.table}" is over ${batchBytes} bytes; leave its large columns out of columns`)
          }
          const isEnd = outcome.rows.length < rows && outcome.cut === undefined
          if (isEnd && everyMs === undefined) return
          if (isEnd) await pause(everyMs, undefined, { signal, ref: false })
        }
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
  }
}

const without = (row: Readonly<Record<string, Json>>, names: readonly string[]): Record<string, Json> =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)))
