import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { compareSchemas } from '../../../../codegen/plan/schema/compare.ts'
import { isObject, type Json, type JsonObject, type JsonSchema } from '../../../../runtime/contract/json.ts'

vi.setConfig({ testTimeout: 120_000 })

const names = ['a', 'b', 'ab', 'c1']
const name = fc.constantFrom(...names)
const dictionary = <T>(key: fc.Arbitrary<string>, inner: fc.Arbitrary<T>, limits: { readonly maxKeys: number }): fc.Arbitrary<Record<string, T>> =>
  fc.dictionary(key, inner, { ...limits, noNullPrototype: true })
const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, 1, 2, 3, 5, -1, 0.5, 2.5, '', 'a', 'b', 'ab', 'abc', 'aaa', '1'),
  fc.integer({ min: -3, max: 8 }),
)
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { weight: 4, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 3, arbitrary: dictionary(name, tie('value'), { maxKeys: 3 }) },
  ),
})).value

const type = fc.constantFrom('null', 'boolean', 'integer', 'number', 'string', 'array', 'object')
const small = fc.integer({ min: 0, max: 4 })
const pattern = fc.constantFrom('^a', 'b$', '^[ab]+$', '1')
const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> => fc.array(arbitrary, { minLength: 1, maxLength: 3 })

/** One keyword with a value, of all that the comparison knows. */
const keyword = (inner: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })).map((given) => ({ type: given }) as JsonObject) },
    { weight: 2, arbitrary: some(scalar).map((list) => ({ enum: list })) },
    { weight: 1, arbitrary: value.map((one) => ({ const: one })) },
    ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map((word) => ({
      weight: 1,
      arbitrary: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.constant(0.5)).map((limit) => ({ [word]: limit }) as JsonObject),
    })),
    { weight: 1, arbitrary: fc.constantFrom(1, 2, 4).map((step) => ({ multipleOf: step })) },
    ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'].map((word) => ({
      weight: 1,
      arbitrary: small.map((limit) => ({ [word]: limit }) as JsonObject),
    })),
    { weight: 1, arbitrary: pattern.map((given) => ({ pattern: given })) },
    { weight: 1, arbitrary: fc.boolean().map((unique) => ({ uniqueItems: unique })) },
    { weight: 3, arbitrary: inner.map((items) => ({ items })) },
    { weight: 1, arbitrary: some(inner).map((prefixItems) => ({ prefixItems })) },
    { weight: 1, arbitrary: fc.tuple(inner, small).map(([contains, minContains]) => ({ contains, minContains })) },
    { weight: 6, arbitrary: dictionary(name, inner, { maxKeys: 3 }).map((properties) => ({ properties })) },
    { weight: 1, arbitrary: dictionary(pattern, inner, { maxKeys: 2 }).map((patternProperties) => ({ patternProperties })) },
    { weight: 3, arbitrary: fc.oneof(fc.boolean(), inner).map((additionalProperties) => ({ additionalProperties })) },
    { weight: 3, arbitrary: fc.uniqueArray(name, { maxLength: 2 }).map((required) => ({ required })) },
    { weight: 1, arbitrary: dictionary(name, fc.uniqueArray(name, { maxLength: 2 }), { maxKeys: 2 }).map((dependentRequired) => ({ dependentRequired })) },
    { weight: 1, arbitrary: inner.map((propertyNames) => ({ propertyNames })) },
    { weight: 1, arbitrary: dictionary(name, inner, { maxKeys: 1 }).map((dependentSchemas) => ({ dependentSchemas })) },
    ...['anyOf', 'oneOf', 'allOf'].map((word) => ({ weight: 2, arbitrary: some(inner).map((branches) => ({ [word]: branches }) as JsonObject) })),
    { weight: 1, arbitrary: inner.map((one) => ({ not: one })) },
    { weight: 1, arbitrary: fc.tuple(inner, inner, inner).map(([condition, then, otherwise]) => ({ if: condition, then, else: otherwise })) },
    { weight: 1, arbitrary: fc.boolean().map((unevaluatedProperties) => ({ unevaluatedProperties })) },
    { weight: 1, arbitrary: fc.boolean().map((unevaluatedItems) => ({ unevaluatedItems })) },
    { weight: 1, arbitrary: fc.constantFrom('#/$defs/one', '#/$defs/two', '#').map(($ref) => ({ $ref })) },
  )

