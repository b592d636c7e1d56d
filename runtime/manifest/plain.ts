import { CORE_SCHEMA, NOT_RESOLVED, type ScalarTagDefinition } from 'js-yaml'
import type { ErrorCode } from '../contract/errors.ts'
import type { Json } from '../contract/json.ts'
import { keyOf, type AliasNode, type Pair, type ScalarNode, type Span, type YamlNode } from './tree.ts'

/** Values a file may have once its aliases are followed. */
const mostValues = 200_000
/** Levels of values in one another. */
export const deepest = 200

/** Something a YAML document says that no manifest may say, and where. */
export interface PlainFault extends Span {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
}

/** A document as plain JSON values: every object its own, so that none is shared by aliases; and where each alias leads. */
export interface Plain {
  readonly value: Json
  readonly targets: ReadonlyMap<AliasNode, YamlNode>
  readonly faults: readonly PlainFault[]
}

const hint = 'write it out smaller, or split the file'
/** What is said of values in one another beyond `deepest`. */
export const tooDeep = { code: 'HUB_CONFIG_FILE', message: `values lie more than ${deepest} levels deep`, hint } as const
const tooMany = { code: 'HUB_CONFIG_FILE', message: `with its aliases followed the file has more than ${mostValues} values`, hint } as const

class Overflow extends Error {}

/** Makes plain values of a parsed document, with duplicate keys, circular and excessive aliases, tags, and values JSON does not have as faults. */
export function toPlain(root: YamlNode | undefined): Plain {
  const targets = new Map<AliasNode, YamlNode>()
  const faults: PlainFault[] = []
  const anchors = new Map<string, YamlNode>()
  const open = new Set<YamlNode>()
  let values = 0

  const fault = (code: ErrorCode, message: string, { start, end }: Span, hint?: string): void =>
    void faults.push({ code, message, start, end, ...(hint !== undefined && { hint }) })

  const convert = (node: YamlNode, depth: number): Json => {
    if (++values > mostValues || depth > deepest) {
      faults.push({ ...(depth > deepest ? tooDeep : tooMany), start: node.start, end: node.end })
      throw new Overflow()
    }
    if (node.kind === 'alias') return follow(node, depth)
    if (node.anchor !== undefined) anchors.set(node.anchor, node)
    if (node.kind === 'scalar') return scalar(node)
    const wanted = node.kind === 'map' ? '!!map' : '!!seq'
    if (node.tag !== undefined && node.tag.text !== wanted) unresolved(node.tag)
    open.add(node)
    const value = node.kind === 'map' ? map(node.pairs, depth) : node.items.map((item) => convert(item, depth + 1))
    open.delete(node)
    return value
  }

  const follow = (alias: AliasNode, depth: number): Json => {
    const target = anchors.get(alias.name)
    if (target === undefined) {
      fault('HUB_CONFIG_REFERENCE', `no anchor &${alias.name} stands before this alias`, alias)
      return null
    }
    if (open.has(target)) {
      fault('HUB_CONFIG_CIRCULAR', `the alias *${alias.name} stands inside its own anchor`, alias)
      return null
    }
    targets.set(alias, target)
    return convert(target, depth)
  }

  const scalar = (node: ScalarNode): Json => {
    const value = scalarValue(node)
    if (typeof value === 'symbol') {
      if (node.tag) unresolved(node.tag)
      return null
    }
    if (typeof value === 'number' && !Number.isFinite(value)) fault('HUB_CONFIG_VALUE', 'not a number and infinity have no place in JSON', node)
    return value
  }

  const unresolved = (tag: Span & { readonly text: string }): void =>
    fault('HUB_CONFIG_SYNTAX', `unresolved tag: ${tag.text}`, tag, 'write the value without a tag')

  const map = (pairs: readonly Pair[], depth: number): Json => {
    const object: Record<string, Json> = {}
    for (const pair of pairs) {
      const key = keyOf(pair)
      if (key === undefined) {
        fault('HUB_CONFIG_SYNTAX', 'a key must be text', pair.key, 'quote it, if it begins with one of { [ * ?')
      } else if (key === '__proto__') {
        fault('HUB_CONFIG_NAME', '"__proto__" cannot be a key', pair.key)
      } else if (Object.hasOwn(object, key)) {
        fault('HUB_CONFIG_DUPLICATE', `"${key}" stands twice in one map`, pair.key, 'keep one of them')
      } else {
        object[key] = convert(pair.value, depth + 1)
      }
    }
    return object
  }

  try {
    return { value: root === undefined ? null : convert(root, 0), targets, faults }
  } catch (error) {
    if (!(error instanceof Overflow)) throw error
    return { value: null, targets, faults }
  }
}

const scalarTags = CORE_SCHEMA.tags.filter((tag): tag is ScalarTagDefinition => tag.nodeKind === 'scalar')
const implicitTags = scalarTags.filter(({ implicit }) => implicit)
// By the first character, so that a plain text meets no tag that cannot be its own.
const tagsByFirst = new Map<string, readonly ScalarTagDefinition[]>()
for (const first of new Set(implicitTags.flatMap(({ implicitFirstChars }) => implicitFirstChars ?? [])))
  tagsByFirst.set(
    first,
    implicitTags.filter(({ implicitFirstChars }) => implicitFirstChars?.includes(first) ?? true),
  )

/** What a scalar is by YAML's core schema; NOT_RESOLVED for a tag that is none of it, or does not fit. */
function scalarValue({ text, style, tag }: ScalarNode): string | number | boolean | null | typeof NOT_RESOLVED {
  if (tag !== undefined && tag.text !== '!') {
    const named = scalarTags.find(({ tagName }) => tagName === tag.text.replace(/^!!/, 'tag:yaml.org,2002:'))
    return (named?.resolve(text, true, named.tagName) ?? (named ? null : NOT_RESOLVED)) as ReturnType<typeof scalarValue>
  }
  if (style !== 'plain' || tag !== undefined) return text
  for (const { resolve, tagName } of tagsByFirst.get(text.charAt(0)) ?? []) {
    const value = resolve(text, false, tagName) as ReturnType<typeof scalarValue>
    if (value !== NOT_RESOLVED) return value
  }
  return text
}
