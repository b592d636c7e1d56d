import { isObject, type Json } from '../contract/json.ts'
import type { Path, Source } from './source.ts'

/** Maps are laid over maps, field by field; anything else replaces what was there. */
export function layOver(base: Json, over: Json): Json {
  if (!isObject(base) || !isObject(over)) return over
  const laid = Object.entries(over).map(([key, value]) => [key, Object.hasOwn(base, key) ? layOver(base[key] as Json, value) : value] as const)
  return { ...base, ...Object.fromEntries(laid) }
}

/** Two files as one: what the overlay says stands there, the rest in the base. */
export function mergedSource(base: Source, overlay: Source, value: Json): Source {
  const holder = (path: Path): Source => (path.length > 0 && overlay.has(path) ? overlay : base)
  return {
    ...base,
    value,
    problem: (remark) => holder(remark.path).problem(remark),
    place: (path, part) => holder(path).place(path, part),
    has: (path) => base.has(path) || overlay.has(path),
    mask: (path) => {
      base.mask(path)
      overlay.mask(path)
    },
  }
}
