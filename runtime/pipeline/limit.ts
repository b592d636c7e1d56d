import { HubError } from '../contract/errors.ts'
import type { Limits } from '../limits/limits.ts'
import type { Stage, Walk } from './walk.ts'

/** Stage 2: so many calls a principal, an organisation, a tool; so many at one time. */
export function limit(limits: Limits): Stage {
  const enter = (walk: Walk, refusal: HubError | undefined): void => {
    if (refusal) throw refusal
    const entered = limits.enter(walk.request.principal, walk.request.tool.spec)
    if (entered instanceof HubError) throw entered
    walk.leave = entered
  }
  return (walk) => {
    const taken = limits.take(walk.request.principal, walk.request.tool.spec)
    if (taken instanceof Promise) return taken.then((refusal) => enter(walk, refusal))
    enter(walk, taken)
  }
}
