import type { IncomingHttpHeaders } from 'node:http'
import type { Principal } from '../contract/principal.ts'
import type { TraceContext } from '../contract/telemetry.ts'
import type { JsonObject } from '../contract/json.ts'
import type { Endpoint, Registry } from '../registry/types.ts'
import { readTrace } from '../tracing/trace.ts'
import { metaOf } from './message.ts'
import type { Reply } from './reply.ts'

/** One HTTP request that passed the door: who, to which endpoint, under which registry, and where the answer goes. */
export interface Visit {
  readonly method: string
  /** Path and query, as sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly remoteAddress: string | undefined
  readonly principal: Principal
  readonly endpoint: Endpoint
  readonly registry: Registry
  readonly reply: Reply
}

/** The trace a request belongs to: of its `_meta`, as the protocol has it, else of its headers. */
export function traceOf(params: JsonObject, headers: IncomingHttpHeaders): TraceContext {
  const meta = metaOf(params)
  return readTrace(meta?.['traceparent'] === undefined ? headers : meta)
}
