import { expect, test } from 'vitest'
import { Lines } from '../../../../runtime/kinds/mcp/lines.ts'

function cut(limit: number, chunks: readonly string[], end = false): { lines: string[]; tooLong: string[][] } {
  const lines: string[] = []
  const tooLong: string[][] = []
  const splitter = new Lines(
    limit,
    (line) => lines.push(line),
    (head, tail) => tooLong.push([head, tail]),
  )
  for (const chunk of chunks) splitter.push(chunk)
  if (end) splitter.end()
  return { lines, tooLong }
}

test.each([
  ['one line in pieces', ['ab', 'c', 'd\n'], ['abcd']],
  ['several lines in one piece', ['a\nb\nc'], ['a', 'b']],
  ['empty lines', ['\n\na\n\n'], ['a']],
  ['a break at the edge of a piece', ['a', '\n', 'b\n'], ['a', 'b']],
])('%s', (_name, chunks, lines) => expect(cut(100, chunks)).toEqual({ lines, tooLong: [] }))

test('the last line counts without its break, at the end', () => expect(cut(100, ['a\nb'], true).lines).toEqual(['a', 'b']))

test.each([
  ['in one piece', [`${'x'.repeat(50)}end\nnext\n`]],
  ['in many', [...('x'.repeat(50).match(/.{1,7}/g) as string[]), 'end', '\nnext\n']],
])('a line that is too long, %s, is dropped; its ends are told, the next is read', (_name, chunks) => {
  const { lines, tooLong } = cut(10, chunks)
  expect(lines).toEqual(['next'])
  expect(tooLong).toHaveLength(1)
  expect(tooLong[0]?.[0]).toMatch(/^x+/)
  expect(tooLong[0]?.[1]).toMatch(/end$/)
})

test('a line that is too long and never ends is told at the end', () => expect(cut(10, ['x'.repeat(30)], true).tooLong).toHaveLength(1))
