import type { Plan, ToolsetSpec } from '../runtime/contract/manifest.ts'
import type { PromptSpec, ResourceSpec, ToolSpec } from '../runtime/contract/tool.ts'

/** What one generated MCP server offers, as far as the manifests say. */
export interface Offer {
  readonly tools: readonly ToolSpec[]
  readonly resources: readonly ResourceSpec[]
  readonly prompts: readonly PromptSpec[]
}

/** Everything of a plan's connectors, by full name. */
export function wholeOffer({ connectors }: Pick<Plan, 'connectors'>): Offer {
  return {
    tools: connectors.flatMap(({ tools }) => tools).toSorted((one, other) => compare(one.name, other.name)),
    resources: connectors.flatMap(({ resources }) => resources).toSorted((one, other) => compare(one.uri, other.uri)),
    prompts: connectors.flatMap(({ prompts }) => prompts).toSorted((one, other) => compare(one.name, other.name)),
  }
}

/** What of it a toolset's patterns name. */
export function selectOffer({ tools, resources, prompts }: Offer, toolset: ToolsetSpec): Offer {
  return {
    tools: tools.filter(({ name }) => matches(toolset.tools, name)),
    resources: resources.filter(({ uri }) => matches(toolset.resources, uri)),
    prompts: prompts.filter(({ name }) => matches(toolset.prompts, name)),
  }
}

/** Order of generated things: by code unit, the same on every machine. */
export const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const matches = (patterns: readonly string[], name: string): boolean => patterns.some((pattern) => fits(pattern.split('*'), name))

/** Whether the parts between the stars of a pattern stand in a text in their order, the first at its beginning and the last at its end. */
function fits(parts: readonly string[], text: string): boolean {
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
