import { HubError } from '../contract/errors.ts'
import type { Principal } from '../contract/principal.ts'
import type { BoundTool, Registry, View } from '../registry/types.ts'
import { closestNames } from '../registry/view.ts'
import { byConnector, viewOf } from './listing.ts'

/** The tool of a connector by its name there, or an alias. Throws HUB_TOOL_UNKNOWN, with names that are close, for what this principal does not see. */
export function find(registry: Registry, principal: Principal, connector: string, local: string): { readonly view: View; readonly tool: BoundTool } {
  const endpoint = registry.endpoint('connector', connector)
  const view = endpoint && registry.view(endpoint, principal)
  // A connector whose tools this caller may not see is no connector to it.
  if (!view || view.tools.length === 0) {
    const suggestions = closestNames(connector, byConnector(viewOf(registry, principal)).keys())
    throw new HubError('HUB_TOOL_UNKNOWN', `no connector "${connector.slice(0, 128)}" here; ${wayOn(suggestions)}`, { suggestions })
  }
  const tool = view.find(local)
  if (tool) return { view, tool }
  const suggestions = view.suggest(local)
  throw new HubError('HUB_TOOL_UNKNOWN', `no tool "${local.slice(0, 128)}" in ${connector}; ${wayOn(suggestions)}`, { suggestions })
}

const wayOn = (suggestions: readonly string[]): string =>
  suggestions.length === 0 ? 'GET /api/mcp lists what there is' : `did you mean ${suggestions.map((close) => `"${close}"`).join(', ')}?`
