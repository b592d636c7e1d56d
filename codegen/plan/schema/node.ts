import { isObject, type Json, type JsonObject, type JsonSchema } from '../../../runtime/contract/json.ts'

/** A subschema, and the document its references are looked up in. */
export interface Node {
  readonly schema: JsonSchema
  readonly root: JsonSchema
}

/** A whole document as a node. */
export const wholeOf = (schema: JsonSchema): Node => ({ schema, root: schema })

/** What takes every value. */
export const anything: Node = wholeOf(true)

/** A schema that stands below a node; undefined for what is no schema. */
export const below = ({ root }: Node, schema: Json | undefined): Node | undefined =>
  typeof schema === 'boolean' || isObject(schema) ? { schema, root } : undefined

/** The schemas of a list below a node, as `anyOf` has them. */
export const listBelow = (node: Node, list: Json | undefined): readonly Node[] =>
  Array.isArray(list) ? list.map((item: Json) => below(node, item)).filter((item) => item !== undefined) : []

/** Where a `$ref` leads: `#`, a pointer, or an anchor of the same document. Undefined for any other, and where inner `$id`s make other documents of its parts. */
export function targetOf({ root }: Node, reference: Json | undefined): Node | undefined {
  if (typeof reference !== 'string' || !reference.startsWith('#') || !isObject(root) || hasInnerId(root)) return undefined
  const fragment = decoded(reference.slice(1))
  if (fragment === undefined) return undefined
  if (fragment === '') return wholeOf(root)
  const found = fragment.startsWith('/') ? atPointer(root, fragment) : anchored(root, fragment)
  return below(wholeOf(root), found)
}

function decoded(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return undefined
  }
}

function atPointer(root: Json, pointer: string): Json | undefined {
  let found: Json | undefined = root
  for (const part of pointer.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(found)) found = found[Number(key)] as Json | undefined
    else found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined
  }
  return found
}

function anchored(value: Json, anchor: string): Json | undefined {
  if (value === null || typeof value !== 'object') return undefined
  if (isObject(value) && value['$anchor'] === anchor) return value
  for (const inner of Object.values(value) as Json[]) {
    const found = anchored(inner, anchor)
    if (found !== undefined) return found
  }
  return undefined
}

const innerIds = new WeakMap<object, boolean>()

function hasInnerId(root: JsonObject): boolean {
  const known = innerIds.get(root)
  if (known !== undefined) return known
  const found = Object.entries(root).some(([key, inner]) => key !== '$id' && holdsId(inner))
  innerIds.set(root, found)
  return found
}

const holdsId = (value: Json): boolean => {
  if (value === null || typeof value !== 'object') return false
  if (isObject(value) && typeof value['$id'] === 'string') return true
  return (Object.values(value) as Json[]).some(holdsId)
}

const ids = new WeakMap<object, number>()
let nextId = 0

/** A short name of a node, the same for the same subschema of the same document. */
export function idOf({ schema }: Node): string {
  if (typeof schema === 'boolean') return String(schema)
  const known = ids.get(schema) ?? nextId++
  ids.set(schema, known)
  return String(known)
}
