import { describe, expect, test } from 'vitest'
import { parseJson, type JsonObject } from '../../../runtime/contract/json.ts'
import { checkHeaderParameters, findHeaderParameters, readHeaderValue } from '../../../runtime/mcp/headers.ts'

const encoded = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`

describe('a header value', () => {
  test.each([
    ['plain', 'eu-west', 'eu-west'],
    ['with space around it', '  eu ', 'eu'],
    ['encoded', encoded('Zürich'), 'Zürich'],
    ['encoded and empty', '=?base64??=', ''],
    ['broken Base64', '=?base64?a?=', undefined],
    ['Base64 that is no UTF-8', `=?base64?${Buffer.from([0xff, 0xfe]).toString('base64')}?=`, undefined],
  ])('%s', (_name, value, read) => {
    expect(readHeaderValue(value)).toBe(read)
  })
})

describe('header parameters', () => {
  test('are found along properties, at any depth, and only where the protocol allows them', () => {
    const found = findHeaderParameters({
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        deep: { type: 'object', properties: { level: { type: 'integer', 'x-mcp-header': 'Level' } } },
        list: { type: 'array', items: { type: 'string', 'x-mcp-header': 'Item' } },
        object: { type: 'object', 'x-mcp-header': 'Object' },
        bad: { type: 'string', 'x-mcp-header': 'no spaces' },
      },
    })
    expect(found).toEqual([
      { header: 'Region', path: ['region'], numeric: false },
      { header: 'Level', path: ['deep', 'level'], numeric: true },
    ])
    expect(findHeaderParameters(true)).toEqual([])
  })

  const parameters = findHeaderParameters({
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      depth: { type: 'integer', 'x-mcp-header': 'Depth' },
      on: { type: 'boolean', 'x-mcp-header': 'On' },
    },
  })
  const check = (args: object, headers: Record<string, string>) => () => checkHeaderParameters(parameters, args as JsonObject, headers)

  test.each([
    ['all agree', { region: 'eu', depth: 3, on: true }, { 'mcp-param-region': 'eu', 'mcp-param-depth': '3', 'mcp-param-on': 'true' }],
    ['numbers agree by value', { depth: 42 }, { 'mcp-param-depth': '42.0' }],
    ['an encoded one agrees', { region: 'Zürich' }, { 'mcp-param-region': encoded('Zürich') }],
    ['an absent argument needs no header', {}, {}],
    ['a null argument needs none, and one that came is ignored', { region: null }, { 'mcp-param-region': 'eu' }],
    ['an integer a double cannot hold is not compared', parseJson('{"depth":9007199254740995}') as object, {}],
    ['an object is left to the schema', { region: {} }, {}],
  ])('%s', (_name, args, headers) => {
    expect(check(args, headers)).not.toThrow()
  })

  test.each([
    ['missing', { region: 'eu' }, {}, 'the Mcp-Param-Region header is absent'],
    ['another value', { region: 'eu' }, { 'mcp-param-region': 'us' }, 'decodes to "us" but the body carries region="eu"'],
    ['another number', { depth: 3 }, { 'mcp-param-depth': '4' }, 'decodes to "4"'],
    ['broken', { region: 'eu' }, { 'mcp-param-region': '=?base64?a?=' }, 'invalid Base64'],
  ])('%s is -32020 with 400', (_name, args, headers, message) => {
    expect(check(args, headers)).toThrow(expect.objectContaining({ code: -32020, status: 400, message: expect.stringContaining(message) }))
  })
})
