import { describe, expect, test } from 'vitest'
import { compareSchemas } from '../../../../codegen/plan/schema/compare.ts'
import { rawNumber, type Json, type JsonObject } from '../../../../runtime/contract/json.ts'

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more })
const told = (before: JsonObject, after: JsonObject, direction: 'input' | 'output' = 'input'): readonly string[] =>
  compareSchemas(before, after, direction).map(({ verdict, path, message }) => `${verdict} ${path}: ${message}`)
const field = (before: Json, after: Json, direction: 'input' | 'output' = 'input'): readonly string[] =>
  told(object({ x: before }), object({ x: after }), direction)

describe('one keyword', () => {
  const cases: readonly { readonly name: string; readonly before: Json; readonly after: Json; readonly says: readonly string[] }[] = [
    { name: 'another type', before: { type: 'string' }, after: { type: 'integer' }, says: ['breaking x: type string → integer'] },
    { name: 'null as well, by a list', before: { type: 'string' }, after: { type: ['string', 'null'] }, says: ['compatible x: also takes null'] },
    {
      name: 'null as well, by anyOf',
      before: { type: 'string' },
      after: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      says: ['compatible x: also takes null'],
    },
    { name: 'no fractions', before: { type: 'number' }, after: { type: 'integer' }, says: ['breaking x: type number → integer'] },
    {
      name: 'above 0 is at least 1',
      before: { type: 'integer', minimum: 1 },
      after: { type: 'integer', exclusiveMinimum: 0 },
      says: ['wording : written in another way; the same values fit'],
    },
    {
      name: 'above 0.5 is at least 1',
      before: { type: 'integer', exclusiveMinimum: 0.5 },
      after: { type: 'integer', minimum: 1 },
      says: ['wording : written in another way; the same values fit'],
    },
    {
      name: 'above 0 is not at least 1 of fractions',
      before: { type: 'number', exclusiveMinimum: 0 },
      after: { type: 'number', minimum: 1 },
      says: ['breaking x: minimum above 0 → 1'],
    },
    {
      name: 'a range and its numbers',
      before: { type: 'integer', minimum: 1, maximum: 3 },
      after: { enum: [1, 2, 3] },
      says: ['wording : written in another way; the same values fit'],
    },
    { name: 'const and enum', before: { const: 'a' }, after: { enum: ['a', 'b'] }, says: ['compatible x: also takes "b"'] },
    {
      name: 'enum with a description',
      before: { enum: ['a', 'b'], description: 'One.' },
      after: { enum: ['a', 'c'], description: 'One.' },
      says: ['breaking x: no longer takes "b"', 'compatible x: also takes "c"'],
    },
    { name: 'multiples', before: { type: 'integer', multipleOf: 6 }, after: { type: 'integer', multipleOf: 3 }, says: ['compatible x: multipleOf 6 → 3'] },
    {
      name: 'a format of whole numbers',
      before: { type: 'integer' },
      after: { type: 'integer', format: 'int64' },
      says: ['wording : written in another way; the same values fit'],
    },
    {
      name: 'digits no double holds',
      before: { type: 'integer', maximum: 10 },
      after: { type: 'integer', maximum: rawNumber('9223372036854775807') },
      says: ['compatible x: maximum 10 → 9223372036854776000'],
    },
    { name: 'unlike items', before: { type: 'array' }, after: { type: 'array', uniqueItems: true }, says: ['breaking x: items must differ from each other'] },
    {
      name: 'a tuple',
      before: { prefixItems: [{ type: 'string' }], items: false, type: 'array' },
      after: { prefixItems: [{ type: 'integer' }], items: false, type: 'array' },
      says: ['breaking x[0]: type string → integer'],
    },
    {
      name: 'names by pattern',
      before: { type: 'object', patternProperties: { '^a': { type: 'integer' } } },
      after: { type: 'object', patternProperties: { '^a': { type: 'number' } } },
      says: ['compatible x.*: type integer → number'],
    },
    {
      name: 'a map of values',
      before: { type: 'object', additionalProperties: { type: 'number' } },
      after: { type: 'object', additionalProperties: { type: 'integer' } },
      says: ['breaking x.*: type number → integer'],
    },
    {
      name: 'what a name needs beside it',
      before: object({ a: {}, b: {} }),
      after: object({ a: {}, b: {} }, { dependentRequired: { a: ['b'] } }),
      says: ['breaking x.a: asks for "b" beside it'],
    },
    {
      name: 'nothing may be text',
      before: { type: ['integer', 'null'] },
      after: { not: { type: 'string' } },
      says: ['compatible x: also takes boolean | array | object | number'],
    },
    {
      name: 'a property called title',
      before: object({ title: { type: 'string' } }),
      after: object({ title: { type: 'integer' } }),
      says: ['breaking x.title: type string → integer'],
    },
  ]
  test.each(cases)('$name', ({ before, after, says }) => expect(field(before, after)).toEqual(says))
})

