import { isObject, type Json, type JsonObject } from '../../contract/json.ts'

/** Applies a JSON Merge Patch (RFC 7396): members of the patch replace those of the target, objects are merged, null removes. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const members = new Map(isObject(target) ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name)
    else members.set(name, mergePatch(members.get(name), value))
  }
  // Makes own properties whatever their names: __proto__ is one like any other.
  return Object.fromEntries(members) as JsonObject
}
