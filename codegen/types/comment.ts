import type { JsonObject } from '../../runtime/contract/json.ts'

// Besides the end of a comment: what moves text about in an editor (bidirectional controls), and what is no text at all.
const controls = /[^\P{Cc}\n\t]|[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** Any text, fit to stand in a block comment: it cannot end it, and its lines end in LF. */
export const commentText = (text: string): string =>
  text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(controls, ' ')
    .replaceAll('*/', '*\\/')
    .replace(/[ \t]+$/gm, '')
    .trim()

/** The same on one line. */
export const commentLine = (text: string): string => commentText(text).replace(/\s+/g, ' ')

/** Text as a JSDoc comment at a depth of `indent` spaces; empty for no text. */
export function docComment(text: string, indent = 0): string {
  const clean = commentText(text)
  if (clean === '') return ''
  const pad = ' '.repeat(indent)
  const lines = clean.split('\n')
  // A directive to a compiler would be one on the last line of a comment.
  if (lines.length === 1 && !clean.startsWith('@')) return `${pad}/** ${clean} */\n`
  return `${pad}/**\n${lines.map((line) => `${pad} * ${line}`.trimEnd()).join('\n')}\n${pad} */\n`
}

const longestValue = 200

/** What a schema says of its values in words, as the text of a comment. */
export function wordsOf({ title, description, default: fallback, format }: JsonObject): string {
  const value = fallback === undefined ? '' : JSON.stringify(fallback)
  return [
    typeof description === 'string' ? commentText(description) : typeof title === 'string' ? commentText(title) : '',
    value !== '' && value.length <= longestValue ? `@default ${commentLine(value)}` : '',
    typeof format === 'string' ? `@format ${commentLine(format)}` : '',
  ]
    .filter((line) => line !== '')
    .join('\n')
}
