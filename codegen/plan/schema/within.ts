import type { JsonObject } from '../../../runtime/contract/json.ts'
import { accepts } from './accepts.ts'
import { arraysWithin } from './arrays.ts'
import { areAlike } from './canonical.ts'
import { casesOf, type Case } from './cases.ts'
import { allOfKeyword, isEmpty, typesIn, typesOf, valuesOf } from './facts.ts'
import { anything, idOf, listBelow, targetOf, type Node } from './node.ts'
import { objectsWithin } from './objects.ts'
import { opaqueWithin } from './opaque.ts'
import { once, type Reason } from './reason.ts'
import { scalarsWithin } from './scalars.ts'
import { unionsWithin } from './unions.ts'
import { mayGoOn, onward, startWalk, type Walk } from './walk.ts'

/** Why not every value that fits one schema fits another. Nothing: every one surely does. */
export const reasonsAgainst = (from: Node, to: Node): readonly Reason[] => within([from], to, startWalk({ within, caseWithin }))

/**
 * Why not every value that fits all of some schemas fits another one. Nothing: every one surely does. What cannot be proven is a reason that says so, so that silence is a proof;
 * a pair met again deeper in the values is taken as proven, since values end.
 */
function within(schemas: readonly Node[], target: Node, walk: Walk): readonly Reason[] {
  if (target.schema === true) return []
  const given = schemas.length === 0 ? [anything] : schemas
  if (given.some((one) => areAlike(one, target))) return []
  const { path, depth } = walk
  const key = `${given.map(idOf).toSorted().join()}<${idOf(target)}`
  const metAt = walk.pairs.get(key)
  if (metAt !== undefined && metAt < depth) return []
  if (metAt !== undefined || !mayGoOn(walk)) return [{ path, about: 'size', isTold: false }]
  const further = { ...walk, pairs: new Map(walk.pairs).set(key, depth) }
  return once(casesOf(given, walk.budget).flatMap((one) => caseWithin(one, target, further)))
}

/** The same for one case. */
function caseWithin(one: Case, target: Node, walk: Walk): readonly Reason[] {
  const { path } = walk
  const { schema } = target
  if (schema === true || one.some((node) => areAlike(node, target)) || isEmpty(one, walk.budget)) return []
  if (schema === false) return [{ path, about: 'refused', isTold: true }]
  const key = `${one.map(idOf).toSorted().join()}:${idOf(target)}`
  // A pair met again at the same values: references that lead round.
  if (walk.pairs.get(key) === walk.depth || !mayGoOn(walk)) return [{ path, about: 'size', isTold: false }]
  const values = valuesOf(one, walk.budget)
  const counted = values && valuesWithin(values, one, target, walk)
  const further = { ...walk, pairs: new Map(walk.pairs).set(key, walk.depth) }
  return counted ?? once(keywordsWithin(one, target as Node & { readonly schema: JsonObject }, further))
}

/** Values that can be counted are held to the schema one by one; undefined where that leaves a doubt. */
function valuesWithin(values: readonly unknown[], one: Case, target: Node, { path, budget }: Walk): readonly Reason[] | undefined {
  const judged = values.map((value) => ({ value: value as never, fits: accepts(target, value as never, budget) }))
  if (judged.some(({ fits }) => fits === undefined)) return undefined
  const refused = judged.filter(({ fits }) => fits === false).map(({ value }) => value)
  if (refused.length === 0) return []
  const { type, enum: allowed } = target.schema as JsonObject
  const types = typesIn(type)
  const had = typesOf(one)
  if (!had.some((each) => types.includes(each))) return [{ path, about: 'type', has: [...had], isTold: true }]
  // Types of few values and short ranges are told by their keywords.
  if (allOfKeyword(one, 'enum').length === 0 && allOfKeyword(one, 'const').length === 0 && allowed === undefined) return undefined
  return [{ path, about: 'values', has: refused, isTold: true }]
}

function keywordsWithin(one: Case, target: Node & { readonly schema: JsonObject }, walk: Walk): readonly Reason[] {
  const { schema } = target
  const { path } = walk
  const had = typesOf(one)
  const types = typesIn(schema['type'])
  const lost = had.filter((type) => !types.includes(type))
  const reasons: Reason[] = lost.length > 0 ? [{ path, about: 'type', has: lost, isTold: true }] : []
  if (lost.length === had.length) return reasons
  const kept = had.filter((type) => types.includes(type))
  reasons.push(...scalarsWithin(one, schema, kept, path))
  if (kept.includes('object')) reasons.push(...objectsWithin(one, target, walk))
  if (kept.includes('array')) reasons.push(...arraysWithin(one, target, walk))
  for (const inner of listBelow(target, schema['allOf'])) reasons.push(...caseWithin(one, inner, onward(walk)))
  reasons.push(...referenceWithin(one, target, walk), ...unionsWithin(one, target, walk), ...opaqueWithin(one, target, kept, walk))
  return reasons
}

function referenceWithin(one: Case, target: Node & { readonly schema: JsonObject }, walk: Walk): readonly Reason[] {
  const reference = target.schema['$ref']
  if (reference === undefined) return []
  const found = targetOf(target, reference)
  if (!found) return [{ path: walk.path, about: '$ref', takes: reference, isTold: false }]
  return caseWithin(one, found, onward(walk))
}
