import { HubError } from '../contract/errors.ts'
import type { Kind } from '../contract/kind.ts'
import type { Plan } from '../contract/manifest.ts'
import type { Problem } from '../contract/place.ts'
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

/** Problems that keep a sound plan from being served; none when it may be. */
export type Admit = (plan: Plan) => Promise<readonly Problem[]>

/** The plan, or an error whose message is every problem as `hub check` prints it. */
export async function planOrThrow(recompile: Recompile, admit?: Admit): Promise<Plan> {
  const compiled = await recompile.run()
  const refused = (compiled.plan && (await admit?.(compiled.plan))) ?? []
  if (compiled.plan && refused.length === 0) return compiled.plan
  const problems = compiled.plan ? refused : compiled.problems
  const errors = problems.filter(({ severity }) => severity === 'error')
  throw new HubError(errors[0]?.code ?? 'HUB_CONFIG_FILE', formatProblems(problems), { problems })
}
