import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Path } from '../../../runtime/manifest/source.ts'
import { parseSource } from '../../../runtime/manifest/source.ts'

const read = (text: string) => parseSource('a.yaml', '/a.yaml', text)
const faults = (text: string) => read(text).problems.map(({ message, place: { line, column }, hint }) => [line, column, message, hint])

/** The text that a problem at a path marks, in its line. */
function marked(text: string, path: Path, part: 'key' | 'value' = 'value'): string | undefined {
  const { place, excerpt } = read(text).problem({ path, part, code: 'HUB_CONFIG_VALUE', message: '' })
  return excerpt?.text.slice(place.column - 1, place.column - 1 + excerpt.length)
}

describe('what a YAML text says', () => {
  test('is what YAML 1.2 says: its core schema, no more', () => {
    const text = `
null: [~, null, Null, '', ]
bools: [true, False, yes, on]
ints: [7, -7, +7, 012, 0o17, 0x1F, 1_000, 0b1]
floats: [1., .5, 1e3, -0.25E-2]
texts: [2001-01-01, 12:30:00, <<, '1', "a\\tb\\u0041", it's]
tagged: [!!str 12, !!int "12", ! 12, !!float 3, !!bool "true", !!null ""]
block: |
  one
    two

folded: >-
  one
  two

  three
plain: one
  two
`
    expect(read(text).problems).toEqual([])
    expect(read(text).value).toEqual({
      null: [null, null, null, ''],
      bools: [true, false, 'yes', 'on'],
      ints: [7, -7, 7, 12, 15, 31, '1_000', '0b1'],
      floats: [1, 0.5, 1000, -0.0025],
      texts: ['2001-01-01', '12:30:00', '<<', '1', 'a\tbA', "it's"],
      tagged: ['12', 12, '12', 3, true, null],
      block: 'one\n  two\n',
      folded: 'one two\nthree',
      plain: 'one two',
    })
  })

  test('keeps keys as they are written', () => {
    expect(read('1.0: a\ntrue: b\n~: c\n"x y": d\n0x1: e\n').value).toEqual({ '1.0': 'a', true: 'b', '~': 'c', 'x y': 'd', '0x1': 'e' })
  })

  test('gives each alias a value of its own', () => {
    const { value } = read('a: &x { b: [1] }\nc: *x\n') as unknown as { value: { a: { b: number[] }; c: { b: number[] } } }
    expect(value).toEqual({ a: { b: [1] }, c: { b: [1] } })
    expect(value.a).not.toBe(value.c)
  })

  test('is the same for any JSON, written as JSON or as YAML in any style', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom('PLAIN', 'BLOCK_LITERAL', 'QUOTE_DOUBLE', 'BLOCK_FOLDED'), (value, style) => {
        // A block of blanks alone says nothing by YAML's rules, whatever its writer meant.
        const first = style.startsWith('BLOCK') ? 'x' : ''
        const expected: unknown = JSON.parse(JSON.stringify(value).replaceAll('__proto__', '__proto'), (_key, one: unknown) =>
          typeof one === 'string' ? `${first}${one}` : one,
        )
        for (const text of [JSON.stringify(expected, null, 1), stringify(expected, { defaultStringType: style, defaultKeyType: 'QUOTE_DOUBLE' })]) {
          const source = read(text)
          expect(source.problems, text).toEqual([])
          expect(source.value, text).toEqual(expected)
        }
      }),
      { numRuns: 500 },
    )
  })

  test.each(['', '# nothing\n', '---\n', '\n\n'])('%j is an empty document', (text) => {
    expect(read(text)).toMatchObject({ value: null, problems: [] })
  })
})

