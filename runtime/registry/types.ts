import type { Args, Handler } from '../contract/call.ts'
import type { Health } from '../contract/health.ts'
import type { JsonObject } from '../contract/json.ts'
import type { Audience, Connector, Extras } from '../contract/kind.ts'
import type { ConnectorSpec, Plan } from '../contract/manifest.ts'
import type { Principal } from '../contract/principal.ts'
import type { PromptSpec, ResourceSpec, ToolSpec } from '../contract/tool.ts'

/** One fact about arguments that do not fit: where (`filter.symbol`, empty for the whole), and what would be right, in words for a model. */
export interface ArgumentFault {
  readonly path: string
  readonly message: string
}

/** Checks arguments and lays the schema's defaults; the faults, or the arguments to use. */
export type Validate = (args: Args) => { readonly args: Args; readonly faults?: undefined } | { readonly faults: readonly ArgumentFault[] }

/** One connector of today's plan: opened at once or at first use, probed, shared by every registry whose spec of it has the same digest. */
export interface OpenConnector {
  readonly spec: ConnectorSpec
  /** Its answers depend on who asks, beyond organisation and role. */
  readonly perCaller?: boolean
  /** Opens it when it is not open. Rejects HUB_CONNECTOR_DOWN or HUB_CONNECTOR_OFF. */
  open(): Promise<Connector>
  /** What an upstream offers besides tools; undefined for kinds without, and until it was opened once. */
  extras(): Extras | undefined
  health(): Health
  /** Probes now and keeps the result in the history. */
  probe(signal: AbortSignal): Promise<Health>
}

/** A tool ready to be called. The handler opens the connector when it must. */
export interface BoundTool {
  readonly spec: ToolSpec
  readonly connector: OpenConnector
  readonly handler: Handler
  readonly validate: Validate
}

/** A declared resource ready to be read: a bound tool whose arguments are the holes of its template. */
export interface BoundResource {
  readonly spec: ResourceSpec
  readonly tool: BoundTool
  /** The template's holes filled from an address; undefined when the address is another's. */
  match(uri: string): Args | undefined
}

/** A connector (an MCP server, or one of a `live` kind) whose prompts, resources and completions are served live. Each act is a bound tool, so that it walks the pipeline like any call; its answer is `{type: 'data', data: <the MCP result>}`. */
export interface Upstream {
  readonly connector: OpenConnector
  /** args: {name, arguments} */
  readonly getPrompt: BoundTool
  /** args: {uri} */
  readonly readResource: BoundTool
  /** args: the params of `completion/complete` */
  readonly complete: BoundTool
}

/** Which MCP server a path names. `key` is stable and bounded: 'all', 'connector:market', 'toolset:monitor'. */
export interface Endpoint {
  readonly key: string
  readonly kind: 'all' | 'connector' | 'toolset'
  readonly name: string
  /** True when tool and prompt names carry their connector's prefix and upstream URIs are rewritten (all and toolset). */
  readonly prefixed: boolean
  readonly instructions?: string
}

/** What one class of principals sees on one endpoint. Made once per (registry, endpoint, class) and kept: identity may be used as a cache key. */
export interface View {
  readonly endpoint: Endpoint
  /** Bounded key of the visibility class, for cache keys. */
  readonly key: string
  /** In the order lists are served: by exposed name. */
  readonly tools: readonly { readonly name: string; readonly tool: BoundTool }[]
  /** By exposed name, aliases included. */
  readonly find: (name: string) => BoundTool | undefined
  readonly prompts: readonly { readonly name: string; readonly prompt: PromptSpec }[]
  readonly resources: readonly BoundResource[]
  readonly upstreams: readonly Upstream[]
  /** Names close to one that is not there. */
  suggest(name: string): readonly string[]
}

/** Plan and open connectors, frozen. A reload makes a new one that shares what did not change. */
export interface Registry {
  readonly generation: number
  readonly plan: Plan
  readonly connectors: ReadonlyMap<string, OpenConnector>
  /** Every bound tool by full name and alias, for calls between tools. */
  readonly tools: ReadonlyMap<string, BoundTool>
  endpoint(kind: Endpoint['kind'], name?: string): Endpoint | undefined
  view(endpoint: Endpoint, principal: Principal): View
  /** Holds the registry open; it closes what it does not share when replaced and the last holder let go. */
  hold(): () => void
}

/** What changed for clients of an endpoint. */
export type RegistryEvent =
  | { readonly type: 'tools' | 'prompts' | 'resources'; readonly connectors: readonly string[] | 'all' }
  /** `uri` is the upstream's own; with an audience, only that caller is told. */
  | { readonly type: 'updated'; readonly connector: string; readonly uri: string; readonly audience?: Audience }
  | { readonly type: 'log'; readonly connector: string; readonly params: JsonObject }

/** A connector was opened or replaced: what clients watch there must be asked for anew. */
export interface Renewal {
  readonly type: 'renewed'
  readonly connector: string
}

/** Today's registry, and news of it. */
export interface RegistrySource {
  current(): Registry
  onEvent(listener: (event: RegistryEvent | Renewal) => void): () => void
}
