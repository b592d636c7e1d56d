import { verdictOf, type Goal, type Verdict } from '../goals.ts'
import { median } from '../measure/statistics.ts'
import { table } from '../report/markdown.ts'
import { kindConcurrencies, type KindResult } from './measure.ts'
import { latencyRatio, throughputRatio, type Compared, type Slice, type Way } from './slices.ts'

type Bound = Pick<Goal, 'work' | 'better' | 'must' | 'aim' | 'unit'> & { readonly value: (result: KindResult) => number | undefined }

const { latency, throughput } = kindConcurrencies
const at = ({ compared }: KindResult, concurrency: number): Compared | undefined => compared.find((one) => one.concurrency === concurrency)
const latencyOf = (result: KindResult): number | undefined => ratioOf(at(result, latency), (compared) => latencyRatio(compared))
const throughputOf = (result: KindResult): number | undefined => ratioOf(at(result, throughput), (compared) => throughputRatio(compared))
const growthOf = ({ bulk }: KindResult): number | undefined => bulk && bulk.bytes / 2 ** 20

const ratioOf = (compared: Compared | undefined, ratio: (compared: Compared) => number): number | undefined => compared && ratio(compared)

const bounds: readonly Bound[] = [
  { work: `latency against the bare driver, c${latency}`, better: 'less', must: 1.25, aim: 1.1, unit: 'ratio', value: latencyOf },
  { work: `throughput against the bare driver, c${throughput}`, better: 'more', must: 0.8, aim: 1, unit: 'ratio', value: throughputOf },
  { work: 'resident growth while far more is read than answered', better: 'less', must: 64, aim: 32, unit: 'MB', value: growthOf },
]

/** Each goal of each kind against what was measured; a kind without a call that reads far more than it answers has no goal of memory. */
export function judgeKinds(results: readonly KindResult[]): readonly Verdict[] {
  return results.flatMap((result) =>
    bounds
      .filter(({ unit }) => unit !== 'MB' || result.bulk !== undefined)
      .map(({ value, work, ...bound }) => {
        const figure = value(result)
        return verdictOf({ ...bound, work: `${result.kind}, ${work}`, group: 'kinds', figure: () => figure }, figure)
      }),
  )
}

const none = '–'

/** What was measured of the kinds, as a table; empty when nothing was. */
export function kindsTable(results: readonly KindResult[]): string {
  if (results.length === 0) return ''
  const head = [
    'A tool through the whole pipeline, and the bare driver',
    `c${latency} µs`,
    'bare',
    'ratio',
    'kind alone',
    `c${throughput} calls/s`,
    'bare',
    'ratio',
    'kind alone',
    'grown by MB',
  ]
  return table(head, results.map(rowOf))
}

function rowOf(result: KindResult): string[] {
  const { kind, what, missing, failed, bulk } = result
  if (failed !== undefined || missing !== undefined)
    return [`${kind} (${failed === undefined ? 'missing' : 'failed'})`, ...Array.from({ length: 9 }, () => none)]
  return [
    `${kind}: ${what}`,
    ...cells(at(result, latency), ({ p50Ms }) => p50Ms * 1_000, latencyRatio),
    ...cells(at(result, throughput), ({ perSecond }) => perSecond, throughputRatio),
    bulk === undefined ? none : `${Math.round(bulk.bytes / 2 ** 20)} (${bulk.what})`,
  ]
}

function cells(compared: Compared | undefined, valueOf: (slice: Slice) => number, ratio: (compared: Compared, way: Way) => number): string[] {
  if (compared === undefined) return [none, none, none, none]
  const middle = (way: Way): string => Math.round(median(compared.rounds.map((round) => valueOf(round[way])))).toLocaleString('en')
  return [middle('tool'), middle('bare'), ratio(compared, 'tool').toFixed(2), ratio(compared, 'handler').toFixed(2)]
}

/** What a reader must know before believing the table: kinds without figures, rounds far apart. */
export function kindCautions(results: readonly KindResult[]): readonly string[] {
  return results.flatMap((result) => {
    const { kind, missing, failed, compared } = result
    if (failed !== undefined) return [`kinds, ${kind}: ${failed.split('\n', 1)[0]}`]
    if (missing !== undefined) return [`kinds, ${kind}: not measured, ${missing}`]
    return compared.flatMap((one) => {
      const ratios = one.rounds.map(({ tool, bare }) => tool.perSecond / bare.perSecond).toSorted((left, right) => left - right)
      const apart = (ratios[Math.floor(ratios.length * 0.75)]! - ratios[Math.floor(ratios.length * 0.25)]!) / median(ratios)
      return apart > 0.3 ? [`kinds, ${kind}, c${one.concurrency}: the middle half of the rounds lies ${Math.round(apart * 100)} % apart.`] : []
    })
  })
}
