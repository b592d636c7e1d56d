import type { Answer } from '../contract/answer.ts'
import type { Args, InputRequest, Run } from '../contract/call.ts'
import { HubError } from '../contract/errors.ts'
import { parseJson, type Json, type JsonObject } from '../contract/json.ts'
import { isVisible } from '../registry/visibility.ts'
import type { CallRequest, Outcome } from './call.ts'
import type { Walk } from './walk.ts'

const deepest = 8
const mostQuestions = 10

/** Walks an inner call: the same pipeline, under the outer call's chain and deadline. */
export type DriveInner = (request: CallRequest, outer: Walk) => Promise<Outcome>

/** What a handler may know and do besides its arguments, made from the call it serves. */
export function createRun(walk: Walk, driveInner: DriveInner): Run {
  const { request } = walk
  const { exchange } = request
  return {
    callId: walk.callId,
    principal: request.principal,
    signal: walk.signal,
    get deadline() {
      return walk.deadline
    },
    trace: request.trace,
    callerCapabilities: request.capabilities,
    resumed: request.resumed,
    logLevel: exchange.logLevel,
    progress: (done, total, message) => exchange.progress?.(done, total, message),
    log: (level, data, logger) => exchange.log?.(level, data, logger),
    ask: (question) => ask(walk, question),
    call: (tool, args) => call(walk, tool, args, driveInner),
  }
}

async function ask(walk: Walk, question: InputRequest): Promise<Json> {
  const { exchange, tool } = walk.request
  if (!exchange.ask)
    throw new HubError('HUB_INPUT_UNSUPPORTED', `"${tool.spec.name}" must ask its user (${question.method}) and this client cannot be asked`, {
      method: question.method,
    })
  const resume = walk.pauseDeadline?.()
  try {
    return await exchange.ask(question)
  } finally {
    resume?.()
  }
}

async function call(walk: Walk, name: string, args: Args, driveInner: DriveInner): Promise<Answer> {
  const { registry, principal } = walk.request
  const tool = registry.tools.get(name)
  if (!tool || !isVisible(tool.spec, principal)) throw new HubError('HUB_TOOL_UNKNOWN', `no tool "${name}" is visible to this caller`, { tool: name })
  if (walk.chain.includes(tool.spec.name)) throw new HubError('HUB_DEPTH', `tools call each other in a circle: ${[...walk.chain, tool.spec.name].join(' → ')}`)
  if (walk.chain.length >= deepest) throw new HubError('HUB_DEPTH', `tools call each other more than ${deepest} deep: ${walk.chain.join(' → ')}`)

  let resumed: CallRequest['resumed']
  for (let questions = 0; questions <= mostQuestions; questions += 1) {
    // Validation lays defaults into what it is given, and these arguments are the caller's own.
    const own = parseJson(JSON.stringify(args)) as Args
    const outcome = await driveInner(
      { ...walk.request, tool, args: own, signal: walk.signal, resumed, exchange: { ...walk.request.exchange, ask: (question) => ask(walk, question) } },
      walk,
    )
    if (outcome.error) throw outcome.error
    const answer = outcome.polished?.answer
    if (answer?.type !== 'input') return answer as Answer
    resumed = { state: answer.state, responses: await askAll(walk, answer.requests) }
  }
  throw new HubError('HUB_UPSTREAM_FAILED', `"${name}" asked its user more than ${mostQuestions} times`)
}

async function askAll(walk: Walk, requests: JsonObject): Promise<JsonObject> {
  const responses: Record<string, Json> = {}
  for (const [key, request] of Object.entries(requests)) responses[key] = await ask(walk, request as unknown as InputRequest)
  return responses
}
