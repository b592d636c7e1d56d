import { marks, mostMovers, percent, sentence, titleOf, tokenNote, tokenText, thousands, toolCounts, visible } from './lines.ts'
import { verdicts, type Change, type Entry, type Report } from './report.ts'
import { growth, type TokenChange } from './tokens.ts'

// A comment of a forge holds 65,536 characters.
const mostLength = 60_000

/** The report for a pull request: a short table, details folded. */
export function renderMarkdown(report: Report, failures: readonly string[]): string {
  const { before, after, entries, notes } = report
  const head = [
    `## What models see: ${code(before)} → ${code(after)}`,
    '',
    ...summary(report),
    '',
    ...(failures.length === 0 ? [] : [...failures.map((failure) => `**Fails: ${escaped(failure)}**`), '']),
  ]
  const foot = [...tokens(report), ...notes.flatMap((note) => [`> ${escaped(note)}`, '']), `<sub>${tokenNote(report.tokens.encoding)}</sub>`, '']
  const room = mostLength - [...head, ...foot].join('\n').length
  const broken = entries.filter(({ changes }) => changes.some(({ verdict }) => verdict === 'breaking'))
  const breaking = folded(
    `${report.counts.breaking} breaking`,
    broken.map((entry) => item(entry, (one) => one.verdict === 'breaking')),
    room / 2,
    true,
  )
  const others = entries.filter(({ changes }) => changes.some(({ verdict }) => verdict !== 'breaking'))
  const rest = folded(
    'Everything else',
    others.map((entry) => item(entry, (one) => one.verdict !== 'breaking')),
    room / 2,
    false,
  )
  return [...head, ...breaking, ...rest, ...foot].join('\n')
}

function summary(report: Report): readonly string[] {
  const { tools, counts, tokens } = report
  const shown = verdicts.filter((verdict) => counts[verdict] > 0)
  const moved = tokens.endpoints.filter(({ name, before, after }) => name === '/mcp' || (name.startsWith('/mcp/toolsets/') && before !== after))
  return [
    '| | before | after | |',
    '|---|--:|--:|---|',
    `| tools | ${tools.before} | ${tools.after} | ${toolCounts(report)} |`,
    ...moved.map((one) => `| tokens of ${code(one.name)} | ${cell(one.before)} | ${cell(one.after)} | ${moveText(one)} |`),
    `| changes | | | ${shown.length === 0 ? 'none' : shown.map((verdict) => `${verdict === 'breaking' ? '**' : ''}${counts[verdict]} ${verdict}${verdict === 'breaking' ? '**' : ''}`).join(', ')} |`,
  ]
}

const cell = (tokens: number | undefined): string => (tokens === undefined ? '' : thousands(tokens))

function moveText(one: TokenChange): string {
  if (one.before === undefined) return 'new'
  if (one.after === undefined) return 'gone'
  const more = growth(one)
  return more === 0 ? 'as before' : `${more > 0 ? '+' : '-'}${thousands(Math.abs(more))} (${percent(one)})`
}

const item = (entry: Entry, wanted: (one: Change) => boolean): string =>
  [
    `- ${marks[entry.state] === '>' ? 'renamed' : entry.state} ${entry.sort} ${code(titleOf(entry))}`,
    ...entry.changes.filter(wanted).map((one) => `  - **${one.verdict}** ${escaped(sentence(one))}`),
  ].join('\n')

function folded(title: string, items: readonly string[], room: number, isOpen: boolean): readonly string[] {
  if (items.length === 0) return []
  const kept: string[] = []
  let length = 0
  for (const one of items) {
    length += one.length + 1
    if (length > room) break
    kept.push(one)
  }
  const left = items.length - kept.length
  return [
    `<details${isOpen ? ' open' : ''}><summary>${title}</summary>`,
    '',
    ...kept,
    ...(left > 0 ? [`- and ${left} more, too long for a comment: \`hub plan\` shows all`] : []),
    '',
    '</details>',
    '',
  ]
}

function tokens({ tokens }: Report): readonly string[] {
  const moved = tokens.endpoints.filter(({ before, after }) => before !== after)
  if (moved.length === 0 && tokens.tools.length === 0) return []
  const movers = tokens.tools.slice(0, mostMovers)
  return folded(
    'Tokens',
    [...moved, ...movers].map((one) => `- ${code(one.name)} ${tokenText(one)}`),
    mostLength / 4,
    false,
  )
}

/** A code span, whatever the text holds. */
function code(text: string): string {
  const shown = visible(text)
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return longest === 0 ? `\`${shown}\`` : `${fence} ${shown} ${fence}`
}

/** Text of somebody else that must be nothing but text: no markup, no mention, no link to an issue. */
const escaped = (text: string): string =>
  visible(text)
    .replace(/[\\`*_{}[\]|~]/g, '\\$&')
    .replace(/[<>&@#]/g, (letter) => `&#${letter.charCodeAt(0)};`)
