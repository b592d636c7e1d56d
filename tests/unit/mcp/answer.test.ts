import { describe, expect, test } from 'vitest'
import type { Answer } from '../../../runtime/contract/answer.ts'
import { HubError, type ErrorCode } from '../../../runtime/contract/errors.ts'
import { actResult, finish, inputRequired, rpcError, toolResult, type Reader } from '../../../runtime/mcp/answer.ts'
import { RpcError } from '../../../runtime/mcp/protocol.ts'
import type { Outcome, Polished } from '../../../runtime/pipeline/call.ts'
import type { BoundTool } from '../../../runtime/registry/types.ts'
import { tool } from '../../fixtures/plan.ts'

const legacy: Reader = { era: 'legacy', prefixed: false, serverMember: '"io.modelcontextprotocol/serverInfo":{"name":"hub"}' }
const modern: Reader = { ...legacy, era: 'modern' }
const prefixed: Reader = { ...modern, prefixed: true }
const bound = (output?: Parameters<typeof tool>[2]): BoundTool => ({ spec: tool('notes', 'read', output) }) as unknown as BoundTool

function outcome(answer: Answer, over: Partial<Outcome> & { readonly output?: Parameters<typeof tool>[2]; readonly polished?: Polished } = {}): Outcome {
  const { output, ...rest } = over
  return {
    callId: 'call-1',
    tool: bound(output),
    polished: { answer, bytes: 0 },
    freshness: { cache: 'stale', storedAt: 1_000, asOf: '2026-01-01T00:00:00.000Z', source: 'backup' },
    ...rest,
  }
}
const read = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>
const failure = (code: ErrorCode, details = {}): Outcome => ({ callId: 'call-1', tool: bound(), error: new HubError(code, 'the words', details) })
const thrownBy = (act: () => unknown): RpcError => {
  try {
    act()
  } catch (error) {
    if (error instanceof RpcError) return error
  }
  throw new Error('no RpcError was thrown')
}

describe('the result of a call', () => {
  test('tells where it came from and how old it is; a clock that went back makes nothing negative', () => {
    const data: Answer = { type: 'data', data: { a: 1 } }
    const freshness = (now: number) => (read(toolResult(outcome(data), legacy, now))['_meta'] as Record<string, unknown>)['io.integration-hub/freshness']
    expect(freshness(4_500)).toEqual({ asOf: '2026-01-01T00:00:00.000Z', ageMs: 3_500, source: 'backup', cache: 'stale', callId: 'call-1' })
    expect(freshness(0)).toMatchObject({ ageMs: 0 })
  })

  test('is spliced from one text that is made once and kept, where neither era nor endpoint changes it', () => {
    const polished: Polished = { answer: { type: 'data', data: { a: 1 }, notes: ['a note'] }, json: '{"a":1}', bytes: 7 }
    toolResult(outcome(polished.answer, { polished }), legacy, 0)
    expect(polished.fragment).toBe('"content":[{"type":"text","text":"{\\"a\\":1}"},{"type":"text","text":"a note"}],"structuredContent":{"a":1}')
    polished.fragment = '"content":[],"structuredContent":{"kept":true}'
    expect(read(toolResult(outcome(polished.answer, { polished }), modern, 0))).toMatchObject({ structuredContent: { kept: true }, resultType: 'complete' })
  })

  test('is not kept where an endpoint rewrites it', () => {
    const polished: Polished = { answer: { type: 'content', content: [{ type: 'resource_link', uri: 'note://one', name: 'one' }] }, bytes: 0 }
    const uri = (reader: Reader) => (read(toolResult(outcome(polished.answer, { polished }), reader, 0))['content'] as { uri: string }[])[0]?.uri
    expect([uri(prefixed), uri(modern), uri(prefixed)]).toEqual(['hub://notes/note://one', 'note://one', 'hub://notes/note://one'])
  })

  test.each([
    ['an object under no schema', { a: 1 }, undefined, { a: 1 }, { a: 1 }],
    ['a list under no schema', [1], undefined, [1], undefined],
    ['a list under its schema', [1], { output: { type: 'array' } }, [1], { result: [1] }],
    ['an object under a schema of either', { a: 1 }, { output: { anyOf: [{ type: 'object' }, { type: 'null' }] } }, { a: 1 }, { result: { a: 1 } }],
    ['nothing under a schema of anything', null, { output: true }, null, { result: null }],
  ] as const)('%s is structured as each era can take it', (_name, data, output, forModern, forLegacy) => {
    expect(read(toolResult(outcome({ type: 'data', data }, { output }), modern, 0))['structuredContent']).toEqual(forModern)
    expect(read(toolResult(outcome({ type: 'data', data }, { output }), legacy, 0))['structuredContent']).toEqual(forLegacy)
  })

  test('carries an upstream’s _meta, its addresses exposed and its identity left out', () => {
    const meta = { 'io.modelcontextprotocol/serverInfo': { name: 'leak' }, ui: { resourceUri: 'ui://x' } }
    expect(read(toolResult(outcome({ type: 'content', content: [], meta }), prefixed, 0))['_meta']).toMatchObject({
      ui: { resourceUri: 'hub://notes/ui://x' },
      'io.modelcontextprotocol/serverInfo': { name: 'hub' },
    })
    expect(toolResult(outcome({ type: 'content', content: [], meta: { 'io.modelcontextprotocol/serverInfo': {} } }), legacy, 0)).not.toContain('serverInfo')
  })

  test('of a job names the job', () => {
    expect(read(toolResult(outcome({ type: 'job', id: 'j1' }), legacy, 0))).toMatchObject({ structuredContent: { job: 'j1' } })
  })

  test('is never a question', () => {
    expect(thrownBy(() => toolResult(outcome({ type: 'input', requests: {}, state: '' }), modern, 0)).code).toBe(-32603)
  })
})

