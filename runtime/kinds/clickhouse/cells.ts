import { isObject, isRawNumber, type Json } from '../../contract/json.ts'
import { beyondDecimal, beyondInteger, digitsOf, isInteger } from './numbers.ts'
import { isDay, momentOf, type Moment } from './times.ts'
import { isNullable, valueType, type DataType } from './types.ts'

/** A value that fits its type, ready to be written in one of ClickHouse's notations. */
export type Cell =
  | { readonly as: 'null' }
  | { readonly as: 'boolean'; readonly value: boolean }
  /** Digits, nan and inf: never in quotes. */
  | { readonly as: 'number'; readonly text: string }
  | { readonly as: 'text'; readonly text: string }
  | { readonly as: 'moment'; readonly moment: Moment }
  | { readonly as: 'array' | 'tuple'; readonly cells: readonly Cell[]; readonly fields?: readonly string[] }
  | { readonly as: 'map'; readonly entries: readonly (readonly [Cell, Cell])[] }
  /** A type whose values are JSON themselves. */
  | { readonly as: 'json'; readonly value: Json }

/** Why a value does not fit; in words that follow the value's name. */
export class Misfit extends Error {}

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const notFinite: Readonly<Record<string, string>> = {
  nan: 'nan',
  inf: 'inf',
  infinity: 'inf',
  '+inf': 'inf',
  '+infinity': 'inf',
  '-inf': '-inf',
  '-infinity': '-inf',
}
const lastSecond = 4_294_967_295

/** Fits a JSON value into a type. Throws `Misfit`: the server itself would cut, round or wrap some of what does not fit. */
export function cellOf(value: Json, type: DataType): Cell {
  if (value === null) {
    if (isNullable(type)) return { as: 'null' }
    throw new Misfit('is null, which the column does not take')
  }
  const plain = valueType(type)
  const { name } = plain
  if (isInteger(name)) return numberCell(value, name, (digits) => beyondInteger(digits, name))
  if (name.startsWith('Decimal')) return numberCell(value, name, (digits) => beyondDecimal(digits, name, plain.words))
  if (name === 'Float32' || name === 'Float64' || name === 'BFloat16') return floatCell(value, name)
  if (name === 'Bool') return booleanCell(value)
  if (name === 'Date' || name === 'Date32') return dayCell(value)
  if (name === 'DateTime' || name === 'DateTime64') return momentCell(value, plain)
  if (name === 'Array' || name === 'Nested') return arrayCell(value, plain)
  if (name === 'Tuple') return tupleCell(value, plain)
  if (name === 'Map') return mapCell(value, plain)
  if (name === 'JSON' || name === 'Object' || name === 'Dynamic' || name === 'Variant') return { as: 'json', value }
  return textCell(value, plain)
}

function numberCell(value: Json, type: string, fault: (digits: string) => string | undefined): Cell {
  const digits = digitsOf(value)
  if (digits === undefined) throw new Misfit(`is not a number, which ${type} is`)
  const why = fault(digits)
  if (why !== undefined) throw new Misfit(why)
  return { as: 'number', text: digits }
}

function floatCell(value: Json, type: string): Cell {
  const special = typeof value === 'string' ? notFinite[value.trim().toLowerCase()] : undefined
  if (special !== undefined) return { as: 'number', text: special }
  const digits = digitsOf(value)
  if (digits === undefined) throw new Misfit(`is not a number, which ${type} is`)
  return { as: 'number', text: digits }
}

function booleanCell(value: Json): Cell {
  if (typeof value === 'boolean') return { as: 'boolean', value }
  if (value === 0 || value === 1) return { as: 'boolean', value: value === 1 }
  throw new Misfit('is neither true nor false')
}

function dayCell(value: Json): Cell {
  if (typeof value === 'string' && isDay(value)) return { as: 'text', text: value }
  throw new Misfit('is not a day as YYYY-MM-DD')
}

function momentCell(value: Json, type: DataType): Cell {
  const moment = typeof value === 'string' ? momentOf(value) : undefined
  if (moment === undefined) throw new Misfit('is not a time as ISO 8601 writes it, such as 2024-01-31T12:00:00Z')
  const { seconds } = moment
  const [from, to] = type.name === 'DateTime' ? [0, lastSecond] : [-2_208_988_800, 10_413_791_999]
  if (seconds < from || seconds > to) throw new Misfit(`is a time that ${type.name} cannot hold`)
  return { as: 'moment', moment }
}

function arrayCell(value: Json, type: DataType): Cell {
  if (!Array.isArray(value)) throw new Misfit('is not an array')
  // Nested(a A, b B) is an array of tuples.
  const element = type.name === 'Nested' ? { ...type, name: 'Tuple' } : (type.parts[0] as DataType)
  return { as: 'array', cells: value.map((inner: Json, index) => within(`[${index}]`, () => cellOf(inner, element))) }
}

function tupleCell(value: Json, { parts, fields }: DataType): Cell {
  const values = isObject(value) && fields ? fields.map((field) => value[field] ?? null) : value
  if (!Array.isArray(values) || values.length !== parts.length) throw new Misfit(`is not a tuple of ${parts.length}`)
  const cells = parts.map((part, index) => within(fields ? `.${fields[index]}` : `[${index}]`, () => cellOf(values[index] as Json, part)))
  return { as: 'tuple', cells, ...(fields && { fields }) }
}

function mapCell(value: Json, { parts: [key, inner] }: DataType): Cell {
  if (!isObject(value) || !key || !inner) throw new Misfit('is not an object, which a Map is')
  return { as: 'map', entries: Object.entries(value).map(([name, one]) => within(`.${name}`, () => [cellOf(name, key), cellOf(one, inner)] as const)) }
}

function textCell(value: Json, { name, words }: DataType): Cell {
  const text = textOf(value)
  if (name === 'UUID' && !uuid.test(text)) throw new Misfit('is not a UUID')
  if (name === 'FixedString' && Buffer.byteLength(text) > Number(words[0])) throw new Misfit(`is longer than ${words[0]} bytes`)
  if (/^Enum(8|16)?$/.test(name)) {
    const names = words.map((one) => one.replace(/\s*=\s*-?\d+$/, ''))
    if (!names.includes(text)) throw new Misfit(`is not one of ${names.slice(0, 10).join(', ')}`)
  }
  return { as: 'text', text }
}

// Objects and lists in a column of texts are kept as JSON.
function textOf(value: Json): string {
  if (typeof value === 'string') return value
  return isRawNumber(value) ? value.rawJSON : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function within<Result>(place: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof Misfit) throw new Misfit(`${place} ${error.message}`)
    throw error
  }
}
