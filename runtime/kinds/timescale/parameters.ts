import { isRawNumber, type Json } from '../../contract/json.ts'
import { printArray } from './arrays.ts'
import { elementOf, isJsonType } from './values.ts'

/** A parameter as it goes over the wire: PostgreSQL reads the text by the type it inferred. */
export type Parameter = string | null

/** True for arguments whose text depends on the type the statement gives them. */
export const isComposite = (value: Json | undefined): boolean => typeof value === 'object' && value !== null && !isRawNumber(value)

/** The text of a value. `type` is needed for arrays and objects only: an array is a PostgreSQL array unless the type is json. */
export function parameterOf(value: Json | undefined, type?: number): Parameter {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isRawNumber(value)) return value.rawJSON
  if (!Array.isArray(value) || (type !== undefined && isJsonType(type))) return JSON.stringify(value)
  const element = type === undefined ? undefined : elementOf(type)
  const isJson = element !== undefined && isJsonType(element)
  return printArray(value as readonly Json[], (inner) => (isJson && inner !== null ? JSON.stringify(inner) : parameterOf(inner)))
}
