import type { JsonObject } from '../../../runtime/contract/json.ts'
import { areAlike } from './canonical.ts'
import type { Case } from './cases.ts'
import type { Type } from './facts.ts'
import { below, type Node } from './node.ts'
import { hasEvaluation } from './objects.ts'
import type { Reason } from './reason.ts'
import { isOutside } from './unions.ts'
import { onward, type Walk } from './walk.ts'

type ObjectNode = Node & { readonly schema: JsonObject }

/** Keywords that are compared as a whole: `not`, `if`, `dependentSchemas`, `unevaluated…`, `$dynamicRef`. Where they are not alike it cannot be told what they let through. */
export function opaqueWithin(one: Case, target: ObjectNode, types: readonly Type[], walk: Walk): readonly Reason[] {
  const { schema } = target
  const { path } = walk
  const asked: (readonly string[])[] = []
  if (schema['not'] !== undefined && !isOutside(one, target, walk.budget)) asked.push(['not'])
  if (schema['if'] !== undefined && !fitsBoth(one, target, walk)) asked.push(['if', 'then', 'else'])
  if (schema['$dynamicRef'] !== undefined) asked.push(['$dynamicRef', '$dynamicAnchor'])
  if (types.includes('object') && schema['dependentSchemas'] !== undefined) asked.push(['dependentSchemas'])
  const changed = asked.filter((keywords) => !one.some((node) => areAlike(partOf(node, keywords), partOf(target, keywords))))
  // What is unevaluated depends on all that stands beside it, and that is not alike, or nobody would ask.
  const evaluated = (['unevaluatedProperties', 'unevaluatedItems'] as const).filter(
    (keyword) => types.includes(keyword === 'unevaluatedItems' ? 'array' : 'object') && hasEvaluation(target, keyword),
  )
  return [...changed.map(([keyword]) => keyword as string), ...evaluated].map((about) => ({ path, about, isTold: false }))
}

const partOf = ({ schema, root }: Node, keywords: readonly string[]): Node => ({
  schema: Object.fromEntries(
    keywords.filter((keyword) => keyword in (schema as JsonObject)).map((keyword) => [keyword, (schema as JsonObject)[keyword] as never]),
  ),
  root,
})

/** Whatever the condition, both of its consequences hold. */
const fitsBoth = (one: Case, target: ObjectNode, walk: Walk): boolean =>
  [target.schema['then'], target.schema['else']].every((inner) => {
    const node = below(target, inner)
    return node === undefined || walk.caseWithin(one, node, onward(walk)).length === 0
  })
