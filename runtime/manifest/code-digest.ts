import type { ConnectorSpec } from '../contract/manifest.ts'
import type { ToolSpec } from '../contract/tool.ts'
import { digestOf } from './digest.ts'

/**
 * SHA-256, in hex, of what generated code of a connector is made from: names, words, effects and schemas of its tools, its resources and its prompts. Nothing of its config,
 * operations or policies is in it, so it is the same in every environment that leaves those as they are. Order does not count.
 */
export function codeDigest({ name, kind, summary, tools, resources, prompts }: ConnectorSpec): string {
  return digestOf([
    name,
    kind,
    summary,
    tools.map(codeOf).toSorted(byName),
    resources.map(({ uri, template, mimeType, tool }) => ({ name: uri, template, mimeType, tool: codeOf(tool) })).toSorted(byName),
    prompts.map(({ place: _place, ...prompt }) => prompt).toSorted(byName),
  ])
}

function codeOf({ name, local, title, summary, description, input, output, effect, role, aliases, deprecated, annotations }: ToolSpec) {
  return { name, local, title, summary, description, input, output, effect, role, aliases, deprecated, annotations }
}

const byName = (one: { readonly name: string }, other: { readonly name: string }): number => (one.name < other.name ? -1 : 1)
