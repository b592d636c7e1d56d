import type { ScalarNode } from './tree.ts'

/** The offset in a file's text of a character of a scalar's value: block indentation, folding and simple escapes are undone. */
export function offsetInScalar(text: string, scalar: ScalarNode, offset: number): number {
  const { start, text: value, style } = scalar
  if (style === 'literal') return inLiteral(text, start, value, offset)
  if (style === 'folded') return inFlow(text, lineAfter(text, start), value, offset)
  return inFlow(text, style === 'quoted' ? start + 1 : start, value, offset)
}

function inLiteral(text: string, start: number, value: string, offset: number): number {
  const before = value.slice(0, offset)
  const lineOfOffset = before.split('\n').length - 1
  const columnOfOffset = before.length - (before.lastIndexOf('\n') + 1)
  const indent = literalIndent(text, start, value)
  let line = lineAfter(text, start)
  for (let skipped = 0; skipped < lineOfOffset; skipped++) line = lineAfter(text, line)
  return Math.min(line + indent + columnOfOffset, text.length)
}

/** Spaces before each line of a literal block: what its first line with words has in the file, less what it has in the value. */
function literalIndent(text: string, start: number, value: string): number {
  const index = value.split('\n').findIndex((line) => line.trim() !== '')
  if (index < 0) return 0
  let line = lineAfter(text, start)
  for (let skipped = 0; skipped < index; skipped++) line = lineAfter(text, line)
  return spacesAt(text, line) - spacesAt(value.split('\n')[index] as string, 0)
}

function spacesAt(text: string, from: number): number {
  let end = from
  while (text[end] === ' ') end++
  return end - from
}

function lineAfter(text: string, offset: number): number {
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end + 1
}

/** Walks text and value side by side; a run of white space in the text stands for one space or its line breaks in the value. */
function inFlow(text: string, start: number, value: string, offset: number): number {
  let at = start
  while (isBlank(text[at]) && !isBlank(value[0])) at++
  for (let index = 0; index < offset && at < text.length; index++) {
    const wanted = value[index]
    if (text[at] === '\\' && wanted !== '\\') at += 2
    else if (text[at] === wanted && wanted !== '\n' && wanted !== ' ') at += text.startsWith("''", at) && wanted === "'" ? 2 : 1
    else if (isBlank(wanted)) at = afterBlank(text, at, value[index + 1])
    else at++
  }
  return at
}

function afterBlank(text: string, at: number, next: string | undefined): number {
  if (isBlank(next)) return at + 1
  let end = at
  while (isBlank(text[end])) end++
  return Math.max(end, at + 1)
}

const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\n' || character === '\t' || character === '\r'
