import { marks, mostMovers, sentence, titleOf, tokenNote, tokenText, toolCounts, verdictCounts, visible } from './lines.ts'
import { verdicts, type Report, type Verdict } from './report.ts'

/** Colours a word by its verdict; as it is where there is no colour. */
export type Paint = (verdict: Verdict, text: string) => string

const width = Math.max(...verdicts.map(({ length }) => length))

/** The report for a terminal. */
export function renderText(report: Report, failures: readonly string[], paint: Paint = (_verdict, text) => text): string {
  const { before, after, entries, tokens, notes } = report
  const all = tokens.endpoints.find(({ name }) => name === '/mcp')
  const head = [
    `${visible(before)} → ${visible(after)}`,
    '',
    `tools    ${report.tools.before} → ${report.tools.after}: ${toolCounts(report)}`,
    `changes  ${verdictCounts(report)}`,
    ...(all ? [`tokens   ${all.name} ${tokenText(all)}`] : []),
  ]
  const details = entries.flatMap((entry) => [
    '',
    `${marks[entry.state]} ${entry.sort} ${titleOf(entry)}`,
    ...entry.changes.map((one) => `    ${paint(one.verdict, one.verdict.padEnd(width))}  ${sentence(one)}`),
  ])
  return [
    ...head,
    ...details,
    ...tokenLines(report),
    ...notes.flatMap((note, index) => [...(index === 0 ? [''] : []), `note: ${visible(note)}`]),
    ...gateLines(failures, paint),
  ].join('\n')
}

function tokenLines({ tokens }: Report): readonly string[] {
  const moved = tokens.endpoints.filter(({ before, after }) => before !== after)
  if (moved.length === 0 && tokens.tools.length === 0) return []
  const movers = tokens.tools.slice(0, mostMovers)
  const rest = tokens.tools.length - movers.length
  const names = [...moved, ...movers].map(({ name }) => visible(name).length)
  const line = (name: string, text: string): string => `    ${visible(name).padEnd(Math.max(...names))}  ${text}`
  return [
    '',
    'tokens by endpoint',
    ...moved.map((one) => line(one.name, tokenText(one))),
    'tokens by tool, the biggest movers',
    ...movers.map((one) => line(one.name, tokenText(one))),
    ...(rest > 0 ? [`    and ${rest} more`] : []),
    tokenNote(tokens.encoding),
  ]
}

const gateLines = (failures: readonly string[], paint: Paint): readonly string[] =>
  failures.length === 0 ? [] : ['', ...failures.map((failure) => paint('breaking', `fails: ${failure}`))]
