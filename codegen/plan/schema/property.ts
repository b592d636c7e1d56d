import { isObject, type Json, type JsonObject } from '../../../runtime/contract/json.ts'
import type { Case } from './cases.ts'
import { below, type Node } from './node.ts'
import { matches } from './scalar.ts'

/** What a case asks of one property. */
export interface Property {
  /** All of these hold; none: any value. */
  readonly nodes: readonly Node[]
  /** True when a schema of the case names it. */
  readonly isNamed: boolean
  /** True when a pattern could not be held to its name, so that something may be missing from `nodes`. */
  readonly isUnclear: boolean
}

/** The schemas of one property in a case, by name, by pattern, or as one of the others. */
export function propertyOf(one: Case, name: string): Property {
  const parts = one.map((node) => partOf(node, name))
  return { nodes: parts.flatMap(({ nodes }) => nodes), isNamed: parts.some(({ isNamed }) => isNamed), isUnclear: parts.some(({ isUnclear }) => isUnclear) }
}

function partOf(node: Node, name: string): Property {
  const named = namedIn(node, name)
  const fits = patternsOf(node).map(([pattern, inner]) => ({ fits: matches(pattern, name), inner }))
  const isUnclear = fits.some((one) => one.fits === undefined)
  const found = [...(named ? [named] : []), ...fits.flatMap(({ fits: does, inner }) => (does ? [inner] : []))]
  const others = found.length === 0 && !isUnclear ? othersOf(node) : undefined
  return { nodes: others ? [others] : found, isNamed: named !== undefined, isUnclear }
}

const namedIn = (node: Node, name: string): Node | undefined => {
  const { properties } = node.schema as JsonObject
  return isObject(properties) && Object.hasOwn(properties, name) ? below(node, properties[name]) : undefined
}

/** The `patternProperties` of a schema. */
export function patternsOf(node: Node): readonly (readonly [string, Node])[] {
  const { patternProperties } = node.schema as JsonObject
  if (!isObject(patternProperties)) return []
  return Object.entries(patternProperties).flatMap(([pattern, inner]) => {
    const one = below(node, inner)
    return one ? [[pattern, one] as const] : []
  })
}

/** Names that the schemas of a case have properties for. */
export const namesOf = (one: Case): readonly string[] => [
  ...new Set(one.flatMap(({ schema }) => (isObject(schema) && isObject(schema['properties']) ? Object.keys(schema['properties']) : []))),
]

const unions = ['allOf', 'anyOf', 'oneOf', '$ref', '$dynamicRef', 'if', 'dependentSchemas', 'not']

/** True when `unevaluatedProperties` and `unevaluatedItems` of a schema can only mean what the plain keywords mean: nothing beside them evaluates anything. */
export const isPlain = (schema: JsonObject): boolean => !unions.some((keyword) => keyword in schema)

/** The schema of properties that a schema neither names nor has a pattern for; undefined when they may be anything. */
export function othersOf(node: Node): Node | undefined {
  const schema = node.schema as JsonObject
  return below(node, schema['additionalProperties'] ?? (isPlain(schema) ? schema['unevaluatedProperties'] : undefined))
}

/** The schema of items after the first ones of `prefixItems`; undefined when they may be anything. */
export function restOf(node: Node): Node | undefined {
  const schema = node.schema as JsonObject
  return below(node, (schema['items'] ?? (isPlain(schema) && !('contains' in schema) ? schema['unevaluatedItems'] : undefined)) as Json | undefined)
}
