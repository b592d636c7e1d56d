import { HubError } from '../contract/errors.ts'

/** Why a caller was not let in: the bounded label of `mcp_authentication_failures_total`. */
export type FailureReason =
  | 'missing'
  | 'malformed'
  | 'not_local'
  | 'unknown_key'
  | 'revoked'
  | 'expired'
  | 'not_yet_valid'
  | 'signature'
  | 'algorithm'
  | 'issuer'
  | 'audience'
  | 'claims'
  | 'unavailable'

/** HUB_UNAUTHENTICATED with its reason. The message says what is wrong and never holds the credential. */
export const refusal = (reason: Exclude<FailureReason, 'unavailable'>, message: string): HubError => new HubError('HUB_UNAUTHENTICATED', message, { reason })

/** 503 rather than 401: the credential may be good, it could not be checked, and asking for a new one would not help. */
export const unavailable = (code: 'HUB_STORE_DOWN' | 'HUB_CONNECTOR_DOWN', message: string, cause: unknown): HubError =>
  new HubError(code, message, { reason: 'unavailable', retryAfterMs: 1_000 }, cause)
