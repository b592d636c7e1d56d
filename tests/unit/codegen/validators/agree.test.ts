import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Json, JsonObject, JsonSchema } from '../../../../runtime/contract/json.ts'
import { parseJson } from '../../../../runtime/contract/json.ts'
import { compileAlone, createOutputAjv } from '../../../../runtime/manifest/validator.ts'
import { createValidate } from '../../../../runtime/registry/arguments.ts'
import { createGeneratedChecks } from '../../../../runtime/registry/generated.ts'
import { connector, tool } from '../../../fixtures/plan.ts'
import { folderOf, keepingLog, outputsOf } from './generated.ts'

const names = fc.constantFrom('a', 'b', 'c', 'a/b', 'a~b', 'x y', 'ü', "it's", '"', '`${1}`', '*/', '__proto__', 'constructor', 'toString', '\u2028', 'const')
const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.integer({ min: -5, max: 20 }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -3, max: 3 }),
  fc.boolean(),
  fc.constant(null),
  names,
)
// As they come from a file: `__proto__` is a key like any other, which a literal would not make it.
const maps = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> =>
  fc.uniqueArray(fc.tuple(names, value), { selector: ([name]) => name, maxLength: 4 }).map((entries) => Object.fromEntries(entries))

const { value: anyValue } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), maps(tie('value'))),
}))

const formats = fc.constantFrom(
  'date-time',
  'date',
  'time',
  'email',
  'uri',
  'uuid',
  'ipv4',
  'hostname',
  'regex',
  'int32',
  'int64',
  'byte',
  'duration',
  'unknown-format',
)
const patterns = fc.constantFrom('^[a-z]+$', '"', '`', '\\d', '^.{2}$', '[^\\u2028]', '\\/', '^\\p{L}')
const bound = fc.integer({ min: 0, max: 4 })
const scalarNumber = fc.integer({ min: -2, max: 5 })

const { schema: anySchema } = fc.letrec<{ schema: Json }>((tie) => {
  const inner = tie('schema')
  const some = <Value>(key: string, value: fc.Arbitrary<Value>): fc.Arbitrary<JsonObject> => value.map((one) => ({ [key]: one }) as JsonObject)
  const word: fc.Arbitrary<JsonObject> = fc.oneof(
    some('type', fc.constantFrom('string', 'number', 'integer', 'boolean', 'object', 'array', 'null', ['string', 'null'], ['object', 'array'])),
    some(
      'enum',
      fc.uniqueArray(fc.oneof(scalar, anyValue), { minLength: 1, maxLength: 4, comparator: (one, other) => JSON.stringify(one) === JSON.stringify(other) }),
    ),
    some('const', anyValue),
    some('default', anyValue),
    some('format', formats),
    some('pattern', patterns),
    some('minLength', bound),
    some('maxLength', bound),
    some('minimum', scalarNumber),
    some('exclusiveMaximum', scalarNumber),
    some('multipleOf', fc.constantFrom(1, 2, 0.5)),
    some('minItems', bound),
    some('maxItems', bound),
    some('uniqueItems', fc.boolean()),
    some('items', inner),
    some('prefixItems', fc.array(inner, { minLength: 1, maxLength: 3 })),
    fc.tuple(inner, bound, bound).map(([contains, minContains, more]) => ({ contains, minContains, maxContains: minContains + more })),
    some('properties', maps(inner)),
    some(
      'patternProperties',
      fc.tuple(patterns, inner).map(([pattern, one]) => ({ [pattern]: one })),
    ),
    some('additionalProperties', fc.oneof(fc.constant(false), inner)),
    some('unevaluatedProperties', fc.oneof(fc.constant(false), inner)),
    some('unevaluatedItems', fc.oneof(fc.constant(false), inner)),
    some('propertyNames', inner),
    some('required', fc.uniqueArray(names, { maxLength: 3 })),
    some('dependentRequired', maps(fc.uniqueArray(names, { maxLength: 2 }))),
    some('dependentSchemas', maps(inner)),
    some('minProperties', bound),
    some('maxProperties', bound),
    some('anyOf', fc.array(inner, { minLength: 1, maxLength: 3 })),
    some('oneOf', fc.array(inner, { minLength: 1, maxLength: 3 })),
    some('allOf', fc.array(inner, { minLength: 1, maxLength: 3 })),
    some('not', inner),
    fc.tuple(inner, inner, inner).map(([test, then, other]) => ({ if: test, then, else: other })),
    some('$ref', fc.constantFrom('#', '#/$defs/a', '#/$defs/b')),
    some('description', names),
    some('x-own', anyValue),
  )
  return {
    schema: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.boolean(),
      fc.array(word, { minLength: 1, maxLength: 3 }).map((words): Json => Object.fromEntries(words.flatMap((one) => Object.entries(one)))),
    ),
  }
})
const rooted = fc
  .tuple(anySchema, maps(anySchema), anySchema, anySchema)
  .map(([root, properties, a, b]): JsonSchema => ({ type: 'object', ...(typeof root === 'object' ? (root as JsonObject) : { properties }), $defs: { a, b } }))

