import { fullBudget, spend, type Budget } from './budget.ts'
import type { Case } from './cases.ts'
import type { Node } from './node.ts'
import type { Reason } from './reason.ts'

/** How a comparison goes on inside a keyword. */
export interface Compare {
  /** Why not every value that fits all of some schemas fits another one. */
  within(schemas: readonly Node[], target: Node, walk: Walk): readonly Reason[]
  /** The same for one case. */
  caseWithin(one: Case, target: Node, walk: Walk): readonly Reason[]
}

/** How far a comparison has come. */
export interface Walk extends Compare {
  /** Where in the values it is. */
  readonly path: string
  readonly depth: number
  /** Shared by the whole comparison. */
  readonly budget: Budget
  /** Pairs that are being compared above, with the depth they were met at. */
  readonly pairs: ReadonlyMap<string, number>
  /** Steps at one depth, against references that lead round. */
  readonly hops: number
}

const stepWork = 20
const mostHops = 64

/** The start of a comparison. */
export const startWalk = (compare: Compare): Walk => ({ ...compare, path: '', depth: 0, budget: fullBudget(), pairs: new Map(), hops: 0 })

/** One step into the values. */
export const into = (walk: Walk, path: string): Walk => ({ ...walk, path, depth: walk.depth + 1, hops: 0 })

/** One step further at the same values. */
export const onward = (walk: Walk): Walk => ({ ...walk, hops: walk.hops + 1 })

/** Takes one step off what is left; false when there is none, or when a reference leads round. */
export const mayGoOn = (walk: Walk): boolean => spend(walk.budget, stepWork) && walk.hops < mostHops
