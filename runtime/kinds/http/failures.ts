import { HubError, type ErrorDetails } from '../../contract/errors.ts'
import type { Loss } from './exchange.ts'
import type { Waiting } from '../../contract/waiting.ts'

/** Why a request has no good answer, and what may be done about it. */
export class Refusal extends Error {
  readonly error: HubError
  /** answered: with a status that may pass; unanswered: the connection was lost before an answer began; final: another attempt would fare the same. */
  readonly sort: 'answered' | 'unanswered' | 'final'
  /** How long the service asks to be left alone. */
  readonly waitMs: number | undefined

  constructor(error: HubError, sort: Refusal['sort'], waitMs?: number) {
    super(error.message, { cause: error })
    this.error = error
    this.sort = sort
    this.waitMs = waitMs
  }
}

/** What of the tool a failure is told with. */
export interface FailureContext {
  /** The request may be sent again: it reads, or another one changes nothing more. */
  readonly isRepeatable: boolean
}

const soonMs = 1_000

/** A status that is no success, in words for a model. */
export function statusRefusal(status: number, message: string | undefined, waitMs: number | undefined, context: FailureContext): Refusal {
  const said = message === undefined ? '' : `: ${message}`
  const facts = { upstreamStatus: status }
  if (status === 401 || status === 403 || status === 407) {
    const words = `the service refuses the hub (status ${status})${said}; its operator checks auth in the manifest, and what that account may do`
    return new Refusal(new HubError('HUB_UPSTREAM_FAILED', words, facts), 'final')
  }
  if (status === 404 || status === 410) return final(`the service has no such thing (status ${status})${said}`, facts)
  if (status === 429) return limited(`the service is asked too often (status 429)${said}`, waitMs, facts)
  if (status < 500)
    return final(
      status < 400
        ? `the service answered with status ${status}, which is no answer to this${said}`
        : `the service refuses the request (status ${status})${said}`,
      facts,
    )
  if (status === 500) return new Refusal(failed(`the service failed inside (status 500)${said}`, facts, context), 'answered', waitMs)
  if (status === 501 || status === 505) return final(`the service cannot do this (status ${status})${said}`, facts)
  return new Refusal(down(`the service does not answer (status ${status})${said}`, waitMs ?? soonMs, facts, context), 'answered', waitMs)
}

/** Too many calls, in words for a model. */
export function limited(words: string, waitMs: number | undefined, facts: ErrorDetails): Refusal {
  const retryAfterMs = waitMs ?? soonMs
  return new Refusal(new HubError('HUB_LIMITED', `${words}; ${tryAgain(retryAfterMs)}`, { ...facts, retryAfterMs }), 'answered', waitMs)
}

/** A connection that was lost, told by its code. */
export function lossRefusal({ reason, hadBegun, isEarly }: Loss, context: FailureContext): Refusal {
  const words = hadBegun ? `the service broke the connection in the middle of its answer (${reason})` : `the service does not answer (${reason})`
  // Nothing was sent where there was no connection.
  const wasSent = hadBegun || !unreachable.has(reason)
  return new Refusal(down(words, soonMs, {}, wasSent ? context : { isRepeatable: true }), isEarly ? 'unanswered' : 'final')
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
  'the connector is closed',
])

/** An answer that is there and cannot be used. */
export const unusable = (words: string, facts: ErrorDetails = {}): Refusal => final(`the service answered ${words}`, facts)

/** A refusal that another attempt would not change. */
export const final = (words: string, facts: ErrorDetails = {}): Refusal => new Refusal(new HubError('HUB_UPSTREAM_FAILED', words, facts), 'final')

const tryAgain = (ms: number): string => `try again in ${Math.max(1, Math.ceil(ms / 1_000))} s`

const doubt = 'whether it was done is not known, so look before trying again'

function failed(words: string, facts: ErrorDetails, { isRepeatable }: FailureContext): HubError {
  return isRepeatable
    ? new HubError('HUB_UPSTREAM_FAILED', words, facts)
    : new HubError('HUB_UPSTREAM_FAILED', `${words}; ${doubt}`, { ...facts, outcome: 'unknown' })
}

// No retryAfterMs after what may have been done: trying again might do it twice.
function down(words: string, retryAfterMs: number, facts: ErrorDetails, { isRepeatable }: FailureContext): HubError {
  return isRepeatable
    ? new HubError('HUB_CONNECTOR_DOWN', `${words}; ${tryAgain(retryAfterMs)}`, { ...facts, retryAfterMs })
    : new HubError('HUB_CONNECTOR_DOWN', `${words}; ${doubt}`, { ...facts, outcome: 'unknown' })
}

/** Why a call that its caller gave up has no answer. */
export function abandoned({ signal, deadline }: Waiting): HubError {
  if (signal.reason instanceof HubError) return signal.reason
  return Date.now() >= deadline
    ? new HubError('HUB_TIMEOUT', 'the call passed its deadline, and its request was ended')
    : new HubError('HUB_CANCELLED', 'the call was cancelled, and its request was ended')
}
