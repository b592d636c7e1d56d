import type { Column, Table } from './catalogue.ts'
import { isComparable, isTime } from './types.ts'

/** The order in which an index goes through a table without sorting it. */
export interface Order {
  /** What must be given, because the index begins with it. */
  readonly needed: readonly Column[]
  /** What rows are in order by, the last of them telling equal ones apart. */
  readonly columns: readonly Column[]
  /** The first of `columns`, where it says when. */
  readonly time?: Column
  /** False: nothing tells rows of one time apart. */
  readonly exact: boolean
}

/** By time where an index holds one, otherwise by the primary key; undefined where there is neither. */
export function orderOf(table: Table): Order | undefined {
  const columns = new Map(table.columns.map((column) => [column.name, column]))
  const key = table.primaryKey.map((name) => columns.get(name))
  const isKeyed = key.length > 0 && key.every((column) => column !== undefined && isComparable(column))
  const indexes = table.indexes.map((index) => index.columns.map((name) => columns.get(name)))
  const timed = indexes.flatMap((index) => timedBy(index, table)).toSorted((a, b) => a.needed.length - b.needed.length)[0]
  if (timed !== undefined) {
    const fixed = new Set([...timed.needed, timed.time])
    const rest = isKeyed ? (key as readonly Column[]).filter((column) => !fixed.has(column)) : []
    return { needed: timed.needed, columns: [timed.time, ...rest], time: timed.time, exact: isKeyed }
  }
  return isKeyed ? { needed: [], columns: key as readonly Column[], exact: true } : undefined
}

/** An index that has a time after columns a caller can name. */
function timedBy(index: readonly (Column | undefined)[], { timeColumn }: Table): readonly { readonly needed: readonly Column[]; readonly time: Column }[] {
  const at = index.findIndex((column) => column !== undefined && isTime(column) && (timeColumn === null || column.name === timeColumn))
  const time = index[at]
  const needed = index.slice(0, Math.max(at, 0))
  if (time === undefined || time.nullable || !needed.every((column) => column !== undefined && isComparable(column))) return []
  return [{ needed: needed as readonly Column[], time }]
}