describe('an error', () => {
  test('a model can act on is a result it can read, its facts beside it', () => {
    expect(read(toolResult(failure('HUB_LIMITED', { retryAfterMs: 500 }), legacy, 0))).toEqual({
      content: [{ type: 'text', text: 'HUB_LIMITED: the words' }],
      isError: true,
      _meta: { 'io.integration-hub/error': { code: 'HUB_LIMITED', retryAfterMs: 500, callId: 'call-1' } },
    })
  })

  test.each([
    ['HUB_STORE_DOWN', -32603, 200],
    ['HUB_INTERNAL', -32603, 200],
    ['HUB_CANCELLED', -32603, 200],
    ['HUB_SCOPE_INSUFFICIENT', -32000, 403],
  ] as const)('%s is a JSON-RPC error', (code, rpc, status) => {
    expect(thrownBy(() => toolResult(failure(code), modern, 0))).toMatchObject({ code: rpc, status, data: { code, callId: 'call-1' } })
  })

  test('for the operator keeps its words and facts from the caller', () => {
    const { message, data } = thrownBy(() => toolResult(failure('HUB_EGRESS_DENIED', { address: '10.0.0.1' }), modern, 0))
    expect(message).not.toContain('the words')
    expect(JSON.stringify(data)).not.toContain('10.0.0.1')
  })

  test('for want of a capability is -32021 to the modern era, with what is wanted as far as it is known', () => {
    const required = (details: object) => thrownBy(() => toolResult(failure('HUB_INPUT_UNSUPPORTED', details), modern, 0))
    expect(required({ requiredCapabilities: { sampling: {} } })).toMatchObject({ code: -32021, status: 400, data: { requiredCapabilities: { sampling: {} } } })
    expect(required({ method: 'roots/list' }).data).toEqual({ requiredCapabilities: { roots: {} } })
    expect(required({ method: 'sampling/createMessage' }).data).toEqual({ requiredCapabilities: { sampling: {} } })
    expect(required({}).data).toEqual({ requiredCapabilities: {} })
    expect(read(toolResult(failure('HUB_INPUT_UNSUPPORTED'), legacy, 0))).toMatchObject({ isError: true })
  })

  test('of an unknown resource carries its address and nothing else', () => {
    expect(rpcError(new HubError('HUB_RESOURCE_UNKNOWN', 'none', { uri: 'a:b' }))).toMatchObject({ code: -32602, data: { uri: 'a:b' } })
  })
})

describe('other results', () => {
  test('are the upstream’s, without its identity', () => {
    expect(actResult(outcome({ type: 'data', data: { messages: [], _meta: { 'io.modelcontextprotocol/serverInfo': {}, own: 1 } } }))).toEqual({
      messages: [],
      _meta: { own: 1 },
    })
    expect(thrownBy(() => actResult(outcome({ type: 'data', data: [] }))).code).toBe(-32603)
    expect(thrownBy(() => actResult(failure('HUB_PROMPT_UNKNOWN'))).code).toBe(-32602)
  })

  test('carry what the era adds to every result', () => {
    expect(finish({ a: 1, _meta: { own: 1 } }, legacy, true)).toBe('{"a":1,"_meta":{"own":1}}')
    expect(read(finish({ a: 1, _meta: { own: 1 } }, modern))).toEqual({
      a: 1,
      resultType: 'complete',
      _meta: { own: 1, 'io.modelcontextprotocol/serverInfo': { name: 'hub' } },
    })
    expect(read(finish({}, modern, true))).toMatchObject({ ttlMs: 0, cacheScope: 'private' })
    expect(read(finish({ ttlMs: 50, cacheScope: 'public' }, modern, true))).toMatchObject({ ttlMs: 50, cacheScope: 'private' })
    expect(read(finish({ ttlMs: -1 }, modern, true))).toMatchObject({ ttlMs: 0 })
  })

  test('that ask carry the state where there is one', () => {
    expect(read(inputRequired({ a: { method: 'roots/list' } }, 's"t', modern))).toMatchObject({ resultType: 'input_required', requestState: 's"t' })
    expect(read(inputRequired({}, undefined, modern))).not.toHaveProperty('requestState')
  })
})
