/** Who an error's text is written for: it may be shown to no one else. */
export type Reader = 'operator' | 'model' | 'client'

interface ErrorEntry {
  /** The HTTP status of the plain endpoints and of refusals at the door. */
  readonly status: number
  readonly reader: Reader
  readonly meaning: string
}

/** Every code the hub can answer with. The reference page docs/errors.md is held to this table both ways by a test. */
export const errorTable = {
  HUB_CONFIG_SYNTAX: { status: 500, reader: 'operator', meaning: 'the file is not YAML the hub can read' },
  HUB_CONFIG_FILE: { status: 500, reader: 'operator', meaning: 'a file cannot be read, is binary, too large, or expands too far' },
  HUB_CONFIG_UNKNOWN_FIELD: { status: 500, reader: 'operator', meaning: 'a field the language does not have' },
  HUB_CONFIG_MISSING_FIELD: { status: 500, reader: 'operator', meaning: 'a field that must be there is not' },
  HUB_CONFIG_TYPE: { status: 500, reader: 'operator', meaning: 'a value of another type than the field takes' },
  HUB_CONFIG_VALUE: { status: 500, reader: 'operator', meaning: 'a value outside what the field takes' },
  HUB_CONFIG_NAME: { status: 500, reader: 'operator', meaning: 'a name that is too long or has characters clients refuse' },
  HUB_CONFIG_DUPLICATE: { status: 500, reader: 'operator', meaning: 'one name declared twice' },
  HUB_CONFIG_REFERENCE: { status: 500, reader: 'operator', meaning: 'a $ref, connector, tool or lifetime that does not exist' },
  HUB_CONFIG_CIRCULAR: { status: 500, reader: 'operator', meaning: 'references that lead back to themselves' },
  HUB_CONFIG_SCHEMA: { status: 500, reader: 'operator', meaning: 'a schema that is not JSON Schema 2020-12' },
  HUB_CONFIG_ENVIRONMENT: { status: 500, reader: 'operator', meaning: 'an environment variable without value or default' },
  HUB_CONFIG_SQL: { status: 500, reader: 'operator', meaning: 'a statement the database would refuse, or that does more than its effect says' },
  HUB_CONFIG_PLACEHOLDER: { status: 500, reader: 'operator', meaning: 'a placeholder without an input, or an input without a placeholder' },
  HUB_CONFIG_OPERATION: { status: 500, reader: 'operator', meaning: 'an operation its kind cannot carry out' },
  HUB_CONFIG_DRIFT: { status: 500, reader: 'operator', meaning: 'generated files or pinned definitions that no longer fit' },
  HUB_SECRET_MISSING: { status: 500, reader: 'operator', meaning: 'a secret reference that leads to no value' },
  HUB_UNAUTHENTICATED: { status: 401, reader: 'client', meaning: 'no credential, or one that is not valid here' },
  HUB_SCOPE_INSUFFICIENT: { status: 403, reader: 'client', meaning: 'a valid token that lacks a scope this call needs' },
  HUB_HOST_REJECTED: { status: 403, reader: 'client', meaning: 'a Host header this hub does not serve' },
  HUB_ORIGIN_REJECTED: { status: 403, reader: 'client', meaning: 'an Origin that is not on the allow-list' },
  HUB_BODY_TOO_LARGE: { status: 413, reader: 'client', meaning: 'a request body over the bound' },
  HUB_SESSION_UNKNOWN: { status: 404, reader: 'client', meaning: 'a session that ended or never was' },
  HUB_TOOL_UNKNOWN: { status: 404, reader: 'model', meaning: 'no tool of that name is visible to this caller' },
  HUB_RESOURCE_UNKNOWN: { status: 404, reader: 'model', meaning: 'no resource of that address is visible to this caller' },
  HUB_PROMPT_UNKNOWN: { status: 404, reader: 'model', meaning: 'no prompt of that name is visible to this caller' },
  HUB_ARGS_INVALID: { status: 400, reader: 'model', meaning: 'arguments that do not fit the input schema' },
  HUB_DENIED: { status: 403, reader: 'model', meaning: 'a policy refuses these arguments or this moment' },
  HUB_LIMITED: { status: 429, reader: 'model', meaning: 'too many calls; retry after the time given' },
  HUB_TIMEOUT: { status: 504, reader: 'model', meaning: 'the call passed its deadline and was cancelled' },
  HUB_CANCELLED: { status: 499, reader: 'client', meaning: 'the caller went away or cancelled' },
  HUB_CONNECTOR_DOWN: { status: 503, reader: 'model', meaning: 'the system behind this tool does not answer' },
  HUB_CONNECTOR_OFF: { status: 503, reader: 'operator', meaning: 'a connector that lacks a setting or is switched off' },
  HUB_UPSTREAM_FAILED: { status: 502, reader: 'model', meaning: 'the system behind this tool answered with an error or with garbage' },
  HUB_QUERY_FAILED: { status: 422, reader: 'model', meaning: 'the database refused the statement' },
  HUB_INPUT_UNSUPPORTED: { status: 422, reader: 'model', meaning: 'the tool must ask its user something and this client cannot be asked' },
  HUB_INPUT_EXPIRED: { status: 410, reader: 'model', meaning: 'the state of an earlier question is no longer known or not this caller’s' },
  HUB_DEPTH: { status: 508, reader: 'model', meaning: 'tools that call each other too deep or in a circle' },
  HUB_EGRESS_DENIED: { status: 403, reader: 'operator', meaning: 'an outbound address the egress guard refuses' },
  HUB_AUDIT_UNAVAILABLE: { status: 503, reader: 'model', meaning: 'a write was refused because it could not be audited first' },
  HUB_STORE_DOWN: { status: 503, reader: 'operator', meaning: 'one of the hub’s own stores does not answer' },
  HUB_STORE_LOCKED: { status: 409, reader: 'operator', meaning: 'the embedded store is in use by another process' },
  HUB_SETUP: { status: 500, reader: 'operator', meaning: 'the machine lacks something the hub needs' },
  HUB_STOPPING: { status: 503, reader: 'client', meaning: 'the hub is shutting down' },
  HUB_INTERNAL: { status: 500, reader: 'client', meaning: 'a fault of the hub itself; the call id finds it in the log' },
} as const satisfies Record<string, ErrorEntry>

/** A code of the error table. */
export type ErrorCode = keyof typeof errorTable

/** What an error may carry beside its words. Plain data, fit to be shown to the code's reader. */
export interface ErrorDetails {
  readonly retryAfterMs?: number
  readonly [fact: string]: unknown
}

/** The one error the hub throws on purpose: a code, what happened, a way on. Lower case, no full stop. */
export class HubError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'HubError'
    this.code = code
    this.details = details
  }

  /** The HTTP status of this code. */
  get status(): number {
    return errorTable[this.code].status
  }
}

/** The same error, or the unknown one wrapped as HUB_INTERNAL so that nothing of its text reaches a caller. */
export function asHubError(error: unknown): HubError {
  if (error instanceof HubError) return error
  return new HubError('HUB_INTERNAL', 'the hub failed inside; the call id finds the fault in its log', {}, error)
}
