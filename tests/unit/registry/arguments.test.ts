import { describe, expect, test } from 'vitest'
import { parseJson, type JsonObject } from '../../../runtime/contract/json.ts'
import { createPlainValidate, createValidate } from '../../../runtime/registry/arguments.ts'

const candles = {
  type: 'object',
  required: ['symbol'],
  additionalProperties: false,
  properties: {
    symbol: { type: 'string', pattern: '^[A-Z^]+$' },
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
    side: { enum: ['buy', 'sell'] },
    version: { const: 1 },
    id: { type: 'integer' },
    filter: { type: 'object', properties: { from: { type: 'string', format: 'date-time' }, 'a/b': { type: 'string' } }, unevaluatedProperties: false },
    orders: { type: 'array', items: { type: 'object', required: ['price'], properties: { price: { type: 'number' } } } },
  },
}
const validate = createValidate(candles)

describe('arguments that fit', () => {
  test('come back with the defaults laid', () => {
    expect(validate({ symbol: 'GSPC' })).toEqual({ args: { symbol: 'GSPC', limit: 100 } })
  })

  test('keep integers above 2^53 digit by digit', () => {
    const checked = validate(parseJson('{"symbol":"A","id":9007199254740993}') as JsonObject)
    expect(JSON.stringify(checked.faults === undefined && checked.args)).toBe('{"symbol":"A","id":9007199254740993,"limit":100}')
  })
})

describe('arguments that do not fit', () => {
  const cases: readonly { readonly name: string; readonly args: JsonObject; readonly faults: readonly { path: string; message: string }[] }[] = [
    { name: 'a missing argument is named', args: {}, faults: [{ path: 'symbol', message: 'is required' }] },
    {
      name: 'a misspelt argument brings the right one',
      args: { symbol: 'A', limt: 5 },
      faults: [{ path: 'limt', message: 'is not an argument of this tool; did you mean "limit"?' }],
    },
    {
      name: 'an argument unlike any other brings the list',
      args: { symbol: 'A', xylophone: 5 },
      faults: [{ path: 'xylophone', message: 'is not an argument of this tool; arguments are "symbol", "limit", "side", "version", "id", "filter", "orders"' }],
    },
    { name: 'a choice is told whole', args: { symbol: 'A', side: 'hold' }, faults: [{ path: 'side', message: 'must be one of "buy", "sell", got "hold"' }] },
    { name: 'a constant is told', args: { symbol: 'A', version: 2 }, faults: [{ path: 'version', message: 'must be 1, got 2' }] },
    { name: 'a wrong type shows what came', args: { symbol: 5 }, faults: [{ path: 'symbol', message: 'must be string, got 5' }] },
    { name: 'a bound shows what came', args: { symbol: 'A', limit: 5000 }, faults: [{ path: 'limit', message: 'must be <= 1000, got 5000' }] },
    {
      name: 'a nested path is named',
      args: { symbol: 'A', orders: [{ price: 1 }, { price: 'x' }] },
      faults: [{ path: 'orders.1.price', message: 'must be number, got "x"' }],
    },
    { name: 'a nested missing argument is named', args: { symbol: 'A', orders: [{}] }, faults: [{ path: 'orders.0.price', message: 'is required' }] },
    {
      name: 'a format is checked',
      args: { symbol: 'A', filter: { from: 'yesterday' } },
      faults: [{ path: 'filter.from', message: 'must match format "date-time", got "yesterday"' }],
    },
    { name: 'odd names are shown as written', args: { symbol: 'A', filter: { 'a/b': 1 } }, faults: [{ path: 'filter.a/b', message: 'must be string, got 1' }] },
    {
      name: 'an unevaluated argument brings the right one',
      args: { symbol: 'A', filter: { form: 'x' } },
      faults: [{ path: 'filter.form', message: 'is not an argument of this tool; did you mean "from"?' }],
    },
  ]
  test.each(cases)('$name', ({ args, faults }) => {
    expect(validate(args)).toEqual({ faults })
  })

  test('all faults come at once, but not without bound', () => {
    const checked = validate(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`unknown${index}`, index])))
    expect(checked.faults?.length).toBe(8)
  })

  test('a big integer outside the bound is refused', () => {
    expect(validate(parseJson('{"symbol":"A","limit":9007199254740993}') as JsonObject)).toEqual({
      faults: [{ path: 'limit', message: 'must be <= 1000, got 9007199254740992' }],
    })
  })

  test('a long value is shown short', () => {
    const checked = validate({ symbol: 'a'.repeat(500) })
    expect(checked.faults?.[0]?.message.length).toBeLessThan(200)
  })
})

