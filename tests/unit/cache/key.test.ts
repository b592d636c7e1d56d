import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Args } from '../../../runtime/contract/call.ts'
import { parseJson, type JsonObject } from '../../../runtime/contract/json.ts'
import type { Principal } from '../../../runtime/contract/principal.ts'
import type { ToolSpec } from '../../../runtime/contract/tool.ts'
import { cacheKey } from '../../../runtime/cache/key.ts'

const alice: Principal = { id: 'alice', organisation: 'acme', credential: 'k1', role: 'reader', scopes: new Set(['a', 'b']), via: 'key' }
const tool = { name: 'market_latest', digest: 'd1' } as ToolSpec
const key = (more: Partial<Parameters<typeof cacheKey>[0]> = {}): string =>
  cacheKey({ tool, viewKey: 'all', principal: alice, args: { symbol: 'BTC' }, ...more })

test('the same question of the same audience is one key, whoever of it asks', () => {
  expect(key({ principal: { ...alice, id: 'bob', credential: 'k2', scopes: new Set(['b', 'a']) } })).toBe(key())
})

test.each<[string, Partial<Parameters<typeof cacheKey>[0]>]>([
  ['organisation', { principal: { ...alice, organisation: 'other' } }],
  ['role', { principal: { ...alice, role: 'admin' } }],
  ['scopes', { principal: { ...alice, scopes: new Set(['a']) } }],
  ['scopes that only read alike', { principal: { ...alice, scopes: new Set(['a","b']) } }],
  ['view', { viewKey: 'toolset:monitor' }],
  ['tool', { tool: { ...tool, name: 'market_other' } }],
  ['digest of the tool', { tool: { ...tool, digest: 'd2' } }],
  ['arguments', { args: { symbol: 'ETH' } }],
  ['caller, where the upstream knows callers', { perCaller: true }],
])('another %s is another key', (_what, more) => {
  expect(key(more)).not.toBe(key())
})

test('where the upstream knows callers, each has keys of its own', () => {
  expect(key({ perCaller: true, principal: { ...alice, id: 'bob' } })).not.toBe(key({ perCaller: true }))
})

test.each([
  ['{"a":1,"b":2}', '{"b":2,"a":1}', true],
  ['{"a":{"x":[1,{"p":1,"q":2}]}}', '{"a":{"x":[1,{"q":2,"p":1}]}}', true],
  ['{"a":[1,2]}', '{"a":[2,1]}', false],
  ['{"a":9007199254740995}', '{"a":9007199254740996}', false],
  ['{"a":9007199254740995}', '{"a":9007199254740995}', true],
  ['{"a":1}', '{"a":"1"}', false],
  ['{"a":1e400}', '{"a":null}', false],
  ['{"a":-1e400}', '{"a":null}', false],
  ['{"a":1e400}', '{"a":-1e400}', false],
  ['{"a":1e400}', '{"a":1e401}', false],
  ['{"a":1e400}', '{"a":1e400}', true],
  ['{"a":null}', '{}', false],
  ['{"a":[],"b":{}}', '{"a":{},"b":[]}', false],
  ['{"a":["b,c"]}', '{"a":["b","c"]}', false],
  ['{"__proto__":1}', '{}', false],
])('arguments %s and %s are the same: %s', (one, other, same) => {
  expect(key({ args: parseJson(one) as Args }) === key({ args: parseJson(other) as Args })).toBe(same)
})

test('equal keys mean equal arguments, whatever they are', () => {
  const args = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
  fc.assert(
    fc.property(args, args, (one, other) => {
      const sorted = (value: unknown): string =>
        JSON.stringify(value, (_name, inner: unknown) =>
          inner !== null && typeof inner === 'object' && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
            : inner,
        )
      expect(key({ args: one as JsonObject }) === key({ args: other as JsonObject })).toBe(sorted(one) === sorted(other))
    }),
  )
})
