import { randomUUID } from 'node:crypto'
import { asHubError } from '../contract/errors.ts'
import type { CallRequest, Drive, Exchange, Outcome } from './call.ts'
import { createOrder, type PipelineParts } from './order.ts'
import { CallRun } from './run.ts'
import type { Walk } from './walk.ts'

const nobody: Exchange = {}
const neverAborted = new AbortController().signal

/** Builds the corridor once and returns the function that walks a call through it. */
export function createDrive(parts: PipelineParts): Drive {
  const order = createOrder(parts, (walk, deadline) => new CallRun(walk, deadline, driveInner, parts.secrets), refresh)
  const gates = order.filter(({ part }) => part === 'gate').map(({ stage }) => stage)
  const work = order.filter(({ part }) => part === 'work').map(({ stage }) => stage)
  const exits = order.filter(({ part }) => part === 'exit').map(({ stage }) => stage)

  async function walkThrough(walk: Walk): Promise<Outcome> {
    const letGo = walk.request.registry.hold()
    parts.underWay?.add(walk)
    try {
      // The refresh behind a stale answer was let through the gates with the call that found it stale.
      if (!walk.detached) {
        for (const gate of gates) {
          const waiting = gate(walk)
          if (waiting) await waiting
          if (walk.polished) break
        }
      }
      if (!walk.polished) {
        for (const stage of work) {
          const waiting = stage(walk)
          if (waiting) await waiting
        }
      }
    } catch (error) {
      walk.error = asHubError(error)
    }
    for (const exit of exits) {
      try {
        const waiting = exit(walk)
        if (waiting) await waiting
      } catch (error) {
        parts.log.error('an exit stage failed', { callId: walk.callId, error })
      }
    }
    letGo()
    parts.underWay?.delete(walk)
    return { callId: walk.callId, tool: walk.request.tool, polished: walk.error ? undefined : walk.polished, error: walk.error, freshness: walk.freshness }
  }

  async function driveInner(request: CallRequest, outer: Walk): Promise<Outcome> {
    const walk = startWalk(request, [...outer.chain, request.tool.spec.name], outer.deadline?.at ?? Infinity, false)
    const outcome = await walkThrough(walk)
    outer.personal ||= walk.personal || request.tool.connector.perCaller === true
    return outcome
  }

  function refresh(walk: Walk): void {
    const detached = startWalk({ ...walk.request, exchange: nobody, signal: neverAborted }, walk.chain, Infinity, true)
    detached.args = walk.args
    detached.cacheKey = walk.cacheKey
    detached.settle = walk.settle
    walk.settle = undefined
    void walkThrough(detached)
  }

  return (request) => walkThrough(startWalk(request, [request.tool.spec.name], Infinity, false))
}

function startWalk(request: CallRequest, chain: readonly string[], latest: number, detached: boolean): Walk {
  return {
    request,
    callId: randomUUID(),
    chain,
    startedAt: performance.now(),
    detached,
    leave: undefined,
    args: request.args,
    cacheKey: undefined,
    recalled: undefined,
    settle: undefined,
    latest,
    personal: false,
    deadline: undefined,
    answer: undefined,
    source: undefined,
    polished: undefined,
    freshness: undefined,
    error: undefined,
  }
}
