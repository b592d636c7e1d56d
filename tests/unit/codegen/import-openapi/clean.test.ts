import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cleanSchema } from '../../../../codegen/import-openapi/clean.ts'
import type { Json } from '../../../../runtime/contract/json.ts'
import { schemaCheck } from '../../../../runtime/manifest/json-schema.ts'

const words = [
  'type',
  'items',
  'properties',
  'required',
  'enum',
  'const',
  'default',
  'example',
  'examples',
  'format',
  'pattern',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'uniqueItems',
  'additionalProperties',
  'allOf',
  'oneOf',
  'not',
  'nullable',
  'readOnly',
  'discriminator',
  'xml',
  'x-odd',
  'title',
  'patternProperties',
  'multipleOf',
  'prefixItems',
  'deprecated',
  '$id',
  '$anchor',
  'id',
]
const anything = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom<Json>(
      'string',
      'integer',
      'any',
      'file',
      '[',
      '^[a-z]+$',
      '(?i)x',
      'date',
      '12',
      true,
      false,
      null,
      0,
      -1,
      1.5,
      [],
      ['string', 'null'],
      ['a', 'a'],
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...words), tie('value'), { maxKeys: 5 }),
  ),
})).value

test.each(['input', 'output'] as const)('whatever a document calls a schema, what is taken of it for an %s is one', (direction) => {
  const check = schemaCheck()
  fc.assert(
    fc.property(anything, (schema) => {
      expect(check(cleanSchema(schema, { direction, refer: (reference) => reference }))).toEqual([])
    }),
    { numRuns: 2_000 },
  )
})
