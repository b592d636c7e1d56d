import type { HubConfig } from '../contract/manifest.ts'
import type { Principal } from '../contract/principal.ts'
import type { Endpoint, Registry, View } from '../registry/types.ts'
import type { ToolSpec } from '../contract/tool.ts'

/** Where a tool is called. */
export const pathOfTool = ({ connector, local }: ToolSpec): string => `/api/mcp/${connector}/tools/${local}`

/** Everything one principal may call. */
export const viewOf = (registry: Registry, principal: Principal): View => registry.view(registry.endpoint('all') as Endpoint, principal)

/** The tools of a view by connector, in the order of their names; connectors without any are left out. */
export function byConnector(view: View): ReadonlyMap<string, readonly ToolSpec[]> {
  const tools = new Map<string, ToolSpec[]>()
  for (const { tool } of view.tools) {
    const known = tools.get(tool.spec.connector)
    if (known) known.push(tool.spec)
    else tools.set(tool.spec.connector, [tool.spec])
  }
  return tools
}

const told = new WeakMap<View, string>()

/** The text that `GET /api/mcp` answers with; made once a view. */
export function listing(registry: Registry, view: View, { name, version }: HubConfig): string {
  const known = told.get(view)
  if (known !== undefined) return known
  const tools = byConnector(view)
  const connectors = registry.plan.connectors
    .filter((connector) => tools.has(connector.name))
    .map((connector) => ({ name: connector.name, summary: connector.summary, tools: tools.get(connector.name)?.map(tell) }))
  const text = JSON.stringify({ name, version, openapi: '/api/openapi.json', connectors })
  told.set(view, text)
  return text
}

const tell = (tool: ToolSpec): object => {
  const { local, title, summary, effect, aliases, deprecated } = tool
  return {
    name: local,
    ...(title !== undefined && { title }),
    summary,
    effect,
    ...(aliases.length > 0 && { aliases }),
    ...(deprecated !== undefined && { deprecated }),
    path: pathOfTool(tool),
  }
}

const documents = new WeakMap<View, Promise<string>>()

/** The OpenAPI document of what a view shows; made once a view, and its builder loaded by the first that asks. */
export function openApi(registry: Registry, view: View, config: HubConfig): Promise<string> {
  const known = documents.get(view)
  if (known) return known
  const made = document(registry, view, config)
  documents.set(view, made)
  return made
}

async function document(registry: Registry, view: View, { name, version, auth }: HubConfig): Promise<string> {
  const { openApiDocument } = await import('../../codegen/openapi/document.ts')
  const tools = byConnector(view)
  const connectors = registry.plan.connectors.map((connector) => ({ connector, tools: tools.get(connector.name) ?? [] }))
  // Whatever address the caller knows the hub by, the paths start there.
  return JSON.stringify(openApiDocument({ name, version, server: '/', auth: auth.mode, connectors }))
}
