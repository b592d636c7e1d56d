import type { JsonObject } from '../../../runtime/contract/json.ts'
import { areAlike } from './canonical.ts'
import type { Case } from './cases.ts'
import { allOfKeyword, countOf } from './facts.ts'
import { below, listBelow, type Node } from './node.ts'
import { restOf } from './property.ts'
import type { Reason } from './reason.ts'
import { countWithin } from './scalars.ts'
import { into, type Walk } from './walk.ts'

type ArrayNode = Node & { readonly schema: JsonObject }

/** What of a schema's keywords for arrays some arrays of a case do not fit. */
export function arraysWithin(one: Case, target: ArrayNode, walk: Walk): readonly Reason[] {
  const { schema } = target
  const { path } = walk
  const mostItems = countOf(one, 'maxItems') ?? Infinity
  const isUnique = schema['uniqueItems'] !== true || mostItems <= 1 || allOfKeyword(one, 'uniqueItems').includes(true)
  return [
    ...countWithin(one, schema, 'minItems', path),
    ...countWithin(one, schema, 'maxItems', path, closedLength(one)),
    ...(isUnique ? [] : [{ path, about: 'uniqueItems', takes: true, isTold: true }]),
    ...itemsWithin(one, target, Math.min(mostItems, closedLength(one) ?? Infinity), walk),
    ...containedWithin(one, target, path),
  ]
}

/** How many items `items: false` leaves room for. */
function closedLength(one: Case): number | undefined {
  const lengths = one.filter((node) => restOf(node)?.schema === false).map((node) => listBelow(node, (node.schema as JsonObject)['prefixItems']).length)
  return lengths.length === 0 ? undefined : Math.min(...lengths)
}

const firstOf = (node: Node): readonly Node[] => listBelow(node, (node.schema as JsonObject)['prefixItems'])

/** The schemas of the item at one place; far behind all of `prefixItems`, of the rest. */
const itemAt = (one: Case, index: number): readonly Node[] => one.flatMap((node) => firstOf(node)[index] ?? restOf(node) ?? [])

function itemsWithin(one: Case, target: ArrayNode, most: number, walk: Walk): readonly Reason[] {
  const firsts = Math.max(firstOf(target).length, ...one.map((node) => firstOf(node).length))
  const reasons: Reason[] = []
  for (let index = 0; index <= firsts && index < most; index += 1) {
    const asked = itemAt([target], index)[0]
    if (asked === undefined) continue
    const given = itemAt(one, index)
    if (given.some(({ schema }) => schema === false)) break
    reasons.push(...walk.within(given, asked, into(walk, `${walk.path}[${index < firsts ? index : ''}]`)))
  }
  return reasons
}

function containedWithin(one: Case, target: ArrayNode, path: string): readonly Reason[] {
  const { contains, minContains = 1, maxContains } = target.schema
  const asked = below(target, contains)
  if (!asked || (minContains === 0 && maxContains === undefined)) return []
  const isSame = one.some((node) => {
    const { contains: had, minContains: least = 1, maxContains: most } = node.schema as JsonObject
    const given = below(node, had)
    return (
      given !== undefined &&
      areAlike(given, asked) &&
      Number(least) >= Number(minContains) &&
      (maxContains === undefined || Number(most ?? Infinity) <= Number(maxContains))
    )
  })
  return isSame ? [] : [{ path, about: 'contains', takes: contains, isTold: false }]
}
