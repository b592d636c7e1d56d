import { beforeAll, describe, expect, test } from 'vitest'
import { clientEmitter } from '../../codegen/client/emit.ts'
import { typesEmitter } from '../../codegen/types/emit.ts'
import { connectorOf, filesOf, generationOf, shippedGeneration, toolOf } from './plan.ts'
import { typecheck } from './typecheck.ts'

const emitters = [typesEmitter, clientEmitter]
const start = "import { hubClient, HubCallError, type Input, type Output } from './client.js'\nconst client = hubClient({ url: 'http://127.0.0.1:8080' })\n"
const use = 'export { client, HubCallError }\nexport type { Input, Output }\n'

/** What a program says of itself, and what tsc says of it. */
const wrong = [
  { what: 'a tool that is not there', line: "await client.call('market_latest_candle', { symbol: 'x' })", said: 'TS2345' },
  { what: 'a method that is not there', line: "await client.market.latestCandle({ symbol: 'x' })", said: 'TS2551' },
  { what: 'a connector that is not there', line: "await client.markets.latestCandles({ symbol: 'x' })", said: 'TS2551' },
  { what: 'no arguments where some are needed', line: "await client.call('market_latest_candles')", said: 'TS2554' },
  { what: 'an argument that is missing', line: "await client.call('market_latest_candles', { limit: 1 })", said: 'TS2741' },
  { what: 'an argument of another type', line: "await client.market.latestCandles({ symbol: 'x', limit: '1' })", said: 'TS2322' },
  { what: 'an argument nobody declared', line: "await client.market.latestCandles({ symbol: 'x', limits: 1 })", said: 'TS2561' },
  { what: 'a value outside an enum', line: "await client.market.latestCandles({ symbol: 'x', timeframe: '2d' })", said: 'TS2322' },
  { what: 'arguments for a tool without', line: 'await client.hub.listConnectors({ all: true })', said: 'TS2322' },
  { what: 'a member the answer does not have', line: "const a = (await client.market.latestCandles({ symbol: 'x' })).row\nvoid a", said: 'TS2551' },
  { what: 'a row that may not be there', line: "const a = (await client.market.latestCandles({ symbol: 'x' })).rows[0].close\nvoid a", said: 'TS2532' },
  {
    what: 'a decimal as a number',
    line: "const a: number | undefined = (await client.market.latestCandles({ symbol: 'x' })).rows[0]?.close\nvoid a",
    said: 'TS2322',
  },
  { what: 'content as structure', line: "const a = (await client.everything.echo({ message: 'x' })).message\nvoid a", said: 'TS2339' },
  {
    what: 'a code that no error has',
    line: "try { await client.hub.health() } catch (e) { if (e instanceof HubCallError && e.code === 'HUB_LIMIT') throw e }",
    said: 'TS2367',
  },
  {
    what: 'a retry time that may not be there',
    line: "try { await client.hub.health() } catch (e) { if (e instanceof HubCallError && e.code === 'HUB_DENIED') { const a: number = e.retryAfterMs; void a } }",
    said: 'TS2322',
  },
  {
    what: 'another connector on a connector’s endpoint',
    line: "await hubClient({ url: 'http://x', connector: 'market' }).call('memory_read_graph')",
    said: 'TS2345',
  },
  { what: 'another connector’s methods there', line: "await hubClient({ url: 'http://x', connector: 'market' }).memory.readGraph()", said: 'TS2339' },
  {
    what: 'a tool outside a toolset',
    line: "await hubClient({ url: 'http://x', toolset: 'analyst' }).memory.createEntities({ entities: [] })",
    said: 'TS2339',
  },
  { what: 'a connector that is not there as an endpoint', line: "hubClient({ url: 'http://x', connector: 'markets' })", said: 'TS2769' },
  { what: 'a connector and a toolset at once', line: "hubClient({ url: 'http://x', connector: 'market', toolset: 'analyst' })", said: 'TS2769' },
  { what: 'the arguments of an unknown tool', line: "export type A = Input<'nope'>", said: 'TS2344' },
] as const

