import { isObject, type Json } from '../../contract/json.ts'
import { parseType, valueType, type DataType } from './types.ts'

/** One row of an answer. */
export type Row = { readonly [column: string]: Json }

type ReadValue = (value: Json) => Json

/** The columns of a result, ready to make rows. */
export interface Shape {
  readonly names: readonly string[]
  readonly readers: readonly (ReadValue | undefined)[]
}

/** Columns of one name would hide each other in an object: the second `id` becomes `id_2`. */
export function shapeOf(columns: readonly string[], types: readonly string[]): Shape {
  const taken = new Set(['__proto__'])
  const names = columns.map((name) => {
    let free = name
    for (let count = 2; taken.has(free); count += 1) free = `${name}_${count}`
    taken.add(free)
    return free
  })
  return { names, readers: types.map((type) => readerOf(parseType(type))) }
}

/** One row as an object. */
export function rowOf({ names, readers }: Shape, values: readonly Json[]): Row {
  const row: { [column: string]: Json } = {}
  for (let index = 0; index < names.length; index += 1) {
    const value = values[index] ?? null
    const read = readers[index]
    row[names[index] as string] = read === undefined || value === null ? value : read(value)
  }
  return row
}

const notFinite: Readonly<Record<string, string>> = { nan: 'NaN', '-nan': 'NaN', inf: 'Infinity', '-inf': '-Infinity' }

/**
 * How values of a type are read; undefined: as they are. The server already writes integers of 64 bits and more, and decimals, as texts, and times as ISO 8601 in UTC;
 * what JSON has no number for is named here as the other kinds name it: NaN, Infinity, -Infinity.
 */
function readerOf(type: DataType | undefined): ReadValue | undefined {
  if (type === undefined) return undefined
  const plain = valueType(type)
  if (/^B?Float/.test(plain.name)) return (value) => (typeof value === 'string' ? (notFinite[value] ?? value) : value)
  const readers = plain.parts.map(readerOf)
  if (readers.every((one) => one === undefined)) return undefined
  if (plain.name === 'Array') return (value) => (Array.isArray(value) ? value.map((inner: Json) => readBy(readers[0], inner)) : value)
  if (plain.name === 'Map') return (value) => entriesOf(value, () => readers[1])
  if (plain.name === 'Tuple' || plain.name === 'Nested') return (value) => readTuple(value, plain, readers)
  return undefined
}

const readBy = (read: ReadValue | undefined, value: Json): Json => (read === undefined || value === null ? value : read(value))

function readTuple(value: Json, { fields = [] }: DataType, readers: readonly (ReadValue | undefined)[]): Json {
  if (Array.isArray(value)) return value.map((inner: Json, index) => readBy(readers[index], inner))
  return entriesOf(value, (name) => readers[fields.indexOf(name)])
}

function entriesOf(value: Json, readerFor: (name: string) => ReadValue | undefined): Json {
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, readBy(readerFor(name), inner)]))
}