const hard: readonly JsonSchema[] = [
  true,
  false,
  { type: 'object', properties: { child: { $ref: '#' }, n: { type: 'integer', default: 1 } }, additionalProperties: false },
  { $id: 'https://one.example/a', type: 'object', properties: { v: { $ref: 'b' } }, $defs: { b: { $id: 'b', type: 'string', minLength: 2 } } },
  { $id: 'https://one.example/a', type: 'object', properties: { v: { $ref: '#point' } }, $defs: { p: { $anchor: 'point', type: 'object', required: ['x'] } } },
  { $id: 'tree', $dynamicAnchor: 'node', type: 'object', properties: { v: { items: { $dynamicRef: '#node' } } }, unevaluatedProperties: false },
  { $async: true, type: 'object', properties: { v: { type: 'string' }, $async: { type: 'string' } } },
  { type: 'object', properties: { v: { $ref: 'https://json-schema.org/draft/2020-12/schema' } } },
  { type: 'object', description: '*/ `${process.exit()}` \u2028 </script>', properties: { v: { const: { ['__proto__']: 1 } as JsonObject } } },
  parseJson(
    '{"type":"object","properties":{"v":{"enum":[{"__proto__":{"a":1}},{"a":"\\"__proto__\\":"}]},"__proto__":{"type":"string"}},"additionalProperties":false}',
  ) as JsonObject,
  { type: 'object', properties: { v: { type: 'string', formatMinimum: '2020-01-01', format: 'date' } } },
]

const verdict = (validate: ReturnType<typeof createValidate>, args: JsonObject): string => {
  // Each way is handed its own copy, since defaults are laid into it.
  const own = parseJson(JSON.stringify(args)) as JsonObject
  try {
    return JSON.stringify(validate(own))
  } catch (error) {
    return `throws ${String(error)}`
  }
}

const said = (ask: () => unknown): unknown => {
  try {
    return ask()
  } catch (error) {
    return String(error)
  }
}

const objects = maps(anyValue) as fc.Arbitrary<JsonObject>
const hardObjects: fc.Arbitrary<JsonObject> = fc.oneof(
  objects,
  anyValue.map((v) => ({ v })),
  anyValue.map((v) => ({ v: { x: v, properties: v }, child: { child: { n: v } } })),
  fc
    .constantFrom(
      '{"v":{"__proto__":1}}',
      '{"v":{"__proto__":{"a":1}}}',
      '{"v":{"a":"\\"__proto__\\":"}}',
      '{"__proto__":5}',
      '{"v":"2019-01-01"}',
      '{"v":[{"v":[1]}]}',
      '{"v":12345678901234567890}',
    )
    .map((text) => parseJson(text) as JsonObject),
)

describe('generated and compiled checks', () => {
  const removes: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const remove of removes) await remove()
  })

  async function generated(schemas: readonly JsonSchema[], name: string) {
    const spec = connector(name, { tools: schemas.map((schema, index) => tool(name, `t${index}`, { input: schema, output: schema })) })
    const { folder, remove } = await folderOf(await outputsOf([spec]))
    removes.push(remove)
    const log = keepingLog()
    const find = createGeneratedChecks(join(folder, 'validators'), log)(spec)
    const module = createRequire(import.meta.url)(join(folder, 'validators', `${name}.js`)) as {
      readonly tools: Readonly<Record<string, { output?: (value: unknown) => boolean }>>
    }
    return { find, log, tools: module.tools }
  }

  test('agree on the verdict, the defaults laid and every word of every fault, for random schemas and arguments', { timeout: 60_000 }, async () => {
    const schemas = fc.sample(rooted, { numRuns: 250, seed: 7 })
    const { find, log } = await generated(schemas, 'random')
    const accepted = new Set<number>()
    const refused = new Set<number>()
    for (const [index, schema] of schemas.entries()) {
      const check = find(`t${index}`)
      const compiled = createValidate(schema)
      const written = createValidate(schema, () => check)
      fc.assert(
        fc.property(objects, (args) => {
          const expected = verdict(compiled, args)
          // What the validator refuses to compile has no generated check, and is refused the same way.
          if (check === undefined) expect(expected).toMatch(/^throws/)
          expect(verdict(written, args)).toBe(expected)
          if (expected.startsWith('{"args"')) accepted.add(index)
          else if (check) refused.add(index)
        }),
        { numRuns: 12, seed: index },
      )
    }
    expect(log.said).toEqual([])
    expect(accepted.size).toBeGreaterThan(50)
    expect(refused.size).toBeGreaterThan(100)
  })

  describe('of schemas that are hard to write out', () => {
    let made: Awaited<ReturnType<typeof generated>>
    beforeAll(async () => {
      made = await generated(hard, 'hard')
    })

    test.each(hard.map((schema, index) => ({ index, name: JSON.stringify(schema).slice(0, 90) })))('agree: $name', ({ index }) => {
      const schema = hard[index] as JsonSchema
      const check = made.find(`t${index}`)
      expect(check).toBeTypeOf('function')
      const compiled = createValidate(schema)
      const written = createValidate(schema, () => check)
      fc.assert(
        fc.property(hardObjects, (args) => {
          expect(verdict(written, args)).toBe(verdict(compiled, args))
        }),
        { numRuns: 150 },
      )
    })

    test('check answers too, and change nothing in them', () => {
      for (const [index, schema] of hard.entries()) {
        const check = compileAlone(createOutputAjv(), schema)
        fc.assert(
          fc.property(hardObjects, (answer) => {
            const before = JSON.stringify(answer)
            expect(said(() => made.tools[`t${index}`]?.output?.(answer))).toBe(said(() => check(answer)))
            expect(JSON.stringify(answer)).toBe(before)
          }),
          { numRuns: 30 },
        )
      }
    })
  })

  test('an upstream’s word $async neither lets everything pass nor leaves a promise behind', () => {
    const validate = createValidate({ $async: true, type: 'object', properties: { a: { type: 'string' } } })
    expect(validate({ a: 5 })).toEqual({ faults: [{ path: 'a', message: 'must be string, got 5' }] })
  })
})
