import { globMatches } from '../../contract/glob.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, parseJson, type JsonObject } from '../../contract/json.ts'
import type { Connector } from '../../contract/kind.ts'
import type { ConnectorSpec, Plan } from '../../contract/manifest.ts'
import type { PromptSpec, ResourceSpec } from '../../contract/tool.ts'
import { isSwitchedOff, type SeenEndpoint, type SeenPrompt, type SeenResource, type SeenToolset, type Snapshot } from '../../../codegen/plan/snapshot.ts'
import { localPrincipal } from '../../auth/local.ts'
import { exposedPromptName, exposedUri } from '../../mcp/names.ts'
import { toolsList } from '../../mcp/tools.ts'
import { bindTool } from '../../registry/bind.ts'
import type { Endpoint, OpenConnector } from '../../registry/types.ts'
import { createView, type Bound } from '../../registry/view.ts'

/** All that a plan offers, as a caller who may everything sees it, without opening anything. Connectors that wait for a setting count as on. */
export function seenOf(plan: Plan, label: string, notes: readonly string[]): Snapshot {
  const connectors = plan.connectors.filter((connector) => !isSwitchedOff(connector))
  const bound: Bound = {
    tools: connectors.flatMap((spec) => spec.tools.map((tool) => bindTool(tool, closed(spec)))),
    resources: [],
    prompts: [],
    upstreams: [],
  }
  const prompts = connectors.flatMap(promptsOf)
  const resources = connectors.flatMap(resourcesOf)
  const list = (endpoint: Endpoint): SeenEndpoint => listOf(bound, endpoint, plan)
  const all = list({ key: 'all', kind: 'all', name: plan.hub.name, prefixed: true })
  const sets = plan.toolsets.map(({ name }) => list({ key: `toolset:${name}`, kind: 'toolset', name, prefixed: true }))
  const alone = connectors.map(({ name }) => list({ key: `connector:${name}`, kind: 'connector', name, prefixed: false }))
  const specs = new Map(bound.tools.map(({ spec }) => [spec.name, spec]))
  return {
    label,
    tools: all.tools.map(({ tool, definition }) => ({ name: tool, definition, spec: specs.get(tool) })),
    prompts,
    resources,
    manifests: {
      toolsets: plan.toolsets.map((toolset, index): SeenToolset => ({
        name: toolset.name,
        tools: (sets[index] as SeenEndpoint).tools.map(({ tool }) => tool),
        prompts: selected(
          prompts.map(({ name }) => name),
          toolset.prompts,
        ),
        resources: selected(
          resources.map(({ uri }) => uri),
          toolset.resources,
        ),
      })),
      connectors: plan.connectors,
      hub: plan.hub,
    },
    endpoints: [all, ...sets, ...alone],
    notes,
  }
}

const selected = (names: readonly string[], patterns: readonly string[]): readonly string[] =>
  names.filter((name) => patterns.some((pattern) => globMatches(pattern, name)))

const reader = { era: 'modern', serverMember: '"":{}' } as const

/** The tools of one endpoint as its list serves them. */
function listOf(bound: Bound, endpoint: Endpoint, plan: Plan): SeenEndpoint {
  const toolset = endpoint.kind === 'toolset' ? plan.toolsets.find(({ name }) => name === endpoint.name) : undefined
  const view = createView(bound, endpoint, toolset, localPrincipal, endpoint.key)
  const { tools } = parseJson(toolsList(view, { ...reader, prefixed: endpoint.prefixed })) as { readonly tools: readonly JsonObject[] }
  const path = endpoint.kind === 'all' ? '/mcp' : `/mcp/${endpoint.kind}s/${endpoint.name}`
  return { path, tools: view.tools.map(({ tool }, index) => ({ tool: tool.spec.name, definition: tools[index] as JsonObject })) }
}

/** A connector that is only looked at. */
const closed = (spec: ConnectorSpec): OpenConnector => ({
  spec,
  open: (): Promise<Connector> => Promise.reject(new HubError('HUB_CONNECTOR_OFF', `connector "${spec.name}" is only looked at`)),
  extras: () => undefined,
  health: () => ({ state: 'unknown' }),
  probe: () => Promise.resolve({ state: 'unknown' }),
})

const promptsOf = (connector: ConnectorSpec): readonly SeenPrompt[] => [
  ...connector.prompts.map((spec) => ({ name: spec.name, definition: promptDefinition(spec), spec })),
  ...(connector.definitions?.prompts ?? []).map((definition) => ({ name: exposedPromptName(connector.name, String(definition['name'])), definition })),
]

const promptDefinition = ({ name, title, summary, arguments: given }: PromptSpec): JsonObject => ({
  name,
  ...(title === undefined ? {} : { title }),
  description: summary,
  arguments: given.map((argument) => ({ ...argument }) as JsonObject),
})

function resourcesOf(connector: ConnectorSpec): readonly SeenResource[] {
  const { definitions, name, resources } = connector
  const exposed = (list: readonly JsonObject[], address: string): readonly SeenResource[] =>
    list.filter(isObject).map((definition) => ({ uri: exposedUri(name, String(definition[address])), definition }))
  return [
    ...resources.map((resource) => ({ uri: resource.uri, definition: resourceDefinition(resource), spec: resource.tool })),
    ...exposed(definitions?.resources ?? [], 'uri'),
    ...exposed(definitions?.resourceTemplates ?? [], 'uriTemplate'),
  ]
}

const resourceDefinition = ({ tool, mimeType }: ResourceSpec): JsonObject => ({
  name: tool.local === '' ? tool.connector : tool.local,
  ...(tool.title === undefined ? {} : { title: tool.title }),
  description: tool.summary,
  mimeType,
})
