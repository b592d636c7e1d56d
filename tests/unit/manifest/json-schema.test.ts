import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../runtime/contract/json.ts'
import { toCurrentDialect } from '../../../runtime/manifest/dialect.ts'
import { schemaCheck } from '../../../runtime/manifest/json-schema.ts'
import { isPlainSchema } from '../../../runtime/manifest/plain-schema.ts'

const check = schemaCheck()
const ajv = new Ajv2020({ strict: false, logger: false })
const compiles = (schema: Json): boolean => {
  try {
    ajv.compile(schema as object)
    return true
  } catch {
    return false
  } finally {
    if (typeof schema !== 'boolean' && !Array.isArray(schema)) ajv.removeSchema(schema as object)
  }
}

describe('a schema', () => {
  test.each<[string, Json]>([
    ['true', true],
    ['nothing at all', {}],
    ['recursion through properties', { $defs: { node: { properties: { next: { $ref: '#/$defs/node' } } } }, $ref: '#/$defs/node' }],
    ['recursion to itself', { type: 'object', properties: { child: { $ref: '#' } } }],
    ['an anchor', { $defs: { a: { $anchor: 'here', type: 'string' } }, properties: { x: { $ref: '#here' } } }],
    ['properties named like keywords', { properties: { $ref: { type: 'string' }, pattern: { type: 'string' }, id: { type: 'string' } } }],
    ['a $ref inside data', { default: { $ref: 'kept' }, examples: [{ pattern: '(' }] }],
    ['an unknown format and an unknown keyword', { type: 'string', format: 'ticker', 'x-mcp-header': 'Region' }],
    ['the dialect named', { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' }],
  ])('with %s is sound', (_name, schema) => {
    expect(check(schema)).toEqual([])
    expect(compiles(schema)).toBe(true)
  })

  test.each<[string, Json, readonly (string | number)[]]>([
    ['a type that is none', { properties: { a: { type: 'strnig' } } }, ['properties', 'a', 'type']],
    ['required that is no list', { required: 'a' }, ['required']],
    ['a pattern that is none', { properties: { a: { pattern: '[a-' } } }, ['properties', 'a', 'pattern']],
    ['a pattern among patternProperties', { patternProperties: { '(': {} } }, ['patternProperties', '(']],
    ['a reference to nothing', { properties: { a: { $ref: '#/$defs/none' } } }, ['properties', 'a', '$ref']],
    ['a reference that is not even a pointer', { $ref: '#/%' }, ['$ref']],
    ['a circle of references', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { allOf: [{ $ref: '#/$defs/a' }] } } }, ['$ref']],
    ['another dialect', { $schema: 'http://json-schema.org/draft-07/schema#' }, ['$schema']],
    ['an anchor nobody set', { $ref: '#nowhere' }, []],
    ['an empty enumeration', { properties: { a: { enum: [] } } }, []],
    ['nullable without a type', { properties: { a: { nullable: true } } }, []],
    ['id for $id', { id: 'x', type: 'string' }, []],
    ['half a text behind its comma', { properties: { a: { description: 'What it is', 'in a word.': null } } }, ['properties', 'a', 'in a word.']],
    ['a list', [], []],
  ])('with %s is told of, at its place', (_name, schema, path) => {
    const [first] = check(schema)
    expect(first?.path).toEqual(path)
    expect(first?.message).not.toMatch(/undefined|\n/)
  })

  test('that the check lets pass compiles', { timeout: 60_000 }, () => {
    const name = fc.constantFrom('a', 'b', 'type', 'enum', 'id', '$ref')
    const { schema } = fc.letrec<{ schema: Json }>((tie) => ({
      schema: fc.oneof(
        { depthSize: 'small' },
        fc.boolean(),
        fc.record<Record<string, Json>>(
          {
            type: fc.constantFrom<Json>('string', 'object', 'array', 'integer', ['string', 'null'], 'nonsense'),
            $ref: fc.constantFrom('#', '#/$defs/a', '#/$defs/b', '#/properties/a', '#a'),
            $defs: fc.dictionary(name, tie('schema'), { maxKeys: 3 }) as fc.Arbitrary<Json>,
            properties: fc.dictionary(name, tie('schema'), { maxKeys: 3 }) as fc.Arbitrary<Json>,
            patternProperties: fc.dictionary(fc.constantFrom('^a', '(', '\\d+', '\\p{L}'), tie('schema'), { maxKeys: 2 }) as fc.Arbitrary<Json>,
            items: tie('schema'),
            prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
            anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
            allOf: fc.array(tie('schema'), { maxLength: 2 }),
            not: tie('schema'),
            if: tie('schema'),
            then: tie('schema'),
            additionalProperties: tie('schema'),
            unevaluatedProperties: tie('schema'),
            enum: fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 2 }),
            const: fc.constantFrom<Json>('x', 1, null, { $ref: 'x' }),
            pattern: fc.constantFrom('^a$', '[', '(?<n>a)\\k<n>', '\\_'),
            required: fc.uniqueArray(name, { maxLength: 2 }),
            minimum: fc.oneof(fc.integer(), fc.constant<Json>('1')),
            multipleOf: fc.integer({ min: -1, max: 3 }),
            format: fc.constantFrom('date-time', 'uri', 'nonsense'),
            minContains: fc.integer({ min: 0, max: 2 }),
            contains: tie('schema'),
            dependentRequired: fc.dictionary(name, fc.uniqueArray(name)) as fc.Arbitrary<Json>,
            nullable: fc.boolean(),
            default: fc.constantFrom<Json>(1, { pattern: '(' }),
          },
          { requiredKeys: [] },
        ),
      ) as fc.Arbitrary<Json>,
    }))
    let passed = 0
    fc.assert(
      fc.property(schema, (one) => {
        if (isPlainSchema(one)) expect(ajv.validateSchema(one as object)).toBe(true)
        if (check(one).length > 0) return
        passed++
        expect(compiles(one)).toBe(true)
      }),
      { numRuns: 250 },
    )
    expect(passed).toBeGreaterThan(25)
  })
})

describe('a schema of an older draft', () => {
  const draft7 = 'http://json-schema.org/draft-07/schema#'

  test('is put into the words of 2020-12', () => {
    const schema = {
      $schema: draft7,
      properties: { pair: { items: [{ type: 'string' }], additionalItems: false }, list: { items: { type: 'string' } } },
      dependencies: { a: ['b'], c: { required: ['d'] } },
      minimum: 1,
      exclusiveMinimum: true,
    }
    expect(toCurrentDialect(schema)).toEqual({
      properties: { pair: { prefixItems: [{ type: 'string' }], items: false }, list: { items: { type: 'string' } } },
      dependentRequired: { a: ['b'] },
      dependentSchemas: { c: { required: ['d'] } },
      exclusiveMinimum: 1,
    })
  })

  test('keeps properties that are named like keywords, and data', () => {
    const schema = { $schema: draft7, properties: { items: { type: 'array' }, dependencies: { type: 'object' } }, default: { items: [1] } }
    expect(toCurrentDialect(schema)).toEqual({ properties: schema.properties, default: schema.default })
  })

  test('of today is left as it is', () => {
    const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{}] }
    expect(toCurrentDialect(schema)).toBe(schema)
  })
})
