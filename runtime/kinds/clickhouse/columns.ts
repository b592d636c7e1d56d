import { HubError } from '../../contract/errors.ts'
import { runStatement, type Waiting } from './execution.ts'
import type { Server } from './server.ts'
import { readingSettings } from './settings.ts'
import { parseType, type DataType } from './types.ts'

/** A column that can be written. */
export interface Column {
  readonly name: string
  readonly type: DataType
  /** A row may leave it out, or say null. */
  readonly hasDefault: boolean
}

/** The columns of a table that can be written, by name. */
export type Columns = ReadonlyMap<string, Column>

/** What is known of tables: asked of the server once, and again when an insert meets another table than was known. */
export interface KnownColumns {
  of(table: string, waiting: Waiting): Promise<Columns>
  forget(table: string): void
}

const caps = { rows: 10_000, bytes: 16 * 1024 * 1024 }
const mostTables = 200
const text = `SELECT name, type, default_kind FROM system.columns
WHERE concat(database, '.', table) = if(position({table:String}, '.') = 0, concat(currentDatabase(), '.', {table:String}), {table:String})
  AND default_kind NOT IN ('MATERIALIZED', 'ALIAS')
ORDER BY position`

/** Makes an empty memory of tables. */
export function knownColumns(server: Server): KnownColumns {
  const known = new Map<string, Columns>()
  const settings = readingSettings('1', server.settings.statementTimeoutMs, caps)

  async function ask(table: string, waiting: Waiting): Promise<Columns> {
    const { rows } = await runStatement(server, { text, parameters: { param_table: table }, settings, canWrite: false }, caps, waiting)
    if (rows.length === 0)
      throw new HubError('HUB_QUERY_FAILED', `ClickHouse has no table ${table} that this connector may see; list_tables names those it may`)
    const columns: Columns = new Map(rows.map((row) => columnOf(row as unknown as Described)).map((column) => [column.name, column]))
    if (known.size >= mostTables) known.clear()
    known.set(table, columns)
    return columns
  }

  return {
    of: async (table, waiting) => known.get(table) ?? ask(table, waiting),
    forget: (table) => void known.delete(table),
  }
}

interface Described {
  readonly name: string
  readonly type: string
  readonly default_kind: string
}

const columnOf = ({ name, type, default_kind: kind }: Described): Column => ({
  name,
  // What cannot be read is left to the server.
  type: parseType(type) ?? { name: 'Dynamic', parts: [], words: [] },
  hasDefault: kind !== '',
})
