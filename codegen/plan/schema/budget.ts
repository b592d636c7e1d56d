/** Work left for one comparison, so that a few references that ask very many things are given up on and not followed for ever. Counted, not timed: the same on every machine. */
export interface Budget {
  left: number
}

const mostWork = 400_000

/** A whole budget: a second or so. */
export const fullBudget = (): Budget => ({ left: mostWork })

/** Takes some of what is left; false when there is none. */
export function spend(budget: Budget, work = 1): boolean {
  budget.left -= work
  return budget.left >= 0
}
