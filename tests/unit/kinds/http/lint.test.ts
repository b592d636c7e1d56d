import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../runtime/contract/json.ts'
import type { Effect } from '../../../../runtime/contract/principal.ts'
import type { ToolDraft } from '../../../../runtime/contract/tool.ts'
import { lint } from '../../../../runtime/kinds/http/lint.ts'

const draft = (
  request: string,
  inputs: readonly string[] = [],
  operation: JsonObject = {},
  effect: Effect = 'read',
  required: readonly string[] = inputs,
): ToolDraft => ({
  name: 'test',
  summary: 'A test.',
  effect,
  input: { type: 'object', required, properties: Object.fromEntries(inputs.map((name) => [name, { type: 'string' }])) },
  operation: { request, ...operation },
})

describe('what is sound has no finding', () => {
  const sound: readonly (readonly [string, ToolDraft])[] = [
    ['a read', draft('GET /quote?symbol={symbol}&limit={limit,}', ['symbol', 'limit'], {}, 'read', [])],
    ['a hole in the path with a default', { ...draft('GET /x/{a}'), input: { properties: { a: { default: 'b' } } } }],
    [
      'a required input that stands in allOf',
      { ...draft('GET /x/{a}'), input: { allOf: [{ $ref: '#/$defs/a' }], required: ['a'], $defs: { a: { properties: { a: {} } } } } },
    ],
    ['a POST that is safe', draft('POST /graphql', ['q'], { safe: true, body: { query: '{q} { price }' } })],
    ['a write', draft('PUT /x/{id}', ['id', 'body'], { body: '{body}' }, 'write')],
    ['a destroying one', draft('DELETE /x/{id}', ['id'], {}, 'destroy')],
    ['a header and a form', draft('POST /x', ['a', 'b'], { headers: { 'X-A': '{a}' }, form: { b: '{b}' } }, 'write')],
    ['pages with holes of their own', draft('GET /x?page={page}&n={n}', [], { paginate: { style: 'page', page: 'page', size: 'n' } })],
    ['pages the caller may begin at', draft('GET /x/{page}', ['page'], { paginate: { style: 'page', page: 'page' } }, 'read', [])],
    ['a link', draft('GET /x', [], { paginate: { style: 'link' } })],
  ]
  test.each(sound)('%s', (_name, tool) => {
    expect(lint(tool)).toEqual([])
  })
})