test('the same narrowing breaks who sends and suits who reads', () => {
  const [wide, narrow] = [
    { type: 'string', maxLength: 9 },
    { type: 'string', maxLength: 5 },
  ]
  expect(field(wide, narrow)).toEqual(['breaking x: maxLength 9 → 5'])
  expect(field(wide, narrow, 'output')).toEqual(['compatible x: maxLength 9 → 5'])
  expect(field(narrow, wide, 'output')).toEqual(['breaking x: maxLength 5 → 9'])
})

describe('names', () => {
  const open = object({ a: { type: 'string' } })
  const shut = object({ a: { type: 'string' } }, { additionalProperties: false })
  const more = object({ a: { type: 'string' }, b: { type: 'integer' } })
  test.each([
    { name: 'one more, optional', before: open, after: more, says: ['compatible b: is new and optional'] },
    { name: 'one more, required', before: open, after: { ...more, required: ['b'] }, says: ['breaking b: is new and required'] },
    {
      name: 'one more, filled in',
      before: open,
      after: { ...object({ a: { type: 'string' }, b: { default: 1 } }), required: ['b'] },
      says: ['compatible b: is new and required; the hub fills in its default'],
    },
    { name: 'one less where others are refused', before: { ...more, additionalProperties: false }, after: shut, says: ['breaking b: is no longer taken'] },
    { name: 'closed', before: open, after: shut, says: ['breaking : closed: names that are not described are refused'] },
    { name: 'opened', before: shut, after: open, says: ['compatible : opened: names that are not described may stand there too'] },
    {
      name: 'odd ones',
      before: object({ 'a b"': { type: 'string' } }),
      after: object({ 'a b"': { type: 'null' } }),
      says: [String.raw`breaking ["a b\""]: type string → null`],
    },
  ])('$name', ({ before, after, says }) => expect(told(before, after)).toEqual(says))

  test('a name that answers no longer have is missed, optional or not', () => {
    expect(told(more, open, 'output')).toEqual(['breaking b: is no longer described'])
    expect(told({ ...more, additionalProperties: false }, shut, 'output')).toEqual(['breaking b: is no longer answered'])
    expect(told({ ...more, required: ['b'] }, open, 'output')).toEqual(['breaking b: was always there and is gone'])
  })

  test('strictly, who sends what is not described is counted', () => {
    expect(compareSchemas(open, more, 'input', { isStrict: true }).map(({ verdict }) => verdict)).toEqual(['breaking'])
  })
})

describe('what refers to itself', () => {
  const tree = (value: Json): JsonObject => ({
    $ref: '#/$defs/node',
    $defs: { node: object({ value, kids: { type: 'array', items: { $ref: '#/$defs/node' } } }) },
  })
  test('is compared to its end', () => {
    expect(told(tree({ type: 'integer' }), tree({ type: 'number' })).every((line) => line.startsWith('compatible'))).toBe(true)
    expect(told(tree({ type: 'number' }), tree({ type: 'integer' }))).toContain('breaking value: type number → integer')
  })
  test('is the same when a definition has another name', () => {
    const renamed = JSON.parse(JSON.stringify(tree({ type: 'integer' })).replaceAll('node', 'knot')) as JsonObject
    expect(told(tree({ type: 'integer' }), renamed)).toEqual(['wording : written in another way; the same values fit'])
  })
  test('and leads round without end is said not to be told', () => {
    const round = { anyOf: [{ $ref: '#' }, { $ref: '#/$defs/a' }], $defs: { a: { allOf: [{ $ref: '#' }] } } }
    expect(compareSchemas(object({}), round, 'input').some(({ isUntold }) => isUntold)).toBe(true)
  })
})