const schema: fc.Arbitrary<Json> = fc.letrec<{ schema: Json }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 1, arbitrary: fc.boolean() },
    { weight: 2, arbitrary: type.map((given) => ({ type: given })) },
    { weight: 4, arbitrary: fc.array(keyword(tie('schema')), { minLength: 1, maxLength: 4 }).map((parts) => Object.assign({}, ...parts) as JsonObject) },
  ),
})).schema

const document: fc.Arbitrary<JsonObject> = fc
  .tuple(schema, schema, schema)
  .map(([main, one, two]) => ({ ...(isObject(main) ? main : { allOf: [main] }), $defs: { one, two } }))

const maps = new Set(['properties', 'patternProperties', 'dependentSchemas', 'dependentRequired', '$defs'])

/** A schema like another: some of its parts exchanged, left out, or made wider or narrower. */
function mutated(given: Json, random: () => number, parts: readonly Json[], isMap = false): Json {
  if (typeof given === 'number' && random() < 0.3) return Math.max(0, given + (random() < 0.5 ? 1 : -1))
  if (Array.isArray(given)) {
    const list = given.filter(() => random() > 0.08).map((item: Json) => mutated(item, random, parts))
    return list.length === 0 ? given : list
  }
  if (!isObject(given)) return given
  const kept = Object.entries(given).filter(([key]) => key === '$defs' || random() > 0.1)
  const changed = Object.fromEntries(
    kept.map(([key, inner]) => [key, key === '$ref' || key === 'type' ? inner : mutated(inner, random, parts, !isMap && maps.has(key))]),
  )
  return !isMap && random() < 0.1 ? { ...changed, ...(parts[Math.floor(random() * parts.length)] as JsonObject) } : changed
}

const pair: fc.Arbitrary<readonly [JsonObject, JsonObject]> = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(document, document) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(document, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), fc.array(keyword(schema), { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([one, stream, parts, isTurned]) => {
        const random = (): number => stream.next().value as number
        const other = mutated(one, random, parts) as JsonObject
        return isTurned ? ([other, one] as const) : ([one, other] as const)
      }),
  },
)

const ajv = new Ajv2020({ strict: false, logger: false, validateSchema: false, addUsedSchema: false })
const isSchema = ajv.getSchema('https://json-schema.org/draft/2020-12/schema')

/** Undefined for what ajv cannot compile, such as a reference that leads round without end. */
function validator(given: JsonSchema): ((one: Json) => boolean) | undefined {
  if (isSchema?.(given) !== true) return undefined
  try {
    const validate = ajv.compile(structuredClone(given) as JsonObject)
    return (one) => validate(one)
  } catch {
    return undefined
  }
}

/** Undefined where ajv fails over its own bookkeeping of what was evaluated. */
const fits = (validate: (one: Json) => boolean, one: Json): boolean | undefined => {
  try {
    return validate(one)
  } catch {
    return undefined
  }
}

/** Values near a schema: what it names, and parts of values, so that many of them fit. */
const valuesFor = (given: JsonObject): fc.Arbitrary<readonly Json[]> => {
  const said = constants(given)
  const near: fc.Arbitrary<Json> = said.length === 0 ? value : fc.oneof(value, fc.constantFrom(...said))
  return fc.array(fc.oneof(near, dictionary(name, near, { maxKeys: 4 }), fc.array(near, { maxLength: 4 })), { minLength: 20, maxLength: 40 })
}

function constants(given: Json): readonly Json[] {
  if (Array.isArray(given)) return given.flatMap((item: Json) => constants(item))
  if (!isObject(given)) return []
  const own = [...(given['const'] === undefined ? [] : [given['const']]), ...(Array.isArray(given['enum']) ? (given['enum'] as readonly Json[]) : [])]
  return [...own, ...Object.values(given).flatMap(constants)]
}

