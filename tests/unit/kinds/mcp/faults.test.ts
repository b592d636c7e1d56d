import { expect, test } from 'vitest'
import { HubError } from '../../../../runtime/contract/errors.ts'
import type { ErrorCode } from '../../../../runtime/contract/errors.ts'
import type { Ask } from '../../../../runtime/kinds/mcp/flight.ts'
import { down, Failure, refusal, startFailure, statusFault } from '../../../../runtime/kinds/mcp/faults.ts'

const ask = (method: string): Ask => ({ method, mirrors: [], effect: 'read', read: (result) => result })
const judge = refusal('bus', (text) => text.replaceAll('hunter2', '[secret]'))

test.each<[number, string, string, ErrorCode]>([
  [-32_002, 'resources/read', 'gone', 'HUB_RESOURCE_UNKNOWN'],
  [-32_602, 'resources/read', 'gone', 'HUB_RESOURCE_UNKNOWN'],
  [-32_602, 'prompts/get', 'unknown prompt', 'HUB_PROMPT_UNKNOWN'],
  [-32_602, 'prompts/get', 'who is required', 'HUB_ARGS_INVALID'],
  [-32_602, 'tools/call', 'Tool x not found', 'HUB_UPSTREAM_FAILED'],
  [-32_602, 'tools/call', 'symbol must be a string', 'HUB_ARGS_INVALID'],
  [-32_021, 'tools/call', 'elicitation', 'HUB_INPUT_UNSUPPORTED'],
  [-32_022, 'tools/call', 'version', 'HUB_CONNECTOR_DOWN'],
  [-32_603, 'tools/call', 'broken', 'HUB_UPSTREAM_FAILED'],
])('error %i to %s (%s) is %s', (code, method, message, expected) => {
  const error = judge({ code, message }, ask(method))
  expect(error.code).toBe(expected)
  expect(error.details).toMatchObject({ connector: 'bus', upstreamCode: code })
})

test('the upstream’s words are shown scrubbed and no longer than a paragraph', () => {
  const error = judge({ code: 1, message: `password hunter2 ${'x'.repeat(5000)}` }, ask('tools/call'))
  expect(error.message).toContain('password [secret]')
  expect(error.message.length).toBeLessThan(800)
  expect(judge({}, ask('tools/call')).message).toContain('no reason given')
})

test('a secret that the end of the paragraph would go through is out as a whole', () => {
  for (let before = 580; before <= 610; before++) {
    expect(judge({ code: 1, message: `${'x'.repeat(before)}hunter2` }, ask('tools/call')).message).not.toMatch(/xh/)
  }
})

test('a status says how long to wait where the upstream does', () => {
  expect(statusFault('bus', 503, { 'retry-after': '7' })).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { retryAfterMs: 7000 } })
  expect(statusFault('bus', 429, { 'retry-after': 'tomorrow' })).toMatchObject({ code: 'HUB_LIMITED', details: { retryAfterMs: 1000 } })
})

test.each(['write', 'destroy'] as const)('a %s that may have been seen is not to be repeated blindly', (effect) => {
  expect(down('bus', 'broke', 1000, effect)).toMatchObject({
    message: 'upstream of bus broke; its outcome is unknown: look before you repeat it',
    details: { outcome: 'unknown' },
  })
})

test.each([
  ['its own words', new Failure('started without any tool'), 'started without any tool'],
  [
    'a status behind an error of the SDK',
    new Error('x', { cause: Object.assign(new Error('y'), { data: { status: 401 } }) }),
    'refuses the hub (status 401); check headers in its manifest',
  ],
  ['another status', Object.assign(new Error('y'), { data: { status: 500 } }), 'answered with status 500'],
  ['silence', Object.assign(new Error('y'), { code: 'REQUEST_TIMEOUT' }), 'did not answer in time'],
  [
    'a code of the network',
    new TypeError('fetch failed', { cause: Object.assign(new Error('z'), { code: 'ECONNREFUSED' }) }),
    'cannot be reached (ECONNREFUSED)',
  ],
  ['anything else', new Error('secret detail'), 'could not be started'],
])('a failed start is told by %s', (_name, error, message) => expect(startFailure(error).message).toBe(message))

test('an error of the hub’s own inside is kept', () => {
  const inner = new HubError('HUB_EGRESS_DENIED', 'no')
  expect(startFailure(new Error('fetch failed', { cause: inner }))).toBe(inner)
})
