import { circuitBreaker, ConsecutiveBreaker, ExponentialBackoff, handleWhen, isBrokenCircuitError, retry, wrap, type IPolicy } from 'cockatiel'
import type { Answer } from '../contract/answer.ts'
import type { Args, Run } from '../contract/call.ts'
import { asHubError, HubError } from '../contract/errors.ts'
import type { Deadline } from './deadline.ts'
import type { BoundTool } from '../registry/types.ts'
import { isVisible } from '../registry/visibility.ts'
import { refuseForbidden } from './permit.ts'
import type { ArgumentPolicy } from '../contract/tool.ts'
import type { Stage, Walk } from './walk.ts'

/** Makes what a handler may know and do, for a call that has its deadline. */
export type MakeRun = (walk: Walk, deadline: Deadline) => Run

/** Stage 7: breaker, retry, fallback, then the bound handler. */
export function execute(makeRun: MakeRun): Stage {
  const policies = new WeakMap<BoundTool, IPolicy>()

  function policyOf(tool: BoundTool): IPolicy {
    const known = policies.get(tool)
    if (known) return known
    const made = createPolicy(tool)
    policies.set(tool, made)
    return made
  }

  async function attempt(tool: BoundTool, args: Args, run: Run): Promise<Answer> {
    try {
      return await policyOf(tool).execute(() => untilAborted(tool.handler(args, run), run.signal), run.signal)
    } catch (error) {
      if (run.signal.aborted) throw run.signal.reason
      if (!isBrokenCircuitError(error)) throw error
      const { resetMs } = tool.spec.policy.breaker
      throw new HubError('HUB_CONNECTOR_DOWN', `connector "${tool.spec.connector}" failed again and again and is left alone for a while; try again later`, {
        retryAfterMs: resetMs,
      })
    }
  }

  return async (walk) => {
    const { tool } = walk.request
    const run = makeRun(walk, walk.deadline as Deadline)
    try {
      walk.answer = await attempt(tool, walk.args, run)
      walk.source = tool.spec.connector
    } catch (error) {
      const standIn = isDown(error) ? fallbackOf(walk) : undefined
      if (!standIn) throw error
      walk.answer = withNote(
        await attempt(standIn.tool, standIn.args, run),
        `answered by ${standIn.tool.spec.connector}, because ${tool.spec.connector} is down`,
      )
      walk.source = standIn.tool.spec.connector
      walk.personal ||= standIn.tool.connector.perCaller === true
    }
  }
}

const isDown = (error: unknown): boolean => error instanceof HubError && error.code === 'HUB_CONNECTOR_DOWN'
const isSickness = (error: unknown): boolean => isDown(error) || (error instanceof HubError && error.code === 'HUB_TIMEOUT')

function createPolicy({ spec }: BoundTool): IPolicy {
  const { failures, resetMs } = spec.policy.breaker
  const breaker = circuitBreaker(handleWhen(isSickness), { halfOpenAfter: resetMs, breaker: new ConsecutiveBreaker(failures) })
  const repeatable = spec.effect === 'read' || spec.policy.idempotencyKey !== undefined
  if (spec.policy.retry === 0 || !repeatable) return breaker
  return wrap(retry(handleWhen(isDown), { maxAttempts: spec.policy.retry, backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 2_000 }) }), breaker)
}

// A handler that does not heed its signal is left behind, not waited for.
function untilAborted(work: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(asHubError(signal.reason))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    work.then(
      (answer) => {
        signal.removeEventListener('abort', onAbort)
        resolve(answer)
      },
      (error: unknown) => {
        signal.removeEventListener('abort', onAbort)
        reject(error instanceof Error ? error : new HubError('HUB_INTERNAL', 'a handler failed without an error', {}, error))
      },
    )
  })
}

/** The same tool of the first fallback connector that has it, shows it to this caller and takes these arguments. Reads only. */
function fallbackOf(walk: Walk): { readonly tool: BoundTool; readonly args: Args } | undefined {
  const { registry, tool, principal } = walk.request
  if (tool.spec.effect !== 'read') return undefined
  for (const name of tool.connector.spec.fallback) {
    const standIn = registry.tools.get(`${name}_${tool.spec.local}`)
    if (!standIn || !isVisible(standIn.spec, principal) || standIn.spec.effect !== 'read') continue
    const checked = standIn.validate(walk.args)
    if (checked.faults === undefined && mayHave(standIn.spec.policy.arguments, checked.args)) return { tool: standIn, args: checked.args }
  }
  return undefined
}

function mayHave(policies: readonly ArgumentPolicy[], args: Args): boolean {
  try {
    for (const policy of policies) refuseForbidden(policy, args)
    return true
  } catch {
    return false
  }
}

function withNote(answer: Answer, note: string): Answer {
  if (answer.type === 'data') return { ...answer, notes: [...(answer.notes ?? []), note] }
  if (answer.type === 'content') return { ...answer, content: [...answer.content, { type: 'text', text: note }] }
  return answer
}
