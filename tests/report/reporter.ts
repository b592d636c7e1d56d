import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** What one vitest run came to, as `npm test` prints it. */
export interface Summary {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly { readonly test: string; readonly reason: string | undefined }[]
  /** Faults outside of tests: files that did not load, errors nobody caught. */
  readonly faults: number
  /** The real components the tests used, sorted. */
  readonly components: readonly string[]
}

/** The lines a run left in HUB_COMPONENTS_FILE, each once, sorted. */
export function readComponents(file: string | undefined): string[] {
  if (file === undefined || !existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))].toSorted()
}

/** Why a test was skipped: the note of `context.skip(note)`, or what its name says in brackets, as in `reads a topic (skipped: no broker here)`. */
export function skipReason(name: string, note: string | undefined): string | undefined {
  return note ?? /\(skipped: (.+)\)/.exec(name)?.[1]
}

/** Leaves the counts of a run in HUB_SUMMARY_FILE, for `npm test` to print and judge. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const file = process.env.HUB_SUMMARY_FILE
    if (file === undefined) return
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const summary: Summary = {
      passed: count(tests, 'passed'),
      failed: count(tests, 'failed'),
      skipped: tests
        .filter((test) => test.result().state === 'skipped')
        .map((test) => ({ test: `${test.module.relativeModuleId} ${test.fullName}`, reason: reasonOf(test) })),
      faults: errors.length + modules.reduce((sum, module) => sum + module.errors().length, 0),
      components: readComponents(process.env.HUB_COMPONENTS_FILE),
    }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(summary))
  }
}

function count(tests: readonly TestCase[], state: string): number {
  return tests.filter((test) => test.result().state === state).length
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result()
  return skipReason(test.fullName, result.state === 'skipped' ? result.note : undefined)
}
