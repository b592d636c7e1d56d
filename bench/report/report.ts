import { codegenTable } from '../codegen/goals.ts'
import type { CodegenRow } from '../codegen/measure.ts'
import type { Verdict } from '../goals.ts'
import { kindCautions, kindsTable } from '../kinds/goals.ts'
import type { KindResult } from '../kinds/measure.ts'
import type { Pace } from '../kinds/slices.ts'
import type { Effort, GroupResult } from '../measure/run.ts'
import { describe, type Machine } from './machine.ts'
import { cautions, goalTable, groupTable } from './markdown.ts'

/** Everything one run found. */
export interface Run {
  readonly machine: Machine
  readonly effort: Effort
  readonly pace: Pace
  readonly results: readonly GroupResult[]
  readonly kinds: readonly KindResult[]
  readonly codegen: readonly CodegenRow[]
  readonly verdicts: readonly Verdict[]
}

/** A run as markdown: goals first, then every table, then what to be careful about. */
export function render({ machine, effort, pace, results, kinds, codegen, verdicts }: Run): string {
  const how = `Median of ${effort.repetitions} × ${effort.measureMs / 1000} s after ${effort.settleMs / 1000} s of unmeasured load. MB: resident at the last concurrency, all processes of the row.`
  const howKinds =
    kinds.length === 0
      ? ''
      : `Kinds: median of ${pace.rounds} rounds, in each ${pace.sliceMs} ms of the tool, the kind alone and the driver; each kind in a process of its own.`
  const failures = codegen.flatMap(({ name, failed }) => (failed === undefined ? [] : [`codegen, ${name}: ${failed.split('\n', 1)[0]}`]))
  const careful = [...cautions(results), ...kindCautions(kinds), ...failures].map((line) => `- ${line}`)
  return [describe(machine), how, howKinds, goalTable(verdicts), ...results.map(groupTable), kindsTable(kinds), codegenTable(codegen), careful.join('\n')]
    .filter((part) => part !== '')
    .join('\n\n')
}

const begin = '<!-- measured: begin -->'
const end = '<!-- measured: end -->'

/** A README with the part between its two markers replaced. Throws when they are not there. */
export function withMeasured(readme: string, measured: string): string {
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the README lacks ${begin} and ${end}`)
  return `${readme.slice(0, from + begin.length)}\n\n${measured}\n\n${readme.slice(to)}`
}
