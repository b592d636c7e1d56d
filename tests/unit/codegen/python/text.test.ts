import { describe, expect, test } from 'vitest'
import { docstring, oneLine, pythonText, withoutProse } from '../../../../codegen/python/text.ts'

test.each([
  ['plain', "'plain'"],
  ["it's", "'it\\'s'"],
  ['\\', "'\\\\'"],
  ['\n\r\0', "'\\n\\x0d\\x00'"],
  ['"""', `'\\"\\""'`],
  ['\u202e\u2028\u00a0', "'\\u202e\\u2028\\xa0'"],
  ['\u{e0041}', "'\\U000e0041'"],
  ['é日👍', "'é日👍'"],
])('the literal of %j', (text, literal) => expect(pythonText(text)).toBe(literal))

describe('a docstring', () => {
  test.each([
    ['What it does.', '  """What it does."""\n'],
    ['ends with "', '  """ends with \\""""\n'],
    ['"""\nimport os', '  """\\"\\""\n  import os\n  """\n'],
    ['\\', '  """\\\\"""\n'],
    ['a\u202eb\0c', '  """a b c"""\n'],
    [' \n ', ''],
  ])('of %j', (prose, expected) => expect(docstring(prose, '  ')).toBe(expected))

  test('is cut where nobody reads on', () => expect(docstring('x'.repeat(100_000), '').length).toBeLessThan(5_000))
})

test('a comment has one line', () => expect(oneLine('a\r\nb\u2028import os')).toBe('a b import os'))

test('code without docstrings keeps what only looks like one', () => {
  const code = `x: Literal[${pythonText('"""')}]\n${docstring('says UUID \\', '')}y: Date\n`
  expect(withoutProse(code)).toBe(`x: Literal['\\"\\""']\n\ny: Date\n`)
})
