import { isObject, isRawNumber, type Json, type JsonObject } from '../../../runtime/contract/json.ts'
import { spend, type Budget } from './budget.ts'
import { areEqual } from './canonical.ts'
import { matches, numberOf, textsIn } from './scalar.ts'
import { below, listBelow, targetOf, type Node } from './node.ts'

/** Yes, no, or not known (a format, a reference that cannot be followed, a keyword that is not judged). */
type Verdict = boolean | undefined

/** Whether one value fits a schema. `trail` holds the schemas that are asked of this very value, so that references that lead round are seen. */
export function accepts(node: Node, value: Json, budget: Budget, trail: readonly JsonObject[] = []): Verdict {
  const { schema } = node
  if (!isObject(schema)) return schema
  if (!spend(budget) || trail.includes(schema)) return undefined
  return all([
    ...Object.entries(schema).map(([keyword, limit]) => (Object.hasOwn(asserted, keyword) ? asserted[keyword]?.(limit, value, schema) : true)),
    inPlace(node, schema, value, budget, [...trail, schema]),
    ...(isObject(value) ? inObject(node, schema, value, budget) : []),
    ...(Array.isArray(value) ? inArray(node, schema, value as readonly Json[], budget) : []),
    'unevaluatedProperties' in schema && isObject(value) ? undefined : true,
    'unevaluatedItems' in schema && Array.isArray(value) ? undefined : true,
    'format' in schema && (typeof value === 'string' || typeof value === 'number') ? undefined : true,
  ])
}

const all = (verdicts: readonly Verdict[]): Verdict => (verdicts.includes(false) ? false : verdicts.includes(undefined) ? undefined : true)
const any = (verdicts: readonly Verdict[]): Verdict => (verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false)
const not = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict)

const isNumber = (value: Json): boolean => typeof value === 'number' || isRawNumber(value)

function hasType(type: Json, value: Json): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return isNumber(value) && Number.isInteger(numberOf(value))
    case 'number':
      return isNumber(value)
    default:
      return typeof value === type
  }
}

type Assertion = (limit: Json, value: Json, schema: JsonObject) => Verdict

const whereNumber =
  (fits: (value: number, limit: number) => Verdict): Assertion =>
  (limit, value) =>
    !isNumber(value) || fits(numberOf(value), numberOf(limit))
const whereString =
  (fits: (length: number, limit: number) => boolean): Assertion =>
  (limit, value) =>
    typeof value !== 'string' || fits(Array.from(value).length, numberOf(limit))
const whereArray =
  (fits: (length: number, limit: number) => boolean): Assertion =>
  (limit, value) =>
    !Array.isArray(value) || fits(value.length, numberOf(limit))
const whereObject =
  (fits: (size: number, limit: number) => boolean): Assertion =>
  (limit, value) =>
    !isObject(value) || fits(Object.keys(value).length, numberOf(limit))

const most = (value: number, limit: number): boolean => value <= limit
const least = (value: number, limit: number): boolean => value >= limit

const asserted: Readonly<Record<string, Assertion | undefined>> = {
  type: (type, value) => [type].flat().some((one) => hasType(one as Json, value)),
  const: (wanted, value) => areEqual(wanted, value),
  enum: (wanted, value) => Array.isArray(wanted) && wanted.some((one: Json) => areEqual(one, value)),
  minimum: whereNumber(least),
  maximum: whereNumber(most),
  exclusiveMinimum: whereNumber((value, limit) => value > limit),
  exclusiveMaximum: whereNumber((value, limit) => value < limit),
  // Remainders of fractions are rounded, so only whole numbers are judged.
  multipleOf: whereNumber((value, step) => (Number.isInteger(value) && Number.isInteger(step) ? value % step === 0 : undefined)),
  minLength: whereString(least),
  maxLength: whereString(most),
  pattern: (pattern, value) => typeof value !== 'string' || matches(String(pattern), value),
  minItems: whereArray(least),
  maxItems: whereArray(most),
  uniqueItems: (wanted, value) =>
    wanted !== true || !Array.isArray(value) || value.every((item: Json, index) => !value.slice(0, index).some((one: Json) => areEqual(one, item))),
  minProperties: whereObject(least),
  maxProperties: whereObject(most),
  required: (names, value) => !isObject(value) || textsIn(names).every((name) => Object.hasOwn(value, name)),
  dependentRequired: (needs, value) =>
    !isObject(value) ||
    Object.entries(isObject(needs) ? needs : {}).every(
      ([name, needed]) => !Object.hasOwn(value, name) || textsIn(needed).every((one) => Object.hasOwn(value, one)),
    ),
}

