import type { Problem } from '../runtime/contract/place.ts'
import { readOutput, type Output } from './emit.ts'

/** How a file on disk differs from what would be generated. */
export interface Drift {
  readonly path: string
  readonly state: 'missing' | 'changed' | 'left over'
  /** Of the first line that differs, from 1. */
  readonly line: number
  /** That line as it is, and as it would be generated; absent where a file ends before it. */
  readonly there?: string
  readonly wanted?: string
}

/** Files that are not what would be generated, in order of their paths. `former` are files generated before, of which those not generated any more are left over. */
export function findDrift(root: string, outputs: readonly Output[], former: readonly string[] = []): readonly Drift[] {
  const made = new Set(outputs.map(({ path }) => path))
  const leftOver = former.filter((path) => !made.has(path) && readOutput(root, path) !== undefined)
  return [
    ...outputs.map((output) => compare(output, readOutput(root, output.path))).filter((drift) => drift !== undefined),
    ...leftOver.map((path): Drift => ({ path, state: 'left over', line: 1 })),
  ].toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

function compare({ path, content }: Output, present: string | undefined): Drift | undefined {
  if (present === undefined) return { path, state: 'missing', line: 1 }
  if (present === content) return undefined
  const [there, wanted] = [present.split('\n'), content.split('\n')]
  const index = wanted.findIndex((text, position) => text !== there[position])
  const line = index < 0 ? wanted.length : index
  return {
    path,
    state: 'changed',
    line: line + 1,
    ...(there[line] !== undefined && { there: there[line] }),
    ...(wanted[line] !== undefined && { wanted: wanted[line] }),
  }
}

const longestQuote = 120

/** A drift as a problem, in the words of every other: `file` is its path as people see it, `from` what it is generated from. */
export function driftProblem({ state, line, there, wanted }: Drift, file: string, from: string): Problem {
  const facts = {
    missing: { message: `the file is not there; ${from} gives one`, hint: 'run hub generate' },
    changed: { message: `not what ${from} gives`, hint: wanted === undefined ? 'hub generate writes no such line' : `hub generate writes: ${quote(wanted)}` },
    'left over': { message: `nothing gives this file any more; it came from ${from}`, hint: 'hub generate removes it' },
  }
  const column = firstDifference(there ?? '', wanted ?? '') + 1
  return {
    code: 'HUB_CONFIG_DRIFT',
    severity: 'error',
    ...facts[state],
    place: { file, line, column },
    ...(there !== undefined && there !== '' && { excerpt: { text: there, length: Math.max(1, there.length - column + 1) } }),
  }
}

const quote = (text: string): string => (text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text)

function firstDifference(one: string, other: string): number {
  let index = 0
  while (index < one.length && one[index] === other[index]) index++
  return index
}
