import { isObject, type Json } from '../../../runtime/contract/json.ts'
import { accepts } from './accepts.ts'
import type { Budget } from './budget.ts'
import { areEqual, shapeOf } from './canonical.ts'
import { casesOf, type Case } from './cases.ts'
import { numberOf, textsIn } from './scalar.ts'
import { propertyOf } from './property.ts'

/** JSON's types, with numbers taken apart into whole ones and others. */
export type Type = 'null' | 'boolean' | 'integer' | 'fraction' | 'string' | 'array' | 'object'

export const allTypes: readonly Type[] = ['null', 'boolean', 'integer', 'fraction', 'string', 'array', 'object']

/** The types that a `type` keyword names; all when it is absent. */
export function typesIn(keyword: Json | undefined): readonly Type[] {
  if (keyword === undefined) return allTypes
  const named = [keyword].flat() as readonly string[]
  return allTypes.filter((type) => named.includes(type) || (named.includes('number') && (type === 'integer' || type === 'fraction')))
}

/** The types a value of this case can have. */
export function typesOf(one: Case): readonly Type[] {
  const lists = one.map(({ schema }) => typesIn(keywordOf(schema, 'type')))
  const refused = allOfKeyword(one, 'not').flatMap((inner) =>
    isObject(inner) && shapeOf(inner) === shapeOf({ type: inner['type'] ?? null }) ? typesIn(inner['type']) : [],
  )
  return lists.reduce((left, right) => left.filter((type) => right.includes(type)), allTypes).filter((type) => !refused.includes(type))
}

/** A keyword's value, where a schema has it. */
export const keywordOf = (schema: unknown, keyword: string): Json | undefined => (isObject(schema) ? schema[keyword] : undefined)

/** Every value a keyword has in a case. */
export const allOfKeyword = (one: Case, keyword: string): readonly Json[] =>
  one.map(({ schema }) => keywordOf(schema, keyword)).filter((value) => value !== undefined)

/** A bound of numbers: the strongest one. */
export interface Bound {
  readonly limit: number
  readonly isExclusive: boolean
}

/** The strongest lower or upper bound of the numbers of a case; undefined when there is none. */
export function boundOf(one: Case, side: 'minimum' | 'maximum'): Bound | undefined {
  const sign = side === 'minimum' ? 1 : -1
  const exclusive = side === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum'
  const bounds = [
    ...allOfKeyword(one, side).map((limit) => ({ limit: numberOf(limit), isExclusive: false })),
    ...allOfKeyword(one, exclusive).map((limit) => ({ limit: numberOf(limit), isExclusive: true })),
  ].filter(({ limit }) => !Number.isNaN(limit))
  const strongest = bounds.toSorted((left, right) => sign * (right.limit - left.limit) || Number(right.isExclusive) - Number(left.isExclusive))[0]
  return strongest && !typesOf(one).includes('fraction') ? whole(strongest, sign) : strongest
}

/** Of whole numbers, `above 0` is `1`. */
function whole(bound: Bound, sign: 1 | -1): Bound {
  const { limit, isExclusive } = bound
  if (!Number.isInteger(limit)) return { limit: sign === 1 ? Math.ceil(limit) : Math.floor(limit), isExclusive: false }
  return isExclusive && Number.isSafeInteger(limit) ? { limit: limit + sign, isExclusive: false } : bound
}

/** The strongest of a keyword that counts: the largest of `min…`, the smallest of `max…`. */
export function countOf(one: Case, keyword: string): number | undefined {
  const counts = allOfKeyword(one, keyword).map(numberOf)
  if (counts.length === 0) return undefined
  return keyword.startsWith('min') ? Math.max(...counts) : Math.min(...counts)
}

/** Names that every object of a case has. */
export const requiredOf = (one: Case): ReadonlySet<string> => new Set(allOfKeyword(one, 'required').flatMap((names) => textsIn(names)))

const mostWhole = 64

/** The values of a case, where they can be counted: by `const`, `enum`, or types of few values. Values that surely do not fit are left out. */
export function valuesOf(one: Case, budget: Budget): readonly Json[] | undefined {
  const candidates = candidatesOf(one)
  return candidates?.filter(
    (value, index) => !candidates.slice(0, index).some((earlier) => areEqual(earlier, value)) && one.every((node) => accepts(node, value, budget) !== false),
  )
}

function candidatesOf(one: Case): readonly Json[] | undefined {
  const lists = [
    ...allOfKeyword(one, 'const').map((value) => [value]),
    ...allOfKeyword(one, 'enum').filter((list): list is readonly Json[] => Array.isArray(list)),
  ]
  const shortest = lists.toSorted((left, right) => left.length - right.length)[0]
  if (shortest) return shortest
  const types = typesOf(one)
  if (types.every((type) => type === 'null' || type === 'boolean'))
    return [...(types.includes('null') ? [null] : []), ...(types.includes('boolean') ? [true, false] : [])]
  return types.length === 1 && types[0] === 'integer' ? wholeNumbers(one) : undefined
}

function wholeNumbers(one: Case): readonly number[] | undefined {
  const [from, to] = [boundOf(one, 'minimum')?.limit, boundOf(one, 'maximum')?.limit]
  if (from === undefined || to === undefined || !Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to - from >= mostWhole) return undefined
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
}

/** True when surely no value fits a case. Of objects, properties they must have are looked at too, one step down. */
export function isEmpty(one: Case, budget: Budget, isInner = false): boolean {
  const types = typesOf(one)
  if (types.length === 0) return true
  const values = valuesOf(one, budget)
  if (values) return values.length === 0
  if (types.every((type) => type === 'integer' || type === 'fraction')) return isCrossed(boundOf(one, 'minimum'), boundOf(one, 'maximum'))
  if (types.length > 1) return false
  if (types[0] === 'string') return exceeds(one, 'minLength', 'maxLength')
  if (types[0] === 'array') return exceeds(one, 'minItems', 'maxItems')
  if (exceeds(one, 'minProperties', 'maxProperties')) return true
  if (isInner) return false
  return [...requiredOf(one)].some((name) => casesOf(propertyOf(one, name).nodes, budget).every((inner) => isEmpty(inner, budget, true)))
}

const exceeds = (one: Case, least: string, most: string): boolean => (countOf(one, least) ?? 0) > (countOf(one, most) ?? Infinity)

const isCrossed = (lower: Bound | undefined, upper: Bound | undefined): boolean =>
  lower !== undefined && upper !== undefined && (lower.limit > upper.limit || (lower.limit === upper.limit && (lower.isExclusive || upper.isExclusive)))