function inPlace(node: Node, schema: JsonObject, value: Json, budget: Budget, trail: readonly JsonObject[]): Verdict {
  const each = (keyword: string): readonly Verdict[] => listBelow(node, schema[keyword]).map((one) => accepts(one, value, budget, trail))
  const inner = (keyword: string): Verdict => {
    const one = below(node, schema[keyword])
    return one === undefined ? true : accepts(one, value, budget, trail)
  }
  const target = targetOf(node, schema['$ref'])
  return all([
    schema['$ref'] === undefined ? true : target && accepts(target, value, budget, trail),
    schema['$dynamicRef'] === undefined ? true : undefined,
    all(each('allOf')),
    schema['anyOf'] === undefined ? true : any(each('anyOf')),
    schema['oneOf'] === undefined ? true : exactlyOne(each('oneOf')),
    schema['not'] === undefined ? true : not(inner('not')),
    ...dependent(node, schema, value, budget, trail),
    schema['if'] === undefined ? true : conditional(inner('if'), inner('then'), inner('else')),
  ])
}

function dependent(node: Node, { dependentSchemas }: JsonObject, value: Json, budget: Budget, trail: readonly JsonObject[]): readonly Verdict[] {
  if (!isObject(dependentSchemas) || !isObject(value)) return []
  return Object.entries(dependentSchemas).flatMap(([name, inner]) => {
    const one = Object.hasOwn(value, name) ? below(node, inner) : undefined
    return one ? [accepts(one, value, budget, trail)] : []
  })
}

function exactlyOne(verdicts: readonly Verdict[]): Verdict {
  const yes = verdicts.filter((verdict) => verdict === true).length
  if (yes > 1) return false
  return verdicts.includes(undefined) ? undefined : yes === 1
}

function conditional(condition: Verdict, then: Verdict, otherwise: Verdict): Verdict {
  if (condition === undefined) return then === true && otherwise === true ? true : undefined
  return condition ? then : otherwise
}

function inObject(node: Node, schema: JsonObject, value: JsonObject, budget: Budget): readonly Verdict[] {
  const { properties, patternProperties, additionalProperties, propertyNames } = schema
  const patterns = isObject(patternProperties) ? Object.entries(patternProperties) : []
  const verdicts: Verdict[] = []
  const judge = (inner: Json | undefined, part: Json): void => {
    const one = below(node, inner)
    if (one) verdicts.push(accepts(one, part, budget))
  }
  for (const [name, part] of Object.entries(value)) {
    const isDeclared = isObject(properties) && Object.hasOwn(properties, name)
    if (isDeclared) judge(properties[name], part)
    const found = patterns.map(([pattern, inner]) => ({ fits: matches(pattern, name), inner }))
    for (const { inner } of found.filter(({ fits }) => fits === true)) judge(inner, part)
    if (found.some(({ fits }) => fits === undefined)) verdicts.push(undefined)
    else if (!isDeclared && !found.some(({ fits }) => fits)) judge(additionalProperties, part)
    judge(propertyNames, name)
  }
  return verdicts
}

function inArray(node: Node, schema: JsonObject, value: readonly Json[], budget: Budget): readonly Verdict[] {
  const first = listBelow(node, schema['prefixItems'])
  const rest = below(node, schema['items'])
  const verdicts = value.map((item, index) => {
    const one = first[index] ?? rest
    return one === undefined ? true : accepts(one, item, budget)
  })
  const contained = below(node, schema['contains'])
  if (contained === undefined) return verdicts
  const found = value.map((item) => accepts(contained, item, budget))
  if (found.includes(undefined)) return [...verdicts, undefined]
  const { minContains = 1, maxContains = Infinity } = schema as { minContains?: number; maxContains?: number }
  const many = found.filter((one) => one === true).length
  return [...verdicts, many >= minContains && many <= maxContains]
}
