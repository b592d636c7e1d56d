import { expect, test } from 'vitest'
import { tokensOf } from '../../../../runtime/kinds/clickhouse/lexer.ts'

const told = (sql: string): readonly string[] => tokensOf(sql).map(({ type, text }) => `${type} ${text}`)

test.each([
  ["SELECT 'a;b' -- c;\n, 1", ['word SELECT', "string 'a;b'", 'symbol ,', 'number 1']],
  [`'it''s' 'a\\'b' 'ü'`, [`string 'it''s'`, `string 'a\\'b'`, `string 'ü'`]],
  ['`a``b` "c\\"d" “e;” ‘f;’', ['quoted `a``b`', 'quoted "c\\"d"', 'quoted “e;”', 'string ‘f;’']],
  ['/* a; */ x # b;\n#! c\ny', ['word x', 'word y']],
  ['$$ ; $$ $tag$ $$;{x:Int8} $tag$ 1', ['string $$ ; $$', 'string $tag$ $$;{x:Int8} $tag$', 'number 1']],
  ['{name:String} { n : Nullable(Decimal(10, 2)) }', ['placeholder {name:String}', 'placeholder { n : Nullable(Decimal(10, 2)) }']],
  [`{e:Enum8('}' = 1)}`, [`placeholder {e:Enum8('}' = 1)}`]],
  [`{'a': 1}`, ['symbol {', `string 'a'`, 'symbol :', 'number 1', 'symbol }']],
  ['1e-5 0x1F 1_000 a.1', ['number 1e-5', 'number 0x1F', 'number 1_000', 'word a', 'symbol .', 'number 1']],
  ['überall 名 x2', ['word überall', 'word 名', 'word x2']],
  ["SELECT 'open; {a:Int8}", ['word SELECT', "broken 'open; {a:Int8}"]],
  ['x /* open', ['word x', 'broken /* open']],
  ['x $a$ open', ['word x', 'broken $a$ open']],
])('%s', (sql, expected) => {
  expect(told(sql)).toEqual(expected)
})

test('places are those of the text as written, and brackets are counted', () => {
  const sql = '😀 (a, [b])'
  for (const { text, start, end } of tokensOf(sql)) expect(sql.slice(start, end)).toBe(text)
  expect(tokensOf('a (b [c] d) e').map(({ text, depth }) => `${text}${depth}`)).toEqual(['a0', '(0', 'b1', '[1', 'c2', ']1', 'd1', ')0', 'e0'])
})
