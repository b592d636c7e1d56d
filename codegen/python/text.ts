// Controls, formatting (which includes the marks that turn the direction of text), surrogates alone, private use, and separators other than the space.
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu
const unseen = /(?![\n\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu

/** A text as a Python string literal: nothing in it can end the literal, begin a docstring, or be read as something else than it shows. */
export function pythonText(text: string): string {
  const inner = text
    .replace(/[\\']|"(?=")/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replace(unprintable, escaped)
  return `'${inner}'`
}

function escaped(character: string): string {
  const code = character.codePointAt(0) as number
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}

const longestText = 4_000

/** Prose as a docstring at this indent, its lines trimmed; empty for prose that says nothing. */
export function docstring(prose: string, indent: string): string {
  const text = printable(prose)
  if (text === '') return ''
  const lines = text
    .replaceAll('\\', '\\\\')
    .replace(/"(?="|$)/g, '\\"')
    .split('\n')
  if (lines.length === 1) return `${indent}"""${lines[0]}"""\n`
  return `${indent}"""${lines.map((line, index) => (index === 0 || line === '' ? line : `${indent}${line}`)).join('\n')}\n${indent}"""\n`
}

/** Prose in one line that may stand in a comment. */
export const oneLine = (prose: string): string => printable(prose).replace(/\s+/g, ' ')

function printable(prose: string): string {
  const cut = prose.length > longestText ? `${prose.slice(0, longestText)}…` : prose
  const lines = cut.replace(/\r\n?/g, '\n').replaceAll('\t', '  ').replace(unseen, ' ').split('\n')
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** Python without its docstrings. */
export const withoutProse = (code: string): string => code.replace(/"""(?:[^"\\]|\\[\s\S]|"(?!""))*"""/g, '')