// PLAN_RUNS and PLAN_SEED look longer, and elsewhere.
const runs = { numRuns: Number(process.env['PLAN_RUNS'] ?? 700), seed: Number(process.env['PLAN_SEED'] ?? 20_260_728) }

/** Runs `judge` on random pairs with values for them, and tells how many it had something to say of. */
function overPairs(
  pairs: typeof pair,
  judge: (before: JsonObject, after: JsonObject, values: readonly Json[]) => number | undefined,
): { readonly judged: number; readonly values: number } {
  let [judged, values] = [0, 0]
  fc.assert(
    fc.property(
      pairs.chain(([before, after]) => fc.tuple(fc.constant(before), fc.constant(after), valuesFor(before))),
      ([before, after, given]) => {
        const seen = judge(before, after, given)
        if (seen === undefined) return
        judged += 1
        values += seen
      },
    ),
    runs,
  )
  return { judged, values }
}

/** Every value that fits one schema must fit the other; how many did. */
function mustFit(from: JsonSchema, to: JsonSchema, values: readonly Json[]): number | undefined {
  const [one, other] = [validator(from), validator(to)]
  if (!one || !other) return undefined
  const fitting = values.filter((value) => fits(one, value) === true)
  for (const value of fitting) expect({ value, fits: fits(other, value) ?? true }).toEqual({ value, fits: true })
  return fitting.length
}

/** The same schema, with nothing in its objects but what is described; maps of any names stay. */
function closed(given: Json, isRoot = false): Json {
  if (Array.isArray(given)) return given.map((item: Json) => closed(item))
  if (!isObject(given)) return given
  const inner = Object.fromEntries(Object.entries(given).map(([key, part]) => [key, key === 'const' || key === 'enum' ? part : closed(part)]))
  return (isRoot || 'properties' in given) && !('additionalProperties' in given) ? { ...inner, additionalProperties: false } : inner
}

// Closing the branches of a union refuses what its neighbours describe, so unions are left out where schemas are closed.
const isSimple = (given: Json): boolean => !/"(?:allOf|anyOf|oneOf|not|if|dependentSchemas|\$ref|unevaluated\w+)"/.test(JSON.stringify(given))

describe('what the comparison calls compatible is, by ajv', () => {
  const isBreaking = (changes: ReturnType<typeof compareSchemas>): boolean => changes.some(({ verdict }) => verdict === 'breaking')

  test('for callers: every value that fitted the old input fits the new one', () => {
    const { judged, values } = overPairs(pair, (before, after, given) =>
      isBreaking(compareSchemas(before, after, 'input', { isStrict: true })) ? undefined : mustFit(before, after, given),
    )
    expect(judged).toBeGreaterThan(runs.numRuns / 20)
    expect(values).toBeGreaterThan(runs.numRuns / 2)
  })

  test('for readers of answers: every value that fits the new output fitted the old one', () => {
    const turned = pair.map(([one, other]) => [other, one] as const)
    const { judged, values } = overPairs(turned, (after, before, given) =>
      isBreaking(compareSchemas(before, after, 'output')) ? undefined : mustFit(after, before, given),
    )
    expect(judged).toBeGreaterThan(runs.numRuns / 20)
    expect(values).toBeGreaterThan(runs.numRuns / 2)
  })

  test('an optional input that is new is compatible for callers who send what is described', () => {
    const simple = pair.filter((both) => both.every(isSimple))
    const { judged, values } = overPairs(simple, (before, after, given) => {
      const changes = compareSchemas(before, after, 'input')
      if (isBreaking(changes) || changes.some(({ message }) => message.includes('fills in'))) return undefined
      return mustFit(closed(before, true) as JsonObject, after, given)
    })
    expect(judged).toBeGreaterThan(runs.numRuns / 20)
    expect(values).toBeGreaterThan(runs.numRuns / 2)
  })
})
