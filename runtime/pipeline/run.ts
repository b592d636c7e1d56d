import type { Answer } from '../contract/answer.ts'
import type { Args, InputRequest, Run } from '../contract/call.ts'
import { HubError } from '../contract/errors.ts'
import { parseJson, type Json, type JsonObject } from '../contract/json.ts'
import type { Secrets } from '../contract/secret.ts'
import { scrubbed } from '../guards/content.ts'
import { isVisible } from '../registry/visibility.ts'
import type { CallRequest, Outcome } from './call.ts'
import type { Principal } from '../contract/principal.ts'
import type { Deadline } from './deadline.ts'
import type { Walk } from './walk.ts'

const deepest = 8
const mostQuestions = 10

/** Walks an inner call: the same pipeline, under the outer call's chain and deadline. */
export type DriveInner = (request: CallRequest, outer: Walk) => Promise<Outcome>

/** What a handler may know and do besides its arguments, made from the call it serves; what it tells the caller meanwhile is scrubbed of secrets. A class, since V8 puts the getters of an object literal, and all they hold, among the old objects. */
export class CallRun implements Run {
  readonly callId: string
  readonly principal: Principal
  readonly signal: AbortSignal
  readonly #walk: Walk
  readonly #deadline: Deadline
  readonly #driveInner: DriveInner
  readonly #secrets: Secrets

  /** For a call that `place` gave its deadline. */
  constructor(walk: Walk, deadline: Deadline, driveInner: DriveInner, secrets: Secrets) {
    this.callId = walk.callId
    this.principal = walk.request.principal
    this.signal = deadline.signal
    this.#walk = walk
    this.#deadline = deadline
    this.#driveInner = driveInner
    this.#secrets = secrets
  }

  get deadline(): number {
    return this.#deadline.at
  }

  get trace(): Run['trace'] {
    return this.#walk.request.trace
  }

  get callerCapabilities(): Run['callerCapabilities'] {
    return this.#walk.request.capabilities
  }

  get resumed(): Run['resumed'] {
    return this.#walk.request.resumed
  }

  get logLevel(): Run['logLevel'] {
    return this.#walk.request.exchange.logLevel
  }

  progress(done: number, total?: number, message?: string): void {
    this.#walk.request.exchange.progress?.(done, total, message === undefined ? undefined : this.#secrets.scrub(message))
  }

  log(level: string, data: Json, logger?: string): void {
    this.#walk.request.exchange.log?.(level, scrubbed(data, this.#secrets), logger === undefined ? undefined : this.#secrets.scrub(logger))
  }

  ask(question: InputRequest): Promise<Json> {
    return ask(this.#walk, { ...question, params: scrubbed(question.params, this.#secrets) })
  }

  call(tool: string, args: Args): Promise<Answer> {
    return call(this.#walk, this.signal, tool, args, this.#driveInner)
  }
}

async function ask(walk: Walk, question: InputRequest): Promise<Json> {
  const { exchange, tool } = walk.request
  if (!exchange.ask)
    throw new HubError('HUB_INPUT_UNSUPPORTED', `"${tool.spec.name}" must ask its user (${question.method}) and this client cannot be asked`, {
      method: question.method,
    })
  walk.deadline?.pause()
  try {
    return await exchange.ask(question)
  } finally {
    walk.deadline?.resume()
  }
}

async function call(walk: Walk, signal: AbortSignal, name: string, args: Args, driveInner: DriveInner): Promise<Answer> {
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
      { ...walk.request, tool, args: own, signal, resumed, exchange: { ...walk.request.exchange, ask: (question) => ask(walk, question) } },
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
