import { isRawNumber, type Json } from '../../contract/json.ts'
import { printArray } from './arrays.ts'
import type { TableColumn } from './catalog.ts'
import { elementOf } from './values.ts'
import { floatFault, integerFault, numericFault } from './written-numbers.ts'
import { dateFault, timestampFault } from './written-times.ts'

/** A value that does not fit its column, and why, in words that follow the column's name. */
export class Misfit extends Error {}

type TypeOfColumn = Pick<TableColumn, 'type' | 'modifier'>

const mostBytes = 64 * 1024 * 1024
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Why a text cannot be a value of a type, by its OID; a type that is not here takes what the database takes. */
const faults: ReadonlyMap<number, (text: string, modifier: number) => string | undefined> = new Map([
  [16, (text: string) => (text === 'true' || text === 'false' ? undefined : 'must be true or false')],
  [20, (text: string) => integerFault(text, 64)],
  [21, (text: string) => integerFault(text, 16)],
  [23, (text: string) => integerFault(text, 32)],
  [700, (text: string) => floatFault(text, 32)],
  [701, (text: string) => floatFault(text, 64)],
  [1042, lengthFault],
  [1043, lengthFault],
  [1082, dateFault],
  [1114, (text: string) => timestampFault(text, false)],
  [1184, (text: string) => timestampFault(text, true)],
  [1700, numericFault],
])

/** The text the database reads a value from. Throws a Misfit for what the column does not take, or would keep only in part. */
export function writtenValue(column: TypeOfColumn, value: Json): string | null {
  if (value === null) return null
  const { type, modifier } = column
  if (type === 114 || type === 3802) return wellFormed(JSON.stringify(value))
  const element = elementOf(type)
  if (element !== undefined) return arrayText(value, { type: element, modifier })
  const text = wellFormed(scalarText(value))
  if (type === 17) return bytesText(text)
  const fault = faults.get(type)?.(text, modifier)
  if (fault !== undefined) throw new Misfit(fault)
  return text
}

function scalarText(value: Json): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isRawNumber(value)) return value.rawJSON
  throw new Misfit(`must be one value, not ${Array.isArray(value) ? 'a list' : 'an object'}`)
}

function arrayText(value: Json, element: TypeOfColumn): string {
  if (!Array.isArray(value)) throw new Misfit('must be a list')
  return printArray(value as readonly Json[], (inner) => writtenValue(element, inner))
}

function bytesText(text: string): string {
  if (!base64.test(text)) throw new Misfit('must be bytes in base64')
  return `\\x${Buffer.from(text, 'base64').toString('hex')}`
}

function wellFormed(text: string): string {
  if (text.length > mostBytes) throw new Misfit(`is longer than ${mostBytes} characters`)
  if (text.includes('\0')) throw new Misfit('holds the character U+0000, which the database cannot keep')
  // Sent as UTF-8 half a pair would silently become U+FFFD.
  if (!text.isWellFormed()) throw new Misfit('holds half of a UTF-16 surrogate pair')
  return text
}

function lengthFault(text: string, modifier: number): string | undefined {
  const most = modifier - 4
  if (modifier < 4 || text.length <= most) return undefined
  const { length } = Array.from(text)
  return length > most ? `has ${length} characters, and the column keeps ${most}` : undefined
}
