import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'

/** A schema within a document, and the address that references inside it are relative to. */
export interface Spot {
  readonly schema: Json
  readonly base: string
}

/** Where references of one document lead. Nothing is ever fetched: what lies outside is not found. */
export interface References {
  readonly root: Spot
  /** The target of a `$ref` that stands under `base`. */
  find(reference: string, base: string): Spot | undefined
  /** The target of a `$dynamicRef`: the outermost anchor of that name, in the order of the document. */
  findDynamic(reference: string, base: string): Spot | undefined
  /** The address references inside `schema` are relative to, when it stands under `base`. */
  baseOf(schema: JsonObject, base: string): string
}

const home = 'https://schema.invalid/'
const nameMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const dataKeywords = new Set(['const', 'enum', 'default', 'examples'])

/** Reads the identifiers and anchors of a schema, when a reference first needs them. */
export function referencesOf(schema: Json): References {
  const root: Spot = { schema, base: isObject(schema) ? baseOf(schema, home) : home }
  let known: Known | undefined
  const identified = (): Known => (known ??= identify(root))

  function find(reference: string, base: string): Spot | undefined {
    const address = URL.parse(reference, base)
    if (address === null) return undefined
    const fragment = decoded(address.hash.slice(1))
    address.hash = ''
    const resource = address.href === root.base ? root : identified().resources.get(address.href)
    if (resource === undefined) return undefined
    if (fragment === '' || fragment.startsWith('/')) return follow(fragment, resource)
    return identified().anchors.get(`${resource.base}#${fragment}`)
  }

  return {
    root,
    find,
    findDynamic(reference, base) {
      const target = find(reference, base)
      const name = URL.parse(reference, base)?.hash.slice(1) ?? ''
      const isDynamic = isObject(target?.schema) && target.schema['$dynamicAnchor'] === name
      return (isDynamic ? identified().dynamic.get(name) : undefined) ?? target
    },
    baseOf,
  }
}

interface Known {
  readonly resources: ReadonlyMap<string, Spot>
  readonly anchors: ReadonlyMap<string, Spot>
  readonly dynamic: ReadonlyMap<string, Spot>
}

function identify(root: Spot): Known {
  const resources = new Map<string, Spot>([
    [home, root],
    [root.base, root],
  ])
  const anchors = new Map<string, Spot>()
  const dynamic = new Map<string, Spot>()
  const keep = <Key>(map: Map<Key, Spot>, key: Key, spot: Spot): void => void (map.has(key) || map.set(key, spot))

  function visit(value: Json, base: string, isNameMap: boolean): void {
    if (Array.isArray(value)) for (const inner of value as Json[]) visit(inner, base, false)
    if (!isObject(value)) return
    const here = isNameMap ? base : baseOf(value, base)
    if (!isNameMap) {
      const spot = { schema: value, base: here }
      if (here !== base) keep(resources, here, spot)
      const { $anchor: anchor, $dynamicAnchor: dynamicAnchor } = value
      if (typeof anchor === 'string') keep(anchors, `${here}#${anchor}`, spot)
      if (typeof dynamicAnchor === 'string') {
        keep(anchors, `${here}#${dynamicAnchor}`, spot)
        keep(dynamic, dynamicAnchor, spot)
      }
    }
    for (const [key, inner] of Object.entries(value)) if (isNameMap || !dataKeywords.has(key)) visit(inner, here, !isNameMap && nameMaps.has(key))
  }
  visit(root.schema, root.base, false)
  return { resources, anchors, dynamic }
}

function baseOf({ $id: id }: JsonObject, base: string): string {
  if (typeof id !== 'string' || id.startsWith('#')) return base
  const address = URL.parse(id, base)
  if (address === null) return base
  address.hash = ''
  return address.href
}

function follow(pointer: string, from: Spot): Spot | undefined {
  let { schema, base } = from
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (schema === null || typeof schema !== 'object' || !Object.hasOwn(schema, key)) return undefined
    schema = (schema as JsonObject)[key] as Json
    if (isObject(schema)) base = baseOf(schema, base)
  }
  return { schema, base }
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}