const right = `
const { rows } = await client.call('market_latest_candles', { symbol: '^GSPC', limit: 2, timeframe: '1d' }, { signal: AbortSignal.timeout(1_000), onProgress: ({ progress, total }) => void [progress, total] })
export const close: string | undefined = rows[0]?.close
export const health = (await client.hub.health()).connectors
export const argument: Input<'market_latest_candles'> = { symbol: 'x' }
export const answer: Output<'market_latest_candles'> = await client.market.latestCandles(argument)
export const text: string = (await client.everything.echo({ message: 'x' })).text
export const market = await hubClient({ url: new URL('http://x'), connector: 'market', token: async () => 'key' }).market.latestCandles({ symbol: 'x' })
export const analyst = await hubClient({ url: 'http://x', toolset: 'analyst', protocol: 'legacy' }).call('memory_read_graph')
try {
  await client.close()
} catch (error) {
  if (!(error instanceof HubCallError)) throw error
  if (error.code === 'HUB_LIMITED') setTimeout(() => undefined, error.retryAfterMs)
  if (error.code === 'HUB_ARGS_INVALID') for (const { path, message } of error.faults) void [path, message]
  switch (error.code) {
    case 'HUB_DENIED':
    case 'CLIENT_UNREACHABLE':
      break
    default:
      void [error.callId, error.tool, error.details]
  }
}
`

describe('the types and the client of the manifests of this repository', () => {
  let said: readonly string[]
  beforeAll(async () => {
    const files = await filesOf(emitters, await shippedGeneration())
    const programs = Object.fromEntries(wrong.map(({ line }, index) => [`wrong-${index}.ts`, `${start}${line}\n${use}`]))
    said = await typecheck({ ...files, ...programs, 'right.ts': `${start}${right}${use}` })
  }, 60_000)

  test('compile under the strictest settings, and so does a program that is right', () => {
    expect(said.filter((line) => !line.startsWith('wrong-'))).toEqual([])
  })

  test.each(wrong.map((program, index) => ({ ...program, index })))('$what does not compile', ({ index, said: code }) => {
    const errors = said.filter((line) => line.startsWith(`wrong-${index}.ts(`))
    expect(errors).toEqual([expect.stringMatching(new RegExp(`^wrong-${index}\\.ts\\(3,\\d+\\): error ${code}: `))])
  })
})

