import { HubError } from '../../../contract/errors.ts'
import { connectionWords } from './health.ts'
import type { Entry } from './rows.ts'
import type { Stream } from './stream.ts'

/** A key without a row, and why. */
export interface Missing {
  readonly key: string
  readonly reason: string
  /** Set where the service or the hub refuses. */
  readonly error?: HubError
}

/** The latest row of each key that has one. */
export interface FirstRows {
  readonly entries: readonly Entry[]
  readonly missing: readonly Missing[]
}

/** Waits until every key has a row or is refused, or the time is up. Keys nobody holds otherwise are held a little longer, so that asking again answers at once. Rejects HUB_CANCELLED or the signal's own reason. */
export async function firstRows(stream: Stream, keys: readonly string[], waitMs: number, signal: AbortSignal): Promise<FirstRows> {
  const refusals = new Map<string, HubError>()
  const open = new Set(keys)
  const releases: (() => void)[] = []
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      const done = (key: string): void => {
        open.delete(key)
        if (open.size === 0) resolve()
      }
      onAbort = () => reject(signal.reason instanceof HubError ? signal.reason : new HubError('HUB_CANCELLED', 'the call was cancelled'))
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort)
      timer = setTimeout(resolve, Math.max(0, waitMs))
      for (const key of keys) {
        releases.push(stream.hold(key, { row: () => done(key), refused: (_key, error) => (refusals.set(key, error), done(key)) }))
        if (stream.latest(key).length > 0) done(key)
      }
    })
  } catch (error) {
    release(releases)
    throw error
  } finally {
    clearTimeout(timer)
    if (onAbort) signal.removeEventListener('abort', onAbort)
  }
  const entries = keys.flatMap((key) => stream.latest(key).slice(0, 1))
  const missing = keys.filter((key) => stream.latest(key).length === 0).map((key) => missingOf(key, stream, refusals.get(key)))
  stream.linger(() => release(releases))
  return { entries, missing }
}

function missingOf(key: string, stream: Stream, error: HubError | undefined): Missing {
  if (error !== undefined) return { key, reason: error.message, error }
  const { connection } = stream
  return { key, reason: connection.type === 'up' ? 'no row came in that time' : connectionWords(connection) }
}

function release(releases: readonly (() => void)[]): void {
  for (const one of releases) one()
}
