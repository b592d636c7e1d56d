import { dirname } from 'node:path'
import type { Command } from 'commander'
import { findConfigFile } from './config-file.ts'
import { exits } from './exits.ts'
import type { Finding } from './finding.ts'
import { addConfigOption, type ConfigOptions } from './options.ts'
import { bad, columns, doubtful, good, strong } from './style.ts'

const help = `
Looks at the machine, the manifests, the hub's own store and every system behind the hub: through the hub that runs from this folder, else by opening them here.
Exit code 1 when something is broken; a connector that is off for want of a setting is told and is no fault.`

const oldestNode = [22, 19] as const
const paint = { good, doubtful, bad }
const marks = { good: 'ok', doubtful: 'look', bad: 'bad' } as const

/** `hub doctor`: what works, what does not, and what to do. */
export function addDoctor(program: Command, finish: (exit: number) => void): void {
  addConfigOption(
    program
      .command('doctor')
      .description('which backends answer, which secrets are missing, what to do')
      .option('--json', 'print JSON')
      .addHelpText('after', help),
  ).action(async (options: ConfigOptions & { json?: boolean }) => {
    const configFile = findConfigFile(options.config)
    const { examineHub } = await import('./examining.ts')
    const findings = [examineNode(process.versions.node), ...(await examineHub(configFile, dirname(configFile)))]
    process.stdout.write(`${options.json ? JSON.stringify(findings, undefined, 2) : render(findings)}\n`)
    finish(findings.some(({ state }) => state === 'bad') ? exits.problems : exits.ok)
  })
}

/** Whether this Node can run the hub. */
export function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fits = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
  if (fits) return { topic: 'node', state: 'good', fact: `Node ${version}` }
  return { topic: 'node', state: 'bad', fact: `Node ${version} is too old`, wayOn: `use Node ${oldestNode.join('.')} or newer; npm start brings its own` }
}

function render(findings: readonly Finding[]): string {
  const rows = findings.map(({ topic, state, fact }) => [marks[state], topic, fact])
  const lines = columns(rows, (cell, column) => (column === 0 ? paint[stateOf(cell)](cell) : column === 1 ? strong(cell) : cell)).split('\n')
  return findings.map(({ wayOn }, index) => (wayOn === undefined ? lines[index] : `${lines[index]}\n      ${wayOn}`)).join('\n')
}

const stateOf = (mark: string): Finding['state'] => (Object.keys(marks) as Finding['state'][]).find((state) => marks[state] === mark) ?? 'doubtful'