/** Schemas, values that fit them and must compile, and values that do not and must not. */
const schemas = [
  {
    name: 'a tuple',
    schema: { type: 'array', prefixItems: [{ type: 'number' }, { enum: ['a', 'b'] }], items: false, minItems: 2 },
    good: ["[1, 'a']"],
    bad: ['[1]', "[1, 'c']", "[1, 'a', 2]", '[]'],
  },
  {
    name: 'a tuple with a tail',
    schema: { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'number' } },
    good: ['[]', "['a']", "['a', 1, 2]"],
    bad: ['[1]', "['a', 'b']"],
  },
  {
    name: 'a tuple of draft 7',
    schema: { type: 'array', items: [{ type: 'string' }], additionalItems: false, minItems: 1 },
    good: ["['a']"],
    bad: ["['a', 1]"],
  },
  { name: 'null by a list of types', schema: { type: ['string', 'null'] }, good: ["'a'", 'null'], bad: ['1', 'undefined'] },
  {
    name: 'an enum of several types',
    schema: { enum: ['a', 1, null, true, { b: [1] }] },
    good: ["'a'", '1', 'null', 'true', '{ b: [1] }'],
    bad: ["'b'", '2', 'false', '{ b: [2] }'],
  },
  { name: 'an enum its type narrows', schema: { type: 'string', enum: ['a', 1] }, good: ["'a'"], bad: ['1'] },
  {
    name: 'a const',
    schema: { type: 'object', properties: { kind: { const: 'x' } }, required: ['kind'] },
    good: ["{ kind: 'x' }"],
    bad: ["{ kind: 'y' }", '{}'],
  },
  {
    name: 'recursion by the root',
    schema: { type: 'object', properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } }, required: ['name'] },
    good: ["{ name: 'a', children: [{ name: 'b', children: [] }] }"],
    bad: ["{ name: 'a', children: [{ children: [] }] }"],
  },
  {
    name: 'recursion by $defs, to and fro',
    schema: {
      $ref: '#/$defs/a',
      $defs: { a: { type: 'object', properties: { b: { $ref: '#/$defs/b' } } }, b: { type: 'array', items: { $ref: '#/$defs/a' } } },
    },
    good: ['{ b: [{ b: [] }] }'],
    bad: ['{ b: [{ b: {} }] }', '{ b: [1] }'],
  },
  {
    name: '$dynamicRef, to the outermost anchor',
    schema: {
      $id: 'https://example.com/strict',
      $dynamicAnchor: 'node',
      type: 'object',
      properties: { size: { type: 'number' }, tree: { $ref: 'tree' } },
      required: ['size'],
      $defs: { tree: { $id: 'tree', $dynamicAnchor: 'node', type: 'object', properties: { children: { type: 'array', items: { $dynamicRef: '#node' } } } } },
    },
    good: ['{ size: 1, tree: { children: [{ size: 2 }] } }'],
    bad: ['{ size: 1, tree: { children: [{}] } }'],
  },
  {
    name: 'a plain anchor',
    schema: { properties: { a: { $ref: '#here' } }, required: ['a'], $defs: { x: { $anchor: 'here', type: 'number' } } },
    good: ['{ a: 1 }'],
    bad: ["{ a: 'b' }"],
  },
  {
    name: 'a pointer into properties',
    schema: { type: 'object', properties: { 'a/b~c %': { type: 'number' }, d: { $ref: '#/properties/a~1b~0c%20%25' } } },
    good: ['{ d: 1 }'],
    bad: ["{ d: 'x' }"],
  },
  {
    name: 'a reference with words beside it',
    schema: { properties: { a: { $ref: '#/$defs/x', required: ['z'] } }, $defs: { x: { type: 'object', properties: { z: { type: 'number' } } } } },
    good: ['{ a: { z: 1 } }', '{}'],
    bad: ['{ a: {} }'],
  },
  {
    name: 'a reference that leads outside',
    schema: { properties: { a: { $ref: 'https://example.com/never-fetched.json' } } },
    good: ['{ a: 1 }', "{ a: 'b' }"],
    bad: ['{ b: 1 }'],
  },
  {
    name: 'alternatives told apart by a const',
    schema: {
      type: 'object',
      oneOf: [
        { properties: { k: { const: 'a' }, x: { type: 'number' } }, required: ['k', 'x'] },
        { properties: { k: { const: 'b' }, y: { type: 'string' } }, required: ['k', 'y'] },
      ],
    },
    good: ["{ k: 'a', x: 1 }", "{ k: 'b', y: 'c' }"],
    bad: ["{ k: 'a', y: 'c' }", "{ k: 'a' }", "{ k: 'a', x: 1, z: 1 }"],
  },
  {
    name: 'alternatives of required',
    schema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
    good: ['{ a: 1 }', '{ b: 1 }', '{ a: 1, b: 2 }'],
    bad: ['{}', "{ a: 'x' }", '{ a: 1, c: 1 }'],
  },
  {
    name: 'all of several',
    schema: {
      allOf: [
        { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
        { type: 'object', properties: { b: { type: 'number' } }, required: ['b'] },
      ],
      unevaluatedProperties: false,
    },
    good: ['{ a: 1, b: 2 }'],
    bad: ['{ a: 1 }', '{ a: 1, b: 2, c: 3 }'],
  },
  {
    name: 'if, then and else',
    schema: {
      type: 'object',
      properties: { k: { enum: ['a', 'b'] } },
      required: ['k'],
      if: { properties: { k: { const: 'a' } } },
      then: { properties: { x: { type: 'number' } }, required: ['x'] },
      else: { properties: { y: { type: 'number' } } },
    },
    good: ["{ k: 'a', x: 1 }", "{ k: 'b', y: 1 }"],
    bad: ["{ k: 'c' }", "{ k: 'a', x: 'z' }", "{ k: 'a', w: 1 }"],
  },
  {
    name: 'dependent schemas',
    schema: { type: 'object', properties: { a: { type: 'string' } }, dependentSchemas: { a: { properties: { b: { type: 'number' } } } } },
    good: ["{ a: 'x', b: 1 }", '{}'],
    bad: ['{ c: 1 }'],
  },
  { name: 'a map', schema: { type: 'object', additionalProperties: { type: 'number' } }, good: ['{ any: 1 }', '{}'], bad: ["{ any: 'x' }"] },
  {
    name: 'a map beside properties',
    schema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'number' } },
    good: ["{ a: 'x', b: 1 }"],
    bad: ['{ b: true }'],
  },
  {
    name: 'a map by patterns',
    schema: { type: 'object', patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
    good: ["{ 'x-a': 'b' }"],
    bad: ["{ 'x-a': 1 }"],
  },
  {
    name: 'a map of listed names',
    schema: { type: 'object', propertyNames: { enum: ['a', 'b'] }, additionalProperties: { type: 'number' }, required: ['a'] },
    good: ['{ a: 1 }', '{ a: 1, b: 2 }'],
    bad: ['{ b: 1 }', '{ a: 1, c: 2 }'],
  },
  {
    name: 'properties left open',
    schema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: true },
    good: ["{ a: 'x', b: 1 }"],
    bad: ['{ a: 1 }'],
  },
  { name: 'required without a property', schema: { type: 'object', required: ['a'] }, good: ['{ a: 1 }'], bad: ['{}'] },
  {
    name: 'odd names',
    schema: {
      type: 'object',
      properties: {
        'a-b': { type: 'number' },
        'c"\'`\n*/': { type: 'number' },
        '': { type: 'number' },
        '1': { type: 'number' },
        constructor: { type: 'number' },
      },
    },
    good: ["{ 'a-b': 1, 'c\"\\'`\\n*/': 2, '': 3, 1: 4, constructor: 5 }"],
    bad: ["{ 'a-b': 'x' }", "{ 1: 'x' }", "{ '': 'x' }"],
  },
  {
    name: 'the name of a prototype',
    schema: JSON.parse('{ "type": "object", "properties": { "__proto__": { "type": "number" }, "a": { "type": "number" } } }') as object,
    good: ["{ ['__proto__']: 1, a: 1 }"],
    bad: ["{ ['__proto__']: 'x' }"],
  },
  { name: 'true', schema: true, good: ['1', "'a'", 'null'], bad: [] },
  { name: 'a property that may not be', schema: { type: 'object', properties: { a: false, b: true } }, good: ['{}', '{ b: 1 }'], bad: ['{ a: 1 }'] },
  { name: 'not anything', schema: { type: 'object', properties: { a: { not: {} } } }, good: ['{}'], bad: ['{ a: 1 }'] },
  {
    name: 'an array of anything of',
    schema: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
    good: ["['a', 1]"],
    bad: ['[true]'],
  },
  { name: 'what OpenAPI calls nullable', schema: { type: 'string', nullable: true }, good: ['null', "'a'"], bad: ['1'] },
  { name: 'an alternative that is itself', schema: { anyOf: [{ $ref: '#' }, { type: 'string' }] }, good: ["'a'"], bad: [] },
]

