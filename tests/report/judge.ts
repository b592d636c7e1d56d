import type { Summary } from './reporter.ts'

/** How one gate ended. */
export interface GateResult {
  readonly gate: string
  readonly passed: boolean
  readonly seconds: number
}

/** What must be true of a whole run for it to pass, in one line a fault: empty when it passes. */
export function faultsOf(gates: readonly GateResult[], summary: Summary | undefined, expected: readonly string[]): string[] {
  const faults = gates.filter((gate) => !gate.passed).map((gate) => `${gate.gate} failed`)
  if (summary === undefined) return [...faults, 'vitest left no summary: it did not run to its end']
  if (summary.passed === 0) faults.push('no test passed')
  faults.push(...summary.skipped.filter(({ reason }) => reason === undefined).map(({ test }) => `skipped without a reason: ${test}`))
  // A component that a machine may lack is named by the reason of the tests that were skipped for it.
  const excused = (name: string): boolean => summary.skipped.some(({ reason }) => reason?.startsWith(`${name}: `))
  // Wherever it comes from, a package or a container, it is the same component.
  const usedOnes = new Set(summary.components.map(withoutOrigin))
  const missing = expected.filter((name) => !usedOnes.has(withoutOrigin(name)) && !excused(name))
  if (missing.length > 0)
    faults.push(`the tests used ${expected.length - missing.length} of ${expected.length} expected real components; missing: ${missing.join(', ')}`)
  return faults
}

const withoutOrigin = (component: string): string => component.replace(/ \(.*\)$/, '')

/** The last lines of `npm test`. */
export function closingLines(summary: Summary | undefined): string[] {
  if (summary === undefined) return ['0 passed, 0 failed, 0 skipped']
  return [
    ...summary.skipped.map(({ test, reason }) => `skipped: ${test}: ${reason ?? 'no reason given'}`),
    `real components used: ${summary.components.length} (${summary.components.join(', ')})`,
    `${summary.passed} passed, ${summary.failed + summary.faults} failed, ${summary.skipped.length} skipped`,
  ]
}
