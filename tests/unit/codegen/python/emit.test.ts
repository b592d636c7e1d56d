import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../../runtime/contract/json.ts'
import { connector, tool } from '../../../fixtures/plan.ts'
import { pythonOutputs } from '../../../fixtures/python/generated.ts'

const textOf = async (input: JsonObject): Promise<string> => {
  const outputs = await pythonOutputs([connector('one', { tools: [tool('one', 'act', { input })] })])
  return outputs.find(({ path }) => path.endsWith('models/one.py'))?.content ?? ''
}

describe('a hostile schema ends soon, in a text that is not large', () => {
  const doubling: Record<string, Json> = { d0: { type: 'string' } }
  for (let level = 1; level <= 40; level++)
    doubling[`d${level}`] = {
      anyOf: [
        { type: 'array', items: { $ref: `#/$defs/d${level - 1}` } },
        { type: 'array', items: { $ref: `#/$defs/d${level - 1}` }, minItems: level },
      ],
    }
  const merging: Record<string, Json> = { d0: { properties: { a: { type: 'string' } } } }
  for (let level = 1; level <= 40; level++)
    merging[`d${level}`] = {
      allOf: [
        { $ref: `#/$defs/d${level - 1}` },
        { $ref: `#/$defs/d${level - 1}` },
        { anyOf: [{ required: ['a'], properties: { [`x${level}`]: true } }, { properties: { [`y${level}`]: true } }] },
      ],
    }
  let deep: Json = { type: 'string' }
  for (let level = 0; level < 1_000; level++) deep = { type: 'object', properties: { a: deep } }

  test.each<[string, JsonObject]>([
    ['each definition is the one before twice', { properties: { v: { $ref: '#/$defs/d40' } }, $defs: doubling }],
    ['each is the one before twice, with alternatives', { properties: { v: { $ref: '#/$defs/d40' } }, $defs: merging }],
    ['a thousand deep', { properties: { v: deep } }],
    [
      'nothing but itself',
      { properties: { v: { $ref: '#/$defs/a' } }, $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/a' }], allOf: [{ $ref: '#/$defs/a' }] } } },
    ],
    [
      'alternatives of alternatives',
      {
        properties: {
          v: {
            type: 'object',
            allOf: Array.from({ length: 30 }, (_, index) => ({ anyOf: [{ properties: { [`a${index}`]: true } }, { properties: { [`b${index}`]: true } }] })),
          },
        },
      },
    ],
  ])('%s', { timeout: 10_000 }, async (_name, schema) => {
    expect((await textOf({ type: 'object', ...schema })).length).toBeLessThan(500_000)
  })
})

test('a connector’s modules depend on that connector alone', async () => {
  const one = connector('one', { tools: [tool('one', 'act')] })
  const alone = await pythonOutputs([one])
  const together = await pythonOutputs([connector('other', { tools: [tool('other', 'act')] }), one])
  const own = (outputs: typeof alone) => outputs.filter(({ path }) => path.endsWith('/one.py'))
  expect(own(together)).toEqual(own(alone))
  expect(own(alone)).toHaveLength(2)
})

test('connectors named after Python’s words have modules and attributes all the same', async () => {
  const outputs = await pythonOutputs(['class', 'dict', 'mcp'].map((name) => connector(name, { tools: [tool(name, 'act')] })))
  expect(outputs.map(({ path }) => path)).toContain('python/integration_hub_client/models/class_.py')
  const client = outputs.find(({ path }) => path.endsWith('/client.py'))?.content
  expect(client).toContain('def class_(self) -> _ClassTools:')
  expect(client).toContain('def dict_(self) -> _DictTools:')
  expect(client).toContain('def mcp_(self) -> _McpTools:')
})