test('a tool that takes nothing refuses any argument', () => {
  const nothing = createValidate({ type: 'object', properties: {}, additionalProperties: false })
  expect(nothing({ a: 1 })).toEqual({ faults: [{ path: 'a', message: 'is not an argument of this tool' }] })
})

test('a boolean schema is one too, and a condition is told by its branch', () => {
  expect(createValidate(true)({ any: 1 })).toEqual({ args: { any: 1 } })
  const conditional = createValidate({ type: 'object', if: { required: ['a'] }, then: { required: ['b'] } })
  expect(conditional({ a: 1 })).toEqual({ faults: [{ path: 'b', message: 'is required' }] })
})

test('two schemas with one $id live side by side', () => {
  const one = createValidate({ $id: 'https://example.com/same', type: 'object', required: ['a'] })
  const two = createValidate({ $id: 'https://example.com/same', type: 'object', required: ['b'] })
  expect(one({ a: 1 }).faults).toBeUndefined()
  expect(two({ b: 1 }).faults).toBeUndefined()
})

describe('schemas of many upstreams side by side', () => {
  test('may have one $id, inside too, and mean different things by it', () => {
    const named = (type: string): JsonObject => ({
      $id: 'https://one.example/tool',
      type: 'object',
      properties: { v: { $ref: 'https://one.example/value' } },
      $defs: { value: { $id: 'https://one.example/value', type } },
    })
    const unnamed: JsonObject = {
      type: 'object',
      properties: { v: { $ref: 'https://one.example/value' } },
      $defs: { value: { $id: 'https://one.example/value', type: 'null' } },
    }
    const [text, number, nothing] = [named('string'), named('number'), unnamed].map((schema) => createValidate(schema))
    expect([text, number, nothing].map((validate) => validate?.({ v: 'a' }).faults?.[0]?.message)).toEqual([
      undefined,
      'must be number, got "a"',
      'must be null, got "a"',
    ])
  })

  test('may lead back to themselves', () => {
    const tree = createValidate({ type: 'object', properties: { child: { $ref: '#' }, name: { type: 'string' } } })
    expect(tree({ child: { child: { name: 5 } } })).toEqual({ faults: [{ path: 'child.child.name', message: 'must be string, got 5' }] })
    const other = createValidate({ type: 'object', properties: { child: { $ref: '#' }, name: { type: 'number' } } })
    expect(other({ child: { child: { name: 5 } } })).toEqual({ args: { child: { child: { name: 5 } } } })
  })

  test('may have defaults under a key that would set a prototype', () => {
    const validate = createValidate(parseJson('{"type":"object","properties":{"v":{"default":{"__proto__":{"role":"admin"}}}}}') as JsonObject)
    const { args } = validate({}) as { readonly args: JsonObject }
    expect((args['v'] as Record<string, unknown>)['role']).toBeUndefined()
    expect(JSON.stringify(args)).toBe('{"v":{"__proto__":{"role":"admin"}}}')
  })
})

describe('arguments with members that every object has', () => {
  test('are refused where they cannot be compared, and fit elsewhere', () => {
    const unique = createValidate({ type: 'object', properties: { v: { type: 'array', uniqueItems: true } } })
    expect(unique({ v: [{ toString: 1 }] })).toEqual({ args: { v: [{ toString: 1 }] } })
    expect(unique({ v: [{ toString: 1 }, { toString: 1 }] })).toEqual({
      faults: [{ path: '', message: 'cannot be checked: they lie too deep in one another, or hold a member called toString or valueOf' }],
    })
  })
})

describe('a schema that needs no compiler', () => {
  const plain = createPlainValidate({
    type: 'object',
    required: ['uri'],
    properties: { uri: { type: 'string' }, depth: { type: 'integer', default: 1 } },
    additionalProperties: false,
  })

  test('lays defaults, and refuses in the same words', () => {
    expect(plain({ uri: 'a' })).toEqual({ args: { uri: 'a', depth: 1 } })
    expect(plain({ uri: 5 })).toEqual({ faults: [{ path: 'uri', message: 'must be string, got 5' }] })
    expect(plain({})).toEqual({ faults: [{ path: 'uri', message: 'is required' }] })
  })
})