describe('types of JSON Schema 2020-12', () => {
  let said: readonly string[]
  const at = (index: number, value: number): string => `case_${index}_${value}`
  beforeAll(async () => {
    const tools = schemas.map(({ schema }, index) => toolOf('cases', `case_${index}`, { output: schema as boolean }))
    const lines = schemas.flatMap(({ good, bad }, index) =>
      [...good, ...bad].map((value, number) => `export const ${at(index, number)}: Output<'cases_case_${index}'> = ${value}`),
    )
    said = await typecheck({
      ...(await filesOf([typesEmitter], await generationOf([connectorOf('cases', tools)]))),
      'values.ts': `import type { Output } from './tools.js'\n${lines.join('\n')}\n`,
    })
  }, 60_000)

  test.each(schemas.map((one, index) => ({ ...one, index })))('$name', ({ good, bad, index }) => {
    const first = 2 + schemas.slice(0, index).reduce((sum, before) => sum + before.good.length + before.bad.length, 0)
    const refused = (number: number): boolean => said.some((line) => line.startsWith(`values.ts(${first + number},`))
    expect(Object.fromEntries([...good, ...bad].map((value, number) => [value, refused(number)]))).toEqual(
      Object.fromEntries([...good.map((value) => [value, false]), ...bad.map((value) => [value, true])]),
    )
  })

  test('are themselves without a fault', () => {
    expect(said.filter((line) => !line.startsWith('values.ts'))).toEqual([])
  })
})

