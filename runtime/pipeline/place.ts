import { HubError } from '../contract/errors.ts'
import type { Stage, Walk } from './walk.ts'

/** Stage 6: the call is carried out here, under a deadline that stands still while its user is asked. */
export const place: Stage = (walk) => {
  const controller = new AbortController()
  const { signal: caller, tool } = walk.request
  const { timeoutMs } = tool.spec.policy
  const onCallerGone = (): void =>
    controller.abort(caller.reason instanceof HubError ? caller.reason : new HubError('HUB_CANCELLED', 'the caller went away before the answer was there'))
  if (caller.aborted) onCallerGone()
  else caller.addEventListener('abort', onCallerGone, { once: true })

  const late = (): void => controller.abort(tooLate(walk, timeoutMs))
  const startedAt = Date.now()
  // An inner call inherits the outer deadline when that is nearer.
  const leftMs = Math.min(timeoutMs, walk.deadline - startedAt)
  walk.deadline = startedAt + leftMs
  let timer = setTimeout(late, leftMs)
  walk.signal = controller.signal
  walk.pauseDeadline = () => {
    clearTimeout(timer)
    const stoppedAt = Date.now()
    return () => {
      walk.deadline += Date.now() - stoppedAt
      timer = setTimeout(late, Math.max(0, walk.deadline - Date.now()))
    }
  }
  walk.endDeadline = () => {
    clearTimeout(timer)
    caller.removeEventListener('abort', onCallerGone)
  }
}

function tooLate(walk: Walk, timeoutMs: number): HubError {
  const { spec } = walk.request.tool
  const way = spec.effect === 'read' ? 'ask for less, or try again' : 'it may or may not have happened: look before you repeat it'
  return new HubError('HUB_TIMEOUT', `"${spec.name}" did not answer within ${timeoutMs / 1000} s and was cancelled; ${way}`, { timeoutMs })
}
