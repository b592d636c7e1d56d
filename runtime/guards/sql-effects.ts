import type { Effect } from '../contract/principal.ts'
import { deniedFunction } from './sql-functions.ts'
import type { StatementFinding } from './sql-finding.ts'
import type { SqlToken } from './sql-parser.ts'

type Node = Readonly<Record<string, unknown>>

/** What a walk needs besides the tree. */
interface Walk {
  readonly effect: Effect
  readonly tokens: readonly SqlToken[]
  /** From the parser's bytes to UTF-16 units. */
  readonly at: (bytes: number) => number
  readonly findings: StatementFinding[]
}

const reading: ReadonlySet<string> = new Set(['SelectStmt', 'ExplainStmt', 'VariableShowStmt'])
const writing: ReadonlySet<string> = new Set([
  'InsertStmt',
  'UpdateStmt',
  'MergeStmt',
  'CallStmt',
  'RefreshMatViewStmt',
  'CreateStmt',
  'CreateTableAsStmt',
  'IndexStmt',
  'ViewStmt',
  'AlterTableStmt',
  'CommentStmt',
  'CreateSeqStmt',
  'AlterSeqStmt',
  'CreateSchemaStmt',
  'CreateEnumStmt',
  'AlterEnumStmt',
  'RenameStmt',
])
const destroying: ReadonlySet<string> = new Set(['DeleteStmt', 'TruncateStmt', 'DropStmt'])

// Fields (selectStmt) begin in lower case, node types in upper case.
const statementNode = /^[A-Z]\w*Stmt$/

const session = 'it changes a connection that other calls share'
const reasons: Readonly<Record<string, string>> = {
  TransactionStmt: 'every call is a transaction of its own',
  VariableSetStmt: session,
  DiscardStmt: session,
  ListenStmt: session,
  UnlistenStmt: session,
  PrepareStmt: session,
  ExecuteStmt: session,
  DeallocateStmt: session,
  DeclareCursorStmt: session,
  FetchStmt: session,
  ClosePortalStmt: session,
  LoadStmt: session,
  LockStmt: session,
  ConstraintsSetStmt: session,
  CopyStmt: 'it moves files or streams, not rows of an answer',
  DoStmt: 'what it does is hidden in a string; put it into a function and call that',
}
const keywords: Readonly<Record<string, string>> = { InsertStmt: 'insert', UpdateStmt: 'update', DeleteStmt: 'delete', MergeStmt: 'merge' }

/** What a statement does beyond its effect: writes anywhere in it, other kinds of statement, calls of functions on the deny-list. */
export function beyondEffect(statement: unknown, effect: Effect, tokens: readonly SqlToken[], at: (bytes: number) => number): readonly StatementFinding[] {
  const walk: Walk = { effect, tokens, at, findings: [] }
  visit(statement, walk)
  return walk.findings
}

function visit(value: unknown, walk: Walk): void {
  if (Array.isArray(value)) {
    for (const inner of value) visit(inner, walk)
    return
  }
  if (value === null || typeof value !== 'object') return
  const node = value as Node
  if (Array.isArray(node['funcname'])) checkFunction(strings(node['funcname']), node['location'], walk)
  for (const [key, inner] of Object.entries(node)) {
    if (statementNode.test(key)) checkStatement(key, inner as Node, walk)
    else if (key === 'ColumnRef') checkNotation(strings((inner as Node)['fields']), (inner as Node)['location'], walk)
    else if (key === 'A_Indirection') checkIndirection(inner as Node, walk)
    else if (key === 'intoClause' && walk.effect === 'read') refuse(walk, 'SELECT INTO makes a table', needs('write'), tokenOf(walk, ['into']))
    else if (key === 'lockingClause' && walk.effect === 'read') refuse(walk, 'FOR UPDATE and FOR SHARE lock rows', 'remove the clause', lockOf(walk))
    else if (key === 'MergeWhenClause' && walk.effect === 'write' && (inner as Node)['commandType'] === 'CMD_DELETE') {
      refuse(walk, 'MERGE with DELETE removes rows', needs('destroy'), tokenOf(walk, ['delete']))
    } else if (key === 'AlterTableCmd' && walk.effect === 'write' && String((inner as Node)['subtype']).startsWith('AT_Drop')) {
      refuse(walk, 'ALTER TABLE with DROP removes what it names', needs('destroy'), tokenOf(walk, ['drop']))
    }
    visit(inner, walk)
  }
}

