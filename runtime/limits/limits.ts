import { HubError } from '../contract/errors.ts'
import type { HubConfig } from '../contract/manifest.ts'
import type { Principal } from '../contract/principal.ts'
import type { ToolSpec } from '../contract/tool.ts'
import { createWindows } from './windows.ts'

const maxKeys = 50_000

/** How often and how many at a time. A shared store may answer `take` with a promise; the embedded one answers at once. */
export interface Limits {
  /** Counts one call against its principal, its organisation and the tool's own limit; HUB_LIMITED with `retryAfterMs` when one is used up, and then nothing is counted. */
  take(principal: Principal, tool: ToolSpec): undefined | HubError | Promise<undefined | HubError>
  /** Takes a place among the calls under way: the principal's, and the tool's over all callers. Call the answer to give it back; more than once does no harm. */
  enter(principal: Principal, tool: ToolSpec): (() => void) | HubError
}

/** Limits in this process. Keys hold organisation and principal; at most 50,000 are kept, the longest unused go first. */
export function createLimits(config: HubConfig['limits'], now: () => number = Date.now): Limits {
  const windows = createWindows(maxKeys, now)
  const underWay = new Map<string, number>()
  const keys = new WeakMap<Principal, string>()

  // A principal lives as long as its credential is cached, so its key is made once for many calls.
  const keyOf = (principal: Principal): string => {
    const known = keys.get(principal)
    if (known !== undefined) return known
    const key = JSON.stringify([principal.organisation, principal.id])
    keys.set(principal, key)
    return key
  }

  return {
    take(principal, tool) {
      const key = keyOf(principal)
      const limit = tool.policy.limit
      const own = windows.peek(`p${key}`, config.principal)
      if (own.waitMs > 0) return refuse('you call too often', config.principal.calls, config.principal.perMs, own.waitMs)
      const shared = windows.peek(`o${principal.organisation}`, config.organisation)
      if (shared.waitMs > 0) return refuse('your organisation calls too often', config.organisation.calls, config.organisation.perMs, shared.waitMs)
      if (limit !== undefined) {
        const tools = windows.peek(`t${tool.name} ${key}`, limit)
        if (tools.waitMs > 0) return refuse(`${tool.name} is called too often`, limit.calls, limit.perMs, tools.waitMs)
        tools.used++
      }
      own.used++
      shared.used++
      return undefined
    },

    enter(principal, tool) {
      const mine = `p${keyOf(principal)}`
      const ofTool = tool.policy.concurrency === undefined ? undefined : `t${tool.name}`
      if ((underWay.get(mine) ?? 0) >= config.concurrency) return crowded(`you have ${config.concurrency} calls under way, which is the most at one time`)
      if (ofTool !== undefined && (underWay.get(ofTool) ?? 0) >= (tool.policy.concurrency ?? Infinity))
        return crowded(`${tool.name} has ${tool.policy.concurrency} calls under way, which is the most at one time`)
      add(mine)
      if (ofTool !== undefined) add(ofTool)
      let inside = true
      return () => {
        if (!inside) return
        inside = false
        remove(mine)
        if (ofTool !== undefined) remove(ofTool)
      }
    },
  }

  function add(key: string): void {
    underWay.set(key, (underWay.get(key) ?? 0) + 1)
  }

  function remove(key: string): void {
    const left = (underWay.get(key) ?? 1) - 1
    if (left === 0) underWay.delete(key)
    else underWay.set(key, left)
  }
}

const crowdedRetryMs = 250

const crowded = (what: string): HubError => new HubError('HUB_LIMITED', `${what}; wait for one to end`, { retryAfterMs: crowdedRetryMs })

function refuse(what: string, calls: number, perMs: number, waitMs: number): HubError {
  return new HubError('HUB_LIMITED', `${what}: ${calls} calls in ${inWords(perMs)} are allowed; retry in ${inWords(waitMs)}`, { retryAfterMs: waitMs })
}

const inWords = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${Math.ceil(ms / 1_000)} s`)
