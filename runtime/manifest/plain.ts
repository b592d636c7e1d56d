import { isAlias, isMap, isScalar, isSeq, type Alias, type Document, type Node, type Pair } from 'yaml'
import type { Json } from '../contract/json.ts'
import type { ErrorCode } from '../contract/errors.ts'

/** Values a file may have once its aliases are followed. */
const mostValues = 200_000
const deepest = 200

/** Something a YAML document says that no manifest may say, at a node of it. */
export interface PlainFault {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
  readonly node: Node
}

/** A document as plain JSON values: every object its own, so that none is shared by aliases; and where each alias leads. */
export interface Plain {
  readonly value: Json
  readonly targets: ReadonlyMap<Alias, Node>
  readonly faults: readonly PlainFault[]
}

class Overflow extends Error {}

/** Makes plain values of a parsed document, with duplicate keys, circular and excessive aliases, and values JSON does not have as faults. */
export function toPlain(document: Document): Plain {
  const targets = new Map<Alias, Node>()
  const faults: PlainFault[] = []
  const anchors = new Map<string, Node>()
  const open = new Set<Node>()
  let values = 0

  const convert = (node: Node | null, depth: number): Json => {
    if (node === null) return null
    if (++values > mostValues || depth > deepest) {
      const message = depth > deepest ? `values lie more than ${deepest} levels deep` : `with its aliases followed the file has more than ${mostValues} values`
      faults.push({ code: 'HUB_CONFIG_FILE', message, hint: 'write it out smaller, or split the file', node })
      throw new Overflow()
    }
    if (isAlias(node)) return follow(node, depth)
    const anchor = (node as { anchor?: string }).anchor
    if (anchor !== undefined) anchors.set(anchor, node)
    if (isScalar(node)) return scalar(node.value, node)
    open.add(node)
    const value = isMap(node)
      ? map(node.items as Pair<Node, Node | null>[], depth)
      : isSeq(node)
        ? node.items.map((item) => convert(item as Node, depth + 1))
        : null
    open.delete(node)
    return value
  }

  const follow = (alias: Alias, depth: number): Json => {
    const target = anchors.get(alias.source)
    if (target === undefined) {
      faults.push({ code: 'HUB_CONFIG_REFERENCE', message: `no anchor &${alias.source} stands before this alias`, node: alias })
      return null
    }
    if (open.has(target)) {
      faults.push({ code: 'HUB_CONFIG_CIRCULAR', message: `the alias *${alias.source} stands inside its own anchor`, node: alias })
      return null
    }
    targets.set(alias, target)
    return convert(target, depth)
  }

  const scalar = (value: unknown, node: Node): Json => {
    if (typeof value === 'number' && !Number.isFinite(value))
      faults.push({ code: 'HUB_CONFIG_VALUE', message: 'not a number and infinity have no place in JSON', node })
    if (value !== null && typeof value === 'object')
      faults.push({ code: 'HUB_CONFIG_SYNTAX', message: 'a tagged value has no place here', hint: 'write it as a plain text', node })
    return value === undefined ? null : (value as Json)
  }

  const map = (pairs: readonly Pair<Node, Node | null>[], depth: number): Json => {
    const object: Record<string, Json> = {}
    for (const pair of pairs) {
      const key = keyOf(pair)
      if (key === undefined) {
        faults.push({ code: 'HUB_CONFIG_SYNTAX', message: 'a key must be text', hint: 'quote it, if it begins with one of { [ * ?', node: pair.key })
      } else if (key === '__proto__') {
        faults.push({ code: 'HUB_CONFIG_NAME', message: '"__proto__" cannot be a key', node: pair.key })
      } else if (Object.hasOwn(object, key)) {
        faults.push({ code: 'HUB_CONFIG_DUPLICATE', message: `"${key}" stands twice in one map`, hint: 'keep one of them', node: pair.key })
      } else {
        object[key] = convert(pair.value, depth + 1)
      }
    }
    return object
  }

  try {
    return { value: convert(document.contents as Node | null, 0), targets, faults }
  } catch (error) {
    if (!(error instanceof Overflow)) throw error
    return { value: null, targets, faults }
  }
}

/** The text of a key; numbers and booleans as they were written. */
export function keyOf(pair: Pair<Node, Node | null>): string | undefined {
  if (!isScalar(pair.key)) return undefined
  return typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? String(pair.key.value))
}
