import type { Plan } from '../contract/manifest.ts'
import type { Problem } from '../contract/place.ts'
import type { Logger } from '../contract/telemetry.ts'
import { watchManifests } from '../manifest/watch.ts'
import type { RegistryManager } from '../registry/manager.ts'
import type { Registry } from '../registry/types.ts'
import type { Admit, Recompile } from './compile-plan.ts'

/** What a reload is made of and whom it tells. */
export interface ReloadParts {
  readonly recompile: Recompile
  readonly manager: RegistryManager
  readonly log: Logger
  readonly admit?: Admit
  readonly onProblems?: (problems: readonly Problem[]) => void
  readonly onReload?: (registry: Registry) => void
}

/** Compiles anew on every change of a file: a good plan replaces the old one, a bad edit is told in full and the old plan keeps serving. */
export function reloadOnChange(parts: ReloadParts): { close(): Promise<void> } {
  const { manager, log, recompile } = parts
  let running: Promise<void> | undefined
  let again = false
  let closed = false

  async function reload(): Promise<void> {
    const { plan, problems } = await recompile.run()
    if (closed) return
    if (!plan) {
      log.warn('edit refused, the plan before it keeps serving', { problems: problems.length })
      parts.onProblems?.(problems)
      return
    }
    const before = manager.current().plan
    if (plan.digest === before.digest) return
    const refused = (await parts.admit?.(plan)) ?? []
    if (closed) return
    if (refused.length > 0) {
      log.warn('edit refused, the plan before it keeps serving', { problems: refused.length })
      parts.onProblems?.(refused)
      return
    }
    if (needsRestart(before, plan)) log.warn('listen, stores, auth, limits and egress take effect at the next start')
    const registry = manager.replace(plan)
    log.info('plan replaced', { generation: registry.generation, connectors: plan.connectors.length })
    parts.onReload?.(registry)
  }

  // One reload at a time; edits that come meanwhile make one more, not one each.
  async function run(): Promise<void> {
    do {
      again = false
      await reload().catch((error: unknown) => log.error('reload failed, the plan before it keeps serving', { error }))
    } while (again && !closed)
    running = undefined
  }

  // What the last run read, whether or not it came to a plan: the edit that mends a broken file is noticed too.
  const watcher = watchManifests({
    files: () => recompile.last?.files ?? [],
    directories: () => recompile.last?.directories ?? [],
    onChange: () => {
      if (running) again = true
      else running = run()
    },
  })

  // What was edited between the first reading and the first look, while the stores were starting, is in no stamp.
  running = run()

  return {
    async close() {
      closed = true
      watcher.close()
      await running
    },
  }
}

// Secrets print as [secret] and compare equal; a changed one reopens its connectors by their digests.
const needsRestart = (before: Plan, after: Plan): boolean => JSON.stringify(before.hub) !== JSON.stringify(after.hub)
