import { classifyInboundRequest } from '@modelcontextprotocol/server'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../runtime/contract/json.ts'
import { isPlainModern, readEnvelope } from '../../../runtime/mcp/envelope.ts'

const version = 'io.modelcontextprotocol/protocolVersion'
const capabilities = 'io.modelcontextprotocol/clientCapabilities'
const client = 'io.modelcontextprotocol/clientInfo'
const level = 'io.modelcontextprotocol/logLevel'
const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'a' }
const request = (meta: object) => ({ id: 1, method: 'tools/call', params: { name: 'a', _meta: meta } as unknown as JsonObject })

describe('a modern request in perfect order', () => {
  test.each([
    ['no capabilities', { [capabilities]: {} }],
    [
      'what clients declare',
      {
        [capabilities]: {
          elicitation: { form: {}, url: {} },
          sampling: { tools: {} },
          roots: { listChanged: true },
          extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html'] } },
          experimental: { x: {} },
        },
        [client]: { name: 'c', version: '1', title: 'C' },
        [level]: 'info',
      },
    ],
  ])('%s', (_name, meta) => {
    expect(isPlainModern(request({ [version]: '2026-07-28', ...meta }), headers)).toBe(true)
  })

  test.each([
    ['another version', { [version]: '2027-01-01', [capabilities]: {} }, headers],
    ['no capabilities', { [version]: '2026-07-28' }, headers],
    ['capabilities that are a list', { [version]: '2026-07-28', [capabilities]: [] }, headers],
    ['a capability of another shape', { [version]: '2026-07-28', [capabilities]: { roots: { listChanged: 'yes' } } }, headers],
    ['a client without a version', { [version]: '2026-07-28', [capabilities]: {}, [client]: { name: 'c' } }, headers],
    ['a level there is not', { [version]: '2026-07-28', [capabilities]: {}, [level]: 'loud' }, headers],
    ['no version header', { [version]: '2026-07-28', [capabilities]: {} }, { ...headers, 'mcp-protocol-version': undefined }],
    ['another method header', { [version]: '2026-07-28', [capabilities]: {} }, { ...headers, 'mcp-method': 'tools/list' }],
    ['no name header', { [version]: '2026-07-28', [capabilities]: {} }, { ...headers, 'mcp-name': undefined }],
    ['another name header', { [version]: '2026-07-28', [capabilities]: {} }, { ...headers, 'mcp-name': 'b' }],
  ])('%s is left to the SDK to judge', (_name, meta, sent) => {
    expect(isPlainModern(request(meta), sent)).toBe(false)
  })

  test('is never one the SDK would refuse', () => {
    const odd = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant([]))
    const mostly = <T>(usual: fc.Arbitrary<T>) =>
      fc.oneof({ weight: 9, arbitrary: usual as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: odd as fc.Arbitrary<unknown> })
    const inner = mostly(fc.dictionary(fc.constantFrom('applyDefaults', 'y'), mostly(fc.boolean())))
    const shape = mostly(fc.dictionary(fc.constantFrom('form', 'url', 'tools', 'listChanged', 'x'), inner))
    const declared = mostly(fc.dictionary(fc.constantFrom('elicitation', 'sampling', 'roots', 'extensions', 'experimental', 'tasks'), shape, { maxKeys: 3 }))
    const named = mostly(fc.record({ name: mostly(fc.string()), version: fc.string(), title: fc.string(), icons: odd }, { requiredKeys: ['name', 'version'] }))
    let plain = 0
    fc.assert(
      fc.property(
        declared,
        fc.option(named, { nil: undefined }),
        fc.option(fc.constantFrom('info', 'loud', 3), { nil: undefined }),
        (declaredCapabilities, info, logLevel) => {
          const meta = JSON.parse(
            JSON.stringify({ [version]: '2026-07-28', [capabilities]: declaredCapabilities, [client]: info, [level]: logLevel }),
          ) as object
          const message = request(meta)
          if (!isPlainModern(message, headers)) return
          plain += 1
          const outcome = classifyInboundRequest({
            httpMethod: 'POST',
            protocolVersionHeader: '2026-07-28',
            mcpMethodHeader: 'tools/call',
            mcpNameHeader: 'a',
            body: { jsonrpc: '2.0', ...message },
          })
          expect(outcome.kind).toBe('modern')
        },
      ),
      { numRuns: 3_000 },
    )
    expect(plain).toBeGreaterThan(50)
  })
})

test('the envelope tells capabilities and level, and nothing where nothing is said', () => {
  expect(readEnvelope(request({ [capabilities]: { roots: {} }, [level]: 'error' }).params)).toEqual({ capabilities: { roots: {} }, logLevel: 'error' })
  expect(readEnvelope({})).toEqual({ capabilities: {}, logLevel: undefined })
})
