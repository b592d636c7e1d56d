// oxlint-disable-next-line no-control-regex
const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066-\u2069\ufeff]/g

// Most texts, in which nothing needs a change.
const ordinary = /^[A-Za-z](?: ?[A-Za-z0-9_.,;:'"()/%!?=+^${}@-])*$/
const bareWord = /^[\w.[\]/-]+$/

/** A text of anyone's on one line of Markdown: nothing in it is markup, and nothing steers a terminal or reverses what is read. */
export function inline(text: string): string {
  if (ordinary.test(text)) return text
  return plain(text)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*[\]|~]/g, '\\$&')
    .replace(/^(\d*)(?=(?:#+|>|\+|=+|-+|(?<=\d)[.)])(?:\s|$))/, '$1\\')
}

/** The same for longer texts: paragraphs and lists stay. */
export function paragraphs(text: string): string {
  const lines = plain(text)
    .split('\n')
    .map((line) => {
      const [, bullet = '', words = ''] = /^\s*([-*]|\d{1,3}\.(?=\s))?(.*)$/.exec(line) ?? []
      const isItem = /^\s+\S/.test(words)
      return isItem && bullet !== '' ? `${bullet === '*' ? '-' : bullet} ${inline(words)}` : inline(bullet + words)
    })
  return lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

/** A text as code within a line; a cell of a table keeps its borders. */
export function code(text: string): string {
  if (bareWord.test(text)) return `\`${text}\``
  const line = plain(text).replaceAll(/\s+/g, ' ')
  // Between fences a backslash cannot itself be escaped, and before a border it would free it.
  if (line.includes('\\|')) return `<code>${inline(line)}</code>`
  const fence = '`'.repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  const space = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${space}${line.replaceAll('|', '\\|')}${space}${fence}`
}

/** The anchor a heading gets on the usual hosts. */
export const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const plain = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll(unseen, ' ')
