import fc from 'fast-check'
import { expect, test } from 'vitest'
import { documentText } from '../../../../codegen/openapi/text.ts'
import type { JsonObject } from '../../../../runtime/contract/json.ts'

const object = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<JsonObject>

test('the text is what JSON.stringify writes of the whole, however often its parts were written before', () => {
  const frames = fc.record({ openapi: fc.string(), paths: object, components: fc.record({ schemas: object, responses: object }) })
  fc.assert(
    fc.property(frames, fc.array(fc.record({ paths: object, schemas: object }), { maxLength: 3 }), (given, others) => {
      const { paths: ownPaths, components } = given
      const frame = { ...given, paths: prefixed(ownPaths, '/'), components: { ...components, schemas: prefixed(components.schemas, 's.') } }
      // Names of tools are never whole numbers, which an object would put first, and no two parts have one in common.
      const parts = others.map(({ paths, schemas }, index) => ({ paths: prefixed(paths, `/${index}/`), schemas: prefixed(schemas, `s${index}.`) }))
      const whole = {
        ...frame,
        paths: Object.assign({}, frame.paths, ...parts.map(({ paths }) => paths)) as JsonObject,
        components: { ...frame.components, schemas: Object.assign({}, frame.components.schemas, ...parts.map(({ schemas }) => schemas)) as JsonObject },
      }
      const wanted = `${JSON.stringify(whole, null, 2)}\n`
      expect(documentText({ frame, parts })).toBe(wanted)
      expect(documentText({ frame, parts })).toBe(wanted)
    }),
  )
})

const prefixed = (value: JsonObject, prefix: string): JsonObject => Object.fromEntries(Object.entries(value).map(([key, inner]) => [`${prefix}${key}`, inner]))