function checkStatement(type: string, node: Node, walk: Walk): void {
  if (reading.has(type)) return
  const token = statementToken(type, node, walk)
  const name = spoken(type)
  if (writing.has(type)) {
    if (walk.effect === 'read') refuse(walk, `${name} writes, and the effect is read`, needs('write'), token)
  } else if (destroying.has(type)) {
    if (walk.effect !== 'destroy') refuse(walk, `${name} removes, and the effect is ${walk.effect}`, needs('destroy'), token)
  } else {
    refuse(
      walk,
      `${name} is not for a tool${reasons[type] === undefined ? '' : `: ${reasons[type]}`}`,
      'use one SELECT, INSERT, UPDATE, DELETE, MERGE or CALL',
      token,
    )
  }
}

function needs(effect: Effect): string {
  return `say effect: ${effect}, if that is meant`
}

function spoken(type: string): string {
  return type
    .slice(0, -'Stmt'.length)
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase()
}

/** The keyword a statement begins with: inside a WITH the last one before the table it names, otherwise the first word of all. */
function statementToken(type: string, node: Node, walk: Walk): SqlToken | undefined {
  const location = (node['relation'] as Node | undefined)?.['location']
  const keyword = keywords[type]
  if (keyword === undefined || typeof location !== 'number') return walk.tokens[0]
  const before = walk.at(location)
  return walk.tokens.findLast((token) => token.word === keyword && token.start < before) ?? walk.tokens[0]
}

function tokenOf(walk: Walk, words: readonly string[]): SqlToken | undefined {
  return walk.tokens.find((token) => words.includes(token.word))
}

function lockOf(walk: Walk): SqlToken | undefined {
  return walk.tokens.find((token, index) => token.word === 'for' && ['update', 'no', 'share', 'key'].includes(walk.tokens[index + 1]?.word ?? ''))
}

// PostgreSQL also calls a function written as a column: (0.5).pg_sleep, or s.pg_sleep over rows s of one value.
function checkNotation(fields: readonly string[], location: unknown, walk: Walk): void {
  const name = fields.at(-1)
  if (fields.length < 2 || name === undefined || !isCallable(name)) return
  const because = deniedFunction([name], walk.effect)
  if (because !== undefined) refuse(walk, notAllowed(name, because), wayOn, ...namedAt(fields.length, location, walk))
}

// Of the names without an underscore those of functions of one argument; http takes a row of its own type, and is a likely name of a column.
const isCallable = (name: string): boolean => name.includes('_') || /^(setseed|dblink|crosstab\w*|connectby)$/.test(name)

function checkIndirection(node: Node, walk: Walk): void {
  for (const name of strings(node['indirection'])) {
    const because = isCallable(name) ? deniedFunction([name], walk.effect) : undefined
    if (because !== undefined)
      refuse(
        walk,
        notAllowed(name, because),
        wayOn,
        walk.tokens.find((token) => token.word === name || token.text === `"${name}"`),
      )
  }
}

function checkFunction(name: readonly string[], location: unknown, walk: Walk): void {
  const because = deniedFunction(name, walk.effect)
  if (because !== undefined) refuse(walk, notAllowed(name.join('.'), because), wayOn, ...namedAt(name.length, location, walk))
}

const wayOn = 'leave it out; the role the hub connects as should not be allowed to run it either'

function notAllowed(name: string, because: string): string {
  return `${name} is not allowed here: it ${because}`
}

/** First and last lexeme of a dotted name. */
function namedAt(parts: number, location: unknown, walk: Walk): readonly [SqlToken | undefined, SqlToken | undefined] {
  const start = walk.at(Number(location))
  const first = walk.tokens.findIndex((token) => token.start >= start)
  return [walk.tokens[first], walk.tokens[first + 2 * parts - 2]]
}

function refuse(walk: Walk, message: string, hint: string, first: SqlToken | undefined, last: SqlToken | undefined = first): void {
  const offset = first?.start ?? 0
  walk.findings.push({ code: 'HUB_CONFIG_SQL', message, hint, within: { offset, length: Math.max(1, (last?.end ?? 0) - offset) } })
}

/** The names in a list of String nodes; other members (`*`) are left out. */
function strings(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((item: { String?: { sval?: string } }) => (item.String?.sval === undefined ? [] : [item.String.sval]))
}
