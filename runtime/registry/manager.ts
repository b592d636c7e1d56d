import type { Health } from '../contract/health.ts'
import type { Extras, Kind, KindTools } from '../contract/kind.ts'
import type { ConnectorSpec, Plan } from '../contract/manifest.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { ToolPolicy } from '../contract/tool.ts'
import type { GeneratedChecks } from './generated.ts'
import { createOpenConnector, type HeldConnector } from './open-connector.ts'
import { createRegistry } from './registry.ts'
import type { Registry, RegistryEvent, RegistrySource, Renewal } from './types.ts'

/** Today's registry and the means to replace it. */
export interface RegistryManager extends RegistrySource {
  /** Serves a new plan. Connectors whose digest did not change are shared; the old registry closes the others when its last call leaves. */
  replace(plan: Plan): Registry
  /** Resolves when every connector is closed. */
  close(): Promise<void>
}

/** What a manager is made of. */
export interface RegistryManagerParts {
  readonly plan: Plan
  readonly kinds: readonly Kind[]
  readonly lend: (spec: ConnectorSpec, healthChanged: (health: Health) => void) => KindTools
  readonly log: Logger
  readonly now: () => number
  /** The checks codegen wrote; without them every tool's input is compiled. */
  readonly generated?: GeneratedChecks
}

/** Opens eager connectors, keeps the rest for their first use, and tells listeners of every change. */
export function createRegistryManager(parts: RegistryManagerParts): RegistryManager {
  const { kinds, log, now } = parts
  const listeners = new Set<(event: RegistryEvent | Renewal) => void>()
  const closing = new Set<Promise<unknown>>()
  const emit = (event: RegistryEvent | Renewal): void => {
    for (const listener of listeners) listener(event)
  }
  const onClosed = (ended: Promise<unknown>): void => {
    closing.add(ended)
    void ended.finally(() => closing.delete(ended))
  }

  function createConnector(spec: ConnectorSpec): HeldConnector {
    const kind = kinds.find(({ kind: name }) => name === spec.kind)
    if (!kind) throw new Error(`the plan names kind "${spec.kind}", which is not in the list of kinds`)
    return createOpenConnector({ spec, kind, lend: parts.lend, log, now, onOpened: (extras) => follow(spec.name, extras, emit) })
  }

  const liveKinds = new Set(kinds.filter(({ live }) => live === true).map(({ kind }) => kind))
  const isLive = ({ kind, definitions }: ConnectorSpec): boolean => definitions !== undefined || liveKinds.has(kind)

  let held = new Map<string, HeldConnector>()
  let generation = 0

  function build(plan: Plan): Registry & { release(): void } {
    const next = new Map<string, HeldConnector>()
    for (const spec of plan.connectors) {
      const before = held.get(spec.name)
      next.set(spec.name, before !== undefined && isSame(before.spec, spec) ? before : createConnector(spec))
    }
    generation += 1
    const registry = createRegistry(generation, plan, next, onClosed, isLive, parts.generated)
    held = next
    for (const connector of next.values()) if (connector.spec.start === 'eager' && !connector.spec.off) void connector.open().catch(() => undefined)
    return registry
  }

  let current = build(parts.plan)

  return {
    current: () => current,
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    replace(plan) {
      const before = current
      current = build(plan)
      before.release()
      for (const event of differences(before, current)) emit(event)
      for (const [name, connector] of current.connectors) {
        const old = before.connectors.get(name)
        if (old !== undefined && old !== connector) emit({ type: 'renewed', connector: name })
      }
      return current
    },
    async close() {
      current.release()
      listeners.clear()
      while (closing.size > 0) await Promise.allSettled(closing)
    },
  }
}

const isSame = (before: ConnectorSpec, after: ConnectorSpec): boolean => before.digest === after.digest && before.off?.reason === after.off?.reason

function follow(connector: string, extras: Extras | undefined, emit: (event: RegistryEvent | Renewal) => void): void {
  if (extras === undefined) return
  extras.onEvent((event) => {
    if (event.type === 'updated') emit({ connector, ...event })
    else if (event.type === 'log') emit({ type: 'log', connector, params: { level: event.level, data: event.data, logger: event.logger ?? connector } })
    else emit({ type: event.type, connectors: [connector] })
  })
  emit({ type: 'renewed', connector })
}

/** What clients must be told when one plan replaces another. */
function differences(before: Registry, after: Registry): readonly RegistryEvent[] {
  if (before.plan.digest === after.plan.digest) return []
  return (['tools', 'prompts', 'resources'] as const).flatMap((type) => {
    const changed = changedConnectors(before.plan, after.plan, type)
    return changed.length > 0 || selection(before.plan, type) !== selection(after.plan, type) ? [{ type, connectors: changed }] : []
  })
}

/** What toolsets take, as one text: their clients' lists change with it while no connector does. */
const selection = ({ toolsets }: Plan, type: 'tools' | 'prompts' | 'resources'): string =>
  JSON.stringify(toolsets.map((toolset) => [toolset.name, toolset[type]]))

function changedConnectors(before: Plan, after: Plan, type: 'tools' | 'prompts' | 'resources'): readonly string[] {
  const told = (plan: Plan): Map<string, string> =>
    new Map(plan.connectors.map((spec) => [spec.name, spec.off ? '' : JSON.stringify(spec[type].map(visiblePart))]))
  const old = told(before)
  const fresh = told(after)
  return [...new Set([...old.keys(), ...fresh.keys()])].filter((name) => (old.get(name) ?? '') !== (fresh.get(name) ?? ''))
}

// A place moves with every line added above it, and tests, operation and most of the policy are the hub's own; of the policy clients see whom the tool is hidden from, and whether it may be repeated.
const hidden = { place: undefined, tests: undefined, digest: undefined, operation: undefined } as const
const visiblePart = (spec: object): object => ({
  ...spec,
  ...hidden,
  policy: visiblePolicy(spec),
  tool: 'tool' in spec ? visiblePart(spec.tool as object) : undefined,
})

function visiblePolicy(spec: object): object | undefined {
  if (!('policy' in spec)) return undefined
  const { scopes, idempotencyKey } = spec.policy as Partial<ToolPolicy>
  return { scopes, idempotencyKey }
}
