import type { Capabilities, InputRequest } from '../contract/call.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import type { Principal } from '../contract/principal.ts'
import type { TraceContext } from '../contract/telemetry.ts'
import type { Exchange } from '../pipeline/call.ts'
import type { Endpoint, Registry, View } from '../registry/types.ts'
import { HubError } from '../contract/errors.ts'
import { missingFrom, neededFor } from './capabilities.ts'
import { isWanted, type Era } from './protocol.ts'

/** Who sent one request, what of the hub it sees, and what can be said to it while it waits. */
export interface Caller {
  readonly endpoint: Endpoint
  readonly registry: Registry
  readonly view: View
  readonly principal: Principal
  readonly era: Era
  readonly capabilities: Capabilities
  /** Aborts, with a HubError as reason, when the caller goes away or cancels. */
  readonly signal: AbortSignal
  readonly trace: TraceContext
  readonly progressToken?: string | number | undefined
  readonly logLevel?: string | undefined
  /** Sends a notification that belongs to this request; absent when the caller can take none. */
  readonly notify?: ((method: string, params: JsonObject) => void) | undefined
  /** Sends a request to the caller and waits for its result; absent where the era or the connection has no way for it. */
  readonly request?: ((question: InputRequest) => Promise<Json>) | undefined
  /** What outlives the request; absent for callers without a session. */
  readonly session?: CallerSession | undefined
}

/** What a legacy session, or a stdio connection, remembers of its client between requests. */
export interface CallerSession {
  setLogLevel(level: string): void | Promise<void>
  /** `uri` as the client knows it. */
  subscribe(uri: string): void | Promise<void>
  unsubscribe(uri: string): void | Promise<void>
}

const nothing: Exchange = Object.freeze({})

/** The exchange the pipeline gets for a caller: only what the caller asked for and can take. */
export function exchangeOf(caller: Caller): Exchange {
  const { notify, progressToken, logLevel, request } = caller
  const progresses = notify !== undefined && progressToken !== undefined
  const logs = notify !== undefined && logLevel !== undefined
  if (!progresses && !logs && !request) return nothing
  return {
    ...(progresses
      ? { progress: (done: number, total?: number, message?: string) => notify('notifications/progress', progressParams(progressToken, done, total, message)) }
      : {}),
    ...(logs ? { logLevel, log: (level: string, data: Json, logger?: string) => logTo(notify, logLevel, level, data, logger) } : {}),
    ...(request ? { ask: (question: InputRequest) => askFor(caller, question, request) } : {}),
  }
}

/** The params of a progress notification. */
export const progressParams = (progressToken: string | number, progress: number, total?: number, message?: string): JsonObject => ({
  progressToken,
  progress,
  ...(total === undefined ? {} : { total }),
  ...(message === undefined ? {} : { message }),
})

function logTo(notify: NonNullable<Caller['notify']>, wanted: string, level: string, data: Json, logger?: string): void {
  if (isWanted(level, wanted)) notify('notifications/message', { level, data, ...(logger === undefined ? {} : { logger }) })
}

async function askFor(caller: Caller, question: InputRequest, request: NonNullable<Caller['request']>): Promise<Json> {
  refuseUnanswerable(question, caller.capabilities)
  return await request(question)
}

/** Throws HUB_INPUT_UNSUPPORTED for a question the caller did not declare it can answer. */
export function refuseUnanswerable(question: InputRequest, capabilities: Capabilities): void {
  const needed = neededFor(question)
  if (!needed) throw new HubError('HUB_INPUT_UNSUPPORTED', `"${question.method}" is not a question the protocol has`)
  const missing = missingFrom(needed, capabilities)
  if (missing)
    throw new HubError('HUB_INPUT_UNSUPPORTED', `the tool must ask its user (${question.method}) and this client did not declare that it can`, {
      method: question.method,
      requiredCapabilities: missing,
    })
}
