import type { Json, JsonObject } from './json.ts'

/** An MCP content block, as the protocol has it. */
export type ContentBlock = JsonObject

/** What was left out of an answer, and how to get it. */
export interface Truncation {
  readonly by: 'rows' | 'bytes'
  /** Rows or bytes that were kept. */
  readonly kept: number
  readonly limit: number
}

/** What a handler returns. */
export type Answer =
  | {
      readonly type: 'data'
      /** Queries answer `{ rows: [...] }`. */
      readonly data: Json
      /** Sentences for the model beside the data. */
      readonly notes?: readonly string[]
      /** ISO 8601: the moment the data speaks of; absent: when it was fetched. */
      readonly asOf?: string
      readonly truncated?: Truncation
    }
  | {
      readonly type: 'content'
      readonly content: readonly ContentBlock[]
      readonly structured?: Json
      readonly isError?: boolean
      readonly meta?: JsonObject
      readonly asOf?: string
    }
  /** The upstream asks its user; `requests` and `state` are the protocol's `inputRequests` and `requestState`, untouched. */
  | { readonly type: 'input'; readonly requests: JsonObject; readonly state: string }
  | { readonly type: 'job'; readonly id: string }

/** Where an answer came from, as told in `_meta`. */
export type CacheState = 'hit' | 'stale' | 'miss'
