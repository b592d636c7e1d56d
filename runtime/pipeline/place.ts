import { Deadline } from './deadline.ts'
import type { Stage } from './walk.ts'

/** Stage 6: the call is carried out here, under a deadline that stands still while its user is asked. */
export const place: Stage = (walk) => {
  walk.deadline = new Deadline(walk.request.tool.spec, walk.request.signal, walk.latest)
}
