import fc from 'fast-check'
import { expect, test } from 'vitest'
import { documentText } from '../../../../codegen/openapi/text.ts'
import type { JsonObject } from '../../../../runtime/contract/json.ts'

const object = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<JsonObject>

test('the text is what JSON.stringify writes, however often its parts were written before', () => {
  const documents = fc.record({ openapi: fc.string(), paths: object, components: fc.record({ schemas: object, responses: object }) })
  fc.assert(
    fc.property(documents, (document) => {
      const wanted = `${JSON.stringify(document, null, 2)}\n`
      expect(documentText(document)).toBe(wanted)
      expect(documentText(document)).toBe(wanted)
    }),
  )
})
