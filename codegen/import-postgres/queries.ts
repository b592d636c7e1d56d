import { oneLine } from '../import-source/text.ts'
import { bucketQuery } from './buckets.ts'
import type { Table } from './catalogue.ts'
import { orderOf } from './order.ts'
import type { Query } from './parts.ts'
import { getQuery, listQuery } from './rows.ts'
import { isSensitive } from './types.ts'

/** The queries of one table that its keys and indexes can answer. */
export function queriesOf(table: Table, prefix: string, timescale: boolean): readonly Query[] {
  const columns = table.columns.filter((column) => !isSensitive(column))
  if (columns.length === 0) return []
  const hidden = table.columns.filter(isSensitive).map(({ name }) => name)
  const notes = hidden.length === 0 ? [] : [`${hidden.map(oneLine).join(', ')} left out by name: add what a model may see`]
  const shown = { ...table, columns }
  const order = orderOf(shown)
  const called = `${prefix}${table.name}`
  return [
    ...getQuery(shown, `get_${called}`, notes),
    listQuery(shown, `list_${called}`, order, notes),
    ...(order?.time === undefined ? [] : [bucketQuery(shown, `${called}_over_time`, order, order.time, timescale)]),
  ]
}