describe('what cannot be told is treated as breaking', () => {
  test.each<{ readonly name: string; readonly before: JsonObject; readonly after: JsonObject }>([
    { name: 'patterns', before: { type: 'string', pattern: '^a+$' }, after: { type: 'string', pattern: '^a*$' } },
    { name: 'references elsewhere', before: { type: 'string' }, after: { $ref: 'https://example.com/schema' } },
    { name: 'references inside another $id', before: { type: 'string' }, after: { $ref: '#/$defs/a', $defs: { a: { $id: 'urn:a', type: 'string' } } } },
    { name: 'dynamic references', before: { type: 'string' }, after: { $dynamicRef: '#meta' } },
    {
      name: 'what is unevaluated',
      before: { type: 'object', allOf: [{ properties: { a: {} } }] },
      after: { type: 'object', allOf: [{ properties: { a: {} } }], unevaluatedProperties: false },
    },
    {
      name: 'alternatives that cover only together',
      before: { type: 'integer', minimum: 0 },
      after: {
        anyOf: [
          { type: 'integer', minimum: 5 },
          { type: 'integer', maximum: 6 },
        ],
      },
    },
  ])('$name', ({ before, after }) => {
    const changes = compareSchemas(before, after, 'input')
    expect(changes).toContainEqual(expect.objectContaining({ verdict: 'breaking', isUntold: true }))
    expect(changes.find(({ isUntold }) => isUntold)?.message).toContain('cannot be told, treated as breaking')
  })
})

test('a schema that is none, as a server elsewhere may send, is compared without a fault', () => {
  const odd = {
    type: 7,
    required: 'x',
    properties: [1],
    enum: {},
    anyOf: 3,
    dependentRequired: { a: 1 },
    pattern: '(',
    items: 'x',
    minimum: 'y',
  } as unknown as JsonObject
  expect(() => compareSchemas(odd, object({ x: {} }), 'input')).not.toThrow()
  expect(() => compareSchemas(object({ x: { const: 1 } }), { ...odd, properties: { x: odd } }, 'output')).not.toThrow()
})

test('a large schema is compared to its end', () => {
  const one = (limit: number): Json => ({
    anyOf: [
      { type: 'string', maxLength: limit },
      { type: 'array', items: object({ x: { type: 'integer' } }) },
    ],
  })
  const wide = (limit: number): JsonObject => object(Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`field${index}`, one(limit)])))
  expect(compareSchemas(wide(5), wide(6), 'input').every(({ verdict }) => verdict === 'compatible')).toBe(true)
})

test.each<{ readonly name: string; readonly schema: (limit: number) => JsonObject }>([
  {
    name: 'unions of unions',
    schema: (limit) => {
      const level = (index: number): JsonObject => ({ anyOf: Array.from({ length: 30 }, (_, branch) => ({ $ref: `#/$defs/d${index + 1}`, maximum: branch })) })
      const levels = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`d${index}`, level(index)]))
      return { $ref: '#/$defs/d0', $defs: { ...levels, d8: { type: 'integer', minimum: limit } } }
    },
  },
  {
    name: 'a thing of many that are the same thing',
    schema: (limit) => {
      const names = Array.from({ length: 60 }, (_, index) => `p${index}`)
      const part: Json = { anyOf: [{ $ref: '#/$defs/node' }, { type: 'integer', maximum: limit }] }
      const node = object(Object.fromEntries(names.map((name): [string, Json] => [name, part])), { required: names })
      return { $ref: '#/$defs/node', $defs: { node } }
    },
  },
  {
    name: 'a deep one',
    schema: (limit) => Array.from({ length: 400 }).reduce<JsonObject>((inner) => ({ type: 'array', items: inner }), { type: 'integer', maximum: limit }),
  },
])(
  '$name: a hostile schema is given up, not followed for ever',
  ({ schema }) => {
    // Followed, it would take longer than any test may.
    expect(compareSchemas(schema(5), schema(4), 'input').some(({ verdict }) => verdict === 'breaking')).toBe(true)
  },
  120_000,
)
