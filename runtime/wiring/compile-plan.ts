import { HubError } from '../contract/errors.ts'
import type { Kind } from '../contract/kind.ts'
import type { Plan } from '../contract/manifest.ts'
import type { Problem } from '../contract/place.ts'
import { compile } from '../manifest/compile.ts'
import { formatProblems } from '../manifest/problems.ts'
import { environmentStore, fileStore } from '../manifest/secrets.ts'
import { dirname } from 'node:path'

/** What a plan is compiled from. */
export interface PlanSource {
  readonly configFile: string
  readonly kinds: readonly Kind[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly version?: string
}

/** Compiles the manifests with the secret stores every hub has. In them, `${HUB_DIRECTORY}` is the folder of hub.config.yaml. */
export function compilePlan({ configFile, kinds, env, version }: PlanSource): Promise<{ plan?: Plan; problems: readonly Problem[] }> {
  const directory = dirname(configFile)
  const named = { HUB_DIRECTORY: directory, ...env }
  return compile({ configFile, kinds, env: named, version, secretStores: [environmentStore(named), fileStore(directory)] })
}

/** The plan, or an error whose message is every problem as `hub check` prints it. */
export async function planOrThrow(source: PlanSource): Promise<Plan> {
  const { plan, problems } = await compilePlan(source)
  if (plan) return plan
  const errors = problems.filter(({ severity }) => severity === 'error')
  throw new HubError(errors[0]?.code ?? 'HUB_CONFIG_FILE', formatProblems(problems), { problems })
}
