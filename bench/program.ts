import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { repository } from './folders.ts'

const named = process.env.BENCH_HUB_PROGRAM
const built = join(repository, '.hub', 'bench', 'build')

/** The program that is measured: the hub as it is published and deployed, or what BENCH_HUB_PROGRAM names from the repository's folder. */
export const hubProgram = named === undefined ? join(built, 'runtime', 'main.js') : join(repository, named)

/** What runtime/launch.mjs starts it with. */
export const hubFlags: readonly string[] = ['--min-semi-space-size=8', ...(process.env.BENCH_HUB_FLAGS?.split(' ').filter(Boolean) ?? [])]

/** Builds the hub that is measured, unless another is named. */
export function buildHub(say: (line: string) => void): void {
  if (named !== undefined) return
  say('building the hub')
  const { status, stderr } = spawnSync(process.execPath, [join(repository, 'runtime', 'build.mjs'), '--out', built], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the hub could not be built: ${stderr}`)
}
