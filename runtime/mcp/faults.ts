import { asHubError, HubError } from '../contract/errors.ts'
import { isObject } from '../contract/json.ts'
import type { Logger } from '../contract/telemetry.ts'
import { rpcError } from './answer.ts'
import { RpcError } from './protocol.ts'

/** Any thrown thing as a JSON-RPC error; what nobody foresaw goes to the log and shows nothing of itself. */
export function asRpcError(error: unknown, log: Logger): RpcError {
  if (error instanceof RpcError) return error
  if (error instanceof HubError) return rpcError(error)
  log.error('a method failed inside', { error })
  return rpcError(asHubError(error))
}

/** The reason a call is aborted with when its caller goes away or cancels. */
export const cancelled = (how: string): HubError => new HubError('HUB_CANCELLED', how)

/** The refusal behind a 403, for the challenge that goes with it: it names the scopes wanted. */
export const scopeError = ({ message, data }: RpcError): HubError => new HubError('HUB_SCOPE_INSUFFICIENT', message, isObject(data) ? data : {})
