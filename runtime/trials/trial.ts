import type { ConnectorSpec } from '../contract/manifest.ts'
import type { Place } from '../contract/place.ts'
import type { ToolTest } from '../contract/tool-test.ts'
import type { ToolSpec } from '../contract/tool.ts'

/** One test of one tool or resource. */
export interface Trial {
  readonly connector: ConnectorSpec
  /** Of a resource: its tool, whose name is the address. */
  readonly spec: ToolSpec
  readonly test: ToolTest
}

/** One thing that was not as expected. */
export interface Failure {
  /** What was looked at: `rows`, `value rows.0.close`, `error`. */
  readonly what: string
  readonly expected: string
  readonly actual: string
  readonly place: Place
}

/** What came of one trial. */
export interface Verdict {
  readonly trial: Trial
  readonly result: 'passed' | 'failed' | 'skipped'
  /** How long the call took; absent where nothing was called or the answer was recorded. */
  readonly ms?: number
  readonly overBudget: boolean
  /** Why it was skipped. */
  readonly reason?: string
  /** True where what was skipped lacks something that may be had: a setting, a recording. */
  readonly lacking?: boolean
  readonly failures: readonly Failure[]
}

/** A trial's name for people, unique in a plan: `market_returns: the year 2019`. */
export const titleOf = ({ spec, test }: Trial): string => `${spec.name}: ${test.name}`
