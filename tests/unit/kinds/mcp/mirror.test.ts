import { expect, test } from 'vitest'
import { rawNumber } from '../../../../runtime/contract/json.ts'
import type { Json } from '../../../../runtime/contract/json.ts'
import { addMirrored, headerValue, mirrorsOf } from '../../../../runtime/kinds/mcp/mirror.ts'

const schema = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    nested: { type: 'object', properties: { dry: { type: 'boolean', 'x-mcp-header': 'Dry-Run' } } },
    listed: { type: 'array', items: { type: 'object', properties: { no: { type: 'string', 'x-mcp-header': 'No' } } } },
    broken: { type: 'string', 'x-mcp-header': 'not a token' },
    any: true,
  },
} as const

test('arguments reached through properties alone are mirrored', () => {
  expect(mirrorsOf(schema)).toEqual([
    { path: ['region'], header: 'mcp-param-region' },
    { path: ['nested', 'dry'], header: 'mcp-param-dry-run' },
  ])
  expect(mirrorsOf(true)).toEqual([])
})

test.each<[string, Json, string | undefined]>([
  ['text', 'eu-west', 'eu-west'],
  ['true', true, 'true'],
  ['a number', 1.5, '1.5'],
  ['an integer', 42, '42'],
  ['an integer no double holds', rawNumber('9007199254740995'), undefined],
  ['an unsafe integer', 2 ** 60, undefined],
  ['null', null, undefined],
  ['an object', { a: 1 }, undefined],
  ['text beyond ASCII', 'Zürich', '=?base64?WsO8cmljaA==?='],
])('%s becomes its header', (_name, value, header) => {
  const headers: string[] = []
  addMirrored(headers, [{ path: ['value'], header: 'mcp-param-value' }], { value })
  expect(headers).toEqual(header === undefined ? [] : ['mcp-param-value', header])
})

test('an absent argument has no header', () => {
  const headers: string[] = []
  addMirrored(headers, mirrorsOf(schema), { nested: 'not an object' })
  expect(headers).toEqual([])
})

test.each([
  ['plain text', 'plain text'],
  ['', '=?base64??='],
  [' padded', '=?base64?IHBhZGRlZA==?='],
  ['line\nbreak', '=?base64?bGluZQpicmVhaw==?='],
  ['=?base64?x?=', '=?base64?PT9iYXNlNjQ/eD89?='],
])('%j travels as %j', (text, header) => expect(headerValue(text)).toBe(header))
