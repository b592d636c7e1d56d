import { HubError } from '../../contract/errors.ts'
import { runStatement } from './run.ts'
import type { Runnable, Waiting } from './runnable.ts'
import { quotedTable } from './identifiers.ts'
import type { Pools } from './pools.ts'

/** A column as the database has it. */
export interface TableColumn {
  readonly name: string
  /** Its type, a domain's base type. */
  readonly type: number
  readonly modifier: number
  /** How a text is cast to it, without its length or scale: a cast would cut where an insert refuses. */
  readonly cast: string
  /** A row cannot do without a value of it. */
  readonly isNeeded: boolean
  readonly isNullable: boolean
  /** The database fills it in itself and takes no value. */
  readonly isComputed: boolean
}

/** The columns of one table. */
export interface Table {
  readonly name: string
  readonly columns: ReadonlyMap<string, TableColumn>
  /** Equal for tables of the same columns. */
  readonly digest: string
}

const columnsOfTable = `
SELECT a.attname AS name, coalesce(nullif(t.typbasetype, 0), t.oid)::int8 AS type,
  CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS modifier,
  format_type(a.atttypid, -1) AS "cast", a.attnotnull OR t.typnotnull AS "notNull",
  a.atthasdef OR a.attidentity <> '' AS "hasDefault", a.attgenerated <> '' OR a.attidentity = 'a' AS "isComputed"
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass($1)::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`

const mostColumns = 1_700

/** Reads the columns of a table, over a connection of the sort that its rows go over. Rejects HUB_QUERY_FAILED where there is no such table. */
export async function readTable(pools: Pools, name: string, over: Pick<Runnable, 'canWrite' | 'statementTimeoutMs'>, waiting: Waiting): Promise<Table> {
  const statement: Runnable = { name: 'hub_columns', text: columnsOfTable, ...over }
  const { rows } = await runStatement(pools, statement, [quotedTable(name)], { rows: mostColumns, bytes: 1024 * 1024 }, waiting)
  if (rows.length === 0) {
    throw new HubError(
      'HUB_QUERY_FAILED',
      `there is no table "${name}" in this database; hub migrate makes the hub’s own, list_tables names those that are there`,
      {
        table: name,
      },
    )
  }
  const columns = rows.map((row): TableColumn => {
    const notNull = row['notNull'] === true
    return {
      name: row['name'] as string,
      type: Number(row['type']),
      modifier: Number(row['modifier']),
      cast: row['cast'] as string,
      isNeeded: notNull && row['hasDefault'] !== true,
      isNullable: !notNull,
      isComputed: row['isComputed'] === true,
    }
  })
  return { name, columns: new Map(columns.map((column) => [column.name, column])), digest: JSON.stringify(rows) }
}
