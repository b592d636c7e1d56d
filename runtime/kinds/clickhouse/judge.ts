import type { Finding } from '../../contract/place.ts'
import type { Effect } from '../../contract/principal.ts'
import { tokensOf, type Token } from './lexer.ts'
import { placeholdersOf, type Placeholder } from './placeholders.ts'
import { outsideFunctions } from './table-functions.ts'

/** A fact about a statement, at its place in the text as written. */
export type StatementFinding = Omit<Finding, 'path' | 'within'> & { readonly within: NonNullable<Finding['within']> }

/** A statement and everything that speaks against sending it. */
export interface Statement {
  /** As written, without the semicolon at its end. */
  readonly text: string
  readonly placeholders: readonly Placeholder[]
  readonly findings: readonly StatementFinding[]
  /** The first word, in capitals. */
  readonly verb: string
}

/** How a statement is judged. */
export interface Rules {
  readonly effect: Effect
  /** Written by a caller: it may not choose settings. */
  readonly isCallers?: boolean
  /** Table functions that are allowed all the same, in small letters. Absent: all are, as only the open connector knows. */
  readonly tableFunctions?: ReadonlySet<string>
}

const reads = new Set(['SELECT', 'WITH', 'FROM', 'VALUES', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'CHECK'])
const writes = new Set(['INSERT', 'UPDATE', 'OPTIMIZE', 'CREATE', 'ALTER', 'RENAME', 'EXCHANGE', 'ATTACH', 'UNDROP'])
const removes = new Set(['DROP', 'TRUNCATE', 'DELETE', 'DETACH', 'KILL', 'REPLACE'])
// In the statements above, these make it one that removes.
const removing: Readonly<Record<string, ReadonlySet<string>>> = {
  ALTER: new Set(['DROP', 'DELETE', 'CLEAR', 'REPLACE', 'DETACH', 'MOVE', 'FORGET']),
  CREATE: new Set(['REPLACE']),
  EXCHANGE: new Set(),
}
const administrative = new Set(['USER', 'ROLE', 'QUOTA', 'POLICY', 'PROFILE', 'COLLECTION', 'FUNCTION', 'WORKLOAD', 'RESOURCE'])

/** Reads one statement by ClickHouse's lexical rules and finds what it does beyond its effect. Never throws. The server's own `readonly` stands behind it: what is missed here is refused there. */
export function judge(sql: string, rules: Rules): Statement {
  const tokens = tokensOf(sql)
  const semicolon = tokens.findIndex(({ text, type }) => type === 'symbol' && text === ';')
  const own = semicolon < 0 ? tokens : tokens.slice(0, semicolon)
  const text = semicolon < 0 ? sql : sql.slice(0, tokens[semicolon]?.start)
  const placeholders = placeholdersOf(own)
  const first = own.find(({ text: one }) => one !== '(')
  const verb = first?.type === 'word' ? first.text.toUpperCase() : ''
  return { text, placeholders, verb, findings: [...findings(own, first, verb, tokens[semicolon < 0 ? tokens.length : semicolon + 1], rules)] }
}

function* findings(tokens: readonly Token[], first: Token | undefined, verb: string, next: Token | undefined, rules: Rules): Generator<StatementFinding> {
  const broken = tokens.find(({ type }) => type === 'broken')
  if (broken) return yield at({ ...broken, end: broken.start + 1 }, 'a quote or comment that begins here has no end')
  if (!first) return yield { code: 'HUB_CONFIG_SQL', message: 'the statement is empty', within: { offset: 0, length: 1 } }
  if (next) return yield at(next, 'a second statement begins here', 'a tool is one statement; make it a tool of its own')
  yield* beyondEffect(tokens, first, verb, rules)
  yield* beyondServer(tokens, rules)
  yield* ownForm(tokens, verb, rules)
}

function* beyondEffect(tokens: readonly Token[], first: Token, verb: string, { effect }: Rules): Generator<StatementFinding> {
  const insert = verb === 'WITH' ? tokens.find((token) => token.depth === 0 && isWord(token, 'INSERT')) : undefined
  const does = insert ? 'INSERT' : verb
  const place = insert ?? first
  if (reads.has(does)) {
    if (effect !== 'read') yield { ...at(place, `${does} only reads, and the effect is ${effect}`, 'say effect: read'), severity: 'warning' }
    return
  }
  const account = tokens.slice(0, 6).find((token) => token.type === 'word' && administrative.has(token.text.toUpperCase()))
  if (account && ['CREATE', 'ALTER', 'DROP', 'ATTACH', 'DETACH', 'RENAME'].includes(does)) {
    return yield at(account, 'accounts, functions and named collections are for an administrator, not for a tool')
  }
  const removal = removing[does] && tokens.find((token) => token.depth <= 1 && token.type === 'word' && removing[does]?.has(token.text.toUpperCase()))
  if (removes.has(does) || removal) {
    if (effect !== 'destroy') yield at(removal ?? place, `${does} removes, and the effect is ${effect}`, 'say effect: destroy, if that is meant')
  } else if (writes.has(does)) {
    if (effect === 'read') yield at(place, `${does} writes, and the effect is read`, 'say effect: write, if that is meant')
  } else {
    yield at(place, `${first.text} is not for a tool`, 'a tool reads, inserts, changes or removes data')
  }
}

function* beyondServer(tokens: readonly Token[], { tableFunctions }: Rules): Generator<StatementFinding> {
  if (!tableFunctions) return
  for (const [index, token] of tokens.entries()) {
    const opens = tokens[index + 1]
    if (opens?.text !== '(' || (token.type !== 'word' && token.type !== 'quoted')) continue
    const name = token.type === 'quoted' ? token.text.slice(1, -1) : token.text
    if (!outsideFunctions.has(name.toLowerCase()) || tableFunctions.has(name.toLowerCase()) || isNamed(tokens, index)) continue
    yield at(token, `${name}(…) reaches outside this server`, `an operator may allow it: tableFunctions: [${name}] in the connector’s config`)
  }
}

// INSERT INTO url (a, b) and CREATE TABLE file (…) name a table of that name.
function isNamed(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]
  return before !== undefined && (isWord(before, 'INTO') || isWord(before, 'TABLE') || before.text === '.') && !isWord(before, 'FUNCTION')
}

/** The hub chooses in which form an answer comes. */
function* ownForm(tokens: readonly Token[], verb: string, { isCallers }: Rules): Generator<StatementFinding> {
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'word') continue
    const next = tokens[index + 1]
    const after = tokens[index + 2]
    if (
      token.depth === 0 &&
      isWord(token, 'FORMAT') &&
      index > 0 &&
      next?.type === 'word' &&
      (after === undefined || isWord(after, 'SETTINGS') || verb === 'INSERT')
    ) {
      yield at(token, 'the hub chooses the format itself', 'remove FORMAT')
    }
    if (token.depth === 0 && isWord(token, 'INTO') && next && isWord(next, 'OUTFILE')) yield at(token, 'INTO OUTFILE writes a file', 'remove it')
    if (isCallers && isWord(token, 'SETTINGS') && next?.type === 'word' && after?.text === '=')
      yield at(token, 'settings are the operator’s to choose', 'remove SETTINGS')
  }
}

const isWord = (token: Token, word: string): boolean => token.type === 'word' && token.text.toUpperCase() === word

function at(token: Pick<Token, 'start' | 'end'>, message: string, hint?: string): StatementFinding {
  return { code: 'HUB_CONFIG_SQL', message, ...(hint !== undefined && { hint }), within: { offset: token.start, length: token.end - token.start } }
}
