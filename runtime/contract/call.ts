import type { Answer } from './answer.ts'
import type { Json, JsonObject } from './json.ts'
import type { Principal } from './principal.ts'
import type { TraceContext } from './telemetry.ts'

/** A call's arguments, already valid against the tool's input schema. Big numbers are `RawNumber`s. */
export type Args = JsonObject

/** The MCP client capabilities of the caller of this request, forwarded to upstreams request by request. */
export type Capabilities = JsonObject

/** A question to the caller's user or model: one MCP server-to-client request (`elicitation/create`, `sampling/createMessage`, `roots/list`). */
export interface InputRequest {
  readonly method: string
  readonly params: JsonObject
}

/** What a handler may know and do besides its arguments. */
export interface Run {
  readonly callId: string
  readonly principal: Principal
  /** Aborts when the caller goes away, cancels, or the deadline passes. */
  readonly signal: AbortSignal
  /** Epoch milliseconds. */
  readonly deadline: number
  readonly trace: TraceContext
  readonly callerCapabilities: Capabilities
  /** Set when the caller answers an earlier `input` answer: the protocol's `inputResponses` and the handler's own state back. */
  readonly resumed?: { readonly responses: JsonObject; readonly state: string }
  /** The level below which the caller wants no log messages; absent: it wants none. */
  readonly logLevel?: string
  progress(done: number, total?: number, message?: string): void
  /** A log message for the caller (MCP `notifications/message`). */
  log(level: string, data: Json, logger?: string): void
  /** Through the pipeline as the caller; deadline inherited, depth at most 8, cycles refused. */
  call(tool: string, args: Args): Promise<Answer>
  /** Asks the caller, in whichever way its era has; resolves with the protocol's result. Rejects HUB_INPUT_UNSUPPORTED when it cannot be asked. The call's deadline stands still meanwhile. */
  ask(request: InputRequest): Promise<Json>
}

/** One declared tool, bound to its system. */
export type Handler = (args: Args, run: Run) => Promise<Answer>
