import { verdictOf, type Goal, type Verdict } from '../goals.ts'
import { median } from '../measure/statistics.ts'
import { table } from '../report/markdown.ts'
import { codegenRows, type CodegenRow } from './measure.ts'

type Bound = Pick<Goal, 'work' | 'must' | 'aim' | 'unit'> & { readonly row: string; readonly value: (row: CodegenRow) => number }

const time = ({ ms }: CodegenRow): number => median(ms)
const memory = ({ peakBytes }: CodegenRow): number => peakBytes / 1e6

const bounds: readonly Bound[] = [
  { work: 'hub generate, 1,000 tools', row: codegenRows.write, must: 5_000, aim: 3_000, unit: 'ms', value: time },
  { work: 'hub generate, peak memory', row: codegenRows.write, must: 500, aim: 350, unit: 'MB', value: memory },
  { work: 'hub generate --check, 1,000 tools', row: codegenRows.check, must: 5_000, aim: 3_000, unit: 'ms', value: time },
  { work: 'hub generate --check, peak memory', row: codegenRows.check, must: 500, aim: 350, unit: 'MB', value: memory },
  { work: 'hub generate --watch, one manifest edited', row: codegenRows.watch, must: 300, aim: 200, unit: 'ms', value: time },
]

/** Each goal of generating code against what was measured; none when nothing was. */
export function judgeCodegen(rows: readonly CodegenRow[]): readonly Verdict[] {
  if (rows.length === 0) return []
  return bounds.map(({ row: name, value, ...bound }) => {
    const row = rows.find((one) => one.name === name && one.failed === undefined)
    const figure = row && value(row)
    return verdictOf({ ...bound, group: 'codegen', better: 'less', figure: () => figure }, figure)
  })
}

/** What was measured of generating code, as a table; empty when nothing was. */
export function codegenTable(rows: readonly CodegenRow[]): string {
  if (rows.length === 0) return ''
  const cells = rows.map(({ name, ms, peakBytes, failed }) =>
    failed === undefined
      ? [name, String(Math.round(median(ms))), `${Math.round(Math.min(...ms))} – ${Math.round(Math.max(...ms))}`, String(Math.round(peakBytes / 1e6))]
      : [`${name} (failed)`, '–', '–', '–'],
  )
  return table(['Code of 1,000 tools in 100 manifests, TypeScript and Python', 'ms', 'from – to', 'peak MB'], cells)
}
