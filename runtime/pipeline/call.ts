import type { Answer, CacheState } from '../contract/answer.ts'
import type { Args, Capabilities, InputRequest } from '../contract/call.ts'
import type { HubError } from '../contract/errors.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import type { Principal } from '../contract/principal.ts'
import type { TraceContext } from '../contract/telemetry.ts'
import type { BoundTool, Registry, View } from '../registry/types.ts'

/** The caller's side of a call while it runs. What the caller cannot take is absent. */
export interface Exchange {
  progress?(done: number, total?: number, message?: string): void
  log?(level: string, data: Json, logger?: string): void
  /** Asks the caller's user; see Run.ask. */
  ask?(request: InputRequest): Promise<Json>
  /** The level below which the caller wants no log messages. */
  readonly logLevel?: string
}

/** What the edge hands to the pipeline. */
export interface CallRequest {
  readonly registry: Registry
  /** The view the tool was found in; tools called from inside the call are looked up in the registry as the same principal. */
  readonly view?: View
  readonly tool: BoundTool
  readonly args: Args
  readonly principal: Principal
  readonly signal: AbortSignal
  readonly trace: TraceContext
  readonly capabilities: Capabilities
  readonly exchange: Exchange
  readonly resumed?: { readonly responses: JsonObject; readonly state: string }
}

/** An answer after polish: shaped, scrubbed, bounded. Cached as it is. */
export interface Polished {
  readonly answer: Answer
  /** For `data`: its JSON; for `content`: that of an object of its content and, after it, what is structured. Made once. */
  readonly json?: string
  readonly bytes: number
  /** The members of the MCP result that do not change from call to call, made once by the edge. */
  fragment?: string
}

/** How fresh an answer is. Epoch milliseconds. */
export interface Freshness {
  readonly cache: CacheState
  readonly storedAt: number
  /** ISO 8601. */
  readonly asOf: string
  /** The connector that answered: the tool's own, or the fallback that stood in. */
  readonly source: string
}

/** How a call ended. Exactly one of `polished` and `error` is set. */
export interface Outcome {
  readonly callId: string
  readonly tool: BoundTool
  readonly polished?: Polished
  readonly error?: HubError
  readonly freshness?: Freshness
}

/** Walks one call through the pipeline. Never rejects. */
export type Drive = (request: CallRequest) => Promise<Outcome>
