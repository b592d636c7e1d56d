import { setFlagsFromString } from 'node:v8'
import type { ScanToken } from 'libpg-query'

/** One lexeme of a statement. Offsets are UTF-16 units of the text as written. */
export interface SqlToken {
  readonly text: string
  /** The text in lower case when it is a bare word (a keyword or an unquoted name); otherwise empty. */
  readonly word: string
  readonly start: number
  readonly end: number
}

/** A text the parser would not take: where, and its own words. */
export interface SqlFault {
  readonly message: string
  readonly offset: number
}

/** PostgreSQL's own lexer and grammar. */
export interface SqlParser {
  /** Lexemes without comments. Call `measure` before `parse`. */
  scan(text: string): { readonly tokens: readonly SqlToken[] } | { readonly fault: SqlFault }
  /** The parse tree as PostgreSQL's node types name it, offsets still in bytes. */
  parse(text: string): { readonly tree: unknown } | { readonly fault: SqlFault }
}

// The parser is C code in WebAssembly: nesting deep enough to run out of stack leaves it broken for the rest of the process
// (seen from 1,000 nested subqueries on). So texts are measured first, in lexemes that can add to one depth, at a third of what it bears or less.
const maxBytes = 256 * 1024
const maxTokens = 20_000
const maxWeight = 1_000
const bracketWeight = 8
const setOperationWeight = 4

// Together they keep V8 from ever optimizing what is compiled meanwhile.
const onceForAll = ['wasm-dynamic-tiering', 'wasm-tier-up']

const plainWord = /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*$/
const setOperations: ReadonlySet<string> = new Set(['union', 'intersect', 'except'])

let loading: Promise<SqlParser> | undefined

/** The parser, loaded once for the process at first use (about 20 ms). */
export function sqlParser(): Promise<SqlParser> {
  return (loading ??= load())
}

async function load(): Promise<SqlParser> {
  // Optimizing the grammar, one function of 300 kB, takes half a gigabyte and a second of CPU, for statements that are read once or a few hundred times.
  // Functions are compiled when they are first called: one statement is read before other modules are compiled as V8 likes again.
  for (const flag of onceForAll) setFlagsFromString(`--no-${flag}`)
  const library = await import('libpg-query')
  await library.loadModule()
  library.parseSync('SELECT 1')
  for (const flag of onceForAll) setFlagsFromString(`--${flag}`)

  function parse(text: string): ReturnType<SqlParser['parse']> {
    try {
      return { tree: library.parseSync(text) }
    } catch (error) {
      return { fault: faultOf(error, text) }
    }
  }

  function scan(text: string): ReturnType<SqlParser['scan']> {
    const unusable = unusableText(text)
    if (unusable) return { fault: unusable }
    try {
      return { tokens: tokensOf(library.scanSync(text).tokens, text) }
    } catch {
      // The lexer tells only that it failed; the grammar stands on the same lexer and tells where.
      const parsed = parse(text)
      return { fault: 'fault' in parsed ? parsed.fault : { message: 'the statement cannot be read', offset: 0 } }
    }
  }

  return { scan, parse }
}

function unusableText(text: string): SqlFault | undefined {
  if (text.trim() === '') return { message: 'the statement is empty', offset: 0 }
  if (Buffer.byteLength(text) > maxBytes) return { message: `the statement is longer than ${maxBytes / 1024} kB`, offset: 0 }
  // A C string ends here: what follows would reach the server unread.
  const nul = text.indexOf('\0')
  return nul < 0 ? undefined : { message: 'the statement has a NUL character', offset: nul }
}

function tokensOf(scanned: readonly ScanToken[], text: string): readonly SqlToken[] {
  const at = byteOffsets(text)
  return scanned
    .filter((token) => token.tokenName !== 'SQL_COMMENT' && token.tokenName !== 'C_COMMENT')
    .map((token) => {
      const start = at(token.start)
      const end = at(token.end)
      const written = text.slice(start, end)
      return { text: written, word: plainWord.test(written) ? written.toLowerCase() : '', start, end }
    })
}

/** From bytes, as the parser counts, to UTF-16 units, as JavaScript does. */
export function byteOffsets(text: string): (bytes: number) => number {
  const length = Buffer.byteLength(text)
  if (length === text.length) return (bytes) => bytes
  const units = new Uint32Array(length + 1)
  let byte = 0
  let unit = 0
  for (const character of text) {
    units.fill(unit, byte, (byte += Buffer.byteLength(character)))
    unit += character.length
  }
  units[byte] = unit
  return (bytes) => units[Math.min(bytes, length)] as number
}

function faultOf(error: unknown, text: string): SqlFault {
  const { message, sqlDetails } = error as { message: string; sqlDetails?: { cursorPosition: number } }
  // Not a syntax error but the parser itself; its words would mean nothing to the reader.
  if (sqlDetails === undefined) return { message: 'the statement cannot be read', offset: 0 }
  return { message, offset: characterOffset(text, sqlDetails.cursorPosition) }
}

/** From characters (code points), as PostgreSQL reports positions of errors, to UTF-16 units. Stays inside the text. */
export function characterOffset(text: string, characters: number): number {
  let unit = 0
  let left = characters
  for (const character of text) {
    if (left <= 0) return unit
    unit += character.length
    left -= 1
  }
  return Math.max(0, text.length - 1)
}

/** Why a text is too large or nests too deep for the parser, if it is. */
export function measure(tokens: readonly SqlToken[]): SqlFault | undefined {
  if (tokens.length > maxTokens) return { message: `the statement has more than ${maxTokens} lexemes`, offset: 0 }
  const outer: number[] = []
  let level = 0
  let above = 0
  let unions = 0
  for (const token of tokens) {
    if (token.text === '(' || token.text === '[') {
      outer.push(level)
      above += level + bracketWeight
      level = 0
    } else if (token.text === ')' || token.text === ']') {
      level = outer.pop() ?? 0
      above = Math.max(0, above - level - bracketWeight)
    } else if (token.text === ',' || token.text === ';') {
      level = 0
    } else {
      level += 1
      if (setOperations.has(token.word)) unions += setOperationWeight
    }
    if (above + level + unions > maxWeight) return { message: 'the statement nests too deep', offset: token.start }
  }
  return undefined
}
