import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { comparePlaceholders } from '../../../runtime/guards/sql-placeholders.ts'
import { readStatement, type Statement } from '../../../runtime/guards/sql.ts'

const read = (sql: string): Promise<Statement> => readStatement(sql, { effect: 'read' })

describe('numbering', () => {
  const cases: readonly (readonly [sql: string, text: string, names: readonly string[]])[] = [
    ['SELECT :a', 'SELECT $1', ['a']],
    ['SELECT :symbol, :limit', 'SELECT $1     , $2    ', ['symbol', 'limit']],
    ['SELECT :a, :b, :a', 'SELECT $1, $2, $1', ['a', 'b']],
    ['SELECT :a::int', 'SELECT $1::int', ['a']],
    [
      `SELECT ':a', "b:c", E'\\':a', U&':a', B'1' -- :a\n/* :a /* :a */ */, $$ :a $$, $q$ :a $q$, :b`,
      `SELECT ':a', "b:c", E'\\':a', U&':a', B'1' -- :a\n/* :a /* :a */ */, $$ :a $$, $q$ :a $q$, $1`,
      ['b'],
    ],
    ['SELECT x::text, :Name_1', 'SELECT x::text, $1     ', ['Name_1']],
    ['SELECT ARRAY[:a, :b]', 'SELECT ARRAY[$1, $2]', ['a', 'b']],
    ['SELECT ARRAY[[:a], [:b, f(:c)]]', 'SELECT ARRAY[[$1], [$2, f($3)]]', ['a', 'b', 'c']],
    ['SELECT xs[1:2], xs[(:a)], xs[1: n], xs[f(:b):]', 'SELECT xs[1:2], xs[($1)], xs[1: n], xs[f($2):]', ['a', 'b']],
    ['SELECT f(a := :a, b => :b)', 'SELECT f(a := $1, b => $2)', ['a', 'b']],
    [`SELECT JSON_OBJECT('k' : :a)`, `SELECT JSON_OBJECT('k' : $1)`, ['a']],
    ['SELECT -:a + :b', 'SELECT -$1 + $2', ['a', 'b']],
    ['SELECT :select, :order', 'SELECT $1     , $2    ', ['select', 'order']],
    [`SELECT 'é😀', :a`, `SELECT 'é😀', $1`, ['a']],
  ]
  test.each(cases)('%s', async (sql, text, names) => {
    expect(await read(sql)).toMatchObject({ text, names, findings: [] })
  })

  test('ten names and more, the short ones too', async () => {
    const names = 'abcdefghijkl'.split('')
    const { text, findings } = await read(`SELECT ${names.map((name) => `:${name}`).join(', ')}`)
    expect(findings).toEqual([])
    expect(text).toBe('SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12')
  })

  const refused: readonly (readonly [sql: string, at: string, message: string])[] = [
    ['SELECT xs[1:n]', ':n', '":n" inside [ ] may be a placeholder or the end of a slice'],
    ['SELECT xs[:n]', ':n', '":n" inside [ ] may be a placeholder or the end of a slice'],
    ['SELECT (xs)[:n]', ':n', '":n" inside [ ] may be a placeholder or the end of a slice'],
    ['SELECT $1', '$1', '"$1" has no name'],
    ['SELECT :"a b"', ':"a b"', '":"a b"" is not a name a placeholder may have'],
    ['SELECT :a$1', ':a$1', '":a$1" is not a name a placeholder may have'],
    ['SELECT :é', ':é', '":é" is not a name a placeholder may have'],
    ['SELECT x:a', ':a', '":a" follows "x" directly'],
    ['SELECT 1:a', ':a', '":a" follows "1" directly'],
    [`SELECT 'x':a`, ':a', `":a" follows "'x'" directly`],
  ]
  test.each(refused)('refused, with a way on: %s', async (sql, at, message) => {
    const { findings } = await read(sql)
    expect(findings).toHaveLength(1)
    const [finding] = findings
    expect(finding).toMatchObject({ code: 'HUB_CONFIG_PLACEHOLDER', message, hint: expect.any(String) as string })
    expect(sql.slice(finding?.within.offset, (finding?.within.offset ?? 0) + (finding?.within.length ?? 0))).toBe(at)
  })

  test.each(['SELECT :1', 'SELECT : a', 'SELECT :', 'SELECT :::a'])('left to the grammar, which refuses it: %s', async (sql) => {
    expect((await read(sql)).findings[0]).toMatchObject({ code: 'HUB_CONFIG_SQL', message: expect.stringContaining('syntax error') as string })
  })

  test('text in quotes and comments is never touched, whatever it is', async () => {
    const quoted = fc.tuple(fc.constantFrom('string', 'name', 'dollar', 'block'), fc.string({ unit: 'grapheme' })).map(([form, inner]) => {
      const plain = inner.replaceAll('\0', '')
      if (form === 'string') return `'${plain.replaceAll("'", "''")}'`
      if (form === 'name') return `1 AS "${plain.replaceAll('"', '""')}x"`
      if (form === 'dollar') return `$tag$${plain.replaceAll('$', '')}$tag$`
      return `/*${plain.replaceAll(/[*/]/g, '')}*/ 1`
    })
    await fc.assert(
      fc.asyncProperty(fc.array(quoted, { minLength: 1, maxLength: 6 }), async (pieces) => {
        const { text, names, findings } = await read(`SELECT ${pieces.join(', ')}, :last`)
        expect(findings).toEqual([])
        expect(names).toEqual(['last'])
        expect(text).toBe(`SELECT ${pieces.join(', ')}, $1   `)
      }),
      { numRuns: 300 },
    )
  })

  test('all but the placeholders stands where it stood, and each has its number', async () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_]{1,12}$/)
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 8 }), async (given) => {
        const sql = `SELECT ${given.map((each) => `:${each}::text`).join(', ')} FROM "ä" WHERE '😀' <> :${given[0]}`
        const { text, names, placeholders, findings } = await read(sql)
        expect(findings).toEqual([])
        expect(text).toHaveLength(sql.length)
        expect(names).toEqual([...new Set(given)])
        for (const { name: found, offset, length } of placeholders) {
          expect(sql.slice(offset, offset + length)).toBe(`:${found}`)
          expect(text.slice(offset, offset + length).trimEnd()).toBe(`$${names.indexOf(found) + 1}`)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('placeholders and inputs agree', () => {
  const at = (name: string): { name: string; offset: number; length: number } => ({ name, offset: 7, length: name.length + 1 })

  test('both ways', () => {
    expect(comparePlaceholders([at('a'), at('b')], ['a', 'b'])).toEqual({ missing: [], unused: [] })
  })

  test('a slip of the pen is told from both ends', () => {
    expect(comparePlaceholders([at('symbl')], ['symbol'])).toEqual({
      missing: [
        {
          code: 'HUB_CONFIG_PLACEHOLDER',
          message: '":symbl" has no input property of that name',
          hint: 'did you mean "symbol"?',
          within: { offset: 7, length: 6 },
        },
      ],
      unused: [{ name: 'symbol', hint: 'did you mean ":symbl"?' }],
    })
  })

  test('what is like nothing else is told how to be declared or used', () => {
    const { missing, unused } = comparePlaceholders([at('from')], ['quantity'])
    expect(missing[0]?.hint).toBe('declare it under input: properties: from')
    expect(unused).toEqual([{ name: 'quantity', hint: 'use :quantity in the statement or remove the property' }])
  })

  test('an input of a statement without placeholders', () => {
    expect(comparePlaceholders([], ['a']).unused[0]?.hint).toBe('use :a in the statement or remove the property')
    expect(comparePlaceholders([at('a')], []).missing[0]?.hint).toBe('declare it under input: properties: a')
  })
})
