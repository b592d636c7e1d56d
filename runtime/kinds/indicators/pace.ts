import type { Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'

// Others wait for this turn of the event loop to end.
const turnMs = 15

/** Lets others have their turn when this one has taken long enough. Throws when the caller is gone or late. */
export function paceOf(run: Pick<Run, 'signal'>): () => Promise<void> {
  stopIfOver(run)
  let begun = performance.now()
  return async () => {
    if (performance.now() - begun < turnMs) return
    await new Promise((resolve) => setImmediate(resolve))
    stopIfOver(run)
    begun = performance.now()
  }
}

/** Throws when the caller is gone or its deadline passed. */
export function stopIfOver({ signal }: Pick<Run, 'signal'>): void {
  if (!signal.aborted) return
  throw signal.reason instanceof HubError ? signal.reason : new HubError('HUB_CANCELLED', 'the caller went away')
}
