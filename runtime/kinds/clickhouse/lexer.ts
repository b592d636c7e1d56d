/** A piece of a statement. Offsets are UTF-16 units of the text as written. */
export interface Token {
  /** word: a keyword or name; quoted: a name in quotes; placeholder: `{name:Type}`; broken: quotes or a comment without an end. */
  readonly type: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'placeholder' | 'broken'
  readonly text: string
  readonly start: number
  readonly end: number
  /** How many brackets are open around it. */
  readonly depth: number
}

const blank = /\s+/y
// A # begins a comment where a blank or ! follows, as in ClickHouse's own lexer.
const lineComment = /(?:--|#(?=[ !]))[^\n]*/y
const blockComment = /\/\*[\s\S]*?\*\//y
const word = /[\p{L}_][\p{L}\p{N}_]*/uy
const number = /\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?\w*/y
const string = /'(?:[^'\\]|\\[\s\S]|'')*'/y
const curlyString = /‘[^’]*’/y
const backquoted = /`(?:[^`\\]|\\[\s\S]|``)*`/y
const doubleQuoted = /"(?:[^"\\]|\\[\s\S]|"")*"/y
const curlyQuoted = /“[^”]*”/y
const heredoc = /\$(\w*)\$[\s\S]*?\$\1\$/y
const placeholder = /\{\s*[A-Za-z_]\w*\s*:(?:[^{}']|'(?:[^'\\]|\\[\s\S])*')*\}/y

const sorts: readonly (readonly [RegExp, Token['type']])[] = [
  [string, 'string'],
  [curlyString, 'string'],
  [heredoc, 'string'],
  [backquoted, 'quoted'],
  [doubleQuoted, 'quoted'],
  [curlyQuoted, 'quoted'],
  [placeholder, 'placeholder'],
  [word, 'word'],
  [number, 'number'],
]
const openers = new Set(['(', '[', '{'])
const closers = new Set([')', ']', '}'])

/** Cuts a statement into tokens by the rules of ClickHouse's lexer; comments and blanks are left out. Never throws: what has no end is a `broken` token that reaches to the end. */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = []
  let depth = 0
  let at = 0
  while (at < sql.length) {
    const skipped = matchedAt(blank, sql, at) ?? matchedAt(lineComment, sql, at) ?? matchedAt(blockComment, sql, at)
    if (skipped !== undefined) {
      at += skipped.length
      continue
    }
    const { type, text } = tokenAt(sql, at)
    if (closers.has(text)) depth -= 1
    tokens.push({ type, text, start: at, end: at + text.length, depth })
    if (openers.has(text)) depth += 1
    at += text.length
  }
  return tokens
}

function tokenAt(sql: string, at: number): Pick<Token, 'type' | 'text'> {
  for (const [pattern, type] of sorts) {
    const text = matchedAt(pattern, sql, at)
    if (text !== undefined) return { type, text }
  }
  const character = String.fromCodePoint(sql.codePointAt(at) ?? 0)
  const isUnended = `'"\`‘“`.includes(character) || sql.startsWith('/*', at) || /^\$\w*\$/.test(sql.slice(at, at + 80))
  return isUnended ? { type: 'broken', text: sql.slice(at) } : { type: 'symbol', text: character }
}

function matchedAt(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(sql)?.[0]
}
