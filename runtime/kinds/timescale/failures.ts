import { HubError } from '../../contract/errors.ts'
import { TooLarge } from './measure.ts'

/** What of the statement a failure is told with. */
export interface FailureContext {
  /** How long it ran. */
  readonly elapsedMs: number
  readonly statementTimeoutMs: number
  readonly canWrite: boolean
  readonly needs?: 'timescaledb'
}

/** What PostgreSQL says of an error, as pg hands it over. */
interface ServerError extends Error {
  readonly code: string
  readonly severity: string
  readonly detail?: string
  readonly hint?: string
  readonly position?: string
  readonly constraint?: string
  readonly routine?: string
}

const retryAfterMs = 1_000
const loginRetryAfterMs = 30_000

const isServerError = (error: Error): error is ServerError => 'severity' in error && 'code' in error && /^[0-9A-Z]{5}$/.test(String(error.code))

/** True when the server no longer takes a prepared statement it was sent before: nothing ran, and preparing it again mends it. */
export function isStale(error: Error): boolean {
  if (!isServerError(error)) return false
  return error.code === '26000' || error.code === '42P05' || (error.code === '0A000' && error.routine === 'RevalidateCachedQuery')
}

/** True when a statement prepared earlier may have been given types its tables no longer have: nothing ran, and preparing it again tells. */
export const isOfOldTypes = (error: Error): boolean =>
  isServerError(error) && (error.code === '42804' || error.code === '42883') && error.position !== undefined

/** True when the connection is of no more use after an error. */
export const isFatal = (error: Error): boolean => !isServerError(error) || isDown(error) || error.severity === 'FATAL' || error.severity === 'PANIC'

const isLogin = (code: string): boolean => code.startsWith('28') || code === '3D000' || code === '42501'

// Connection exceptions, too many connections, shutdown, crash, still starting, idle session ended. As a mere ERROR a statement raised it itself, of another server or of none.
const isDown = ({ code, severity }: ServerError): boolean => severity !== 'ERROR' && (/^080\d\d$/.test(code) || code === '53300' || /^57P0[1235]$/.test(code))

/** A connection that could not be had, in words for a model; address and login stay out of it. */
export function connectFailure(error: Error): HubError {
  if (isServerError(error) && isLogin(error.code)) {
    return new HubError('HUB_CONNECTOR_DOWN', `the database refuses the hub’s login (${error.code}); its operator has to mend that`, {
      retryAfterMs: loginRetryAfterMs,
      sqlstate: error.code,
    })
  }
  return down(reasonOf(error))
}

/** An error of a statement, in words for a model. */
export function statementFailure(error: Error, context: FailureContext): HubError {
  if (error instanceof TooLarge && !context.canWrite)
    return new HubError(
      'HUB_QUERY_FAILED',
      'the database answered a single row beyond 64 MB; ask for less: leave out the large column, or take a part of it with substring',
    )
  if (!isServerError(error)) return context.canWrite ? inDoubt(reasonOf(error)) : down(reasonOf(error))
  if (isDown(error)) return down(error.code)
  if (error.code === '57014') return cancelled(context)
  if (context.needs !== undefined && ['42P01', '42883', '3F000', '42704'].includes(error.code)) return withoutExtension(error.code)
  return refused(error)
}

function down(reason: string): HubError {
  return new HubError('HUB_CONNECTOR_DOWN', `the database does not answer (${reason})`, { retryAfterMs })
}

// No retryAfterMs: trying again might write twice.
function inDoubt(reason: string): HubError {
  return new HubError(
    'HUB_CONNECTOR_DOWN',
    `the connection was lost while the database wrote (${reason}); whether the write was done is not known, so look before trying again`,
    { outcome: 'unknown' },
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

function cancelled({ elapsedMs, statementTimeoutMs }: FailureContext): HubError {
  if (elapsedMs < statementTimeoutMs * 0.9) return new HubError('HUB_QUERY_FAILED', 'someone cancelled the statement on the server', { sqlstate: '57014' })
  return new HubError('HUB_TIMEOUT', `the database ended the statement after ${statementTimeoutMs} ms; ask for less: a shorter window, fewer rows`, {
    timeoutMs: statementTimeoutMs,
  })
}

function withoutExtension(sqlstate: string): HubError {
  return new HubError(
    'HUB_QUERY_FAILED',
    'this database does not have the TimescaleDB extension, which this tool needs; list_tables and plain SQL tools still work',
    { sqlstate },
  )
}

function refused({ code, message, detail, hint, position, constraint }: ServerError): HubError {
  // Details of data and constraint errors say which value; those of others tell about the server.
  const which = detail !== undefined && /^2[123]/.test(code) ? `; ${detail}` : ''
  const text = `the database refused the statement: ${short(message)} (SQLSTATE ${code})${short(which)}${hint === undefined ? '' : `; hint: ${short(hint)}`}`
  return new HubError('HUB_QUERY_FAILED', text, {
    sqlstate: code,
    ...(position !== undefined && { position: Number(position) }),
    ...(constraint !== undefined && { constraint }),
  })
}

// A message can quote the whole value it is about.
const short = (text: string): string => (text.length <= 1_000 ? text : `${text.slice(0, 1_000)}…`)
