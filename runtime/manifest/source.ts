import { relative, sep } from 'node:path'
import type { Json } from '../contract/json.ts'
import type { Finding, Place, Problem } from '../contract/place.ts'
import { deepest, tooDeep, toPlain, type Plain } from './plain.ts'
import { offsetInScalar } from './position.ts'
import type { Remark } from './problems.ts'
import { syntaxFaults, type SyntaxFault } from './syntax.ts'
import { keyOf, parseTree, type Span, type YamlNode } from './tree.ts'

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

const mostProblems = 100
/** Characters of a line that go along with a problem: more than `formatProblem` shows. */
const longestExcerpt = 256

/** A file's name in problems: from the hub's folder, with forward slashes. */
export const fileName = (directory: string, path: string): string => relative(directory, path).split(sep).join('/')

/** Parses one YAML 1.2 (or JSON) text. Never throws: what is wrong with it is in `problems`. */
export function parseSource(file: string, path: string, text: string): Source {
  const lines = lineCounter(text)
  const masked: Span[] = []
  const { root, faults } = parse(text)
  const plain: Plain = faults.length === 0 ? toPlain(root) : { value: null, targets: new Map(), faults: [] }

  const render = (finding: Omit<Finding, 'path'>, span: Span): Problem => {
    const { code, severity = 'error', message, hint } = finding
    const [from, to] = lineAround(text, span.start)
    // A file may be one line of a megabyte: what no one is shown is neither searched for passwords nor kept with each of thousands of problems.
    const end = Math.min(to, from + longestExcerpt)
    const excerpt = { text: hideCredentials(cover(text, from, end, masked), end < to), length: Math.max(1, Math.min(span.end, to) - span.start) }
    const isShown = to > from && span.start < end
    return { code, severity, message, place: { file, ...lines(span.start) }, ...(isShown && { excerpt }), ...(hint !== undefined && { hint }) }
  }

  const spanOf = (at: Path, part: 'key' | 'value', within?: Finding['within']): Span => {
    const { key, value, whole } = locate(root, at, plain.targets)
    if (key && (part === 'key' || value === undefined)) return key
    if (value === undefined) return { start: 0, end: 0 }
    if (within === undefined || !whole || value.kind !== 'scalar') return key && isCollection(value) ? key : value
    const start = offsetInScalar(text, value, within.offset)
    return { start, end: Math.max(start + 1, offsetInScalar(text, value, within.offset + within.length)) }
  }

  return {
    file,
    path,
    value: plain.value,
    problems: [...faults, ...plain.faults].slice(0, mostProblems).map((fault) => render(fault, fault)),
    problem: (remark) => render(remark, spanOf(remark.path, remark.part ?? 'value', remark.within)),
    place: (at, part = 'key') => ({ file, ...lines(spanOf(at, part).start) }),
    has: (at) => root !== undefined && locate(root, at, plain.targets).whole,
    mask: (at) => {
      const { value, whole } = locate(root, at, plain.targets)
      if (whole && value) masked.push({ start: value.start, end: value.end })
    },
  }
}

function parse(text: string): { readonly root?: YamlNode | undefined; readonly faults: readonly SyntaxFault[] } {
  // More than values may have, so that toPlain is the one to say where they lie too deep, as long as the parser can bear it.
  const tree = parseTree(text, deepest + 2)
  if (!('refusal' in tree)) return { root: tree.root, faults: [] }
  const { reason, offset } = tree.refusal
  const span = { start: offset, end: offset + 1 }
  if (reason.startsWith('nesting exceeded')) return { faults: [{ ...tooDeep, ...span }] }
  const faults = syntaxFaults(text, mostProblems)
  const hint = reason === 'deficient indentation' ? 'indent it further than the key it belongs to' : undefined
  return { faults: faults.length > 0 ? faults : [{ code: 'HUB_CONFIG_SYNTAX', message: reason, hint, ...span }] }
}

interface Located {
  readonly key?: YamlNode
  readonly value: YamlNode | undefined
  /** False when the path leads further than the file does: then the nearest value on the way is given. */
  readonly whole: boolean
}

function locate(root: YamlNode | undefined, path: Path, targets: Plain['targets']): Located {
  let found: Located = { value: root, whole: true }
  for (const step of path) {
    const next = child(found.value?.kind === 'alias' ? targets.get(found.value) : found.value, step)
    if (next === undefined) return { ...found, whole: false }
    found = { ...next, whole: true }
  }
  return found
}

function child(node: YamlNode | undefined, step: string | number): { key?: YamlNode; value: YamlNode } | undefined {
  if (node?.kind === 'map') return node.pairs.find((pair) => keyOf(pair) === String(step))
  const item = node?.kind === 'list' ? node.items[Number(step)] : undefined
  return item && { value: item }
}

const isCollection = ({ kind }: YamlNode): boolean => kind === 'map' || kind === 'list'

/** Line and column of an offset, both from 1. */
function lineCounter(text: string): (offset: number) => { readonly line: number; readonly column: number } {
  let starts: number[] | undefined
  return (offset) => {
    if (starts === undefined) {
      starts = [0]
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    }
    const at = Math.min(offset, text.length)
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] as number) <= at) low = middle
      else high = middle
    }
    return { line: low + 1, column: at - (starts[low] as number) + 1 }
  }
}

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

/** Passwords inside addresses, of the same length, so that marks stay in place. In a line that was cut its last address may have lost the @ that tells. */
const hideCredentials = (line: string, isCut: boolean): string =>
  line.replace(
    isCut ? /(:\/\/[^\s:@/]*:)([^\s@]+)(?=@|$)/g : /(:\/\/[^\s:@/]*:)([^\s@]+)(?=@)/g,
    (_whole, before: string, password: string) => before + '*'.repeat(password.length),
  )
