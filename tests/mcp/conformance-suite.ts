import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A revision whose requirements the official suite can hold a server to. */
export type Revision = '2026-07-28' | '2025-11-25'

/** What the official suite found of one server. */
export interface SuiteResult {
  /** Scenarios that count and were run. */
  readonly scenarios: number
  /** Checks of those that passed. */
  readonly passed: number
  /** `scenario › check: why`, one line for each check that failed in a scenario that counts. */
  readonly failures: readonly string[]
  /** The same of scenarios that do not count: pending ones and extensions. */
  readonly unscored: readonly string[]
}

interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  readonly errorMessage?: string
  readonly details?: unknown
}

const suite = join(import.meta.dirname, '..', '..', 'node_modules', '@modelcontextprotocol', 'conformance')
const mostOutput = 64 * 1024 * 1024

/** Runs `@modelcontextprotocol/conformance` against a server at the requirements of one revision and reads the results it wrote. Rejects when a scenario that counts was not run. */
export async function runSuite(url: string, revision: Revision): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-conformance-'))
  try {
    const output = await run(['server', '--url', url, '--requirements', revision, '-o', folder])
    const { server: scored } = parse(await readFile(join(suite, 'requirements', `${revision}.yaml`), 'utf8')) as { readonly server: readonly string[] }
    const checks = await readChecks(folder)
    const unrun = scored.filter((scenario) => !checks.has(scenario))
    if (scored.length === 0 || unrun.length > 0) throw new Error(`the suite did not run ${unrun.join(', ') || 'anything'}:\n${output.slice(-4_000)}`)
    const told = (counts: boolean): string[] =>
      [...checks]
        .filter(([scenario]) => scored.includes(scenario) === counts)
        .flatMap(([scenario, found]) => found.filter(({ status }) => status === 'FAILURE').map((check) => sentence(scenario, check)))
    const passed = scored.flatMap((scenario) => checks.get(scenario) ?? []).filter(({ status }) => status === 'SUCCESS').length
    return { scenarios: scored.length, passed, failures: told(true), unscored: told(false) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Everything the suite printed. It exits with 1 when a check failed, which the files it wrote tell better. */
function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(suite, 'dist', 'index.js'), ...args], { maxBuffer: mostOutput }, (error, stdout, stderr) =>
      resolve(`${stdout}${stderr}${error?.message ?? ''}`),
    )
  })
}

/** The checks of each scenario, from `server-<scenario>-<time>/checks.json`. */
async function readChecks(folder: string): Promise<ReadonlyMap<string, readonly Check[]>> {
  const found = new Map<string, readonly Check[]>()
  for (const name of await readdir(folder)) {
    const [, scenario] = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(name) ?? []
    if (scenario !== undefined) found.set(scenario, JSON.parse(await readFile(join(folder, name, 'checks.json'), 'utf8')) as Check[])
  }
  return found
}

function sentence(scenario: string, { id, errorMessage, details }: Check): string {
  return `${scenario} › ${id}: ${errorMessage ?? 'failed'} ${JSON.stringify(details ?? {}).slice(0, 600)}`
}
