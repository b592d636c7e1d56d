import type { Logger } from '../contract/telemetry.ts'

const lookEveryMs = 1_000

/** Looks every second whether a process is there, and brings it back when it is not. `end` stops looking, after a revival under way. */
export function keepRunning(parts: {
  readonly pid: number
  readonly log: Logger
  /** Starts it again, or finds that somebody else did; resolves with its process id. */
  readonly revive: () => Promise<number>
}): { end(): Promise<void> } {
  const { log } = parts
  let pid = parts.pid
  let reviving: Promise<void> | undefined

  async function revive(): Promise<void> {
    log.warn('the embedded PostgreSQL is gone and is started again', { pid })
    try {
      pid = await parts.revive()
    } catch (error) {
      log.error('the embedded PostgreSQL could not be started again; the next attempt follows', { error })
    }
    reviving = undefined
  }

  const timer = setInterval(() => {
    if (reviving === undefined && !isThere(pid)) reviving = revive()
  }, lookEveryMs).unref()

  return {
    async end() {
      clearInterval(timer)
      await reviving
    },
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another account's process may not be signalled, and is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
