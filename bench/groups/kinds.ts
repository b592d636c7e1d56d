import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { kindBenches } from '../kinds/index.ts'
import type { KindResult } from '../kinds/measure.ts'
import type { FromRun } from '../kinds/run.ts'
import type { Pace } from '../kinds/slices.ts'

const program = fileURLToPath(new URL('../kinds/run.ts', import.meta.url))
// A driver that cannot be ended is not waited for.
const graceMs = 10_000

/** Measures each of these kinds against its bare driver, one after the other, each in a process of its own. A kind that fails is told, and the others go on. */
export async function measureKinds(kinds: readonly string[], pace: Pace, say: (line: string) => void): Promise<readonly KindResult[]> {
  const results: KindResult[] = []
  for (const kind of kinds) {
    const result = await measured(kind, pace, (line) => say(`${kind}: ${line}`))
    if (result.failed !== undefined || result.missing !== undefined) say(`${kind}:   ${result.failed ?? result.missing}`)
    results.push(result)
  }
  return results
}

/** The names of all kinds that can be measured. */
export const kindNames: readonly string[] = kindBenches.map(({ kind }) => kind)

function measured(kind: string, pace: Pace, say: (line: string) => void): Promise<KindResult> {
  const child = fork(program, [kind, JSON.stringify(pace)], { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  return new Promise((resolve) => {
    let result: KindResult | undefined
    child.on('message', (message: FromRun) => {
      if ('say' in message) return say(message.say)
      result = message.result
      setTimeout(() => child.kill('SIGKILL'), graceMs).unref()
    })
    child.on('exit', (code, signal) =>
      resolve(result ?? { kind, what: '', failed: `its process ended with ${signal ?? code} before it was done`, compared: [] }),
    )
  })
}
