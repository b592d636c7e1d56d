import type { Json, JsonObject } from '../../contract/json.ts'
import type { Table, TableColumn } from './catalog.ts'
import type { ColumnSource } from './column-sources.ts'
import { Misfit, writtenValue } from './written-values.ts'

/** A row that cannot be written, and why. */
export interface RowFault {
  readonly index: number
  readonly column?: string
  readonly reason: string
}

/** A source with the column it fills. */
export interface FilledColumn extends ColumnSource {
  readonly target: TableColumn
}

/** Rows as they go to the database: one list of texts a column, and for each row which columns it fills. */
export interface Layout {
  readonly columns: readonly FilledColumn[]
  readonly texts: readonly (readonly (string | null)[])[]
  /** The shapes there are: for each the positions of the columns it fills. */
  readonly shapes: readonly (readonly number[])[]
  /** The shape of each row. */
  readonly shapeOf: readonly number[]
  /** Where each row stood among those given. */
  readonly indexes: readonly number[]
}

/** What rows became: those that fit laid out, and the faults of the others. */
export interface LaidOut {
  readonly layout: Layout
  readonly faults: readonly RowFault[]
}

/** How rows are read. */
export interface Reading {
  readonly table: Table
  readonly columns: readonly FilledColumn[]
  /** Values of the whole call. */
  readonly call: JsonObject
  /** True where a property that fills no column is a fault. */
  readonly isClosed: boolean
}

/** Lays rows out by column, every value checked against its column. */
export function layOut(rows: readonly Json[], reading: Reading): LaidOut {
  const { columns } = reading
  const texts = columns.map((): (string | null)[] => [])
  const shapes: (readonly number[])[] = []
  const numbers = new Map<string, number>()
  const shapeOf: number[] = []
  const indexes: number[] = []
  const faults: RowFault[] = []
  for (const [index, row] of rows.entries()) {
    const read = readRow(row, index, reading)
    if (!Array.isArray(read)) {
      faults.push(read as RowFault)
      continue
    }
    const values = read as readonly (string | null | undefined)[]
    const filled = values.flatMap((value, position) => (value === undefined ? [] : [position]))
    const signature = filled.join()
    const shape = numbers.get(signature) ?? shapes.push(filled) - 1
    numbers.set(signature, shape)
    shapeOf.push(shape)
    indexes.push(index)
    for (const [position, value] of values.entries()) (texts[position] as (string | null)[]).push(value ?? null)
  }
  return { layout: { columns, texts, ...inOneOrder(shapes, shapeOf), indexes }, faults }
}

/** Shapes in an order that does not depend on the rows', so that calls that write the same keys meet in the same order. */
function inOneOrder(shapes: readonly (readonly number[])[], shapeOf: readonly number[]): Pick<Layout, 'shapes' | 'shapeOf'> {
  if (shapes.length < 2) return { shapes, shapeOf }
  const order = [...shapes.keys()].toSorted((a, b) => (String(shapes[a]) < String(shapes[b]) ? -1 : 1))
  const places = new Map(order.map((shape, place) => [shape, place]))
  return { shapes: order.map((shape) => shapes[shape] as readonly number[]), shapeOf: shapeOf.map((shape) => places.get(shape) as number) }
}

/** The same layout with some of its rows. */
export const rowsOf = (layout: Layout, from: number, to: number): Layout => ({
  ...layout,
  texts: layout.texts.map((list) => list.slice(from, to)),
  shapeOf: layout.shapeOf.slice(from, to),
  indexes: layout.indexes.slice(from, to),
})

function readRow(row: Json, index: number, { table, columns, call, isClosed }: Reading): readonly (string | null | undefined)[] | RowFault {
  if (row === null || typeof row !== 'object' || Array.isArray(row)) return { index, reason: 'is not an object' }
  const given = row as JsonObject
  if (isClosed) {
    const stray = Object.keys(given).find((name) => !columns.some((column) => column.from === 'row' && column.name === name))
    if (stray !== undefined) return { index, column: stray, reason: `is not written to "${table.name}"; leave it out` }
  }
  const values: (string | null | undefined)[] = []
  for (const { target, from, name } of columns) {
    const value = from === 'row' ? (Object.hasOwn(given, name) ? given[name] : undefined) : call[name]
    if (value === undefined && target.isNeeded) return { index, column: name, reason: 'is missing' }
    if (value === null && !target.isNullable) return { index, column: name, reason: 'must not be null' }
    try {
      values.push(value === undefined ? undefined : writtenValue(target, value))
    } catch (error) {
      if (error instanceof Misfit) return { index, column: name, reason: error.message }
      throw error
    }
  }
  return values
}
