import type { Answer } from './answer.ts'
import type { Handler, Run } from './call.ts'
import type { Catalogue } from './catalogue.ts'
import type { Sink, Source } from './flow.ts'
import type { Health } from './health.ts'
import type { Json, JsonObject, JsonSchema } from './json.ts'
import type { Finding } from './place.ts'
import type { Principal } from './principal.ts'
import type { Secrets } from './secret.ts'
import type { KeyedStore } from './store.ts'
import type { Logger, Meter } from './telemetry.ts'
import type { StandardTool, ToolDraft, ToolSpec } from './tool.ts'

/** A way to speak to one sort of system. Declared once; checked, documented and typed from this object. */
export interface Kind<Name extends string = string, Config = any, Operation = any> {
  readonly kind: Name
  readonly summary: string
  /** Schema of `config:`. A property with `"x-secret": true` takes a secret reference (or plain text, with a warning) and reaches `open` as a `Secret`. */
  readonly config: JsonSchema
  /** Schema of a tool's `operation:`. */
  readonly operation: JsonSchema
  /** Tools every connector of this kind has without writing them, as manifest data. */
  readonly standardTools?: readonly StandardTool[]
  /** Tools of this kind may leave summary, input and output to `<manifest>.tools.json` beside the manifest (see `Definitions`). */
  readonly pinned?: boolean
  /** Connectors of this kind offer resources of their own (`Connector.extras`), besides those a manifest declares. */
  readonly live?: boolean
  /** True where answers depend on who asks, beyond organisation and role: they are kept and shared for each caller alone. */
  perCaller?(config: Config): boolean
  /** Schema of what `Connector.source` takes, where connectors of this kind can be read from as a stream; the same for `sink`. */
  readonly source?: JsonSchema
  readonly sink?: JsonSchema
  /** What can be known without a connection: SQL parses, placeholders and inputs agree, a topic template's holes are filled. Pure. `config` is the connector's as written, where one is at hand. */
  lint?(draft: ToolDraft, config?: JsonObject): readonly Finding[] | Promise<readonly Finding[]>
  /** The same for the connector's `config:`, as written. */
  lintConfig?(config: JsonObject): readonly Finding[]
  /** Imports the driver and returns at once or soon; it need not reach the system yet. Rejects only for what a retry cannot mend. */
  open(config: Config, lent: KindTools): Promise<Connector<Operation>>
}

/** The answer of `fetch`, as far as kinds need it. Redirects were followed and checked hop by hop. */
export interface Egress {
  /** Throws HUB_EGRESS_DENIED for an address the hub must not reach, after resolving it. Host names are resolved once and pinned. */
  check(url: string): Promise<void>
  /** `fetch` whose every connection, redirects included, passes the guard. */
  fetch(input: string | URL, init?: RequestInit): Promise<Response>
  /** An undici Dispatcher with the same guard, for drivers that speak HTTP themselves. */
  readonly dispatcher: unknown
  /** The same over a few sockets of its own, for short messages that must arrive while calls hold every socket of `dispatcher`. */
  readonly aside: unknown
}

/** What the hub lends a kind; nothing else is reachable from inside a kind folder. */
export interface KindTools {
  /** The connector's name. */
  readonly connector: string
  /** Where the manifest lies; relative paths of its config start there. */
  readonly directory: string
  readonly log: Logger
  readonly secrets: Secrets
  readonly egress: Egress
  readonly meter: Meter
  readonly store: KeyedStore
  /** The full pinned definitions beside the manifest, when the kind is `pinned` and the file is there. */
  readonly definitions?: Definitions
  /** What the manifest or its tier says of starting; for kinds whose driver is a process of its own. */
  readonly start?: 'eager' | 'lazy'
  /** Tells the hub that health changed between probes. */
  healthChanged(health: Health): void
  readonly hub: { readonly catalogue: Catalogue }
}

