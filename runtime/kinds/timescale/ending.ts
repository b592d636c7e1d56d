import type { Pools } from './pools.ts'

const graceMs = 5_000
const firstPauseMs = 20

/** Ends a statement on the server that nobody waits for any more. */
export interface Ending {
  /** Resolves when the statement has ended and every cancel was taken, so that none can meet another's statement; false: it could not be ended in 5 s. */
  readonly done: Promise<boolean>
  /** To be called when the statement has ended. */
  ended(): void
}

/** Begins to end what the session `pid` is running. A server that has not begun the statement yet forgets a cancel, so it is told again until the statement ends. */
export function endOnServer(pools: Pools, pid: number): Ending {
  let isEnded = false
  let wake = (): void => {}

  async function tell(): Promise<boolean> {
    const giveUpAt = performance.now() + graceMs
    for (let pauseMs = firstPauseMs; !isEnded && performance.now() < giveUpAt; pauseMs *= 2) {
      const isTold = await pools.cancel(pid)
      if (!isTold) break
      await endOr(pauseMs)
    }
    return isEnded
  }

  function endOr(pauseMs: number): Promise<void> {
    if (isEnded) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  return {
    done: tell(),
    ended: () => {
      isEnded = true
      wake()
    },
  }
}
