import { describe, expect, test } from 'vitest'
import { answerOf, pagesToOpen, plainOf } from '../../../../runtime/kinds/mcp/result.ts'

describe('a result of tools/call', () => {
  test.each([
    ['a list', [1, 2]],
    ['a text', 'x'],
    ['null', null],
    ['false', false],
  ])('may have any JSON as its structure: %s', (_name, structuredContent) => {
    expect(answerOf({ content: [], structuredContent })).toEqual({ type: 'content', content: [], structured: structuredContent })
  })

  test('needs no content when it has a structure', () => {
    expect(answerOf({ structuredContent: { a: 1 } })).toEqual({ type: 'content', content: [], structured: { a: 1 } })
  })

  test('an absent kind is complete', () => {
    expect(answerOf({ resultType: 'complete', content: [] })).toEqual(answerOf({ content: [] }))
  })

  test('loses what the upstream says of itself, and keeps the rest of its _meta', () => {
    const _meta = { 'io.modelcontextprotocol/serverInfo': { name: 'x' }, 'io.modelcontextprotocol/subscriptionId': 1, 'example.com/cost': 3 }
    expect(answerOf({ content: [], _meta })).toEqual({ type: 'content', content: [], meta: { 'example.com/cost': 3 } })
    expect(answerOf({ content: [], _meta: { 'io.modelcontextprotocol/serverInfo': {} } })).toEqual({ type: 'content', content: [] })
  })

  test.each([
    ['nothing', {}],
    ['content that is no list', { content: {} }],
    ['a kind nobody knows', { resultType: 'task', task: {} }],
    ['a question without shape', { resultType: 'input_required', inputRequests: [] }],
  ])('of %s is HUB_UPSTREAM_FAILED', (_name, result) => {
    expect(() => answerOf(result)).toThrow(expect.objectContaining({ code: 'HUB_UPSTREAM_FAILED' }))
  })
})

test('a question is handed out as it came, whatever was asked for', () => {
  const result = { resultType: 'input_required', inputRequests: { a: { method: 'roots/list' } }, requestState: 's' }
  const input = { type: 'input', requests: { a: { method: 'roots/list' } }, state: 's' }
  expect([answerOf(result), plainOf(result)]).toEqual([input, input])
  expect(answerOf({ resultType: 'input_required' })).toEqual({ type: 'input', requests: {}, state: '' })
})

test('other results stay as they are, caching hints included', () => {
  const result = { resultType: 'complete', contents: [], ttlMs: 5, cacheScope: 'private', _meta: { 'io.modelcontextprotocol/serverInfo': {}, a: 1 } }
  expect(plainOf(result)).toEqual({ contents: [], ttlMs: 5, cacheScope: 'private', _meta: { a: 1 } })
  expect(plainOf({ contents: [], _meta: {} })).toEqual({ contents: [] })
})

test('a page that must be opened first becomes the question it is', () => {
  const error = {
    code: -32_042,
    message: 'open a page',
    data: { elicitations: [{ mode: 'url', url: 'https://example.com', elicitationId: 'e', message: 'Sign in' }] },
  }
  expect(pagesToOpen(error)).toEqual({ type: 'input', requests: { page1: { method: 'elicitation/create', params: error.data.elicitations[0] } }, state: '' })
  expect(pagesToOpen({ code: -32_000, message: 'other' })).toBeUndefined()
  expect(pagesToOpen({ code: -32_042, message: 'without' })).toBeUndefined()
})
