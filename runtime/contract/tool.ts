import type { Json, JsonObject, JsonSchema } from './json.ts'
import type { Place } from './place.ts'
import type { Effect, Role } from './principal.ts'
import type { ToolTest } from './tool-test.ts'

/** How a tool's answers are cached. Only tools of effect `read` may have one. */
export interface CachePolicy {
  readonly ttlMs: number
  /** How long after `ttlMs` an answer may still be given while a fresh one is fetched. */
  readonly staleMs: number
  readonly tags: readonly string[]
}

/** So many calls in so much time. */
export interface RatePolicy {
  readonly calls: number
  readonly perMs: number
}

/** What one argument may be, beyond its schema. Paths are dotted (`filter.symbol`). */
export interface ArgumentPolicy {
  readonly path: string
  /** Literals, or globs with `*` for strings. */
  readonly allow?: readonly Json[]
  /** Largest number, longest string or array. */
  readonly max?: number
}

/** The rules one tool lives under, after defaults of hub, tier, connector and kind were laid under it. */
export interface ToolPolicy {
  readonly timeoutMs: number
  readonly cache?: CachePolicy
  readonly limit?: RatePolicy
  /** Calls of this tool at one time, over all callers. */
  readonly concurrency?: number
  /** Further attempts after the first; reads only, or writes with `idempotencyKey`. */
  readonly retry: number
  readonly breaker: { readonly failures: number; readonly resetMs: number }
  readonly result: { readonly rows: number; readonly bytes: number }
  readonly arguments: readonly ArgumentPolicy[]
  readonly scopes: readonly string[]
  /** The argument that makes a repeated write harmless. */
  readonly idempotencyKey?: string
}

/** MCP tool annotations as a client sees them. */
export interface ToolAnnotations {
  readonly title?: string
  readonly readOnlyHint?: boolean
  readonly destructiveHint?: boolean
  readonly idempotentHint?: boolean
  readonly openWorldHint?: boolean
}

/** A tool as a manifest or a kind writes it, before names, defaults and checks. `input` and `output` have their references resolved. */
export interface ToolDraft {
  /** Without the connector's prefix. */
  readonly name: string
  readonly title?: string
  readonly summary: string
  /** Longer text for models, after the summary. */
  readonly description?: string
  readonly effect: Effect
  readonly input: JsonSchema
  readonly output?: JsonSchema
  readonly operation: Json
  readonly aliases?: readonly string[]
  /** What to use instead. */
  readonly deprecated?: string
  /** As written: durations and sizes are still text. */
  readonly policy?: JsonObject
  readonly role?: Role
  readonly annotations?: ToolAnnotations
  /** `_meta` and `icons` of a pinned definition, served unchanged. */
  readonly meta?: JsonObject
}

/** A tool every connector of a kind has without writing it. */
export interface StandardTool extends ToolDraft {
  /** The boolean of the connector's config that switches it on; absent: always there. */
  readonly optIn?: string
}

/** One tool as the manifest declares it, after the compiler checked it. Plain data, frozen. */
export interface ToolSpec<Operation = unknown> {
  /** `<connector>_<local>`: the name on the endpoint of everything and in toolsets, at most 60 of [a-zA-Z0-9_-]. */
  readonly name: string
  /** The name on the connector's own endpoint. */
  readonly local: string
  readonly connector: string
  readonly title?: string
  readonly summary: string
  readonly description?: string
  readonly input: JsonSchema
  readonly output?: JsonSchema
  readonly effect: Effect
  readonly role: Role
  readonly operation: Operation
  readonly policy: ToolPolicy
  readonly aliases: readonly string[]
  readonly deprecated?: string
  readonly annotations: ToolAnnotations
  readonly meta?: JsonObject
  /** Calls that show it works; no digest depends on them. */
  readonly tests: readonly ToolTest[]
  /** Changes when anything a cached answer depends on changes. */
  readonly digest: string
  readonly place: Place
}

/** A resource a manifest declares: a read without arguments (or with those of its template) under an address. */
export interface ResourceSpec<Operation = unknown> {
  /** A URI, or an RFC 6570 level 1 template (`market://candles/{symbol}`). */
  readonly uri: string
  readonly template: boolean
  /** The same shape a tool has, so that a kind binds it with the same code and a read walks the same pipeline. */
  readonly tool: ToolSpec<Operation>
  readonly mimeType: string
}

/** A prompt a manifest declares: messages with {holes}. */
export interface PromptSpec {
  readonly name: string
  readonly local: string
  readonly connector: string
  readonly title?: string
  readonly summary: string
  readonly arguments: readonly { readonly name: string; readonly description?: string; readonly required: boolean }[]
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[]
  readonly place: Place
}
