import { rawNumber, type Json } from '../../contract/json.ts'
import type { Cell } from './cells.ts'
import { valueType, type DataType } from './types.ts'

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '\t': '\\t', '\n': '\\n', '\r': '\\r', '\b': '\\b', '\f': '\\f', '\0': '\\0' }
const escaped = (text: string): string => text.replace(/[\\'\t\n\r\b\f\0]/g, (character) => String(escapes[character]))

/** A value as a bound parameter has it. Top-level texts stand without quotes, those inside arrays, tuples and maps in them. */
export function parameterText(cell: Cell, type: DataType): string {
  if (cell.as === 'null') return '\\N'
  if (cell.as === 'text') return escaped(cell.text)
  if (cell.as === 'json') return escaped(JSON.stringify(cell.value))
  return cell.as === 'moment' ? momentText(cell.moment, valueType(type)) : literal(cell, valueType(type))
}

function literal(cell: Cell, type: DataType): string {
  switch (cell.as) {
    case 'null':
      return 'NULL'
    case 'boolean':
      return cell.value ? 'true' : 'false'
    case 'number':
      return cell.text
    case 'text':
      return `'${escaped(cell.text)}'`
    case 'json':
      return `'${escaped(JSON.stringify(cell.value))}'`
    case 'moment':
      return `'${momentText(cell.moment, type)}'`
    case 'array':
      return `[${cell.cells.map((inner) => literal(inner, elementOf(type))).join(',')}]`
    case 'tuple':
      return `(${cell.cells.map((inner, index) => literal(inner, valueType(type.parts[index] as DataType))).join(',')})`
    case 'map':
      return `{${cell.entries.map(([key, value]) => `${literal(key, partOf(type, 0))}:${literal(value, partOf(type, 1))}`).join(',')}}`
  }
}

// Digits are one moment in every time zone. Before 1970 ClickHouse misreads them, and a text is read in the session's zone, which is UTC.
function momentText({ text, unix, seconds }: Extract<Cell, { as: 'moment' }>['moment'], type: DataType): string {
  if (type.name === 'DateTime') return unix.replace(/\..*/, '')
  return seconds < 0 ? text : unix
}

const partOf = (type: DataType, index: number): DataType => valueType(type.parts[index] as DataType)
const elementOf = (type: DataType): DataType => (type.name === 'Nested' ? { ...type, name: 'Tuple' } : partOf(type, 0))

/** A value as a row of JSONEachRow has it. */
export function jsonOf(cell: Cell): Json {
  switch (cell.as) {
    case 'null':
      return null
    case 'boolean':
      return cell.value
    case 'number':
      return /\d/.test(cell.text) ? rawNumber(cell.text) : cell.text
    case 'text':
      return cell.text
    case 'json':
      return cell.value
    case 'moment':
      return `${cell.moment.text.replace(' ', 'T')}Z`
    case 'array':
      return cell.cells.map(jsonOf)
    case 'tuple':
      return cell.fields ? Object.fromEntries(cell.fields.map((field, index) => [field, jsonOf(cell.cells[index] as Cell)])) : cell.cells.map(jsonOf)
    case 'map':
      return Object.fromEntries(cell.entries.map(([key, value]) => [keyText(key), jsonOf(value)]))
  }
}

const keyText = (key: Cell): string => (key.as === 'moment' ? key.moment.text : 'text' in key ? key.text : '')
