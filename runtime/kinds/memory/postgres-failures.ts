import { HubError } from '../../contract/errors.ts'

interface ServerError extends Error {
  readonly code: string
  readonly severity: string
}

const retryAfterMs = 1_000
const loginRetryAfterMs = 30_000

const isServerError = (error: Error): error is ServerError => 'severity' in error && 'code' in error && /^[0-9A-Z]{5}$/.test(String(error.code))
// Connection exceptions, too many connections, shutdown, crash, still starting, idle session ended.
const isDown = (code: string): boolean => /^080\d\d$/.test(code) || code === '53300' || /^57P0[1235]$/.test(code)
const isLogin = (code: string): boolean => code.startsWith('28') || code === '3D000'

/** True when the connection is of no more use after an error. */
export const isFatal = (error: Error): boolean => !isServerError(error) || isDown(error.code) || error.severity === 'FATAL' || error.severity === 'PANIC'

/** True when tables or functions are not there. */
export const isWithoutSchema = (error: unknown): boolean => ['42P01', '3F000', '42883'].includes((error as { code?: string }).code ?? '')

/** True when the server does not hold a prepared statement that its client thinks it does: nothing ran. */
export const isStale = (error: unknown): boolean => ['26000', '42P05', '0A000'].includes((error as { code?: string }).code ?? '')

/** An error of a connection or a statement, in words for a model; address and login stay out of it. `isWrite`: it may have been done. */
export function storeFailure(error: Error, isWrite: boolean): HubError {
  if (!isServerError(error)) return isWrite ? inDoubt(reasonOf(error)) : down(reasonOf(error))
  const { code } = error
  if (isDown(code)) return isWrite && code !== '53300' && code !== '57P03' ? inDoubt(code) : down(code)
  if (isLogin(code)) return operator(`refuses the hub’s login (${code})`, code)
  if (code === '42501') return operator('does not let the hub make or use its tables; grant its role CREATE on the database, or make the schema for it', code)
  if (code === '25006') return operator('is read-only, so nothing was written; reading works where the tables are there', code)
  if (code.startsWith('53'))
    return new HubError(
      'HUB_LIMITED',
      `the PostgreSQL behind this memory has no room left (${code}) and nothing was written; its operator has to give it more`,
      { sqlstate: code },
    )
  if (code === '40001' || code === '40P01' || code === '55P03') return down(code)
  if (code === '57014') return new HubError('HUB_TIMEOUT', 'the PostgreSQL behind this memory ended the statement; nothing was changed', { sqlstate: code })
  return new HubError('HUB_UPSTREAM_FAILED', `the PostgreSQL behind this memory refused a statement (SQLSTATE ${code})`, { sqlstate: code }, error)
}

function down(reason: string): HubError {
  return new HubError('HUB_CONNECTOR_DOWN', `the PostgreSQL behind this memory does not answer (${reason})`, { retryAfterMs })
}

function operator(what: string, sqlstate: string): HubError {
  return new HubError('HUB_CONNECTOR_DOWN', `the PostgreSQL behind this memory ${what}; its operator has to mend that`, {
    retryAfterMs: loginRetryAfterMs,
    sqlstate,
  })
}

// No retryAfterMs: trying again might write twice.
function inDoubt(reason: string): HubError {
  return new HubError(
    'HUB_CONNECTOR_DOWN',
    `the connection was lost while PostgreSQL wrote (${reason}); whether the write was done is not known, so look before trying again`,
    {
      outcome: 'unknown',
    },
  )
}

// pg's own messages name host and port; only a code, or the few words known to name nothing, are passed on.
function reasonOf(error: Error): string {
  const { code } = error as { code?: unknown }
  if (typeof code === 'string') return code
  if (/timeout|timed? ?out/i.test(error.message)) return 'no connection in time'
  if (/calling end/.test(error.message)) return 'the connector is closed'
  if (/terminated|ended|closed/i.test(error.message)) return 'connection lost'
  if (/SSL|TLS|certificate/i.test(error.message)) return 'no TLS as the connection string asks for'
  return 'connection failed'
}
