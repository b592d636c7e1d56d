import { describe, expect, test } from 'vitest'
import type { Json } from '../../../runtime/contract/json.ts'
import { readableId, readMessage } from '../../../runtime/mcp/message.ts'

describe('a message', () => {
  test.each([
    ['a request', { jsonrpc: '2.0', id: 1, method: 'ping' }, 'request'],
    ['a request with a text id', { jsonrpc: '2.0', id: 'a', method: 'ping', params: {} }, 'request'],
    ['a notification', { jsonrpc: '2.0', method: 'x' }, 'notification'],
    ['a result', { jsonrpc: '2.0', id: 1, result: {} }, 'response'],
    ['an error', { jsonrpc: '2.0', id: 1, error: { code: -1, message: 'no' } }, 'response'],
  ])('%s', (_name, value, kind) => {
    expect(readMessage(value as Json)?.kind).toBe(kind)
  })

  test.each([
    ['text', 'ping'],
    ['a list', []],
    ['no version', { id: 1, method: 'ping' }],
    ['a null id', { jsonrpc: '2.0', id: null, method: 'ping' }],
    ['a fraction as id', { jsonrpc: '2.0', id: 1.5, method: 'ping' }],
    ['a member too many', { jsonrpc: '2.0', id: 1, method: 'ping', more: 1 }],
    ['a method and a result', { jsonrpc: '2.0', id: 1, method: 'ping', result: {} }],
    ['params that are a list', { jsonrpc: '2.0', id: 1, method: 'ping', params: [] }],
    ['a _meta that is text', { jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: 'x' } }],
    ['a progress token that is an object', { jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: { progressToken: {} } } }],
    ['a result that is text', { jsonrpc: '2.0', id: 1, result: 'x' }],
    ['a result and an error', { jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: 'x' } }],
    ['an error without code', { jsonrpc: '2.0', id: 1, error: { message: 'x' } }],
    ['a response without id', { jsonrpc: '2.0', result: {} }],
  ])('%s is none', (_name, value) => {
    expect(readMessage(value as Json)).toBeUndefined()
  })
})

test('an unusable message is answered with its id where that can be read', () => {
  expect(readableId({ id: 7, method: 'x', extra: 1 })).toBe(7)
  expect(readableId({ id: {}, method: 'x' })).toBeNull()
  expect(readableId({ id: Infinity, method: 'x' })).toBeNull()
  expect(readableId({ id: 7 })).toBeNull()
  expect(readableId([1])).toBeNull()
})
