import { isObject, isRawNumber, type Json } from '../../runtime/contract/json.ts'
import { neverShape, text, unionOf, type Shape } from './shape.ts'

// Characters an editor does not show, or that move those around them.
const unseen = /[\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** A text as a string literal, in ASCII where it would not show what it is. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replace(unseen, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The type of exactly these values. */
export const literalShape = (values: readonly Json[]): Shape => (values.length === 0 ? neverShape : unionOf(values.map((value) => text(literal(value)))))

/** A value as the type of nothing but itself. */
function literal(value: Json): string {
  if (Array.isArray(value)) return `[${(value as Json[]).map(literal).join(', ')}]`
  if (isObject(value)) {
    const members = Object.entries(value).map(([name, inner]) => `${quoted(name)}: ${literal(inner)}`)
    return members.length === 0 ? '{ [k: string]: never }' : `{ ${members.join('; ')} }`
  }
  // What no double holds reaches a program as the nearest one: no literal type fits it.
  if (isRawNumber(value) || (typeof value === 'number' && !Number.isFinite(value))) return 'number'
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value)
}

const types: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' || isRawNumber(value),
  integer: (value) => Number.isInteger(value) || isRawNumber(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  object: isObject,
  array: Array.isArray,
}

/** True for a value of one of these JSON Schema types; of any, where none is named. */
export const isOfType = (value: Json, named: readonly string[] | undefined): boolean =>
  named === undefined || named.some((type) => types[type]?.(value) ?? true)
