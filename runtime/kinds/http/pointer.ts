import { isObject, type Json } from '../../contract/json.ts'

/** What a JSON pointer (RFC 6901) looks like; the empty one means the whole. */
export const pointerPattern = '^(/([^~/]|~[01])*)*$'

const shape = new RegExp(pointerPattern)

/** True for a text that is a JSON pointer. */
export const isPointer = (text: string): boolean => shape.test(text)

/** The keys a pointer leads along. */
export const keysOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

/** What lies at the end of the keys; undefined when there is nothing. */
export function valueAt(value: Json | undefined, keys: readonly string[]): Json | undefined {
  let found = value
  for (const key of keys) {
    if (Array.isArray(found)) found = /^(0|[1-9]\d*)$/.test(key) ? (found[Number(key)] as Json | undefined) : undefined
    else if (isObject(found) && Object.hasOwn(found, key)) found = found[key]
    else return undefined
  }
  return found
}
