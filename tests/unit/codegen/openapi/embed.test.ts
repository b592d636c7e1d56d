import { describe, expect, test } from 'vitest'
import { embed } from '../../../../codegen/openapi/embed.ts'
import type { JsonObject, JsonSchema } from '../../../../runtime/contract/json.ts'

const at = '#/components/schemas/'

describe('a schema among others in a document', () => {
  const cases: readonly {
    readonly name: string
    readonly schema: JsonSchema
    readonly embedded: JsonSchema
    readonly definitions?: Readonly<Record<string, JsonSchema>>
  }[] = [
    { name: 'that is true stays true', schema: true, embedded: true },
    {
      name: 'loses its dialect, which is the document’s',
      schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
      embedded: { type: 'object' },
    },
    {
      name: 'that leads back to itself leads to where it is',
      schema: { properties: { child: { $ref: '#' } } },
      embedded: { properties: { child: { $ref: `${at}m_t.input` } } },
    },
    {
      name: 'takes its definitions along under names of the document',
      schema: {
        properties: { a: { $ref: '#/$defs/price' }, b: { $ref: '#/definitions/old' } },
        $defs: { price: { items: { $ref: '#/$defs/price' } } },
        definitions: { old: true },
      },
      embedded: { properties: { a: { $ref: `${at}m_t.input.price` }, b: { $ref: `${at}m_t.input.old` } } },
      definitions: { 'm_t.input.price': { items: { $ref: `${at}m_t.input.price` } }, 'm_t.input.old': true },
    },
    {
      name: 'may have definitions of any name, escaped in references as pointers and addresses are',
      schema: {
        allOf: [{ $ref: '#/$defs/a~1b%20c' }, { $ref: '#/$defs/a b%2Fc' }, { $ref: '#/$defs/%E2%82%AC' }],
        $defs: { 'a/b c': { type: 'string' }, 'a b/c': { type: 'null' }, '€': true },
      },
      embedded: { allOf: [{ $ref: `${at}m_t.input.a_b_c.2` }, { $ref: `${at}m_t.input.a_b_c` }, { $ref: `${at}m_t.input._` }] },
      definitions: { 'm_t.input.a_b_c': { type: 'null' }, 'm_t.input.a_b_c.2': { type: 'string' }, 'm_t.input._': true },
    },
    {
      name: 'leads into its own properties, and on into a definition',
      schema: { properties: { a: { $ref: '#/properties/b' }, b: { $ref: '#/$defs/x/properties/y' } }, $defs: { x: { properties: { y: true } } } },
      embedded: { properties: { a: { $ref: `${at}m_t.input/properties/b` }, b: { $ref: `${at}m_t.input.x/properties/y` } } },
      definitions: { 'm_t.input.x': { properties: { y: true } } },
    },
    {
      name: 'is not rewritten where "$ref" is data or the name of a property',
      schema: { properties: { $ref: { const: { $ref: '#/$defs/a' } }, $defs: { enum: ['#'], default: { $ref: '#' } } } },
      embedded: { properties: { $ref: { const: { $ref: '#/$defs/a' } }, $defs: { enum: ['#'], default: { $ref: '#' } } } },
    },
    {
      name: 'with anchors stays a resource of its own, whose references mean itself',
      schema: { properties: { a: { $ref: '#here' } }, $defs: { b: { $anchor: 'here' } } },
      embedded: { $id: 'schemas/m_t.input', properties: { a: { $ref: '#here' } }, $defs: { b: { $anchor: 'here' } } },
    },
    {
      name: 'keeps its own $id',
      schema: { $id: 'https://one.example/a', properties: { a: { $ref: 'b' } }, $defs: { b: { $id: 'b' } } },
      embedded: { $id: 'https://one.example/a', properties: { a: { $ref: 'b' } }, $defs: { b: { $id: 'b' } } },
    },
  ]
  test.each(cases)('$name', ({ schema, embedded, definitions = {} }) => {
    expect(embed(schema, 'm_t.input')).toEqual({ schema: embedded, definitions })
  })

  test('may name a property like what every object has', () => {
    const schema = JSON.parse('{"properties":{"__proto__":{"$ref":"#/$defs/__proto__"}},"$defs":{"__proto__":{"type":"string"}}}') as JsonObject
    const { schema: embedded, definitions } = embed(schema, 'm_t.input')
    expect(JSON.stringify(embedded)).toBe(`{"properties":{"__proto__":{"$ref":"${at}m_t.input.__proto__"}}}`)
    expect(definitions).toEqual({ 'm_t.input.__proto__': { type: 'string' } })
  })
})
