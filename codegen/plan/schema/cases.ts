import { isObject } from '../../../runtime/contract/json.ts'
import { spend, type Budget } from './budget.ts'
import { listBelow, targetOf, type Node } from './node.ts'

/** Schemas that all hold at once: their references and `allOf` are among them, and one branch of each `anyOf` and `oneOf`. Every one is an object. */
export type Case = readonly Node[]

const mostCases = 48

/**
 * The cases of schemas that all hold at once: every value that fits the schemas fits one of the cases. (The other way round it need not be so: unions that would make too many
 * cases, and references that cannot be followed, are left out, which only makes a case wider.)
 */
export const casesOf = (nodes: readonly Node[], budget: Budget): readonly Case[] => expand([], nodes, budget)

/** The same, of a case and further schemas. */
export function expand(known: Case, further: readonly Node[], budget: Budget): readonly Case[] {
  const found = new Map(known.map((node) => [node.schema, node]))
  const waiting = [...further]
  const unions: (readonly Node[])[] = []
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    spend(budget)
    const { schema } = node
    if (schema === false) return []
    if (!isObject(schema) || found.has(schema)) continue
    found.set(schema, node)
    const target = '$ref' in schema ? targetOf(node, schema['$ref']) : undefined
    if (target) waiting.push(target)
    waiting.push(...listBelow(node, schema['allOf']))
    for (const keyword of ['anyOf', 'oneOf'] as const) if (Array.isArray(schema[keyword])) unions.push(listBelow(node, schema[keyword]))
  }
  let cases: readonly Case[] = [[...found.values()]]
  for (const branches of unions) {
    if (cases.length * branches.length > mostCases || !spend(budget)) continue
    const split = cases.flatMap((one) => branches.flatMap((branch) => expand(one, [branch], budget)))
    if (split.length <= mostCases) cases = split
  }
  return cases
}
