import { isObject, type JsonObject } from '../../../runtime/contract/json.ts'
import { areAlike } from './canonical.ts'
import type { Case } from './cases.ts'
import { allOfKeyword, requiredOf } from './facts.ts'
import { textsIn } from './scalar.ts'
import { anything, below, type Node } from './node.ts'
import { isPlain, namesOf, othersOf, patternsOf, propertyOf } from './property.ts'
import { property, type Reason } from './reason.ts'
import { countWithin } from './scalars.ts'
import { into, type Walk } from './walk.ts'

type ObjectNode = Node & { readonly schema: JsonObject }

/** What of a schema's keywords for objects some objects of a case do not fit. */
export function objectsWithin(one: Case, target: ObjectNode, walk: Walk): readonly Reason[] {
  const { schema } = target
  const { path } = walk
  const required = requiredOf(one)
  const names = namesOf(one)
  const isClosed = one.some((node) => othersOf(node)?.schema === false && patternsOf(node).length === 0)
  return [
    ...requiredWithin(one, target, path),
    ...[...new Set([...names, ...namesOf([target])])].flatMap((name) => propertyWithin(one, target, name, walk)),
    ...othersWithin(one, target, walk),
    ...countWithin(one, schema, 'minProperties', path, required.size),
    ...countWithin(one, schema, 'maxProperties', path, isClosed ? names.length : undefined),
    ...dependentWithin(one, schema, required, path),
    ...propertyNamesWithin(one, target, walk),
  ]
}

function requiredWithin(one: Case, { schema }: ObjectNode, path: string): readonly Reason[] {
  const has = requiredOf(one)
  const { properties } = schema
  return textsIn(schema['required'])
    .filter((name) => !has.has(name))
    .map((name) => {
      const own = isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined
      return {
        path: property(path, name),
        about: 'required',
        isTold: true,
        isNew: !propertyOf(one, name).isNamed,
        isFilled: path === '' && isObject(own) && own['default'] !== undefined,
      }
    })
}

function propertyWithin(one: Case, target: ObjectNode, name: string, walk: Walk): readonly Reason[] {
  const path = property(walk.path, name)
  const asked = propertyOf([target], name)
  if (asked.isUnclear) return [{ path, about: 'patternProperties', isTold: false }]
  if (asked.nodes.length === 0) return []
  const given = propertyOf(one, name)
  const further = into(walk, path)
  if (given.nodes.length === 0 && !given.isUnclear && asked.isNamed && (walk.depth === 0 || describesNames(one)))
    return asked.nodes.every((node) => walk.within([anything], node, further).length === 0) ? [] : [{ path, about: 'undeclared', isTold: true }]
  return asked.nodes.flatMap((node) => walk.within(given.nodes, node, further))
}

/** Objects whose names are described, so that one that is not described is not expected; others are maps of any names. */
const describesNames = (one: Case): boolean => one.some(({ schema }) => isObject(schema) && isObject(schema['properties']))

/** Properties that neither side names: those that fit a pattern of the case, and all others. */
function othersWithin(one: Case, target: ObjectNode, walk: Walk): readonly Reason[] {
  const asked = patternsOf(target)
  const rest = othersOf(target)
  if (asked.length === 0 && rest === undefined) return []
  const path = property(walk.path, '*').replace(/\["\*"\]$/, walk.path === '' ? '*' : '.*')
  const further = into(walk, path)
  const patterns = [...new Set(one.flatMap((node) => patternsOf(node).map(([pattern]) => pattern)))]
  const regions = [undefined, ...patterns].map((pattern) => ({ pattern, nodes: regionOf(one, pattern) }))
  return regions
    .filter(({ nodes }) => !nodes.some(({ schema }) => schema === false))
    .flatMap(({ pattern, nodes }) => {
      const byPattern = asked
        .filter(([other]) => pattern === other || !(pattern === undefined && patterns.includes(other)))
        .flatMap(([, node]) => walk.within(nodes, node, further))
      if (rest === undefined || asked.some(([other]) => other === pattern)) return byPattern
      if (rest.schema === false) return [...byPattern, { path: walk.path, about: 'closed', isTold: true }]
      return [...byPattern, ...walk.within(nodes, rest, further)]
    })
}

/** What surely holds for a property that fits one pattern of a case, or none of them. */
const regionOf = (one: Case, pattern: string | undefined): readonly Node[] =>
  one.flatMap((node) => {
    if (pattern === undefined) return othersOf(node) ?? []
    return patternsOf(node).flatMap(([other, inner]) => (other === pattern ? [inner] : []))
  })

function dependentWithin(one: Case, schema: JsonObject, required: ReadonlySet<string>, path: string): readonly Reason[] {
  const asked = schema['dependentRequired']
  if (!isObject(asked)) return []
  const given = allOfKeyword(one, 'dependentRequired').filter(isObject)
  const missing = Object.entries(asked).filter(([name, needs]) => {
    const had = new Set([...required, ...given.flatMap((map) => (Object.hasOwn(map, name) ? textsIn(map[name]) : []))])
    const isNever = propertyOf(one, name).nodes.some((node) => node.schema === false)
    return !isNever && !textsIn(needs).every((need) => need === name || had.has(need))
  })
  return missing.map(([name, needs]) => ({ path: property(path, name), about: 'dependentRequired', takes: needs, isTold: true }))
}

const text: Node = { schema: { type: 'string' }, root: true }

function propertyNamesWithin(one: Case, target: ObjectNode, walk: Walk): readonly Reason[] {
  const asked = below(target, target.schema['propertyNames'])
  if (!asked) return []
  const given = one.map((node) => below(node, (node.schema as JsonObject)['propertyNames'])).filter((node) => node !== undefined)
  if (given.some((node) => areAlike(node, asked))) return []
  return walk.within([text, ...given], asked, into(walk, walk.path)).map(({ isTold }) => ({
    path: walk.path,
    about: 'propertyNames',
    takes: target.schema['propertyNames'],
    isTold,
  }))
}

/** True where `unevaluatedProperties` means more than the plain keywords do. */
export const hasEvaluation = ({ schema }: ObjectNode, keyword: 'unevaluatedProperties' | 'unevaluatedItems'): boolean => {
  if (schema[keyword] === undefined || schema[keyword] === true) return false
  const plain = keyword === 'unevaluatedProperties' ? 'additionalProperties' : 'items'
  return plain in schema ? false : !isPlain(schema) || (keyword === 'unevaluatedItems' && 'contains' in schema)
}
