import { HubError } from '../contract/errors.ts'
import { isDeeperThan } from '../contract/json.ts'
import type { Stage } from './walk.ts'

// What comes after walks through them, some of it by calling itself.
const mostLevels = 200

/** Stage 3: the compiled validator; every fault at once, each with its path and what would be right. */
export const validate: Stage = (walk) => {
  if (isDeeperThan(mostLevels, walk.args))
    throw new HubError('HUB_ARGS_INVALID', `the arguments are nested deeper than ${mostLevels} levels`, { tool: walk.request.tool.spec.name })
  const checked = walk.request.tool.validate(walk.args)
  if (checked.faults === undefined) {
    walk.args = checked.args
    return
  }
  const { faults } = checked
  const words = faults.map(({ path, message }) => (path === '' ? `the arguments ${message}` : `"${path}" ${message}`)).join('; ')
  throw new HubError('HUB_ARGS_INVALID', words, { tool: walk.request.tool.spec.name, faults })
}
