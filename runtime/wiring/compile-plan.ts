import { HubError } from '../contract/errors.ts'
import type { Kind } from '../contract/kind.ts'
import type { Plan } from '../contract/manifest.ts'
import { createCompiler, type Compiled } from '../manifest/compile.ts'
import { formatProblems } from '../manifest/problems.ts'

/** What plans are compiled from. */
export interface PlanSource {
  readonly configFile: string
  readonly kinds: readonly Kind[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly version?: string
}

/** Compiles the same manifests again and again, keeping what did not change between runs. */
export interface Recompile {
  /** Compiles now; what it found stays as `last`. */
  run(): Promise<Compiled>
  readonly last: Compiled | undefined
}

/** One compiler over one set of manifests. */
export function createRecompile(source: PlanSource): Recompile {
  const compile = createCompiler()
  let last: Compiled | undefined
  return {
    async run() {
      last = await compile(source)
      return last
    },
    get last() {
      return last
    },
  }
}

/** The plan, or an error whose message is every problem as `hub check` prints it. */
export async function planOrThrow(recompile: Recompile): Promise<Plan> {
  const { plan, problems } = await recompile.run()
  if (plan) return plan
  const errors = problems.filter(({ severity }) => severity === 'error')
  throw new HubError(errors[0]?.code ?? 'HUB_CONFIG_FILE', formatProblems(problems), { problems })
}
