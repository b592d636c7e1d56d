import { errorTable, type HubError } from '../contract/errors.ts'
import type { JsonObject } from '../contract/json.ts'

/** An answer, or a refusal, as it is written: status, headers as name, value, name, value, and JSON; of a refusal that of an RFC 9457 document. */
export interface Written {
  readonly status: number
  readonly headers: readonly string[]
  readonly text: string
}

/** What programs tell problems apart by, besides `code`. */
const typeOf = (code: string): string => `urn:integration-hub:error:${code}`

/** Any error of the hub. What is written for operators alone keeps its words to the log; the caller gets the code and the call id. */
export function problemOf(error: HubError, callId: string | undefined, challenge: (error: HubError) => string, more: JsonObject = {}): Written {
  const { code, status, details, message } = error
  const { reader, meaning } = errorTable[code]
  const isPrivate = reader === 'operator'
  const { retryAfterMs } = details
  const headers = [
    ...(code === 'HUB_UNAUTHENTICATED' || code === 'HUB_SCOPE_INSUFFICIENT' ? ['WWW-Authenticate', challenge(error)] : []),
    ...(retryAfterMs === undefined ? [] : ['Retry-After', String(Math.ceil(retryAfterMs / 1000))]),
    ...(callId === undefined ? [] : ['X-Hub-Call-Id', callId]),
  ]
  // A fact of the same name as a member of the document gives way.
  const facts = isPrivate ? { ...(retryAfterMs !== undefined && { retryAfterMs }) } : plain(details)
  const detail = isPrivate ? `${meaning}; the call id finds it in the log` : message
  return written(status, headers, { ...facts, ...more, type: typeOf(code), title: meaning, status, detail, code, ...(callId !== undefined && { callId }) })
}

/** A refusal of HTTP itself, which the table of codes has no word for. */
export const plainProblem = (status: number, title: string, detail: string, headers: readonly string[] = []): Written =>
  written(status, headers, { type: 'about:blank', title, status, detail })

const written = (status: number, headers: readonly string[], document: JsonObject): Written => ({ status, headers, text: JSON.stringify(document) })

// Details may hold what JSON has no word for.
const plain = (details: object): JsonObject => JSON.parse(JSON.stringify(details)) as JsonObject
