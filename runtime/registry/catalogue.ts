import type { Catalogue } from '../contract/catalogue.ts'
import type { JsonObject } from '../contract/json.ts'
import type { Principal } from '../contract/principal.ts'
import type { BoundTool, RegistrySource } from './types.ts'
import { closestNames } from './view.ts'
import { isVisible } from './visibility.ts'

/** What the built-in tools may tell a principal of the hub: only what it sees anyway. */
export function createCatalogue(source: () => RegistrySource, startedAt: number, now: () => number): Catalogue {
  const visibleTools = (principal: Principal): readonly BoundTool[] =>
    [...new Set(source().current().tools.values())].filter(({ spec }) => isVisible(spec, principal))
  return {
    connectors(principal) {
      const tools = visibleTools(principal)
      const { plan, connectors } = source().current()
      return plan.connectors.map((spec) => {
        const { state, detail } = connectors.get(spec.name)?.health() ?? { state: 'unknown' as const, detail: undefined }
        return {
          name: spec.name,
          kind: spec.kind,
          summary: spec.summary,
          state,
          ...(detail === undefined ? {} : { detail }),
          tools: tools.filter((tool) => tool.spec.connector === spec.name).length,
        }
      })
    },
    describe(name, principal) {
      const tool = source().current().tools.get(name)
      return tool && isVisible(tool.spec, principal) ? describe(tool) : undefined
    },
    suggest: (name, principal) =>
      closestNames(
        name,
        visibleTools(principal).map(({ spec }) => spec.name),
      ),
    health() {
      const connectors = [...source().current().connectors.values()].map(({ spec, health }) => ({ name: spec.name, ...health() }))
      const sick = connectors.filter(({ state }) => state === 'down' || state === 'degraded')
      return { status: sick.length === 0 ? 'up' : 'degraded', uptimeSeconds: Math.floor((now() - startedAt) / 1000), connectors }
    },
  }
}

function describe({ spec, connector }: BoundTool): JsonObject {
  const { policy } = spec
  return {
    name: spec.name,
    connector: spec.connector,
    kind: connector.spec.kind,
    summary: spec.summary,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    ...(spec.deprecated === undefined ? {} : { deprecated: spec.deprecated }),
    effect: spec.effect,
    role: spec.role,
    aliases: spec.aliases,
    input: spec.input,
    ...(spec.output === undefined ? {} : { output: spec.output }),
    policy: {
      timeoutMs: policy.timeoutMs,
      rows: policy.result.rows,
      bytes: policy.result.bytes,
      ...(policy.cache ? { cacheMs: policy.cache.ttlMs, staleMs: policy.cache.staleMs } : {}),
      ...(policy.limit ? { calls: policy.limit.calls, perMs: policy.limit.perMs } : {}),
    },
    health: connector.health().state,
  }
}
