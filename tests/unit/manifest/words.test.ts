import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../../../runtime/contract/place.ts'
import { isLoopback, listenUrl, parseListen } from '../../../runtime/manifest/listen.ts'
import { matcher } from '../../../runtime/manifest/names.ts'
import { layOver } from '../../../runtime/manifest/overlay.ts'
import { layPolicies } from '../../../runtime/manifest/policy.ts'
import { formatProblem, inOrder } from '../../../runtime/manifest/problems.ts'
import { environmentStore, findReferences } from '../../../runtime/manifest/secrets.ts'
import { parseSource } from '../../../runtime/manifest/source.ts'
import { suggest } from '../../../runtime/manifest/suggest.ts'

describe('a problem as people read it', () => {
  const problem: Problem = {
    code: 'HUB_CONFIG_UNKNOWN_FIELD',
    severity: 'error',
    message: '"sumary" is not a field of a tool',
    place: { file: 'connectors/history.yaml', line: 5, column: 5 },
    excerpt: { text: '    sumary: Candles of one symbol', length: 6 },
    hint: 'did you mean "summary"?',
  }

  test('has the layout of the architecture', () => {
    expect(formatProblem(problem)).toBe(
      [
        'connectors/history.yaml:5:5  HUB_CONFIG_UNKNOWN_FIELD  "sumary" is not a field of a tool',
        '  5 |     sumary: Candles of one symbol',
        '    |     ^^^^^^  did you mean "summary"?',
      ].join('\n'),
    )
  })

  test('keeps its hint when there is no line to show', () => {
    expect(formatProblem({ ...problem, excerpt: undefined }).split('\n')[1]).toBe('    did you mean "summary"?')
  })

  test('cannot steer a terminal', () => {
    const text = formatProblem({ ...problem, message: 'a\u001b[2Jb\u202e', excerpt: { text: '\tx\u001b]0;title\u0007', length: 1 } })
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })

  test('shows no more than the beginning of a line without end', () => {
    expect(formatProblem({ ...problem, excerpt: { text: `    sumary${'x'.repeat(1e6)}`, length: 1e6 } }).length).toBeLessThan(800)
    expect(formatProblem({ ...problem, place: { ...problem.place, column: 5_000 } })).not.toContain('^')
  })

  test('is told once, in the order of files and lines', () => {
    const at = (file: string, line: number): Problem => ({ ...problem, place: { file, line, column: 1 } })
    expect(inOrder([at('b', 1), at('a', 10), at('a', 2), at('a', 2)]).map(({ place }) => `${place.file}${place.line}`)).toEqual(['a2', 'a10', 'b1'])
  })
})

describe('places inside a value', () => {
  const at = (text: string, needle: string): string => {
    const source = parseSource('a.yaml', '/a.yaml', text)
    const value = (source.value as { sql: string }).sql
    const { place, excerpt } = source.problem({
      code: 'HUB_CONFIG_SQL',
      message: '',
      path: ['sql'],
      within: { offset: value.indexOf(needle), length: needle.length },
    })
    return `${place.line}:${place.column} ${excerpt?.text.slice(place.column - 1, place.column - 1 + excerpt.length) ?? ''}`
  }

  test.each([
    ['a literal block', 'sql: |\n  SELECT a\n    FROM b\n', '2:10 a', 'a'],
    ['its second line', 'sql: |\n  SELECT a\n    FROM bee\n', '3:10 bee', 'bee'],
    ['a block after empty lines', 'sql: |\n\n\n  SELECT bee\n', '4:10 bee', 'bee'],
    ['a block with its indentation given', 'sql: |2\n    SELECT\n  bee\n', '3:3 bee', 'bee'],
    ['a stripped block', 'sql: |-\n   SELECT\n   bee', '3:4 bee', 'bee'],
    ['a folded block', 'sql: >\n  SELECT\n  bee\n\n  cee\n', '5:3 cee', 'cee'],
    ['a plain text over two lines', 'sql: SELECT\n  bee\n', '2:3 bee', 'bee'],
    ['single quotes', "sql: 'it''s bee'\n", '1:13 bee', 'bee'],
    ['double quotes', 'sql: "a\\tb\\"c bee"\n', '1:15 bee', 'bee'],
    ['lines that end in CR LF', 'sql: |\r\n  SELECT\r\n  bee\r\n', '3:3 bee', 'bee'],
  ])('%s', (_name, text, expected, needle) => expect(at(text, needle)).toBe(expected))

  test('every word of a literal block is found where it stands', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/)
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 4 }), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 6 }), (lines, indent) => {
        const text = `sql: |\n${lines.map((words) => (words.length === 0 ? '' : ' '.repeat(indent) + words.join(' '))).join('\n')}\n  ${' '.repeat(indent)}needleX\n`
        const source = parseSource('a.yaml', '/a.yaml', text)
        fc.pre(source.problems.length === 0)
        expect(at(text, 'needleX').endsWith(' needleX')).toBe(true)
      }),
    )
  })
})

