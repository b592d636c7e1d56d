import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../runtime/contract/json.ts'
import { kinds } from '../../../runtime/kinds/index.ts'
import { copyOf, fit } from '../../../runtime/manifest/fit.ts'
import { hubConfigSchema } from '../../../runtime/manifest/hub-schema.ts'
import { connectorSchema } from '../../../runtime/manifest/schemas.ts'
import { shareRepeated } from '../../../runtime/manifest/subschemas.ts'

type Judge = (value: Json) => { readonly value: Json; readonly secrets: readonly string[] } | undefined

/** The compiler's own word: the value with its defaults and where secrets were met, or nothing when it does not fit. */
function compiled(schema: JsonObject): Judge {
  const met = new Set<string>()
  const ajv = new Ajv2020({ allErrors: true, strict: false, useDefaults: true, logger: false, inlineRefs: false })
  addFormats.default(ajv)
  ajv.addKeyword({
    keyword: 'x-secret',
    validate: (_word: boolean, _value: unknown, _parent?: object, at?: { readonly instancePath: string }) => {
      met.add(at?.instancePath ?? '')
      return true
    },
  })
  const validate = ajv.compile(shareRepeated(schema))
  return (value) => {
    met.clear()
    const copy = copyOf(value)
    return validate(copy) ? { value: copy, secrets: [...met] } : undefined
  }
}

const [hub, market, files] = ['hub', 'timescale', 'mcp'].map((name) => connectorSchema(kinds.find(({ kind }) => kind === name) as (typeof kinds)[number]))

const policy = { timeout: '5s', cache: { ttl: '1m', tags: ['a', 'b'] }, limit: '60/min', retry: 2, arguments: { symbol: { allow: ['BTC/*', 1], max: 5 } } }
const tool = { summary: 'One.', effect: 'read', input: { type: 'object', properties: {} }, operation: { sql: 'SELECT 1' }, policy, aliases: ['old'] }
const samples: readonly (readonly [string, JsonObject, JsonObject])[] = [
  [
    'hub.config.yaml',
    hubConfigSchema,
    {
      hub: { name: 'st', listen: 8080 },
      manifests: ['connectors/*.yaml'],
      stores: { postgres: 'postgres://here' },
      auth: { mode: 'oauth', issuers: [{ url: 'https://id.example', audience: 'hub', roles: { claim: 'groups', map: { a: 'reader' } } }] },
      cache: { schema: '5m', quote: { ttl: '1s', stale: '10s' } },
      tiers: { 1: { start: 'eager', timeout: '1s', cache: false } },
      toolsets: { trading: { tools: ['market_*'] } },
    },
  ],
  ['a hub', hub as JsonObject, { connector: 'hub', kind: 'hub', start: 'eager', summary: 'The hub.', tools: { health: { title: 'Health' } } }],
  [
    'a database',
    market as JsonObject,
    {
      connector: 'market',
      kind: 'timescale',
      summary: '𝒬ueries.',
      config: { url: 'secret', pool: 5 },
      tools: { one: tool },
      resources: { 'market://{symbol}/x~y': { summary: 'One.', operation: { sql: 'SELECT 1' } } },
      prompts: { ask: { summary: 'Asks.', arguments: { name: { description: 'Who.' } }, messages: [{ user: 'Hello {name}' }] } },
    },
  ],
  [
    'an upstream',
    files as JsonObject,
    {
      connector: 'files',
      kind: 'mcp',
      summary: 'Files.',
      config: { command: 'node', args: ['a'], env: { 'A/B': 'x', C: 1 } },
      tools: { read: { effect: 'read' } },
    },
  ],
]

const odd: readonly Json[] = [null, true, false, 0, -1, 1.5, 1e9, '', 'x', '5s', '60/min', [], ['a', 'a'], [1], {}, { a: 1 }, { ttl: '5s' }, [{}], [[1], [1]]]

/** The same value with one thing in it changed, left out or added, wherever `steps` lead. */
function changed(value: Json, steps: readonly number[], change: { readonly name: string; readonly to: Json | undefined }): Json {
  const [step = 0, ...rest] = steps
  if (Array.isArray(value))
    return value.length === 0 || steps.length === 0
      ? [...(value as Json[]), change.to ?? 'x']
      : value.map((item: Json, at) => (at === step % value.length ? changed(item, rest, change) : item))
  if (value === null || typeof value !== 'object') return change.to ?? null
  const entries = Object.entries(value as JsonObject)
  const at = step % (entries.length + 1)
  if (at === entries.length) return { ...(value as JsonObject), [change.name]: change.to ?? 'x' }
  if (rest.length === 0)
    return Object.fromEntries(entries.flatMap(([key, inner], index) => (index !== at ? [[key, inner]] : change.to === undefined ? [] : [[key, change.to]])))
  return Object.fromEntries(entries.map(([key, inner], index) => [key, index === at ? changed(inner, rest, change) : inner]))
}

describe.each(samples)('%s', (_name, schema, sample) => {
  const judge = compiled(schema)

  test('that is sound needs no compiler', () => {
    const fitted = fit(schema, sample)
    expect(fitted && { value: fitted.value, secrets: [...fitted.secrets.keys()] }).toEqual(judge(sample))
    expect(fitted).toBeDefined()
  })

  test('however it is changed, is never taken where the compiler refuses, and comes out the same', () => {
    const change = fc.record({ name: fc.constantFrom('x', 'sql', 'config', 'summary', 'cache', 'constructor', 'url'), to: fc.constantFrom(undefined, ...odd) })
    const once = fc.tuple(fc.array(fc.nat(12), { minLength: 1, maxLength: 6 }), change)
    fc.assert(
      fc.property(fc.array(once, { minLength: 1, maxLength: 3 }), (changes) => {
        const value = changes.reduce<Json>((inner, [steps, how]) => changed(inner, steps, how), sample)
        const fitted = fit(schema, value)
        const judged = judge(value)
        if (fitted) expect({ value: fitted.value, secrets: [...fitted.secrets.keys()] }).toEqual(judged)
      }),
      { numRuns: 1_500 },
    )
  })
})

describe('what only the compiler can judge', () => {
  test.each<[string, JsonObject, Json]>([
    ['a word that is not known', { format: 'email' }, 'a@b.example'],
    ['a reference', { $ref: '#/$defs/a', $defs: { a: true } }, 1],
    ['unevaluated properties', { unevaluatedProperties: false }, {}],
    ['a default in a branch', { anyOf: [{ properties: { a: { default: 1 } } }] }, {}],
    ['a secret in a branch', { anyOf: [{ 'x-secret': true }] }, 'a'],
    ['an enumeration of maps', { enum: [{ a: 1 }, 1] }, 1],
    ['a list of maps without repeats', { uniqueItems: true }, [{ a: 1 }, { a: 1 }]],
    ['an unknown word in a branch beside one that fits', { anyOf: [{ format: 'email' }, true] }, 1],
  ])('%s is left to it', (_name, schema, value) => {
    expect(fit(schema, value)).toBeUndefined()
  })
})
