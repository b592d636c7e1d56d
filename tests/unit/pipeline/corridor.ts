import type { Answer } from '../../../runtime/contract/answer.ts'
import type { Args, Run } from '../../../runtime/contract/call.ts'
import type { KindTools } from '../../../runtime/contract/kind.ts'
import { defineKind } from '../../../runtime/contract/kind.ts'
import type { ConnectorSpec } from '../../../runtime/contract/manifest.ts'
import type { Principal } from '../../../runtime/contract/principal.ts'
import type { AuditLine } from '../../../runtime/contract/store.ts'
import type { Logger } from '../../../runtime/contract/telemetry.ts'
import { createFlights } from '../../../runtime/cache/flight.ts'
import { createMemoryCache } from '../../../runtime/cache/memory.ts'
import { createSecrets } from '../../../runtime/guards/content.ts'
import { createLimits } from '../../../runtime/limits/limits.ts'
import { createMetrics } from '../../../runtime/metrics/metrics.ts'
import type { CallRequest } from '../../../runtime/pipeline/call.ts'
import { createDrive } from '../../../runtime/pipeline/drive.ts'
import type { Flown, Remembered } from '../../../runtime/pipeline/walk.ts'
import { createRegistryManager } from '../../../runtime/registry/manager.ts'
import { hubConfig, plan, principal } from '../../fixtures/plan.ts'

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

/** What a test lets a tool do, by local name. */
export type Acts = Readonly<Record<string, (args: Args, run: Run) => Promise<Answer> | Answer>>

/** The whole corridor over the real services, in front of tools whose acts the test writes; the clock is the test's. */
export function openCorridor(connectors: readonly ConnectorSpec[], acts: Acts, limits: Partial<ReturnType<typeof hubConfig>['limits']> = {}) {
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') }
  const audited: AuditLine[] = []
  const audit = {
    refuses: false,
    async write(line: AuditLine) {
      if (audit.refuses) throw new Error('the store is gone')
      audited.push(line)
    },
    append: (line: AuditLine) => void audited.push(line),
    flush: async () => undefined,
  }
  const secrets = createSecrets()
  const metrics = createMetrics()
  metrics.declare(connectors.flatMap((spec) => spec.tools.map((tool) => ({ server: spec.name, tool: tool.name }))))
  const kind = defineKind({
    kind: 'test',
    summary: 'For tests.',
    config: true,
    operation: true,
    open: async () => ({
      bind: (spec: { local: string }) => async (args: Args, run: Run) => {
        const act = acts[spec.local]
        if (!act) throw new Error(`the test gives no act for ${spec.local}`)
        return act(args, run)
      },
      check: async () => ({ state: 'up' }) as const,
      close: async () => undefined,
    }),
  })
  const manager = createRegistryManager({ plan: plan(connectors), kinds: [kind], lend: () => ({}) as KindTools, log: silent, now: () => clock.now })
  const drive = createDrive({
    limits: createLimits({ ...hubConfig().limits, ...limits }, () => clock.now),
    cache: createMemoryCache<Remembered>({ maxBytes: 1024 * 1024, now: () => clock.now }),
    flights: createFlights<Flown>(),
    audit,
    secrets,
    metrics,
    log: silent,
    now: () => clock.now,
  })

  const call = (name: string, args: Args = {}, over: Partial<Omit<CallRequest, 'principal'>> & { principal?: Partial<Principal> } = {}) => {
    const registry = manager.current()
    const found = registry.tools.get(name)
    if (!found) throw new Error(`no tool ${name}`)
    return drive({
      registry,
      tool: found,
      args,
      signal: new AbortController().signal,
      trace: {},
      capabilities: {},
      exchange: {},
      ...over,
      principal: principal(over.principal),
    })
  }

  return { call, clock, audit, audited, secrets, metrics, manager, drive }
}
