import type { Plan } from '../contract/manifest.ts'
import { globMatches } from '../contract/glob.ts'
import { closestNames } from '../registry/view.ts'
import { titleOf, type Trial } from './trial.ts'

/** Which tests are wanted; nothing named is all. */
export interface Selection {
  /** Globs of tool names, resource addresses, or `<tool>: <test>`. */
  readonly patterns: readonly string[]
  readonly connectors: readonly string[]
}

/** Every test of a plan: by connector, tools before resources, as the manifest has them. */
export function listTrials(plan: Plan): readonly Trial[] {
  return plan.connectors.flatMap((connector) =>
    [...connector.tools, ...connector.resources.map(({ tool }) => tool)].flatMap((spec) => spec.tests.map((test) => ({ connector, spec, test }))),
  )
}

/** The wanted ones, in the same order. */
export const select = (trials: readonly Trial[], { patterns, connectors }: Selection): readonly Trial[] =>
  trials.filter(
    (trial) =>
      (connectors.length === 0 || connectors.includes(trial.connector.name)) &&
      (patterns.length === 0 || patterns.some((pattern) => globMatches(pattern, trial.spec.name) || globMatches(pattern, titleOf(trial)))),
  )

/** Patterns that no test answers to, each with the tools of nearest name. */
export function unanswered(trials: readonly Trial[], patterns: readonly string[]): readonly { readonly pattern: string; readonly near: readonly string[] }[] {
  const names = new Set(trials.map(({ spec }) => spec.name))
  return patterns
    .filter((pattern) => select(trials, { patterns: [pattern], connectors: [] }).length === 0)
    .map((pattern) => ({ pattern, near: closestNames(pattern.replaceAll('*', ''), names) }))
}
