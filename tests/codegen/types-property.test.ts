import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clientEmitter } from '../../codegen/client/emit.ts'
import { typesEmitter } from '../../codegen/types/emit.ts'
import type { Json, JsonObject } from '../../runtime/contract/json.ts'
import { connectorOf, filesOf, generationOf, toolOf } from './plan.ts'
import { typecheck } from './typecheck.ts'

/** Texts that mean something to a compiler, a comment, a template or a prototype. */
const hostile = [
  '*/ export const broken = 1 /*',
  '// @ts-expect-error',
  '@ts-nocheck',
  '@ts-expect-error',
  '"]: never; \'',
  '`${process.exit(1)}`',
  '{{header}}{{#each tools}}',
  '$0$',
  '$1$?: unknown',
  '\\',
  'a\nexport interface T0 {',
  'a\r\u2028b\u2029\u202ec',
  '__proto__',
  'constructor',
  'toString',
  'then',
  'export interface T1 {',
  '',
  ' ',
  '0',
  '-1',
  'a-b',
  'a_b',
  'aB',
  'ünïcode',
  '\ud800',
]
const word = fc.oneof({ weight: 2, arbitrary: fc.constantFrom('a', 'b', 'kind', 'rows', 'value') }, { weight: 1, arbitrary: fc.constantFrom(...hostile) })
const json: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...hostile),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 2 }),
  fc.dictionary(word, fc.integer(), { maxKeys: 2 }),
)
const names = ['Node', 'a b', '*/', 'node', '__proto__']
const pointers = [
  '#',
  '#/$defs/Node',
  '#/$defs/a b',
  '#/$defs/*~1',
  '#/$defs/node',
  '#/properties/a',
  '#/$defs/missing',
  'other.json',
  'https://example.com/x',
  '#anchor',
  'inner',
]

const { schema } = fc.letrec<{ schema: unknown; object: unknown }>((tie) => {
  const inner = tie('schema')
  const some = fc.array(inner, { minLength: 1, maxLength: 3 })
  const maybe = (record: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> => fc.record(record, { requiredKeys: [] })
  const object = maybe({
    type: fc.constantFrom('object', ['object', 'null']),
    title: word,
    description: word,
    deprecated: fc.boolean(),
    properties: fc.dictionary(word, inner, { maxKeys: 4 }),
    required: fc.uniqueArray(word, { maxLength: 3 }),
    additionalProperties: inner,
    patternProperties: fc.dictionary(fc.constantFrom('^a', '*/'), inner, { maxKeys: 2 }),
    unevaluatedProperties: inner,
    propertyNames: fc.oneof(inner, fc.record({ enum: fc.array(word, { minLength: 1, maxLength: 2 }) })),
    dependentSchemas: fc.dictionary(word, inner, { maxKeys: 1 }),
    allOf: some,
    anyOf: some,
    if: inner,
    then: inner,
    else: inner,
  })
  return {
    object,
    schema: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.boolean(),
      maybe({
        type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'null', ['string', 'null'], ['integer', 'array', 'object'], 'nonsense'),
        description: word,
        default: json,
        format: word,
        nullable: fc.boolean(),
      }),
      maybe({ enum: fc.array(json, { maxLength: 4 }), description: word }),
      maybe({ const: json }),
      maybe({ $ref: fc.constantFrom(...pointers), description: word }),
      maybe({ $dynamicRef: fc.constantFrom('#anchor', '#Node') }),
      object,
      maybe({ type: fc.constant('array'), items: inner, minItems: fc.nat(4), maxItems: fc.nat(4), description: word }),
      maybe({ type: fc.constant('array'), prefixItems: some, items: inner, minItems: fc.nat(4), maxItems: fc.nat(4) }),
      maybe({ items: some, additionalItems: inner }),
      maybe({ oneOf: some, not: inner, $id: fc.constantFrom('inner', 'https://example.com/tree', '%%'), $dynamicAnchor: fc.constant('anchor') }),
    ),
  }
})
const document = fc.tuple(schema, fc.dictionary(fc.constantFrom(...names), schema, { maxKeys: 3 })).map(([root, $defs]) => {
  if (root === null || typeof root !== 'object') return root
  // Own properties, whatever they are called: as a parser makes them.
  return JSON.parse(JSON.stringify({ ...root, $defs })) as JsonObject
}) as fc.Arbitrary<Json & (boolean | JsonObject)>

const local = fc.oneof(
  fc.constantFrom('get', 'Get', 'GET', 'get_', 'get-', '-', '__proto__', 'constructor', 'then', '2d', 'call', 'delete', 'get2', 'tools', 'tool_content'),
  fc.stringMatching(/^[a-zA-Z0-9_-]{1,8}$/),
)
const tools = fc.uniqueArray(fc.record({ local, input: document, output: fc.option(document, { nil: undefined }), words: word }), {
  minLength: 12,
  maxLength: 24,
  selector: ({ local }) => local,
})

test('types and client of any schemas compile, whatever their authors called things', { timeout: 120_000 }, async () => {
  const connectors = ['delete', 'a-b', 'a_b', 'then', 'call'] as const
  await fc.assert(
    fc.asyncProperty(fc.array(tools, { minLength: connectors.length, maxLength: connectors.length }), async (lists) => {
      const generation = await generationOf(
        connectors.map((name, index) =>
          connectorOf(
            name,
            (lists[index] ?? []).map(({ local, input, output, words }) =>
              toolOf(name, local, { input, ...(output === undefined ? {} : { output }) }, { summary: words, description: words, deprecated: words }),
            ),
            { summary: '*/', place: { file: 'a\nb*/.yaml', line: 1, column: 1 } },
          ),
        ),
        [{ name: 'all', tools: ['*'], prompts: [], resources: [], place: { file: '', line: 1, column: 1 } }],
      )
      const files = await filesOf([typesEmitter, clientEmitter], generation)
      // The line that is wrong stands beside what is said of it.
      const said = (await typecheck(files)).map((line) => {
        const [, path = '', number] = /^([^(]+)\((\d+),/.exec(line) ?? []
        return `${line} ${files[path]?.split('\n')[Number(number) - 1]}`
      })
      expect(said).toEqual([])
      // The same again, byte for byte.
      expect(await filesOf([typesEmitter, clientEmitter], generation)).toEqual(files)
    }),
    { numRuns: 6, interruptAfterTimeLimit: 90_000, endOnFailure: true },
  )
})
