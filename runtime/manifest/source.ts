import { relative, sep } from 'node:path'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair, type YAMLError } from 'yaml'
import type { Json } from '../contract/json.ts'
import type { Finding, Place, Problem } from '../contract/place.ts'
import { keyOf, toPlain, type Plain } from './plain.ts'
import { offsetInScalar } from './position.ts'
import type { Remark } from './problems.ts'

/** Keys from a file's root to a value. */
export type Path = readonly (string | number)[]

/** One file as it was read: its values, and where each stands. */
export interface Source {
  /** As problems name it: from the folder of hub.config.yaml, with forward slashes. */
  readonly file: string
  /** Absolute. */
  readonly path: string
  readonly value: Json
  /** Faults of the file itself; when there are errors among them, `value` is not to be used. */
  readonly problems: readonly Problem[]
  problem(remark: Remark): Problem
  place(path: Path, part?: 'key' | 'value'): Place
  has(path: Path): boolean
  /** Never shows the value at this path in an excerpt. */
  mask(path: Path): void
}

interface Span {
  readonly start: number
  readonly end: number
}

const mostProblems = 100

/** A file's name in problems: from the hub's folder, with forward slashes. */
export const fileName = (directory: string, path: string): string => relative(directory, path).split(sep).join('/')

/** Parses one YAML 1.2 (or JSON) text. Never throws: what is wrong with it is in `problems`. */
export function parseSource(file: string, path: string, text: string): Source {
  const lines = new LineCounter()
  const masked: Span[] = []
  const { document, faults } = parse(text, lines)
  const plain: Plain = document && faults.length === 0 ? toPlain(document) : { value: null, targets: new Map(), faults: [] }

  const render = (finding: Omit<Finding, 'path'>, span: Span): Problem => {
    const { line, col } = lines.linePos(Math.min(span.start, text.length))
    const [from, to] = lineAround(text, span.start)
    const excerpt = { text: hideCredentials(cover(text, from, to, masked)), length: Math.max(1, Math.min(span.end, to) - span.start) }
    const { code, severity = 'error', message, hint } = finding
    return {
      code,
      severity,
      message,
      place: { file, line: Math.max(line, 1), column: Math.max(col, 1) },
      ...(to > from && { excerpt }),
      ...(hint !== undefined && { hint }),
    }
  }

  const spanOf = (at: Path, part: 'key' | 'value', within?: Finding['within']): Span => {
    const found = locate(document?.contents as Node | null, at, plain.targets)
    if (part === 'key' && found.key) return span(found.key)
    if (found.value === null) return found.key ? span(found.key) : { start: 0, end: 0 }
    if (within === undefined || !found.whole || !isScalar(found.value)) return isCollection(found.value) && found.key ? span(found.key) : span(found.value)
    const start = offsetInScalar(text, found.value, within.offset)
    return { start, end: Math.max(start + 1, offsetInScalar(text, found.value, within.offset + within.length)) }
  }

  const problems = [...faults.map((fault) => render(fault, fault)), ...plain.faults.map((fault) => render(fault, span(fault.node)))].slice(0, mostProblems)
  return {
    file,
    path,
    value: plain.value,
    problems,
    problem: (remark) => render(remark, spanOf(remark.path, remark.part ?? 'value', remark.within)),
    place: (at, part = 'key') => render({ code: 'HUB_CONFIG_VALUE', message: '' }, spanOf(at, part)).place,
    has: (at) => document !== undefined && locate(document.contents as Node | null, at, plain.targets).whole,
    mask: (at) => {
      const { value, whole } = locate(document?.contents as Node | null, at, plain.targets)
      if (whole && value?.range) masked.push({ start: value.range[0], end: value.range[1] })
    },
  }
}

interface SyntaxFault extends Omit<Finding, 'path'>, Span {}

// The parser asks process.env at each token whether to print it, which costs more than the token: while it runs, that is an object like any other.
const quietEnvironment: NodeJS.ProcessEnv = {}

function parse(text: string, lines: LineCounter): { document?: Document; faults: readonly SyntaxFault[] } {
  const environment = process.env
  process.env = quietEnvironment
  try {
    // Duplicate keys are found in toPlain: the parser compares each key with every other, which a large file could use to hold the hub up.
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
      lineCounter: lines,
    }) as Document
    return { document, faults: [...document.errors, ...document.warnings].slice(0, mostProblems).map((error) => explain(error)) }
  } catch {
    return { faults: [{ code: 'HUB_CONFIG_SYNTAX', message: 'this is not YAML the hub can read', start: 0, end: 1 }] }
  } finally {
    process.env = environment
  }
}

const syntaxHints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  MULTIPLE_DOCS: 'one file holds one document; remove the line ---',
  BAD_INDENT: 'keys of one map begin in one column',
  BLOCK_AS_IMPLICIT_KEY: 'quote a text that holds ": "',
  RESOURCE_EXHAUSTION: 'write it with fewer levels',
  TAG_RESOLVE_FAILED: 'write the value without a tag',
  BAD_SCALAR_START: 'quote it',
}

function explain(error: YAMLError): SyntaxFault {
  const [start, end] = error.pos
  if ((error.code as string) === 'RESOURCE_EXHAUSTION')
    return { code: 'HUB_CONFIG_FILE', message: 'values lie too deep in one another', hint: syntaxHints['RESOURCE_EXHAUSTION'], start, end }
  const message = error.message.replace(/\.$/, '')
  const hint = message.startsWith('Flow') ? 'close the bracket, or indent it further' : syntaxHints[error.code]
  return { code: 'HUB_CONFIG_SYNTAX', message: message.charAt(0).toLowerCase() + message.slice(1), hint, start, end }
}

interface Located {
  readonly key?: Node
  readonly value: Node | null
  /** False when the path leads further than the file does: then the nearest value on the way is given. */
  readonly whole: boolean
}

function locate(root: Node | null, path: Path, targets: Plain['targets']): Located {
  let found: Located = { value: root, whole: true }
  for (const step of path) {
    const value = isAlias(found.value) ? (targets.get(found.value) ?? null) : found.value
    const next = child(value, step)
    if (next === undefined) return { ...found, whole: false }
    found = { ...next, whole: true }
  }
  return found
}

function child(node: Node | null, step: string | number): { key?: Node; value: Node | null } | undefined {
  if (isMap(node)) {
    const pair = (node.items as Pair<Node, Node | null>[]).find((item) => keyOf(item) === String(step))
    return pair && { key: pair.key, value: pair.value }
  }
  const item = isSeq(node) ? (node.items[Number(step)] as Node | undefined) : undefined
  return item && { value: item }
}

const isCollection = (node: Node): boolean => isMap(node) || isSeq(node)

const span = (node: Node): Span => ({ start: node.range?.[0] ?? 0, end: node.range?.[1] ?? 1 })

function lineAround(text: string, offset: number): readonly [number, number] {
  const from = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  const to = end < 0 ? text.length : end
  return [from, text[to - 1] === '\r' && to > from ? to - 1 : to]
}

function cover(text: string, from: number, to: number, masked: readonly Span[]): string {
  let line = text.slice(from, to)
  for (const { start, end } of masked) {
    const first = Math.max(start, from) - from
    const last = Math.min(end, to) - from
    if (last > first) line = line.slice(0, first) + '*'.repeat(last - first) + line.slice(last)
  }
  return line
}

/** Passwords inside addresses, of the same length, so that marks stay in place. */
const hideCredentials = (line: string): string =>
  line.replace(/(:\/\/[^\s:@/]*:)([^\s@]+)(?=@)/g, (_whole, before: string, password: string) => before + '*'.repeat(password.length))
