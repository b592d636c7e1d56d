import { HubError } from '../../contract/errors.ts'

/** Too many requests to one exchange, with the time to try again. */
export function limited(exchange: string, words: string, waitMs: number): HubError {
  const retryAfterMs = Math.max(1, Math.ceil(waitMs))
  const details = { exchange, retryAfterMs, retryAt: new Date(Date.now() + retryAfterMs).toISOString() }
  return new HubError('HUB_LIMITED', `${words}; try again in ${Math.ceil(retryAfterMs / 1_000)} s`, details)
}
