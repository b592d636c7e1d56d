import type { Finding, Place, Problem } from '../contract/place.ts'

/** A finding in one file, and whether the key or its value is meant. */
export interface Remark extends Finding {
  readonly part?: 'key' | 'value'
}

/** Adds one finding about a part of one file. */
export type Tell = (remark: Remark) => void

const longestShown = 200

/** One problem as people read it: place, code and fact; the line it stands on; a mark under what is meant, and the way on. Ends without a line break. */
export function formatProblem(problem: Problem): string {
  const { place, code, message, severity, hint, excerpt } = problem
  const head = `${place.file}:${place.line}:${place.column}  ${code}  ${severity === 'warning' ? 'warning: ' : ''}${printable(message)}`
  if (excerpt === undefined || place.column > longestShown) return hint === undefined ? head : `${head}\n    ${printable(hint)}`
  const number = String(place.line)
  const shown = excerpt.text.length > longestShown ? `${excerpt.text.slice(0, longestShown)}…` : excerpt.text
  const marks = '^'.repeat(Math.max(1, Math.min(excerpt.length, shown.length - place.column + 1)))
  const mark = `  ${' '.repeat(number.length)} | ${' '.repeat(place.column - 1)}${marks}${hint === undefined ? '' : `  ${printable(hint)}`}`
  return `${head}\n  ${number} | ${printable(shown)}\n${mark}`
}

/** All problems, in the order given, one after the other. */
export const formatProblems = (problems: readonly Problem[]): string => problems.map(formatProblem).join('\n')

/** By file, line, column and words, each once. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const sorted = problems.toSorted((a, b) => comparePlaces(a.place, b.place) || (a.message < b.message ? -1 : Number(a.message > b.message)))
  return sorted.filter((problem, index) => index === 0 || !isSame(problem, sorted[index - 1] as Problem))
}

function comparePlaces(a: Place, b: Place): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}

const isSame = (a: Problem, b: Problem): boolean => comparePlaces(a.place, b.place) === 0 && a.message === b.message && a.code === b.code

/** Text from files and environments, with everything replaced that could steer a terminal or shift the marks. */
// oxlint-disable-next-line no-control-regex
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, ' ')
