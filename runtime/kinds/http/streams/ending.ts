import { HubError } from '../../../contract/errors.ts'
import { parseJson } from '../../../contract/json.ts'
import type { Content } from '../content.ts'
import { messageIn } from '../messages.ts'
import { retryAfterMs } from '../retry-after.ts'
import type { Handshake } from './handshake.ts'

/** Why a connection is no more. */
export interface Ending {
  /** lost: try again; denied: trying again is of no use until somebody changes something. */
  readonly sort: 'lost' | 'denied'
  /** What happened, for operators and models. */
  readonly words: string
  /** How long the service asks to be left alone. */
  readonly waitMs?: number
  readonly status?: number
  /** The guard's own refusal. */
  readonly error?: HubError
}

/** A connection that broke. */
export const lostEnding = (words: string): Ending => ({ sort: 'lost', words })

/** A service that refuses the hub. */
export const deniedEnding = (words: string): Ending => ({ sort: 'denied', words })

/** A connection the service closed, with its code. */
export function closedEnding(code: number, reason: string, denialCodes: readonly number[]): Ending {
  const said = reason === '' ? '' : `: ${reason.slice(0, 200)}`
  return { sort: denialCodes.includes(code) ? 'denied' : 'lost', words: `the service closed the connection (code ${code})${said}` }
}

const passing = new Set([408, 425, 429])

/** A connection that was never open. */
export function handshakeEnding({ status, headers, body, error }: Handshake, scrub: (text: string) => string): Ending {
  const refusal = refusalIn(error)
  if (refusal !== undefined) return { sort: 'denied', words: refusal.message, error: refusal }
  if (status === 0) return lostEnding(`the service does not answer (${codeOf(error)})`)
  if (status === 101) return lostEnding('the service answered the handshake with something that is no WebSocket')
  const said = messageIn(contentOf(body))
  const words = `the service refuses the connection (status ${status})${said === undefined ? '' : `: ${scrub(said)}`}`
  if (status >= 300 && status < 400)
    return {
      sort: 'denied',
      status,
      words: `the service answers the handshake with a redirect (status ${status}), which is not followed; give the address it leads to`,
    }
  if (status >= 400 && status < 500 && !passing.has(status)) return { sort: 'denied', status, words }
  const waitMs = retryAfterMs({ headers: headers as Record<string, string> }, Date.now())
  return { sort: 'lost', status, words, ...(waitMs !== undefined && { waitMs }) }
}

function refusalIn(error: unknown): HubError | undefined {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth++) if (inner instanceof HubError) return inner
  return undefined
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : 'no answer in time'
}

function contentOf(body: Buffer): Content {
  const text = body.toString().trim()
  if (text === '' || text.startsWith('<')) return { type: 'nothing' }
  try {
    return { type: 'json', value: parseJson(text) }
  } catch {
    return { type: 'text', text, mediaType: 'text/plain' }
  }
}
