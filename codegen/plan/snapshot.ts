import type { JsonObject } from '../../runtime/contract/json.ts'
import type { ConnectorSpec, HubConfig } from '../../runtime/contract/manifest.ts'
import type { PromptSpec, ToolSpec } from '../../runtime/contract/tool.ts'

/** A tool as clients see it, and as its manifest declares it where that is known. */
export interface SeenTool {
  /** On the endpoint of everything. */
  readonly name: string
  /** As `tools/list` serves it there. */
  readonly definition: JsonObject
  /** Absent: seen over the protocol, which tells no policy. */
  readonly spec?: ToolSpec
}

/** A prompt as clients see it. */
export interface SeenPrompt {
  readonly name: string
  /** As `prompts/list` serves it. */
  readonly definition: JsonObject
  /** Absent: an upstream's, or seen over the protocol. */
  readonly spec?: PromptSpec
}

/** A resource, or a template of resources, as clients see it. */
export interface SeenResource {
  readonly uri: string
  /** As `resources/list` or `resources/templates/list` serves it. */
  readonly definition: JsonObject
  /** Absent: an upstream's, or seen over the protocol. */
  readonly spec?: ToolSpec
}

/** What a toolset selects, by full name. */
export interface SeenToolset {
  readonly name: string
  readonly tools: readonly string[]
  readonly prompts: readonly string[]
  readonly resources: readonly string[]
}

/** One MCP endpoint and the tools it lists. */
export interface SeenEndpoint {
  /** Its path: `/mcp`, `/mcp/toolsets/analyst`. */
  readonly path: string
  /** `tool` is the full name, the definition's is the one served here. */
  readonly tools: readonly { readonly tool: string; readonly definition: JsonObject }[]
}

/** All that one side of a comparison offers. */
export interface Snapshot {
  /** As the report names it: a revision, a folder, an address. */
  readonly label: string
  readonly tools: readonly SeenTool[]
  readonly prompts: readonly SeenPrompt[]
  readonly resources: readonly SeenResource[]
  /** Absent in what was seen over the protocol. */
  readonly manifests?: {
    readonly toolsets: readonly SeenToolset[]
    readonly connectors: readonly ConnectorSpec[]
    /** Absent: there is no hub on this side. */
    readonly hub?: HubConfig
  }
  readonly endpoints: readonly SeenEndpoint[]
  /** What a reader of the report must know of this side. */
  readonly notes: readonly string[]
}

/** A side with nothing in it. */
export const emptySnapshot = (label: string, notes: readonly string[]): Snapshot => ({
  label,
  tools: [],
  prompts: [],
  resources: [],
  manifests: { toolsets: [], connectors: [] },
  endpoints: [],
  notes,
})

/** True for a connector that its manifest switches off. One that only waits for a setting is as good as on: the setting is not part of the change. */
export const isSwitchedOff = ({ off }: ConnectorSpec): boolean => off !== undefined && off.needs.length === 0
