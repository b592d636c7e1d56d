import { HubError } from '../../contract/errors.ts'

const retryAfterMs = 1_000
const loginRetryAfterMs = 30_000

/** The word a Redis error begins with: WRONGTYPE, OOM, NOSCRIPT; empty for an error that Redis did not send. */
export const replyCode = (error: Error): string =>
  error.name === 'ReplyError' || error.name === 'AbortError' ? (/^-?([A-Z]{2,})\b/.exec(error.message)?.[1] ?? 'ERR') : ''

/** True when the connection is of no more use after an error: a primary that became a replica, or no connection at all. */
export const isFatal = (error: Error): boolean => ['', 'READONLY', 'NOAUTH', 'MASTERDOWN'].includes(replyCode(error))

/** A connection that could not be had, in words for a model; address and login stay out of it. */
export function connectFailure(error: Error): HubError {
  const code = replyCode(error)
  if (['WRONGPASS', 'NOAUTH', 'NOPERM'].includes(code) || /invalid password|without any password|AUTH/.test(error.message))
    return refusedLogin(code === '' ? 'AUTH' : code)
  return down(reasonOf(error))
}

/** An error of a command, in words for a model. `isWrite`: it may have been done. */
export function commandFailure(error: Error, isWrite: boolean): HubError {
  const code = replyCode(error)
  // Scripts pass on the words of a command inside them.
  const text = error.message
  if (code === '') return isWrite ? inDoubt(reasonOf(error)) : down(reasonOf(error))
  if (code === 'OOM' || /\bOOM\b/.test(text)) {
    return new HubError(
      'HUB_LIMITED',
      'the Redis behind this memory is full (maxmemory) and nothing was written; delete_state what is no longer needed, or its operator gives it more',
      { code: 'OOM' },
    )
  }
  if (code === 'READONLY' || /READONLY|read only replica/.test(text)) {
    return new HubError(
      'HUB_CONNECTOR_DOWN',
      'the Redis behind this memory is a read-only replica and nothing was written; reading works, and its operator has to lead the connector to the primary',
      {
        retryAfterMs,
        code: 'READONLY',
      },
    )
  }
  if (['NOAUTH', 'WRONGPASS', 'NOPERM'].includes(code) || /NOPERM/.test(text)) return refusedLogin(code)
  if (['MOVED', 'ASK'].includes(code)) {
    return new HubError(
      'HUB_CONNECTOR_DOWN',
      'the Redis behind this memory is one node of a cluster that keeps this key elsewhere; its operator has to set cluster: true',
      { retryAfterMs: loginRetryAfterMs, code },
    )
  }
  if (['LOADING', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'BUSY', 'MISCONF', 'NOREPLICAS', 'UNBLOCKED'].includes(code)) return down(code)
  if (code === 'WRONGTYPE' || /WRONGTYPE/.test(text)) {
    return new HubError('HUB_UPSTREAM_FAILED', 'something else wrote under the keys of this memory; give the connector a prefix of its own', { code })
  }
  return new HubError('HUB_UPSTREAM_FAILED', `the Redis behind this memory refused a command (${code})`, { code }, error)
}

function down(reason: string): HubError {
  return new HubError('HUB_CONNECTOR_DOWN', `the Redis behind this memory does not answer (${reason})`, { retryAfterMs })
}

// No retryAfterMs: trying again might write twice.
function inDoubt(reason: string): HubError {
  return new HubError(
    'HUB_CONNECTOR_DOWN',
    `the connection was lost while Redis wrote (${reason}); whether the write was done is not known, so look before trying again`,
    { outcome: 'unknown' },
  )
}

function refusedLogin(code: string): HubError {
  return new HubError('HUB_CONNECTOR_DOWN', `the Redis behind this memory refuses the hub’s login (${code}); its operator has to mend that`, {
    retryAfterMs: loginRetryAfterMs,
    code,
  })
}

// The driver's own messages name host and port; only a code, or the few words known to name nothing, are passed on.
function reasonOf(error: Error): string {
  const { code } = error as { code?: unknown }
  if (typeof code === 'string') return code
  if (replyCode(error) !== '') return replyCode(error)
  if (/timed? ?out|ETIMEDOUT/i.test(error.message)) return 'no connection in time'
  if (/closed|ended/i.test(error.message)) return 'connection lost'
  return 'connection failed'
}