test('what is chosen by toolsets, aliases and names that clash after casing', async () => {
  const generation = await generationOf(
    [
      connectorOf('a', [
        toolOf('a', 'get_x', {}, { aliases: ['fetch_x'] }),
        toolOf('a', 'getX', { input: { type: 'object', required: ['y'], properties: { y: { type: 'string' } } } }),
        toolOf('a', 'then', {}, { deprecated: 'use getX' }),
      ]),
      connectorOf('call', [toolOf('call', 'it', {})]),
    ],
    [{ name: 'some', tools: ['a_get_*'], prompts: [], resources: [], place: { file: '', line: 1, column: 1 } }],
  )
  const program = `
import { hubClient } from './client.js'
const client = hubClient({ url: 'http://x' })
await client.call('a_get_x')
await client.call('a_fetch_x')
await client.call('a_getX', { y: '' })
await client.a.getX({ y: '' })
await client.a.getX2()
await client.a.fetchX()
await client.a.then2()
await client.call2.it()
const some = hubClient({ url: 'http://x', toolset: 'some' })
await some.call('a_fetch_x')
await some.a.getX2()
await some.call('a_getX', { y: '' })
await some.call2.it()
`
  const files = await filesOf(emitters, generation)
  expect((await typecheck({ ...files, 'program.ts': program })).map((line) => line.replace(/: error (TS\d+).*$/, ' $1'))).toEqual([
    'program.ts(15,17) TS2345',
    'program.ts(16,12) TS2551',
  ])
  expect(files['tools.ts']).toContain('  /**\n   * The tool get_x.\n   *\n   * @deprecated an old name of get_x\n   */\n  a_fetch_x: ')
  expect(files['tools.ts']).toContain('@deprecated use getX')
})

test('nothing of a machine, a day or an order is in what is written', async () => {
  const tools = ['b', 'a', 'c'].map((local) => toolOf('z', local, { output: { type: 'object', properties: { x: { type: 'string' } } } }))
  const one = await filesOf(emitters, await generationOf([connectorOf('z', tools), connectorOf('y', [])]))
  const other = await filesOf(emitters, await generationOf([connectorOf('y', []), connectorOf('z', tools.toReversed())]))
  expect(other).toEqual(one)
  expect(Object.values(one).join('')).not.toMatch(/\r|20\d\d-\d\d-\d\dT|\/home\/|\/tmp\//)
})
