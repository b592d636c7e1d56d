import type { JsonObject } from '../../../runtime/contract/json.ts'
import type { Budget } from './budget.ts'
import { areAlike } from './canonical.ts'
import { expand, type Case } from './cases.ts'
import { isEmpty, typesOf, type Type } from './facts.ts'
import { below, listBelow, type Node } from './node.ts'
import type { Reason } from './reason.ts'
import { onward, type Walk } from './walk.ts'

type ObjectNode = Node & { readonly schema: JsonObject }

/** What keeps a case from fitting a schema's `anyOf` and `oneOf`. */
export function unionsWithin(one: Case, target: ObjectNode, walk: Walk): readonly Reason[] {
  return (['anyOf', 'oneOf'] as const).flatMap((keyword) => {
    if (!Array.isArray(target.schema[keyword])) return []
    const union = aloneOf(target, keyword)
    if (one.some((node) => areAlike(aloneOf(node, keyword), union))) return []
    return branchesWithin(one, listBelow(target, target.schema[keyword]), keyword, walk)
  })
}

const alone = new WeakMap<object, Record<string, Node>>()

/** A schema's union without what stands beside it, to be compared as a whole. */
function aloneOf(node: Node, keyword: 'anyOf' | 'oneOf'): Node {
  const schema = node.schema as JsonObject
  const known = alone.get(schema) ?? {}
  alone.set(schema, known)
  return (known[keyword] ??= { schema: { [keyword]: schema[keyword] ?? [] }, root: node.root })
}

const ofType = Object.fromEntries(
  (['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const).map((type) => [type, { schema: { type }, root: true } as Node]),
)

/** A case taken apart by type, numbers together. */
function byType(one: Case, types: readonly Type[]): readonly Case[] {
  const names = [...new Set(types.map((type) => (type === 'fraction' || (type === 'integer' && types.includes('fraction')) ? 'number' : type)))]
  return names.length < 2 ? [one] : names.map((name) => [...one, ofType[name] as Node])
}

function branchesWithin(one: Case, branches: readonly Node[], keyword: 'anyOf' | 'oneOf', walk: Walk): readonly Reason[] {
  const further = onward(walk)
  if (fitsOne(one, branches, keyword, further)) return []
  return byType(one, typesOf(one)).flatMap((part) => {
    if (isEmpty(part, walk.budget) || fitsOne(part, branches, keyword, further)) return []
    const near = branches.filter((branch) => !isApart(part, branch, walk.budget))
    const [only, ...others] = near
    if (only === undefined) return [apart(part, branches, keyword, walk)]
    if (others.length === 0) return walk.caseWithin(part, only, further)
    // Several branches may cover together what none covers alone, or overlap where only one may hold.
    return [{ path: walk.path, about: keyword, isTold: false }]
  })
}

function fitsOne(one: Case, branches: readonly Node[], keyword: 'anyOf' | 'oneOf', walk: Walk): boolean {
  return branches.some(
    (branch, index) =>
      walk.caseWithin(one, branch, walk).length === 0 &&
      (keyword === 'anyOf' || branches.every((other, place) => place === index || isApart(one, other, walk.budget))),
  )
}

/** True when surely no value of a case fits a schema. */
const isApart = (one: Case, node: Node, budget: Budget): boolean => expand(one, [node], budget).every((both) => isEmpty(both, budget))

/** No branch takes anything of a case: because of its type, or because none has room for it. */
function apart(one: Case, branches: readonly Node[], keyword: string, { path, budget }: Walk): Reason {
  const taken = new Set(branches.flatMap((branch) => expand([], [branch], budget).flatMap((each) => typesOf(each))))
  const types = typesOf(one)
  return types.some((type) => taken.has(type)) ? { path, about: keyword, isTold: true } : { path, about: 'type', has: [...types], isTold: true }
}

/** True when surely no value of a case fits what a schema says must not be. */
export function isOutside(one: Case, target: ObjectNode, budget: Budget): boolean {
  const refused = below(target, target.schema['not'])
  return refused !== undefined && isApart(one, refused, budget)
}
