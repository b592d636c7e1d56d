import type { Effect } from '../contract/principal.ts'
import { beyondEffect } from './sql-effects.ts'
import type { StatementFinding } from './sql-finding.ts'
import { byteOffsets, measure, sqlParser, type SqlFault, type SqlParser, type SqlToken } from './sql-parser.ts'
import { numberPlaceholders, type Placeholder } from './sql-placeholders.ts'

/** A statement as it is sent, and everything that speaks against sending it. */
export interface Statement {
  /** With `$1`, `$2`, … in place of `:name`. */
  readonly text: string
  /** The input of `$1`, `$2`, … in this order. */
  readonly names: readonly string[]
  readonly placeholders: readonly Placeholder[]
  /** Empty: the statement may be sent. */
  readonly findings: readonly StatementFinding[]
}

/** How a statement is judged. */
export interface StatementRules {
  readonly effect: Effect
  /** named: `:name`, as manifests write (the default); positional: `$1`, as callers write. */
  readonly placeholders?: 'named' | 'positional'
}

/**
 * Reads one SQL statement with PostgreSQL's own lexer and grammar: numbers its placeholders and finds what it does beyond its effect.
 * Never rejects: what is wrong is among the findings, each at its exact place in the text as written.
 */
export async function readStatement(sql: string, rules: StatementRules): Promise<Statement> {
  return judge(await sqlParser(), sql, rules)
}

function judge(parser: SqlParser, sql: string, rules: StatementRules): Statement {
  const scanned = parser.scan(sql)
  if ('fault' in scanned) return unreadable(sql, scanned.fault)
  const { tokens } = scanned
  const tooLarge = measure(tokens)
  if (tooLarge) return unreadable(sql, tooLarge)

  const numbered = rules.placeholders === 'positional' ? asWritten(sql) : numberPlaceholders(sql, tokens)
  const { text, names, placeholders } = numbered
  if (numbered.findings.length > 0) return { text, names, placeholders, findings: numbered.findings }
  const parsed = parser.parse(numbered.parsed)
  if ('fault' in parsed) return { text, names, placeholders, findings: [syntaxFinding(parsed.fault, tokens)] }

  const at = byteOffsets(sql)
  const { stmts = [] } = parsed.tree as { stmts?: readonly { stmt?: unknown; stmt_location?: number }[] }
  const second = stmts[1]
  if (stmts.length === 0) return unreadable(sql, { message: 'the statement is empty', offset: 0 })
  if (second !== undefined) return { text, names, placeholders, findings: [secondFinding(at(second.stmt_location ?? 0), tokens)] }
  return { text, names, placeholders, findings: beyondEffect(stmts[0]?.stmt, rules.effect, tokens, at) }
}

function asWritten(sql: string): ReturnType<typeof numberPlaceholders> {
  return { text: sql, parsed: sql, names: [], placeholders: [], findings: [] }
}

function unreadable(sql: string, fault: SqlFault): Statement {
  const finding: StatementFinding = { code: 'HUB_CONFIG_SQL', message: fault.message, within: { offset: fault.offset, length: 1 } }
  return { text: sql, names: [], placeholders: [], findings: [finding] }
}

function syntaxFinding({ message, offset }: SqlFault, tokens: readonly SqlToken[]): StatementFinding {
  const token = tokens.find(({ start, end }) => start <= offset && offset < end)
  const within = token ? { offset: token.start, length: token.end - token.start } : { offset, length: 1 }
  return { code: 'HUB_CONFIG_SQL', message, within }
}

function secondFinding(offset: number, tokens: readonly SqlToken[]): StatementFinding {
  const token = tokens.find(({ start }) => start >= offset)
  const within = { offset: token?.start ?? offset, length: Math.max(1, (token?.end ?? 0) - (token?.start ?? 0)) }
  return { code: 'HUB_CONFIG_SQL', message: 'a second statement begins here', hint: 'a tool is one statement; make it a tool of its own', within }
}
