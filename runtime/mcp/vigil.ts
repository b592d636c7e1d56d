import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Authenticator } from '../auth/authenticate.ts'
import { HubError } from '../contract/errors.ts'
import type { Principal } from '../contract/principal.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { Visit } from './visit.ts'

/** With the time a key is trusted after it was looked up, no more than the 5 s in which a revocation takes effect. */
const everyMs = 2_000
const atOnce = 32

/** Checks the callers of open streams again and again: a stream is let in once and may last for days, its credential may not. */
export interface Vigil {
  /** Keeps an eye on the stream that answers a visit, as long as it is open. Calls `end` once when its caller would no longer be let in, with the refusal, or would be as one with other rights, without. */
  keep(visit: Pick<Visit, 'headers' | 'remoteAddress' | 'principal' | 'reply'>, end: (refusal: HubError | undefined) => void): void
  close(): void
}

interface Kept extends Pick<Visit, 'headers' | 'remoteAddress' | 'principal' | 'reply'> {
  readonly end: (refusal: HubError | undefined) => void
}

/** The vigil over the streams of one edge, on one timer. */
export function createVigil(authenticator: Pick<Authenticator, 'authenticate'>, log: Logger): Vigil {
  const kept = new Set<Kept>()
  let isGoing = false
  const timer = setInterval(() => void round(), everyMs)
  timer.unref()

  async function round(): Promise<void> {
    if (isGoing || kept.size === 0) return
    isGoing = true
    const streams = [...kept]
    for (let from = 0; from < streams.length; from += atOnce) {
      await Promise.all(streams.slice(from, from + atOnce).map((stream) => check(stream).catch(tellLog)))
      // Credentials that are known are checked within the turn: thousands of streams must not hold up everyone's calls.
      await nextTurn()
    }
    isGoing = false
  }

  const tellLog = (error: unknown): void => log.error('a stream whose caller is let in no more did not end', { error })

  async function check(stream: Kept): Promise<void> {
    const { headers, remoteAddress, principal, reply, end } = stream
    let refusal: HubError | undefined
    try {
      if (!reply.closed && hasSameRights(await authenticator.authenticate(headers, remoteAddress), principal)) return
    } catch (error) {
      // A store or an issuer that does not answer says nothing of the credential.
      if (!(error instanceof HubError) || error.code !== 'HUB_UNAUTHENTICATED') return
      refusal = error
    }
    if (kept.delete(stream) && !reply.closed) end(refusal)
  }

  return {
    // Only what is needed: a whole visit would hold the registry of its time.
    keep: ({ headers, remoteAddress, principal, reply }, end) => void kept.add({ headers, remoteAddress, principal, reply, end }),
    close() {
      clearInterval(timer)
      kept.clear()
    },
  }
}

const hasSameRights = (one: Principal, other: Principal): boolean =>
  one === other ||
  (one.id === other.id && one.organisation === other.organisation && one.role === other.role && one.scopes.symmetricDifference(other.scopes).size === 0)
