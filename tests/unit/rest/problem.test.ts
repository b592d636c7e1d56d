import { describe, expect, test } from 'vitest'
import { HubError } from '../../../runtime/contract/errors.ts'
import { problemOf } from '../../../runtime/rest/problem.ts'

const challenge = (error: HubError): string => `Bearer error="${error.code}"`

describe('a refusal', () => {
  test.each(['HUB_UNAUTHENTICATED', 'HUB_SCOPE_INSUFFICIENT'] as const)('%s says how to be let in', (code) => {
    const { headers, status } = problemOf(new HubError(code, 'no', { scopes: ['deep'] }), undefined, challenge)
    expect(headers).toEqual(['WWW-Authenticate', `Bearer error="${code}"`])
    expect(status).toBe(code === 'HUB_UNAUTHENTICATED' ? 401 : 403)
  })

  test('keeps its own members where a fact is called the same', () => {
    const { text } = problemOf(new HubError('HUB_QUERY_FAILED', 'no such table', { status: 'mine', title: 'mine', table: 'ohlcv' }), 'id', challenge, {
      code: 'mine',
    })
    expect(JSON.parse(text)).toEqual({
      type: 'urn:integration-hub:error:HUB_QUERY_FAILED',
      title: 'the database refused the statement',
      status: 422,
      detail: 'no such table',
      code: 'HUB_QUERY_FAILED',
      callId: 'id',
      table: 'ohlcv',
    })
  })

  test('rounds the time to wait up to whole seconds', () => {
    const { headers } = problemOf(new HubError('HUB_STORE_DOWN', 'postgres://inside', { retryAfterMs: 1 }), undefined, challenge)
    expect(headers).toEqual(['Retry-After', '1'])
  })
})
