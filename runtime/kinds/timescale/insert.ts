import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Json } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { columnSources } from './column-sources.ts'
import type { Settings } from './config.ts'
import type { Waiting } from './runnable.ts'
import type { Layout, RowFault } from './layout.ts'
import { onConflictOf, type InsertOperation } from './operation.ts'
import type { Pools } from './pools.ts'
import { rehearse } from './rehearsal.ts'
import { createWriter, isOfRows, isOfSchema, type Counts, type Writer } from './writer.ts'

const mostRows = 10_000
const mostShapes = 32
const mostFaultsTold = 20

/** Binds a tool that writes many rows: by one statement, all or none. */
export function bindInsert(tool: ToolSpec<InsertOperation>, pools: Pools, settings: Settings): Handler {
  const { insert } = tool.operation
  const target = { table: insert.table, key: insert.key ?? [], onConflict: onConflictOf(insert) }
  const sources = columnSources(insert, tool.input)
  const { statementTimeoutMs } = settings
  const writer = createWriter({ pools, target, sources, isClosed: true, statementTimeoutMs })

  async function write(args: Args, run: Waiting): Promise<Counts> {
    const rows = (args[insert.rows] ?? []) as readonly Json[]
    if (rows.length === 0) return { inserted: 0, updated: 0, ignored: 0, duplicates: 0 }
    if (rows.length > mostRows)
      throw new HubError('HUB_ARGS_INVALID', `"${insert.rows}" has ${rows.length} rows, and a call may write ${mostRows}; make more calls`)
    const { layout, faults } = await writer.layOut(rows, args, run)
    if (faults.length > 0) throw unfit(faults, rows.length, insert)
    if (layout.shapes.length > mostShapes) {
      throw new HubError(
        'HUB_ARGS_INVALID',
        `the rows leave out properties in ${layout.shapes.length} ways, over the ${mostShapes} of one call; give null for what a row does not have`,
      )
    }
    return writeChecked(writer, layout, run)
  }

  async function writeChecked(by: Writer, layout: Layout, run: Waiting): Promise<Counts> {
    try {
      return await by.write(layout, run)
    } catch (error) {
      if (!(error instanceof HubError) || !isOfRows(error) || layout.indexes.length === 1) throw error
      const found = await rehearse(pools, by.trialOf(layout), layout, run)
      throw found.faults.length === 0 ? error : unfit(found.faults, layout.indexes.length, insert, error, found.isWhole)
    }
  }

  return async (args, run) => {
    try {
      return answerOf(await write(args, run))
    } catch (error) {
      if (!(error instanceof HubError) || !isOfSchema(error)) throw error
      // The table changed since it was read, and nothing was written: once more by the table as it is.
      writer.forget()
      return answerOf(await write(args, run))
    }
  }
}

function answerOf({ inserted, updated, ignored, duplicates }: Counts): Answer {
  const data = { affected: inserted + updated, inserted, updated, ignored, duplicates }
  if (duplicates === 0) return { type: 'data', data }
  return { type: 'data', data, notes: [`${duplicates} of the rows given had the key of another row of this call; one row of each key was written`] }
}

function unfit(faults: readonly RowFault[], count: number, { table, rows }: InsertOperation['insert'], cause?: unknown, isWhole = true): HubError {
  const told = faults.slice(0, mostFaultsTold)
  const lines = told.map(({ index, column, reason }) => `"${rows}.${index}${column === undefined ? '' : `.${column}`}" ${reason}`)
  const more = faults.length > told.length ? `; and ${faults.length - told.length} more` : isWhole ? '' : '; and perhaps more'
  const message = `nothing was written: ${faults.length}${isWhole ? '' : ' or more'} of ${count} rows do not fit "${table}": ${lines.join('; ')}${more}`
  return new HubError('HUB_ARGS_INVALID', message, { rows: told }, cause)
}
