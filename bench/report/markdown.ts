import type { Verdict } from '../goals.ts'
import { figuresOf, type Figures } from '../measure/figures.ts'
import type { GroupResult, RowResult } from '../measure/run.ts'

/** A markdown table with columns as wide as their widest cell. The first column is left, the others right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

const none = '–'
const count = (value: number): string => (value >= 100 ? Math.round(value / 10) * 10 : Math.round(value)).toLocaleString('en')
const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1)

/** The measured rows of a group: at each concurrency the rate, its ratio to the row it is held against, median and 99th percentile, and the CPU a request took. */
export function groupTable(group: GroupResult): string {
  const concurrencies = [...new Set(group.rows.flatMap(({ points }) => points.map(({ concurrency }) => concurrency)))].sort((one, other) => one - other)
  const figures = new Map(group.rows.map((row) => [row.name, new Map(row.points.map((point) => [point.concurrency, figuresOf(point)]))]))
  const head = [group.title, ...concurrencies.flatMap((concurrency) => [`c${concurrency} req/s`, 'ratio', 'p50 / p99 ms', 'CPU µs']), 'MB', 'start ms', 'bytes']
  const rows = group.rows.map((row) => {
    const own = figures.get(row.name)!
    const last = own.get(Math.max(...own.keys()))
    return [
      nameOf(row, [...own.values()]),
      ...concurrencies.flatMap((concurrency) => pointCells(own.get(concurrency), figures.get(row.against)?.get(concurrency))),
      last?.residentBytes === undefined ? none : count(last.residentBytes / 1e6),
      row.startMs === undefined ? none : count(row.startMs),
      last === undefined ? none : count(last.answerBytes),
    ]
  })
  return table(head, rows)
}

function nameOf({ name, failed }: RowResult, figures: readonly Figures[]): string {
  const wrong = figures.reduce((sum, point) => sum + point.wrong, 0)
  if (failed !== undefined) return `${name} (failed)`
  return wrong === 0 ? name : `${name} (${wrong} wrong answers)`
}

function pointCells(figures: Figures | undefined, against: Figures | undefined): string[] {
  if (figures === undefined) return [none, none, none, none]
  const { requestsPerSecond, p50Ms, p99Ms, cpuMicrosPerRequest } = figures
  const ratio = against === undefined ? none : (requestsPerSecond / against.requestsPerSecond).toFixed(2)
  return [count(requestsPerSecond), ratio, `${ms(p50Ms)} / ${ms(p99Ms)}`, cpuMicrosPerRequest === undefined ? none : count(cpuMicrosPerRequest)]
}

/** The goals against this run. */
export function goalTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ goal, figure, state }) => {
    const show = (value: number): string => (goal.unit === 'ratio' ? value.toFixed(2) : `${Math.round(value)} ${goal.unit}`)
    const bound = goal.better === 'more' ? '≥' : '≤'
    return [goal.work, figure === undefined ? none : show(figure), `${bound} ${show(goal.must)}`, `${bound} ${show(goal.aim)}`, state]
  })
  return table(['The hub', 'figure', 'at least', 'aim', 'state'], rows)
}

/** What a reader must know before believing the tables: drivers near their limit, repetitions far apart, rows that failed. */
export function cautions(results: readonly GroupResult[]): string[] {
  const all = results.flatMap((group) =>
    group.rows.flatMap((row) => row.points.map((point) => ({ where: `${group.name}, ${row.name}, c${point.concurrency}`, figures: figuresOf(point) }))),
  )
  const busiest = all.reduce<(typeof all)[number] | undefined>(
    (most, one) => (most === undefined || one.figures.driverShare > most.figures.driverShare ? one : most),
    undefined,
  )
  return [
    ...(busiest ? [`The driver took at most ${Math.round(busiest.figures.driverShare * 100)} % of one core (${busiest.where}).`] : []),
    ...wrongAnswers(results),
    ...all.filter(({ figures }) => figures.spread > 0.15).map(({ where, figures }) => `${where}: repetitions lie ${Math.round(figures.spread * 100)} % apart.`),
    ...results.flatMap((group) =>
      group.rows.flatMap((row) => (row.failed === undefined ? [] : [`${group.name}, ${row.name}: ${row.failed.split('\n', 1)[0]}`])),
    ),
  ]
}

function wrongAnswers(results: readonly GroupResult[]): string[] {
  return results.flatMap((group) =>
    group.rows.flatMap((row) => {
      const first = row.points.flatMap(({ samples }) => samples).find(({ wrong }) => wrong > 0)?.firstWrong
      return first === undefined ? [] : [`${group.name}, ${row.name}: a wrong answer began ${first.slice(0, 200)}`]
    }),
  )
}
