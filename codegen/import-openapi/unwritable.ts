import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'

/** The one name that no map of a manifest can have: an ordinary object that is given it becomes of another kind instead. */
export const unwritable = '__proto__'

/** The same without members of that name, at any depth; what was required under it is no more. `onLeft` is called when there were some. */
export function writable(value: JsonObject, onLeft: () => void): JsonObject {
  const keep = (inner: Json): Json => (Array.isArray(inner) ? inner.map(keep) : isObject(inner) ? writable(inner, onLeft) : inner)
  if (Object.hasOwn(value, unwritable)) onLeft()
  const members = Object.entries(value).flatMap(([key, inner]) => {
    if (key === unwritable) return []
    if (key !== 'required' || !Array.isArray(inner) || !inner.includes(unwritable)) return [[key, keep(inner)] as const]
    const required = inner.filter((name) => name !== unwritable)
    return required.length === 0 ? [] : [[key, required] as const]
  })
  return Object.fromEntries(members)
}
