import type { ConnectorSpec, Plan } from '../contract/manifest.ts'
import type { Principal } from '../contract/principal.ts'
import { bindResource, bindTool, bindUpstream } from './bind.ts'
import type { GeneratedChecks } from './generated.ts'
import type { HeldConnector } from './open-connector.ts'
import type { BoundTool, Endpoint, OpenConnector, Registry, View } from './types.ts'
import { createView, type Bound } from './view.ts'
import { visibilityClass } from './visibility.ts'

// Classes come from roles and the scopes manifests name, so a hub has few; the bound is against manifests that name very many.
const mostViews = 512

/** Plan and connectors, bound and frozen. Starts with one holder, the caller, and lets go of its connectors when the last holder does. */
export function createRegistry(
  generation: number,
  plan: Plan,
  held: ReadonlyMap<string, HeldConnector>,
  onClosed: (ended: Promise<unknown>) => void,
  isLive: (spec: ConnectorSpec) => boolean,
  generated?: GeneratedChecks,
): Registry & { release(): void } {
  const letGo = [...held.values()].map((connector) => connector.hold())
  const connectors: ReadonlyMap<string, OpenConnector> = held
  const bound = bindAll(plan, connectors, isLive, generated)
  const scopesInUse = [...new Set(bound.tools.flatMap(({ spec }) => spec.policy.scopes))].toSorted()
  const endpoints = listEndpoints(plan)
  const views = new Map<string, View>()

  const byName = new Map<string, BoundTool>()
  for (const tool of bound.tools) for (const alias of tool.spec.aliases) byName.set(`${tool.spec.connector}_${alias}`, tool)
  for (const tool of bound.tools) byName.set(tool.spec.name, tool)

  let holders = 0
  const hold = (): (() => void) => {
    holders += 1
    let holding = true
    return () => {
      if (!holding) return
      holding = false
      holders -= 1
      if (holders === 0) onClosed(Promise.all(letGo.map((release) => release())))
    }
  }

  return {
    generation,
    plan,
    connectors,
    tools: byName,
    endpoint: (kind, name) => endpoints.get(kind === 'all' ? 'all' : `${kind}:${name ?? ''}`),
    view(endpoint: Endpoint, principal: Principal) {
      const key = `${endpoint.key}|${visibilityClass(principal, scopesInUse)}`
      const known = views.get(key)
      if (known) return known
      const toolset = endpoint.kind === 'toolset' ? plan.toolsets.find(({ name }) => name === endpoint.name) : undefined
      const view = createView(bound, endpoint, toolset, principal, key)
      if (views.size >= mostViews) views.delete(views.keys().next().value as string)
      views.set(key, view)
      return view
    },
    hold,
    release: hold(),
  }
}

function bindAll(
  plan: Plan,
  connectors: ReadonlyMap<string, OpenConnector>,
  isLive: (spec: ConnectorSpec) => boolean,
  generated: GeneratedChecks | undefined,
): Bound {
  const offered = plan.connectors.filter(({ off }) => off === undefined)
  const open = (name: string): OpenConnector => connectors.get(name) as OpenConnector
  return {
    tools: offered.flatMap((spec) => {
      const checkOf = generated?.(spec)
      return spec.tools.map((tool) => bindTool(tool, open(spec.name), checkOf && (() => checkOf(tool.local))))
    }),
    resources: offered.flatMap((spec) => spec.resources.map((resource) => bindResource(resource, open(spec.name)))),
    prompts: offered.flatMap((spec) => spec.prompts),
    upstreams: offered.filter(isLive).map((spec) => bindUpstream(open(spec.name))),
  }
}

function listEndpoints(plan: Plan): ReadonlyMap<string, Endpoint> {
  const endpoints: Endpoint[] = [{ key: 'all', kind: 'all', name: plan.hub.name, prefixed: true }]
  for (const spec of plan.connectors) {
    if (spec.off) continue
    endpoints.push({
      key: `connector:${spec.name}`,
      kind: 'connector',
      name: spec.name,
      prefixed: false,
      instructions: spec.definitions?.instructions ?? spec.summary,
    })
  }
  for (const { name } of plan.toolsets) endpoints.push({ key: `toolset:${name}`, kind: 'toolset', name, prefixed: true })
  return new Map(endpoints.map((endpoint) => [endpoint.key, endpoint]))
}
