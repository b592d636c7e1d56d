import type { Stage } from './walk.ts'

/** Stage 11: the deadline's timer, the place among concurrent calls, and those still waiting for this one. Always. */
export const release: Stage = (walk) => {
  walk.deadline?.end()
  walk.leave?.()
  walk.settle?.({ value: 'unshared' })
  walk.settle = undefined
}
