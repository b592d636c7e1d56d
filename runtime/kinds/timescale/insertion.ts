import type { Layout } from './layout.ts'
import { quoted, quotedTable } from './identifiers.ts'
import { printArray } from './arrays.ts'
import type { OnConflict } from './operation.ts'
import type { Parameter } from './parameters.ts'

/** Where rows go and what becomes of those whose key is there. */
export interface Target {
  readonly table: string
  readonly key: readonly string[]
  readonly onConflict: OnConflict
}

/**
 * How rows that were updated are told from those that were inserted: by the row itself, exactly; or by what was there when the statement began, for tables whose rows do not say (views, partitions of
 * another layout), where a concurrent write of the same key may be counted with the wrong ones.
 */
export type Counting = 'by row' | 'before'

/**
 * One statement that writes rows of several shapes, all or none: their values come in as one array of texts for each column and are cast to its type.
 * Rows of one key are made one (the last for update, the first for ignore) by the database's own comparison, in the order of the key, so that two calls that write the same
 * keys wait for each other instead of locking each other out. Answers one row: kept, inserted, updated.
 */
export function insertText({ table, key, onConflict }: Target, { columns, shapes }: Layout, counting: Counting): string {
  const at = columns.map((_, position) => `c${position}`)
  const casts = columns.map(({ target }, position) => `c${position}::${target.cast} AS c${position}`)
  const parameters = columns.map((_, position) => `$${position + 1}::text[]`)
  const keyed = key.map((name) => at[columns.findIndex(({ column }) => column === name)]).join(', ')
  const isDeduplicated = onConflict !== 'error'
  const writers = shapes.map((filled, shape) => {
    const names = filled.map((position) => quoted(columns[position]?.column as string))
    const others = names.filter((name) => !key.map(quoted).includes(name))
    const set = others.map((name) => `${name} = excluded.${name}`).join(', ')
    const conflict = !isDeduplicated
      ? ''
      : ` ON CONFLICT (${key.map(quoted).join(', ')}) DO ${onConflict === 'ignore' || set === '' ? 'NOTHING' : `UPDATE SET ${set}`}`
    return `written${shape} AS (
  INSERT INTO ${quotedTable(table)} (${names.join(', ')}) SELECT ${filled.map((position) => at[position]).join(', ')} FROM given WHERE shape = ${shape}${conflict}
  RETURNING ${onConflict === 'update' && counting === 'by row' ? '(xmax = 0)' : 'true'} AS fresh)`
  })
  const same = key.map((name) => `there.${quoted(name)} = ${at[columns.findIndex(({ column }) => column === name)]}`).join(' AND ')
  const before = `(SELECT count(*) FROM given WHERE EXISTS (SELECT FROM ${quotedTable(table)} AS there WHERE ${same}))`
  const counts =
    onConflict === 'update' && counting === 'before'
      ? `(count(*) - ${before})::int AS inserted, ${before}::int AS updated`
      : '(count(*) FILTER (WHERE fresh))::int AS inserted, (count(*) FILTER (WHERE NOT fresh))::int AS updated'
  return `WITH given AS (
  SELECT ${isDeduplicated ? `DISTINCT ON (${keyed}) ` : ''}* FROM (
    SELECT ${casts.join(', ')}, shape, place FROM unnest(${[...parameters, `$${columns.length + 1}::int[]`].join(', ')}) WITH ORDINALITY AS input (${[...at, 'shape', 'place'].join(', ')})
  ) AS typed ORDER BY ${isDeduplicated ? `${keyed}, ` : ''}place${onConflict === 'update' ? ' DESC' : ''}
), ${writers.join(', ')}
SELECT (SELECT count(*) FROM given)::int AS kept, ${counts}
FROM (${shapes.map((_, shape) => `SELECT fresh FROM written${shape}`).join(' UNION ALL ')}) AS written`
}

/** The parameters of that statement. */
export function insertValues({ texts, shapeOf }: Layout): readonly Parameter[] {
  return [...texts.map((list) => printArray(list, (text) => text as string)), `{${shapeOf.join(',')}}`]
}
