import type { Json } from '../../contract/json.ts'
import { readerOf, type ReadValue } from './values.ts'

/** The columns of a result, ready to make rows. */
export interface Shape {
  readonly names: readonly string[]
  readonly readers: readonly (ReadValue | undefined)[]
}

/** A column as the server describes it. */
export interface Column {
  readonly name: string
  readonly dataTypeID: number
}

/** A result without columns. */
export const noColumns: Shape = { names: [], readers: [] }

/** Columns of one name would hide each other in an object: the second `id` becomes `id_2`. */
export function shapeOf(columns: readonly Column[]): Shape {
  const taken = new Set(['__proto__'])
  const names = columns.map(({ name }) => {
    let free = name
    for (let count = 2; taken.has(free); count += 1) free = `${name}_${count}`
    taken.add(free)
    return free
  })
  return { names, readers: columns.map(({ dataTypeID }) => readerOf(dataTypeID)) }
}

/** One row as an object. */
export function rowOf({ names, readers }: Shape, fields: readonly (string | null)[]): { readonly [column: string]: Json } {
  const row: { [column: string]: Json } = {}
  for (let index = 0; index < names.length; index += 1) {
    const text = fields[index] as string | null
    const read = readers[index]
    row[names[index] as string] = text === null || read === undefined ? text : read(text)
  }
  return row
}