/** A live connection to one system. */
export interface Connector<Operation = any> {
  /** Turns one declared tool into a function. */
  bind(tool: ToolSpec<Operation>): Handler
  check(signal: AbortSignal): Promise<Health>
  close(): Promise<void>
  /** Reads the system as a stream. `spec` fits the kind's `source` schema. Throws HUB_CONFIG_VALUE for what only the open connector can know to be wrong. */
  source?(spec: JsonObject): Source
  /** Writes rows into the system. `spec` fits the kind's `sink` schema. */
  sink?(spec: JsonObject): Sink
  /** Brings the hub's own tables in this system up to date, where the manifest says that they live there, in the order of the migrations' names; processes that migrate together take turns, and what was applied is not applied again. */
  migrate?(migrations: readonly Migration[], signal: AbortSignal): Promise<Migrated>
  /** The same answer, with nothing changed. */
  rehearse?(migrations: readonly Migration[], signal: AbortSignal): Promise<Migrated>
  /** Prompts, resources and change events of an upstream. */
  readonly extras?: Extras
}

/** One step of a schema: a file of `migrations/<kind>/`. */
export interface Migration {
  /** The file's name: `001_tables.sql`. */
  readonly name: string
  readonly sql: string
}

/** What migrating did. */
export interface Migrated {
  /** Names applied now. */
  readonly applied: readonly string[]
  /** Names applied before. */
  readonly known: readonly string[]
  /** What the system lacks for the rest, in sentences for an operator. */
  readonly notes: readonly string[]
}

/** `<manifest>.tools.json`: what an upstream said of itself when it was imported, reviewed and pinned. */
export interface Definitions {
  readonly server: JsonObject
  readonly instructions?: string
  readonly capabilities: JsonObject
  /** MCP definitions, whole: name, title, description, inputSchema, outputSchema, annotations, icons, _meta. */
  readonly tools: readonly JsonObject[]
  readonly prompts: readonly JsonObject[]
  readonly resources: readonly JsonObject[]
  readonly resourceTemplates: readonly JsonObject[]
}

/** Whom news are for, where one address means something else to each caller. */
export interface Audience {
  readonly organisation: string
  readonly principal: string
}

/** A change at an upstream that callers are told of. */
export type ExtrasEvent =
  | { readonly type: 'tools' | 'prompts' | 'resources' }
  | { readonly type: 'updated'; readonly uri: string; readonly audience?: Audience }
  | { readonly type: 'log'; readonly level: string; readonly data: Json; readonly logger?: string }

/** What an upstream offers besides tools. Names and URIs are the upstream's own; the hub rewrites them where an endpoint prefixes. Lists are whole (pages merged), the pinned ones while the upstream is down. */
export interface Extras {
  readonly capabilities: JsonObject
  readonly instructions?: string
  prompts(): Promise<readonly JsonObject[]>
  resources(principal: Principal): Promise<readonly JsonObject[]>
  templates(): Promise<readonly JsonObject[]>
  /** The result of `prompts/get`, or an `input` answer. */
  getPrompt(name: string, args: JsonObject, run: Run): Promise<JsonObject | Extract<Answer, { type: 'input' }>>
  /** The result of `resources/read`, or an `input` answer. */
  readResource(uri: string, run: Run): Promise<JsonObject | Extract<Answer, { type: 'input' }>>
  /** The result of `completion/complete`; `ref` carries the upstream's own name or URI. */
  complete(params: JsonObject, run: Run): Promise<JsonObject>
  /** Watches an address, once for all callers, or once for each of them when `perCaller`. */
  subscribe(uri: string, principal: Principal): Promise<void>
  unsubscribe(uri: string, principal: Principal): Promise<void>
  /** True when one address means something else to each caller. */
  readonly perCaller?: boolean
  /** Asks the upstream for log messages from this level on. */
  setLogLevel(level: string): Promise<void>
  onEvent(listener: (event: ExtrasEvent) => void): () => void
}

/** Declares a kind; only gives the object its type. */
export const defineKind = <Name extends string, Config, Operation>(kind: Kind<Name, Config, Operation>): Kind<Name, Config, Operation> => kind