describe('a text that is not YAML', () => {
  test('is told of with all its faults at once', () => {
    expect(faults('a: [1, 2\nb: }\nc: "3\n').length).toBeGreaterThan(1)
    expect(faults('a: b: c\nd: @e\n')).toEqual([
      [1, 4, 'nested mappings are not allowed in compact mappings', 'quote a text that holds ": "'],
      [2, 4, 'plain value cannot start with reserved character @', 'quote it'],
    ])
  })

  test.each<[string, string, readonly [number, number, string | RegExp, string?]]>([
    ['a tab for indentation', 'a:\n\tb: 1\n', [2, 1, /tab/i, 'indent with spaces']],
    ['two documents', 'a: 1\n---\nb: 2\n', [2, 1, /multiple documents/, 'one file holds one document; remove the line ---']],
    ['a control character', 'a: x\u0007y\n', [1, 5, 'the stream contains non-printable characters']],
    ['a NUL', 'a: 1\nb: \0\n', [2, 4, 'null byte is not allowed in input']],
    ['a bracket in the column of its key', 'a: {\n  b: 1\n}\n', [3, 1, 'deficient indentation', 'indent it further than the key it belongs to']],
    ['a tag of somebody’s own', 'a:\n  b: !secret x\n', [2, 6, 'unresolved tag: !secret', 'write the value without a tag']],
    ['a tag that does not fit', 'a: !!int x\n', [1, 4, 'unresolved tag: !!int', 'write the value without a tag']],
    ['a tag of another collection', 'a: !!set { b }\n', [1, 4, 'unresolved tag: !!set', 'write the value without a tag']],
    ['a key twice', 'a: 1\nb: 2\na: 3\n', [3, 1, '"a" stands twice in one map', 'keep one of them']],
    ['a key that is a list', '? [a]\n: b\n', [1, 3, 'a key must be text', 'quote it, if it begins with one of { [ * ?']],
    ['the prototype as a key', '__proto__: { a: 1 }\n', [1, 1, '"__proto__" cannot be a key']],
    ['infinity', 'a: .inf\n', [1, 4, 'not a number and infinity have no place in JSON']],
    ['an alias of nothing', 'a: *b\n', [1, 4, 'no anchor &b stands before this alias']],
    ['an alias in its own anchor', 'a: &b [*b]\n', [1, 8, 'the alias *b stands inside its own anchor']],
  ])('with %s is told of at its place', (_name, text, [line, column, message, hint]) => {
    const [first] = faults(text)
    expect(first?.slice(0, 2)).toEqual([line, column])
    expect(first?.[2]).toMatch(message)
    if (hint !== undefined) expect(first?.[3]).toBe(hint)
  })

  test.each<[string, string]>([
    ['brackets without end', '['.repeat(20_000)],
    ['lists in lists', `${'- '.repeat(5_000)}1`],
    ['brackets that close', '['.repeat(300) + ']'.repeat(300)],
    ['maps in maps', Array.from({ length: 250 }, (_, level) => `${' '.repeat(level)}a:\n`).join('')],
    [
      'aliases of aliases',
      `a: &a [1,1,1,1,1,1,1,1,1,1]\n${Array.from('bcdefg')
        .map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(10)}]\n`)
        .join('')}`,
    ],
  ])('with %s too many is refused', (_name, text) => {
    expect(read(text).problems.map(({ code }) => code)).toContain('HUB_CONFIG_FILE')
  })
})

describe('the place of a value', () => {
  const text = `connector: market
config: { url: 'a''b', list: [one, { two: 2 }, ], none: , bare }
left:
items:
  - first # of them
  -
  - last: "x"
block: |-
  line one
  line two
`
  test.each<[Path, string | undefined, string | undefined]>([
    [['connector'], 'connector', 'market'],
    [['config'], 'config', 'config'],
    [['config', 'url'], 'url', "'a''b'"],
    [['config', 'list'], 'list', 'list'],
    [['config', 'list', 0], 'one', 'one'],
    [['config', 'list', 1], '{ two: 2 }', '{ two: 2 }'],
    [['config', 'list', 1, 'two'], 'two', '2'],
    [['config', 'bare'], 'bare', 'bare'],
    [['items', 0], 'first', 'first'],
    [['items', 2, 'last'], 'last', '"x"'],
    [['block'], 'block', '|-'],
    [['items', 9], 'items', 'items'],
    [['nowhere', 'at', 'all'], 'connector: market', 'connector: market'],
  ])('at %j is where it stands', (path, key, value) => {
    expect(marked(text, path, 'key')).toBe(key)
    expect(marked(text, path)).toBe(value)
  })

  test('that is left out is after its colon or dash', () => {
    expect(read(text).place(['left'], 'value')).toEqual({ file: 'a.yaml', line: 3, column: 6 })
    expect(read(text).place(['items', 1], 'value')).toEqual({ file: 'a.yaml', line: 6, column: 4 })
  })

  test('is told apart from one that is not there', () => {
    const { has } = read(text)
    expect([has(['left']), has(['items', 1]), has(['items', 3]), has(['right']), has(['config', 'url', 'x'])]).toEqual([true, true, false, false, false])
  })

  test('follows an alias to its anchor', () => {
    expect(read('a: &x\n  b: 1\nc: *x\n').place(['c', 'b'])).toEqual({ file: 'a.yaml', line: 2, column: 3 })
  })

  test.each<[string, string]>([
    ['a literal block', 'sql: |\n  SELECT 1\n  FROM nowhere\n'],
    ['a folded block', 'sql: >\n  SELECT 1\n  FROM nowhere\n'],
    ['a plain text', 'sql: SELECT 1\n  FROM nowhere\n'],
    ['single quotes', "sql: 'SELECT 1\n\n  FROM nowhere'\n"],
    ['double quotes', 'sql: "SELECT 1\n  FROM nowhere"\n'],
    ['a block with a comment in its head', 'sql: |- # a | in it\n  SELECT 1\n  FROM nowhere\n'],
    ['lines that end as on Windows', 'sql: |\r\n  SELECT 1\r\n  FROM nowhere\r\n'],
  ])('inside %s is found', (_name, yaml) => {
    const source = read(yaml)
    const { sql } = source.value as { sql: string }
    const { place, excerpt } = source.problem({ path: ['sql'], code: 'HUB_CONFIG_SQL', message: '', within: { offset: sql.indexOf('nowhere'), length: 7 } })
    expect(excerpt?.text.slice(place.column - 1, place.column - 1 + excerpt.length)).toBe('nowhere')
  })

  test('in a line of a megabyte comes with the beginning of it, and without a password that the cut left half', () => {
    const address = `${' '.repeat(230)}"postgres://u:swordfishswordfishswordfish@h"`
    const source = read(`{"a":${address},"b":"${'x'.repeat(1_000_000)}","c":1}`)
    const near = source.problem({ path: ['a'], code: 'HUB_CONFIG_VALUE', message: '' })
    expect(near.excerpt?.text).toMatch(/^\{"a": +"postgres:\/\/u:\*+$/)
    const far = source.problem({ path: ['c'], code: 'HUB_CONFIG_VALUE', message: '' })
    expect(far).toMatchObject({ place: { line: 1, column: expect.any(Number) as number } })
    expect(far.excerpt).toBeUndefined()
  })

  test('is never shown once it is masked, however it is written', () => {
    for (const yaml of [
      'a: swordfish\n',
      "a: 'swordfish'\n",
      'a: &x "swordfish"\n',
      'a: [swordfish, swordfish]\n',
      'a:\n  - swordfish\n',
      'a: { b: swordfish }\n',
    ]) {
      const source = read(yaml)
      source.mask(['a'])
      const shown = [[], ['a'], ['a', 0], ['a', 'b']].map((path) => source.problem({ path, code: 'HUB_CONFIG_VALUE', message: '' }).excerpt?.text)
      expect(shown.join('\n')).not.toContain('swordfish')
    }
  })
})