describe('did you mean', () => {
  test.each([
    ['sumary', ['summary', 'tools'], 'did you mean "summary"?'],
    ['shlef', ['shelf'], 'did you mean "shelf"?'],
    ['gte', ['get', 'set'], 'did you mean "get"?'],
    ['Kind', ['kind'], 'did you mean "kind"?'],
    ['abc', ['xyz'], undefined],
    ['anything', [], undefined],
  ])('%s among %o', (given, known, expected) => expect(suggest(given, known)).toBe(expected))
})

describe('patterns of names', () => {
  test.each([
    ['market_*', 'market_latest', true],
    ['market_*', 'markets_latest', false],
    ['*_rows', 'a_list_rows', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['*', '', true],
    ['a.c', 'abc', false],
  ])('%s of %s: %s', (pattern, name, expected) => expect(matcher(pattern)(name)).toBe(expected))

  test('agree with the regular expression of the same meaning', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    fc.assert(
      fc.property(
        text,
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }),
        (pattern, name) => matcher(pattern)(name) === new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name),
      ),
    )
  })
})

describe('listen addresses', () => {
  test.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }, true],
    ['8080', { host: '127.0.0.1', port: 8080 }, true],
    ['localhost:0', { host: 'localhost', port: 0 }, true],
    ['[::1]:80', { host: '::1', port: 80 }, true],
    [':80', { host: '0.0.0.0', port: 80 }, false],
    ['127.evil.example:80', { host: '127.evil.example', port: 80 }, false],
    ['[::]:80', { host: '::', port: 80 }, false],
  ])('%s', (text, expected, loopback) => {
    expect(parseListen(text)).toEqual(expected)
    expect(isLoopback(expected.host)).toBe(loopback)
    expect(URL.canParse(listenUrl(expected))).toBe(true)
  })

  test.each(['', 'here', '127.0.0.1', '1.2.3.4:99999', '::1:80', '[nonsense]:80', 'http://x:80'])('%s is none', (text) =>
    expect(parseListen(text)).toBeUndefined(),
  )
})

describe('secret references', () => {
  const only = (value: Parameters<typeof findReferences>[0]) =>
    findReferences(value).map(({ store, key, optional, path }) => `${path.join('.')} ${store}:${key}${optional ? '?' : ''}`)

  test.each([
    [{ url: { secret: 'A' } }, ['url env:A']],
    [{ list: [{ secret: { file: '/x' } }] }, ['list.0 file:/x']],
    [{ url: { secret: { vault: 'a/b' }, optional: true } }, ['url vault:a/b?']],
    [{ kraken: { apiKey: { secret: 'K' }, secret: { secret: 'S', optional: true } } }, ['kraken.apiKey env:K', 'kraken.secret env:S?']],
    [{ kraken: { secret: { secret: 'S' } } }, ['kraken.secret env:S']],
    [{ secret: 'A', other: 1 }, []],
    [{ secret: { a: 'x', b: 'y' } }, []],
    [{ secret: 5 }, []],
  ])('%o', (value, expected) => expect(only(value as never)).toEqual(expected))

  test('an empty variable is no secret', async () => expect(await environmentStore({ A: '' }).read('A')).toBeUndefined())
})

test('an overlay is laid over maps, and replaces lists and texts', () => {
  expect(layOver({ a: { b: 1, c: [1, 2] }, d: 'x' }, { a: { c: [3] }, d: { e: 1 }, f: null })).toEqual({ a: { b: 1, c: [3] }, d: { e: 1 }, f: null })
})

test('a policy is the last word of each layer, breaker and result field by field', () => {
  const policy = layPolicies(
    'write',
    [{ timeout: '1s', retry: 3, cache: '5s', breaker: { failures: 2 } }, { breaker: { reset: '1m' }, result: { rows: 5 }, limit: '1/s' }, { timeout: '2s' }],
    new Map(),
  )
  expect(policy).toEqual({
    timeoutMs: 2_000,
    limit: { calls: 1, perMs: 1_000 },
    retry: 0,
    breaker: { failures: 2, resetMs: 60_000 },
    result: { rows: 5, bytes: 262_144 },
    arguments: [],
    scopes: [],
  })
})
