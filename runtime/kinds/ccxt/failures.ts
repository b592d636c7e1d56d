import { HubError, type ErrorDetails } from '../../contract/errors.ts'
import { limited } from './limited.ts'
import type { Waiting } from '../../contract/waiting.ts'

/** A request that got no answer, or none that can be read. */
export class Loss extends Error {
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/** An answer of success that is not JSON. */
export class Garbage extends Error {}

/** What a failure is told with. */
export interface FailureContext {
  readonly exchange: string
  readonly method: string
  /** Status of the last answer of this exchange. */
  readonly status: number | undefined
  /** How long the exchange asked to be left alone from now. */
  readonly restMs: number
  readonly scrub: (text: string) => string
}

const soonMs = 2_000
const maintenanceMs = 60_000

/** The names of an error’s class and of those it stands on. */
export function classesOf(error: unknown): ReadonlySet<string> {
  const names = new Set<string>()
  for (let type: unknown = (error as object | null)?.constructor; typeof type === 'function' && type.name !== ''; type = Object.getPrototypeOf(type) as unknown)
    names.add(type.name)
  return names
}

/** True for the refusal of a timestamp or nonce: the clocks differ. */
export const isClockFault = (error: unknown): boolean => classesOf(error).has('InvalidNonce') && !classesOf(error).has('ChecksumError')

/** True for too many requests. ccxt has one class for them and for a gate that takes the hub for an attacker. */
export function isRateLimit(error: unknown, status: number | undefined): boolean {
  const is = classesOf(error)
  if (is.has('RateLimitExceeded')) return true
  if (!is.has('DDoSProtection')) return false
  return status === undefined || status === 200 || status === 418 || status === 429 || /rate.?limit|too (?:many|much|frequent)/i.test((error as Error).message)
}

/** What an exchange or the way to it did wrong, in words for a model: the code says whether trying again helps. */
export function failureOf(error: unknown, context: FailureContext): HubError {
  if (error instanceof HubError) return error
  const { exchange, status, restMs } = context
  const facts = { exchange, ...(status !== undefined && status >= 400 && { upstreamStatus: status }) }
  if (error instanceof Loss) return down(`${exchange} does not answer (${error.reason})`, soonMs, facts)
  if (error instanceof Garbage)
    return new HubError('HUB_UPSTREAM_FAILED', `${exchange} answered with something that is not JSON`, { ...facts, isUnreadable: true })
  const is = classesOf(error)
  const said = wordsOf(error, context)
  if (isRateLimit(error, status)) {
    const words = `${exchange} is asked too often${status === undefined || status < 400 ? '' : ` (status ${status})`} and is left alone until ${moment(restMs)}`
    return limited(exchange, words, Math.max(restMs, 1_000))
  }
  if (is.has('OnMaintenance')) return down(`${exchange} is under maintenance${said}`, Math.max(restMs, maintenanceMs), facts)
  if (is.has('DDoSProtection')) return down(`${exchange} takes the hub for an attack and answers nobody here${said}`, Math.max(restMs, maintenanceMs), facts)
  if (is.has('RequestTimeout')) return down(`${exchange} did not answer in time`, soonMs, facts)
  if (is.has('ChecksumError')) return down(`the book of ${exchange} no longer adds up and is read anew`, 1_000, facts)
  if (is.has('InvalidNonce'))
    return new HubError('HUB_UPSTREAM_FAILED', `${exchange} refuses the time of the request, also after the clocks were compared${said}`, facts)
  if (is.has('ExchangeNotAvailable') || is.has('NetworkError'))
    return down(`${exchange} does not answer${status === undefined || status < 400 ? '' : ` (status ${status})`}${said}`, Math.max(restMs, soonMs), facts)
  return refusalOf(is, said, context, facts)
}

function refusalOf(is: ReadonlySet<string>, said: string, { exchange, method }: FailureContext, facts: ErrorDetails): HubError {
  if (is.has('AuthenticationError'))
    return new HubError(
      'HUB_UPSTREAM_FAILED',
      `${exchange} refuses the hub’s credentials${said}; its operator checks credentials.${exchange} in the manifest and what that key may do`,
      facts,
    )
  if (is.has('BadSymbol')) return new HubError('HUB_ARGS_INVALID', `${exchange} knows no such market${said}; list_markets names those it has`, facts)
  if (is.has('NotSupported')) return new HubError('HUB_ARGS_INVALID', `${exchange} cannot do this${said}`, facts)
  if (is.has('BadRequest') || is.has('ArgumentsRequired')) return new HubError('HUB_ARGS_INVALID', `${exchange} refuses these arguments${said}`, facts)
  if (is.has('BadResponse') || !is.has('BaseError'))
    return new HubError('HUB_UPSTREAM_FAILED', `${exchange} answered ${method} with something that cannot be read${said}`, { ...facts, isUnreadable: true })
  return new HubError('HUB_UPSTREAM_FAILED', `${exchange} answered with an error${said}`, facts)
}

const moment = (ms: number): string => new Date(Date.now() + ms).toISOString()

function down(words: string, retryAfterMs: number, facts: ErrorDetails): HubError {
  return new HubError('HUB_CONNECTOR_DOWN', `${words}; try again in ${Math.ceil(retryAfterMs / 1_000)} s`, { ...facts, retryAfterMs })
}

// ccxt writes the address of the request, and with it keys and signatures, into what it says.
function wordsOf(error: unknown, { exchange, scrub }: FailureContext): string {
  if (!(error instanceof Error)) return ''
  const text = error.message
    .replaceAll(/\b(?:https?|wss?):\/\/\S+/g, '')
    .replace(new RegExp(`^${exchange}\\s*`), '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replace(/^(?:GET|POST|PUT|DELETE)\s*/, '')
    .trim()
  return text === '' ? '' : `: ${scrub(text).slice(0, 300)}`
}

/** Why a call that its caller gave up has no answer. */
export function abandoned({ signal, deadline }: Waiting): HubError {
  if (signal.reason instanceof HubError) return signal.reason
  return Date.now() >= deadline
    ? new HubError('HUB_TIMEOUT', 'the call passed its deadline, and its request was ended')
    : new HubError('HUB_CANCELLED', 'the call was cancelled, and its request was ended')
}
