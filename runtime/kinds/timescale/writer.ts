import { createHash } from 'node:crypto'
import { HubError } from '../../contract/errors.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import { readTable, type Table } from './catalog.ts'
import type { ColumnSource } from './column-sources.ts'
import { runStatement } from './run.ts'
import type { Runnable, Waiting } from './runnable.ts'
import { insertText, insertValues, type Counting, type Target } from './insertion.ts'
import { layOut, type FilledColumn, type LaidOut, type Layout } from './layout.ts'
import type { Pools } from './pools.ts'

/** What became of rows whose statement was done. */
export interface Counts {
  readonly inserted: number
  readonly updated: number
  readonly ignored: number
  /** Rows of a key that another row of the same statement has. */
  readonly duplicates: number
}

/** Writes rows into one table, by the table as it is now. */
export interface Writer {
  /** Reads the table where it is not known, and checks rows against it. Rejects where the table lacks a column that is written. */
  layOut(rows: readonly Json[], call: JsonObject, waiting: Waiting): Promise<LaidOut>
  /** Writes all rows of a layout, or none. */
  write(layout: Layout, waiting: Waiting): Promise<Counts>
  /** A statement that writes what `write` would; what it counts matters less than that every table takes it. */
  trialOf(layout: Layout): Runnable
  /** Forgets what it knows of the table. */
  forget(): void
}

/** What a writer is made of. */
export interface WriterParts {
  readonly pools: Pools
  readonly target: Target
  /** Where columns are filled from; absent: each column of the table from the property of its name. */
  readonly sources?: readonly ColumnSource[]
  readonly isClosed: boolean
  readonly statementTimeoutMs: number
}

const mostAttempts = 4
const mostStatements = 64
const answer = { rows: 1, bytes: 4_096 }

/** Makes a writer; nothing is read before the first rows come. */
export function createWriter({ pools, target, sources, isClosed, statementTimeoutMs }: WriterParts): Writer {
  let known: { readonly table: Table; readonly columns: readonly FilledColumn[] } | undefined
  const statements = new Map<string, Runnable>()
  let counting: Counting = 'by row'

  async function tableNow(waiting: Waiting): Promise<NonNullable<typeof known>> {
    const table = await readTable(pools, target.table, { canWrite: true, statementTimeoutMs }, waiting)
    const columns = filled(table, sources ?? ownSources(table))
    statements.clear()
    known = { table, columns }
    return known
  }

  function statementOf(layout: Layout): Runnable {
    const signature = layout.shapes.map((shape) => shape.join()).join(';')
    const found = statements.get(signature)
    if (found) return found
    const text = insertText(target, layout, counting)
    const name = `hub_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
    const made: Runnable = { name, text, canWrite: true, statementTimeoutMs }
    if (statements.size >= mostStatements) statements.clear()
    statements.set(signature, made)
    return made
  }

  async function write(layout: Layout, waiting: Waiting): Promise<Counts> {
    const values = insertValues(layout)
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { rows } = await runStatement(pools, statementOf(layout), values, answer, waiting)
        const { kept, inserted, updated } = rows[0] as { readonly kept: number; readonly inserted: number; readonly updated: number }
        return { inserted, updated, ignored: kept - inserted - updated, duplicates: layout.indexes.length - kept }
      } catch (error) {
        // Deadlocks and serialization failures leave nothing behind, and pass.
        if (attempt < mostAttempts && error instanceof HubError && isPassing(error)) continue
        if (counting === 'by row' && error instanceof HubError && isOfSystemColumn(error)) {
          counting = 'before'
          statements.clear()
          continue
        }
        if (error instanceof HubError && isOfSchema(error)) known = undefined
        throw error instanceof HubError ? told(error, target) : error
      }
    }
  }

  return {
    layOut: async (rows, call, waiting) => {
      const { table, columns } = known ?? (await tableNow(waiting))
      return layOut(rows, { table, columns, call, isClosed })
    },
    write,
    trialOf: (layout) => ({ name: '', text: insertText(target, layout, 'before'), canWrite: true, statementTimeoutMs }),
    forget: () => void (known = undefined),
  }
}

function ownSources(table: Table): readonly ColumnSource[] {
  return [...table.columns.values()].filter(({ isComputed }) => !isComputed).map(({ name }) => ({ column: name, from: 'row', name }))
}

function filled(table: Table, sources: readonly ColumnSource[]): readonly FilledColumn[] {
  return sources.map((source) => {
    const target = table.columns.get(source.column)
    if (target && !target.isComputed) return { ...source, target }
    const what = target ? `fills column "${source.column}" of "${table.name}" in itself` : `has no column "${source.column}" in "${table.name}" now`
    throw new HubError(
      'HUB_QUERY_FAILED',
      `the database ${what}, which this tool writes, and nothing was written; an operator has to mend the table or the manifest. Columns: ${[...table.columns.keys()].slice(0, 50).join(', ')}`,
      { table: table.name, column: source.column },
    )
  })
}

const stateOf = ({ details }: HubError): string => (typeof details['sqlstate'] === 'string' ? details['sqlstate'] : '')

const isPassing = (error: HubError): boolean => ['40001', '40P01'].includes(stateOf(error))

// A view has no xmax, and a partition of another layout than its table gives none back.
const isOfSystemColumn = (error: HubError): boolean => stateOf(error) === '0A000' || (stateOf(error) === '42703' && error.message.includes('xmax'))

/** True for an error that says the table is not as it was read. */
export const isOfSchema = (error: HubError): boolean => ['42P01', '42703', '42704', '42804', '42846', '3F000'].includes(stateOf(error))

/** True for an error that some of the rows are to blame for. */
export const isOfRows = (error: HubError): boolean => error.code === 'HUB_QUERY_FAILED' && /^(22|23|44)...$|^(P0001|54000)$/.test(stateOf(error))

function told(error: HubError, { table, key, onConflict }: Target): HubError {
  if (stateOf(error) === '42P10') {
    const message = `"${table}" has no unique index on exactly (${key.join(', ')}), by which this tool writes; an operator has to add one or mend the key`
    return new HubError('HUB_QUERY_FAILED', message, error.details, error)
  }
  if (error.details['outcome'] === 'unknown' && onConflict !== 'error') {
    const message = `the connection was lost while the database wrote: all rows were written or none. Writing them again does no harm, since they have a key`
    return new HubError('HUB_CONNECTOR_DOWN', message, { ...error.details, retryAfterMs: 1_000 }, error)
  }
  return error
}
