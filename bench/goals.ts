import { find, startOf, type Figures } from './measure/figures.ts'
import type { GroupResult } from './measure/run.ts'

/** What the hub must reach, and what it should. */
export interface Goal {
  readonly work: string
  readonly group: string
  /** more: the figure must be no smaller than `must`; less: no larger. */
  readonly better: 'more' | 'less'
  readonly must: number
  readonly aim: number
  readonly unit: 'ratio' | 'MB' | 'ms'
  /** The figure, out of one run; undefined when a row it needs was not measured. */
  figure(results: readonly GroupResult[]): number | undefined
}

/** A goal against one run. */
export interface Verdict {
  readonly goal: Goal
  readonly figure?: number
  readonly state: 'aim reached' | 'met' | 'missed' | 'not measured'
}

const callers = [1, 16, 64] as const
const rate = ({ requestsPerSecond }: Figures): number => requestsPerSecond
const p99 = ({ p99Ms }: Figures): number => p99Ms

function ratio(group: string, row: string, to: string, concurrency: number, valueOf: (figures: Figures) => number): Goal['figure'] {
  return (results) => {
    const one = find(results, group, row, concurrency)
    const other = find(results, group, to, concurrency)
    return one && other && valueOf(one) / valueOf(other)
  }
}

/** More requests a second than another row of the same group. */
function faster(work: string, group: string, row: string, to: string, concurrency: number, must: number, aim: number): Goal {
  return { work: `${work}, c${concurrency}`, group, better: 'more', must, aim, unit: 'ratio', figure: ratio(group, row, to, concurrency, rate) }
}

const queryMust = { 1: 0.9, 16: 0.9, 64: 1 } as const

/** Every goal, in the order they are told. */
export const goals: readonly Goal[] = [
  ...callers.map((concurrency) => faster('query against MCP Toolbox', 'query', 'hub', 'MCP Toolbox', concurrency, queryMust[concurrency], 1.15)),
  faster('query, two processes against MCP Toolbox', 'query', 'hub, two processes', 'MCP Toolbox', 16, 1.15, 1.35),
  faster('HTTP upstream against mcp-hub', 'federation', 'HTTP: hub', 'HTTP: mcp-hub', 16, 6, 10),
  faster('HTTP upstream against the limit', 'federation', 'HTTP: hub', 'HTTP upstream alone (limit)', 16, 0.25, 0.4),
  faster('stdio upstream against mcp-hub', 'federation', 'stdio: hub', 'stdio: mcp-hub', 16, 2.5, 3.3),
  faster('stdio upstream against mcp-proxy', 'federation', 'stdio: hub', 'stdio: mcp-proxy', 16, 5, 6.5),
  faster('tools/list of 1,000 tools against MCP Toolbox', 'list', '1000 tools: hub', '1000 tools: MCP Toolbox', 1, 2, 2.4),
  faster('a cached answer against the limit', 'cache', 'hub, cached', 'limit', 16, 0.3, 0.45),
  ...callers.map((concurrency): Goal => ({
    work: `query, p99 against MCP Toolbox, c${concurrency}`,
    group: 'query',
    better: 'less',
    must: 1,
    aim: 0.95,
    unit: 'ratio',
    figure: ratio('query', 'hub', 'MCP Toolbox', concurrency, p99),
  })),
  {
    work: 'query, resident memory, c64',
    group: 'query',
    better: 'less',
    must: 120,
    aim: 100,
    unit: 'MB',
    figure: (results) => megabytes(find(results, 'query', 'hub', 64)?.residentBytes),
  },
  { work: 'start to first answer', group: 'query', better: 'less', must: 400, aim: 300, unit: 'ms', figure: (results) => startOf(results, 'query', 'hub') },
]

/** Each goal of the measured groups against a run. */
export function judge(results: readonly GroupResult[]): Verdict[] {
  const measured = new Set(results.map(({ name }) => name))
  return goals.filter(({ group }) => measured.has(group)).map((goal) => verdictOf(goal, goal.figure(results)))
}

/** A figure against its goal. */
export function verdictOf(goal: Goal, figure: number | undefined): Verdict {
  if (figure === undefined || Number.isNaN(figure)) return { goal, state: 'not measured' }
  const reaches = (mark: number): boolean => (goal.better === 'more' ? figure >= mark : figure <= mark)
  return { goal, figure, state: reaches(goal.aim) ? 'aim reached' : reaches(goal.must) ? 'met' : 'missed' }
}

const megabytes = (bytes: number | undefined): number | undefined => (bytes === undefined ? undefined : bytes / 1e6)
