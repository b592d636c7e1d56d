import { HubError } from '../contract/errors.ts'
import type { Stage } from './walk.ts'

/** Stage 3: the compiled validator; every fault at once, each with its path and what would be right. */
export const validate: Stage = (walk) => {
  const checked = walk.request.tool.validate(walk.args)
  if (checked.faults === undefined) {
    walk.args = checked.args
    return
  }
  const { faults } = checked
  const words = faults.map(({ path, message }) => (path === '' ? `the arguments ${message}` : `"${path}" ${message}`)).join('; ')
  throw new HubError('HUB_ARGS_INVALID', words, { tool: walk.request.tool.spec.name, faults })
}
