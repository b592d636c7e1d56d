import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'

/** One schema with all that stands inside it: finds what references lead to. */
export interface SchemaDocument {
  /** What a `$ref`, `$dynamicRef` or `$recursiveRef` of this schema leads to; undefined when it leads out of the document. */
  target(schema: JsonObject): Json | undefined
}

interface Resource {
  readonly uri: string
  readonly root: JsonObject
  readonly anchors: Map<string, JsonObject>
  readonly dynamic: Map<string, JsonObject>
}

interface Index {
  readonly resources: ReadonlyMap<string, Resource>
  readonly of: ReadonlyMap<JsonObject, Resource>
  readonly root: Resource
}

const dataKeywords = new Set(['const', 'enum', 'default', 'examples', 'example'])
const nowhere = 'schema:/'
const deepest = 200

/** Reads a document as far as its references need. */
export function createDocument(root: Json): SchemaDocument {
  let index: Index | undefined
  return {
    target(schema) {
      const reference = schema['$ref'] ?? schema['$dynamicRef'] ?? schema['$recursiveRef']
      if (!isObject(root) || typeof reference !== 'string') return undefined
      index ??= indexOf(root)
      const from = index.of.get(schema) ?? index.root
      return schema['$ref'] === undefined ? dynamicTarget(reference, from, index) : staticTarget(reference, from, index)
    },
  }
}

function staticTarget(reference: string, from: Resource, { resources }: Index): Json | undefined {
  const hash = reference.indexOf('#')
  const [address, fragment] = hash < 0 ? [reference, ''] : [reference.slice(0, hash), decoded(reference.slice(hash + 1))]
  const resource = address === '' ? from : resources.get(joined(address, from.uri))
  if (resource === undefined) return undefined
  if (fragment === '') return resource.root
  return fragment.startsWith('/') ? pointed(resource.root, fragment) : resource.anchors.get(fragment)
}

// The outermost schema of that dynamic anchor stands in for all others of it; inside one document that is the document's own.
function dynamicTarget(reference: string, from: Resource, index: Index): Json | undefined {
  const found = staticTarget(reference, from, index)
  const name = reference.slice(reference.indexOf('#') + 1)
  if (!isObject(found) || found['$dynamicAnchor'] !== name) return found
  return index.root.dynamic.get(name) ?? found
}

function indexOf(root: JsonObject): Index {
  const resources = new Map<string, Resource>()
  const of = new Map<JsonObject, Resource>()
  const open = (uri: string, schema: JsonObject): Resource => {
    const resource = { uri, root: schema, anchors: new Map<string, JsonObject>(), dynamic: new Map<string, JsonObject>() }
    if (!resources.has(uri)) resources.set(uri, resource)
    return resource
  }
  const visit = (value: Json, outer: Resource, depth: number): void => {
    if (depth > deepest) return
    if (Array.isArray(value)) for (const item of value as readonly Json[]) visit(item, outer, depth + 1)
    if (!isObject(value) || of.has(value)) return
    const { $id: id, $anchor: anchor, $dynamicAnchor: dynamic } = value
    const resource = typeof id === 'string' && value !== root ? open(joined(id, outer.uri), value) : outer
    of.set(value, resource)
    if (typeof anchor === 'string') resource.anchors.set(anchor, value)
    if (typeof dynamic === 'string') {
      resource.anchors.set(dynamic, value)
      if (!resource.dynamic.has(dynamic)) resource.dynamic.set(dynamic, value)
    }
    for (const [key, inner] of Object.entries(value)) if (!dataKeywords.has(key)) visit(inner, resource, depth + 1)
  }
  const whole = open(typeof root['$id'] === 'string' ? joined(root['$id'], nowhere) : nowhere, root)
  visit(root, whole, 0)
  return { resources, of, root: whole }
}

function joined(reference: string, base: string): string {
  try {
    return new URL(reference, base).href.replace(/#$/, '')
  } catch {
    return reference
  }
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

function pointed(root: JsonObject, pointer: string): Json | undefined {
  let found: Json | undefined = root
  for (const part of pointer.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(found)) found = (found as readonly Json[])[Number(key)]
    else if (isObject(found) && Object.hasOwn(found, key)) found = found[key]
    else return undefined
  }
  return found
}
