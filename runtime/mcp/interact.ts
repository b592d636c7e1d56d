import { HubError } from '../contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { CallRequest, Exchange, Outcome } from '../pipeline/call.ts'
import { rpcError } from './answer.ts'
import { canBeAsked, readQuestion } from './capabilities.ts'
import { exchangeOf, refuseUnanswerable, type Caller } from './caller.ts'
import type { Turn } from './parked.ts'
import { codes, RpcError } from './protocol.ts'
import type { Services } from './services.ts'

/** Runs the act once: a walk through the pipeline. */
export type Attempt = (exchange: Exchange, signal: AbortSignal, resumed: CallRequest['resumed']) => Promise<Outcome>

/** How an act ended: its outcome, or, for modern callers, questions to answer and the state to bring back with the answers. */
export type Interaction = { readonly outcome: Outcome } | { readonly requests: JsonObject; readonly state: string | undefined }

const mostRounds = 8

/**
 * Runs an act that may have to ask its caller, in whichever way the caller's era has: a legacy caller is sent requests while it waits, a modern one is answered with the
 * questions and comes back. `purpose` names what is called, so that the state of one call opens no other. Throws an RpcError for a state that is changed, expired or another's.
 */
export function interact(services: Services, caller: Caller, purpose: string, params: JsonObject, attempt: Attempt): Promise<Interaction> {
  if (caller.era === 'legacy') return interactLegacy(caller, attempt)
  const { requestState, inputResponses } = params
  if (requestState === undefined && inputResponses === undefined && !canBeAsked(caller.capabilities)) return once(services, caller, purpose, attempt)
  return interactModern(services, caller, purpose, params, attempt)
}

async function once(services: Services, caller: Caller, purpose: string, attempt: Attempt): Promise<Interaction> {
  return settle(services, caller, purpose, { outcome: await attempt(exchangeOf(caller), caller.signal, undefined) })
}

async function interactModern(services: Services, caller: Caller, purpose: string, params: JsonObject, attempt: Attempt): Promise<Interaction> {
  const { requestState: state } = params
  const responses = readResponses(params['inputResponses'])
  if (state === undefined) {
    const resumed = params['inputResponses'] === undefined ? undefined : { responses, state: '' }
    return settle(services, caller, purpose, await begin(services, caller, attempt, resumed))
  }
  const sealed = typeof state === 'string' ? services.seal.open(state, caller.principal, purpose) : undefined
  if (!sealed) throw lostState()
  if (typeof sealed['state'] === 'string')
    return settle(services, caller, purpose, await begin(services, caller, attempt, { responses, state: sealed['state'] }))
  const turn = services.parking.resume(String(sealed['ticket']), responses, caller)
  if (!turn) throw lostState()
  return settle(services, caller, purpose, await turn)
}

function begin(services: Services, caller: Caller, attempt: Attempt, resumed: CallRequest['resumed']): Promise<Turn> {
  if (!canBeAsked(caller.capabilities)) return attempt(exchangeOf(caller), caller.signal, resumed).then((outcome) => ({ outcome }))
  return services.parking.start(caller, (exchange, signal) => attempt(exchange, signal, resumed))
}

function settle({ seal }: Services, caller: Caller, purpose: string, turn: Turn): Interaction {
  if ('requests' in turn) return { requests: turn.requests, state: seal.seal({ ticket: turn.ticket }, caller.principal, purpose) }
  const answer = turn.outcome.polished?.answer
  if (answer?.type !== 'input') return turn
  try {
    for (const request of Object.values(answer.requests)) refuseUnanswerable(questionOf(request), caller.capabilities)
  } catch (error) {
    return { outcome: refused(turn.outcome, error) }
  }
  return { requests: answer.requests, state: answer.state === '' ? undefined : seal.seal({ state: answer.state }, caller.principal, purpose) }
}

async function interactLegacy(caller: Caller, attempt: Attempt): Promise<Interaction> {
  const exchange = exchangeOf(caller)
  let resumed: CallRequest['resumed']
  for (let round = 0; ; round += 1) {
    const outcome = await attempt(exchange, caller.signal, resumed)
    const answer = outcome.polished?.answer
    if (answer?.type !== 'input') return { outcome }
    if (round === mostRounds)
      return { outcome: refused(outcome, new HubError('HUB_UPSTREAM_FAILED', `the upstream asked its user more than ${mostRounds} times`)) }
    try {
      resumed = { responses: await askAll(exchange, answer.requests), state: answer.state }
    } catch (error) {
      return { outcome: refused(outcome, error) }
    }
  }
}

async function askAll(exchange: Exchange, requests: JsonObject): Promise<JsonObject> {
  const { ask } = exchange
  if (!ask) throw new HubError('HUB_INPUT_UNSUPPORTED', 'the tool must ask its user and this client cannot be asked over this connection')
  return Object.fromEntries(await Promise.all(Object.entries(requests).map(async ([key, request]) => [key, await ask(questionOf(request))] as const)))
}

function questionOf(value: Json): { readonly method: string; readonly params: JsonObject } {
  const question = readQuestion(value)
  if (!question) throw new HubError('HUB_UPSTREAM_FAILED', 'the upstream asked something the protocol has no form for')
  return question
}

function refused(outcome: Outcome, error: unknown): Outcome {
  const known = error instanceof HubError ? error : new HubError('HUB_UPSTREAM_FAILED', 'the user could not be asked', {}, error)
  return { callId: outcome.callId, tool: outcome.tool, error: known }
}

/** The responses a caller brings back; what is not a bare result object counts as not answered, and is asked again. */
function readResponses(value: Json | undefined): JsonObject {
  if (!isObject(value)) return {}
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => isObject(entry) && !('method' in entry) && !('result' in entry)))
}

function lostState(): RpcError {
  const { message, data } = rpcError(
    new HubError('HUB_INPUT_EXPIRED', 'the state of this question is unknown, expired or not yours; call again from the start'),
  )
  return new RpcError(codes.invalidParams, message, data)
}
