import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { closingLines, faultsOf, type GateResult } from './judge.ts'
import type { Summary } from './reporter.ts'

/** `npm test`: every gate in the order in which its faults are quickest to find; all of them run, so that one run names every fault. */
const gates: readonly (readonly [gate: string, command: string])[] = [
  ['floors', 'npm run --silent floors'],
  ['typecheck', 'npm run --silent typecheck'],
  ['lint', 'npm run --silent lint'],
  ['format', 'npm run --silent format:check'],
  ['codegen', 'npm run --silent codegen:check'],
  ['components', 'node tests/components/fetch.ts'],
  ['tests', 'vitest run --coverage'],
]

const summaryFile = resolve('coverage', '.run', 'summary.json')
const componentsFile = resolve('coverage', '.run', 'components.txt')
rmSync(resolve('coverage'), { recursive: true, force: true })

const results = gates.map(runGate)
const summary = existsSync(summaryFile) ? (JSON.parse(readFileSync(summaryFile, 'utf8')) as Summary) : undefined
const expected = JSON.parse(readFileSync(new URL('./components.json', import.meta.url), 'utf8')) as readonly string[]
const faults = faultsOf(results, summary, expected)

console.log(`\n${results.map(({ gate, passed, seconds }) => `${gate} ${passed ? 'ok' : 'FAILED'} ${seconds.toFixed(1)} s`).join(' · ')}`)
for (const fault of faults) console.error(`fault: ${fault}`)
for (const line of closingLines(summary)) console.log(line)
process.exitCode = faults.length > 0 ? 1 : 0

function runGate([gate, command]: readonly [string, string]): GateResult {
  console.log(`\n# ${gate}`)
  const started = performance.now()
  const { status } = spawnSync(command, {
    shell: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, HUB_SUMMARY_FILE: summaryFile, HUB_COMPONENTS_FILE: componentsFile },
  })
  return { gate, passed: status === 0, seconds: (performance.now() - started) / 1000 }
}
