import type { JsonObject } from '../contract/json.ts'
import { countResults } from '../trials/run.ts'
import { titleOf, type Verdict } from '../trials/trial.ts'
import { bad, columns, count, doubtful, good, quiet, strong } from './style.ts'

/** Tells how far a run is, on one line of a terminal that is written over; nothing elsewhere. */
export function progressLine(stream: NodeJS.WriteStream, total: number): { tell(verdict: Verdict, done: number): void; end(): void } {
  if (!stream.isTTY) return { tell: () => undefined, end: () => undefined }
  const erase = '\r\u001b[2K'
  return {
    tell: ({ trial }, done) => void stream.write(`${erase}${quiet(`${done} of ${total}  ${titleOf(trial)}`.slice(0, (stream.columns || 80) - 1))}`),
    end: () => void stream.write(erase),
  }
}

const marks = { passed: 'ok', failed: 'FAIL', skipped: 'skip' } as const
const paints: Readonly<Record<string, (text: string) => string>> = { ok: good, FAIL: bad, skip: quiet, result: quiet }

/** All verdicts as a table, then what failed and where, then the sum. */
export function report(verdicts: readonly Verdict[], written: readonly string[]): string {
  const failures = verdicts.filter(({ result }) => result === 'failed').map(failureOf)
  return [table(verdicts), ...failures.flatMap((failure) => ['', failure]), '', ...written.map((path) => quiet(`wrote ${path}`)), sum(verdicts)].join('\n')
}

function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ trial, result, ms, overBudget, reason }) => [
    marks[result],
    trial.spec.name,
    trial.test.name,
    ms === undefined ? '' : ms.toFixed(1),
    trial.test.budgetMs === undefined ? '' : `${trial.test.budgetMs}${overBudget ? ' over' : ''}`,
    reason ?? '',
  ])
  return columns([['result', 'tool', 'test', 'ms', 'budget', ''], ...rows], (cell, column) => {
    if (column === 0) return (paints[cell] ?? quiet)(cell)
    if (column === 1) return strong(cell)
    if (column === 4 && cell.endsWith('over')) return doubtful(cell)
    return column === 5 ? quiet(cell) : cell
  })
}

function failureOf({ trial, failures }: Verdict): string {
  const { file, line, column } = failures[0]?.place ?? trial.test.place
  const told = failures.flatMap(({ what, expected, actual, place }) => [
    `  ${what}${place.line === line ? '' : ` (line ${place.line})`}`,
    `    expected  ${good(printable(expected))}`,
    `    actual    ${bad(printable(actual))}`,
  ])
  return [`${file}:${line}:${column}  ${strong(titleOf(trial))}`, ...told].join('\n')
}

function sum(verdicts: readonly Verdict[]): string {
  const { passed, failed, skipped, overBudget, lacking } = countResults(verdicts)
  const parts = [
    `${count(verdicts.length, 'test')}: ${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped${lacking > 0 ? ` (${lacking} for want of a setting or a recording)` : ''}`] : []),
    ...(overBudget > 0 ? [`${overBudget} over budget`] : []),
  ]
  const paint = failed > 0 ? bad : skipped + overBudget > 0 ? doubtful : good
  return paint(parts.join(', '))
}

/** Verdicts for scripts. */
export function asJson(verdicts: readonly Verdict[]): JsonObject {
  const { passed, failed, skipped, overBudget } = countResults(verdicts)
  return {
    ok: failed === 0,
    passed,
    failed,
    skipped,
    overBudget,
    tests: verdicts.map(({ trial: { connector, spec, test }, result, ms, overBudget, reason, failures }) => ({
      connector: connector.name,
      tool: spec.name,
      test: test.name,
      result,
      place: { ...test.place },
      ...(ms !== undefined && { ms: Math.round(ms * 10) / 10 }),
      ...(test.budgetMs !== undefined && { budgetMs: test.budgetMs, overBudget }),
      ...(reason !== undefined && { reason }),
      failures: failures.map(({ place, ...found }) => ({ ...found, place: { ...place } })),
    })),
  }
}

/** What a system answered, with everything replaced that could steer a terminal; line breaks keep their place. */
const printable = (text: string): string => text.replace(steering, ' ').replaceAll('\n', '\n              ')

// oxlint-disable-next-line no-control-regex
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g
