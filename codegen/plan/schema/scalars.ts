import type { Json, JsonObject } from '../../../runtime/contract/json.ts'
import { areEqual } from './canonical.ts'
import type { Case } from './cases.ts'
import { allOfKeyword, boundOf, countOf, typesOf, type Bound, type Type } from './facts.ts'
import type { Reason } from './reason.ts'
import { numberOf } from './scalar.ts'

/** What of a schema's keywords for single values some values of a case do not fit. `types` are those the schema takes. */
export function scalarsWithin(one: Case, schema: JsonObject, types: readonly Type[], path: string): readonly Reason[] {
  const isNumeric = types.includes('integer') || types.includes('fraction')
  return [
    ...fixedWithin(one, schema, path),
    ...(isNumeric ? [...boundWithin(one, schema, 'minimum', path), ...boundWithin(one, schema, 'maximum', path), ...stepWithin(one, schema, types, path)] : []),
    ...(types.includes('string')
      ? [...countWithin(one, schema, 'minLength', path), ...countWithin(one, schema, 'maxLength', path), ...patternWithin(one, schema, path)]
      : []),
    ...formatWithin(one, schema, types, path),
  ]
}

/** Few values, where the case has others besides. */
function fixedWithin(one: Case, schema: JsonObject, path: string): readonly Reason[] {
  const takes = schema['const'] === undefined ? schema['enum'] : [schema['const']]
  if (takes === undefined) return []
  const had = allOfKeyword(one, 'enum')[0] ?? allOfKeyword(one, 'const').map((value) => [value])[0]
  return [{ path, about: 'enum', ...(had !== undefined && { has: had }), takes, isTold: had === undefined }]
}

function boundWithin(one: Case, schema: JsonObject, side: 'minimum' | 'maximum', path: string): readonly Reason[] {
  // Whole numbers only where the case has no others: `above 0` then asks for 1.
  const isWhole = !typesOf(one).includes('fraction')
  const takes = boundOf([{ schema: isWhole ? { ...schema, type: 'integer' } : { ...schema, type: 'number' }, root: true }], side)
  if (takes === undefined) return []
  const has = boundOf(one, side)
  if (has && isAsStrong(has, takes, side)) return []
  return [{ path, about: side, ...(has && { has: boundText(has, side) }), takes: boundText(takes, side), isTold: true }]
}

function isAsStrong(has: Bound, takes: Bound, side: 'minimum' | 'maximum'): boolean {
  if (has.limit === takes.limit) return has.isExclusive || !takes.isExclusive
  return side === 'minimum' ? has.limit > takes.limit : has.limit < takes.limit
}

const boundText = ({ limit, isExclusive }: Bound, side: 'minimum' | 'maximum'): Json =>
  isExclusive ? `${side === 'minimum' ? 'above' : 'below'} ${limit}` : limit

function stepWithin(one: Case, schema: JsonObject, types: readonly Type[], path: string): readonly Reason[] {
  const takes = schema['multipleOf']
  if (takes === undefined) return []
  const step = numberOf(takes)
  const steps = allOfKeyword(one, 'multipleOf').map(numberOf)
  if (steps.includes(step) || (step === 1 && !types.includes('fraction'))) return []
  const areWhole = Number.isSafeInteger(step) && steps.every(Number.isSafeInteger)
  if (areWhole && steps.some((has) => has % step === 0)) return []
  return [{ path, about: 'multipleOf', ...(steps[0] !== undefined && { has: steps[0] }), takes, isTold: steps.length === 0 || areWhole }]
}

/** A keyword that counts: at least or at most so many. */
export function countWithin(one: Case, schema: JsonObject, keyword: string, path: string, implied?: number): readonly Reason[] {
  const takes = schema[keyword]
  if (takes === undefined || (keyword.startsWith('min') && numberOf(takes) <= 0)) return []
  const has = countOf(one, keyword)
  const isLeast = keyword.startsWith('min')
  const fits = (count: number | undefined): boolean => count !== undefined && (isLeast ? count >= numberOf(takes) : count <= numberOf(takes))
  if (fits(has) || fits(implied)) return []
  // What a pattern or format says of lengths is not looked into.
  const isTold = !keyword.endsWith('Length') || (allOfKeyword(one, 'pattern').length === 0 && allOfKeyword(one, 'format').length === 0)
  return [{ path, about: keyword, ...(has !== undefined && { has }), takes, isTold }]
}

function patternWithin(one: Case, schema: JsonObject, path: string): readonly Reason[] {
  const takes = schema['pattern']
  const had = allOfKeyword(one, 'pattern')
  if (takes === undefined || takes === '' || had.includes(takes)) return []
  return [{ path, about: 'pattern', ...(had[0] !== undefined && { has: had[0] }), takes, isTold: had.length === 0 && allOfKeyword(one, 'format').length === 0 }]
}

const ofNumbers = new Set<Json>(['int32', 'int64', 'float', 'double'])
const saysNothing = new Set<Json>(['float', 'double', 'password', 'binary'])

function formatWithin(one: Case, schema: JsonObject, types: readonly Type[], path: string): readonly Reason[] {
  const takes = schema['format']
  if (takes === undefined || saysNothing.has(takes)) return []
  const isOfNumbers = ofNumbers.has(takes)
  const touched = types.some((type) => (isOfNumbers ? type === 'integer' || type === 'fraction' : type === 'string'))
  const had = allOfKeyword(one, 'format')
  if (!touched || had.some((format) => areEqual(format, takes)) || (takes === 'int64' && !types.includes('fraction'))) return []
  const isTold = had.length === 0 && allOfKeyword(one, 'pattern').length === 0
  return [{ path, about: 'format', ...(had[0] !== undefined && { has: had[0] }), takes, isTold }]
}
