import { HubError } from '../../contract/errors.ts'
import type { Waiting } from './store.ts'

/** What a caller that left is told of a write it no longer waits for. */
export type Fate = 'nothing' | 'unknown'

/** The error of a call whose caller left or whose deadline passed. */
export function abandoned({ signal, deadline }: Waiting, fate: Fate): HubError {
  if (signal.reason instanceof HubError && fate === 'nothing') return signal.reason
  const isLate = signal.reason instanceof HubError ? signal.reason.code === 'HUB_TIMEOUT' : Date.now() >= deadline
  const what = isLate ? 'the call passed its deadline' : 'the call was cancelled'
  const rest = fate === 'unknown' ? 'whether its write was done is not known, so look before trying again' : 'nothing was changed'
  return new HubError(isLate ? 'HUB_TIMEOUT' : 'HUB_CANCELLED', `${what}; ${rest}`, fate === 'unknown' ? { outcome: 'unknown' } : {})
}

/** Waits for work no longer than its caller; the work itself goes on. */
export function waitedFor<Result>(work: Promise<Result>, waiting: Waiting, fate: Fate): Promise<Result> {
  const { signal } = waiting
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(abandoned(waiting, fate))
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    work.then(
      (result) => {
        signal.removeEventListener('abort', leave)
        resolve(result)
      },
      (error: unknown) => {
        signal.removeEventListener('abort', leave)
        reject(error as Error)
      },
    )
  })
}
