import { globMatches } from '../contract/glob.ts'
import { distance } from 'fastest-levenshtein'
import type { ToolsetSpec } from '../contract/manifest.ts'
import type { Principal } from '../contract/principal.ts'
import type { PromptSpec } from '../contract/tool.ts'
import type { BoundResource, BoundTool, Endpoint, Upstream, View } from './types.ts'
import { isVisible } from './visibility.ts'

/** Everything a registry binds, before anyone looks at it. */
export interface Bound {
  readonly tools: readonly BoundTool[]
  readonly resources: readonly BoundResource[]
  readonly prompts: readonly PromptSpec[]
  readonly upstreams: readonly Upstream[]
}

const mostSuggestions = 5

/** What one principal sees on one endpoint. */
export function createView(bound: Bound, endpoint: Endpoint, toolset: ToolsetSpec | undefined, principal: Principal, key: string): View {
  const here = (connector: string): boolean => endpoint.kind !== 'connector' || connector === endpoint.name
  const selected = (patterns: readonly string[] | undefined, name: string): boolean =>
    toolset === undefined || (patterns ?? []).some((pattern) => globMatches(pattern, name))
  const exposed = (full: string, local: string): string => (endpoint.prefixed ? full : local)

  const tools = bound.tools
    .filter(({ spec }) => here(spec.connector) && selected(toolset?.tools, spec.name) && isVisible(spec, principal))
    .map((tool) => ({ name: exposed(tool.spec.name, tool.spec.local), tool }))
    .toSorted((left, right) => compare(left.name, right.name))

  const byName = new Map<string, BoundTool>()
  for (const { tool } of tools) for (const alias of tool.spec.aliases) byName.set(exposed(`${tool.spec.connector}_${alias}`, alias), tool)
  for (const { name, tool } of tools) byName.set(name, tool)

  const prompts = bound.prompts
    .filter((prompt) => here(prompt.connector) && selected(toolset?.prompts, prompt.name))
    .map((prompt) => ({ name: exposed(prompt.name, prompt.local), prompt }))
    .toSorted((left, right) => compare(left.name, right.name))

  const resources = bound.resources
    .filter(({ spec, tool }) => here(spec.tool.connector) && selected(toolset?.resources, spec.uri) && isVisible(tool.spec, principal))
    .toSorted((left, right) => compare(left.spec.uri, right.spec.uri))

  // A toolset takes an upstream's prompts and resources where it names one of them by pattern; what it takes of them is decided name by name at the edge.
  const upstreams = bound.upstreams.filter(
    ({ connector, readResource }) =>
      here(connector.spec.name) && isVisible(readResource.spec, principal) && (toolset === undefined || touches(toolset, connector.spec.name)),
  )

  return {
    endpoint,
    key,
    tools,
    find: (name) => byName.get(name),
    prompts,
    resources,
    upstreams,
    suggest: (name) => closestNames(name, byName.keys()),
  }
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

const touches = (toolset: ToolsetSpec, connector: string): boolean =>
  [...toolset.prompts, ...toolset.resources].some(
    (pattern) => pattern === '*' || pattern.startsWith(`${connector}_`) || pattern.startsWith(`hub://${connector}/`),
  )

/** The few names nearest to one that is not there, nearest first. */
export function closestNames(name: string, known: Iterable<string>): readonly string[] {
  // No name is that long, and the search takes as long as the name.
  if (name.length > 256) return []
  const bound = Math.max(3, Math.floor(name.length / 2))
  return [...known]
    .map((candidate) => ({ candidate, far: candidate.endsWith(`_${name}`) ? 0 : distance(name, candidate) }))
    .filter(({ far }) => far <= bound)
    .toSorted((left, right) => left.far - right.far || compare(left.candidate, right.candidate))
    .slice(0, mostSuggestions)
    .map(({ candidate }) => candidate)
}