describe('what is wrong is told with its place', () => {
  const wrong: readonly (readonly [string, ToolDraft, string, string])[] = [
    [
      'a hole without an input',
      draft('GET /x?a={symbl}&b={symbol}', ['symbol']),
      'operation.request 9+7 HUB_CONFIG_PLACEHOLDER',
      '{symbl} has no input; did you mean {symbol}?',
    ],
    ['an input without a hole', draft('GET /x', ['a']), 'input.properties.a HUB_CONFIG_PLACEHOLDER', 'no {a} in the request uses this input'],
    [
      'a hole in the path that may stay empty',
      draft('GET /x/{a}', ['a'], {}, 'read', []),
      'operation.request 7+3 HUB_CONFIG_PLACEHOLDER',
      'stands in the path, and its input may be left out',
    ],
    [
      'one that only a branch requires',
      { ...draft('GET /x/{a}'), input: { anyOf: [{ properties: { a: {} }, required: ['a'] }] } },
      'operation.request 7+3 HUB_CONFIG_PLACEHOLDER',
      'may be left out',
    ],
    [
      'a hole of a body',
      draft('POST /x', [], { body: { list: [{ a: 'v{b}' }] } }, 'write'),
      'operation.body.list.0.a 1+3 HUB_CONFIG_PLACEHOLDER',
      '{b} has no input',
    ],
    ['an unknown method', draft('FETCH /x'), 'operation.request 0+5 HUB_CONFIG_OPERATION', '"FETCH" is not a method'],
    ['a small method', draft('get /x'), 'operation.request 0+3 HUB_CONFIG_OPERATION', 'write GET'],
    ['a whole address', draft('GET https://evil.example/x'), 'operation.request 4+20 HUB_CONFIG_OPERATION', 'the address stands in config as base'],
    ['an address without a scheme', draft('GET //evil.example/x'), 'operation.request 4+16 HUB_CONFIG_OPERATION', 'a request begins with a path'],
    ['no path', draft('GET'), 'operation.request 3+0 HUB_CONFIG_OPERATION', 'there is no path'],
    ['a path that climbs', draft('GET /a/../b'), 'operation.request 7+2 HUB_CONFIG_OPERATION', 'may not climb'],
    ['one that climbs encoded', draft('GET /a/%2E%2e'), 'operation.request 7+6 HUB_CONFIG_OPERATION', 'may not climb'],
    ['a fragment', draft('GET /a#b'), 'operation.request 6+1 HUB_CONFIG_OPERATION', '%23'],
    ['a space', draft('GET /a b'), 'operation.request 6+1 HUB_CONFIG_OPERATION', '%20'],
    ['a hole in a pair’s name', draft('GET /a?{n}=1', ['n']), 'operation.request 7+5 HUB_CONFIG_OPERATION', 'name of a query pair'],
    ['a PUT that reads', draft('PUT /a'), 'operation.request HUB_CONFIG_OPERATION', 'PUT under effect: read'],
    ['a POST that reads', draft('POST /a'), 'operation.request HUB_CONFIG_OPERATION', 'safe: true'],
    ['a safe GET', draft('GET /a', [], { safe: true }), 'operation.safe HUB_CONFIG_OPERATION', 'safe anyway'],
    ['a safe write', draft('POST /a', [], { safe: true }, 'write'), 'operation.safe HUB_CONFIG_OPERATION', 'no meaning under effect: write'],
    ['a body of a GET', draft('GET /a', [], { body: {} }), 'operation.body HUB_CONFIG_OPERATION', 'GET takes no body'],
    ['a form of a GET', draft('GET /a', [], { form: {} }), 'operation.form HUB_CONFIG_OPERATION', 'GET takes no form'],
    ['two bodies', draft('POST /a', [], { form: {}, body: {} }, 'write'), 'operation.form HUB_CONFIG_OPERATION', 'keep one'],
    [
      'a header of the hub',
      draft('GET /a', [], { headers: { 'Content-Length': '1' } }),
      'operation.headers.Content-Length HUB_CONFIG_OPERATION',
      'for the hub to set',
    ],
    ['a header with a line break', draft('GET /a', [], { headers: { A: 'b\nc' } }), 'operation.headers.A HUB_CONFIG_OPERATION', 'no header can carry'],
    ['pages without their word', draft('GET /a', [], { paginate: { style: 'page' } }), 'operation.paginate HUB_CONFIG_OPERATION', 'does not say page'],
    [
      'a word of another style',
      draft('GET /a?o={o}', [], { paginate: { style: 'link', offset: 'o' } }),
      'operation.paginate.offset HUB_CONFIG_OPERATION',
      'no meaning for style link',
    ],
    [
      'pages without their hole',
      draft('GET /a', [], { paginate: { style: 'offset', offset: 'skip' } }),
      'operation.paginate.offset HUB_CONFIG_PLACEHOLDER',
      'no {skip} in the request carries the offset',
    ],
    [
      'a cursor in the path',
      draft('GET /a/{c}', [], { paginate: { style: 'cursor', cursor: 'c', next: '/n' } }),
      'operation.paginate.cursor HUB_CONFIG_OPERATION',
      'cannot stand in the path',
    ],
    [
      'pages of a write',
      draft('POST /a', [], { paginate: { style: 'link' } }, 'write'),
      'operation.paginate HUB_CONFIG_OPERATION',
      'pages under effect: write',
    ],
    ['a caller’s request that writes', { ...draft(''), effect: 'write', operation: { adHoc: 'request' } }, 'effect HUB_CONFIG_OPERATION', 'only read'],
  ]
  test.each(wrong)('%s', (_name, tool, place, words) => {
    const [finding, ...more] = lint(tool)
    const within = finding?.within ? ` ${finding.within.offset}+${finding.within.length}` : ''
    expect(`${finding?.path.join('.')}${within} ${finding?.code}`).toBe(place)
    expect(`${finding?.message}; ${finding?.hint}`).toContain(words)
    expect(finding?.severity).toBeUndefined()
    expect(more).toEqual([])
  })

  test('a DELETE under effect: write is doubtful', () => {
    expect(lint(draft('DELETE /a', [], {}, 'write'))).toMatchObject([{ severity: 'warning', hint: expect.stringContaining('destroy') as string }])
  })
})
