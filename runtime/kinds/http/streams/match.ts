import type { Json } from '../../../contract/json.ts'
import { keysOf, valueAt } from '../pointer.ts'

/** A question to a message. */
export interface Match {
  readonly pointer: string
  /** The value, or any of several; absent: anything there but null, false and what is empty. */
  readonly equals?: string | number | boolean | readonly (string | number | boolean)[]
}

/** Makes the question; without one every message is meant. */
export function matcher(match: Match | undefined): (message: Json) => boolean {
  if (match === undefined) return () => true
  const keys = keysOf(match.pointer)
  const { equals } = match
  if (equals === undefined) return (message) => isThere(valueAt(message, keys))
  const wanted = new Set<unknown>(Array.isArray(equals) ? equals : [equals])
  return (message) => wanted.has(valueAt(message, keys))
}

function isThere(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === '') return false
  return Array.isArray(value) ? value.length > 0 : true
}
