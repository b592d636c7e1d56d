import { ClickHouseError } from '@clickhouse/client'
import { HubError } from '../../contract/errors.ts'

/** What of the statement a failure is told with. */
export interface FailureContext {
  readonly statementTimeoutMs: number
  readonly canWrite: boolean
}

/** An exception of the server, by its number and name. */
interface Exception {
  readonly code: number
  readonly name: string
  readonly message: string
}

const soonMs = 1_000
const loginRetryAfterMs = 30_000
const longestMessage = 1_500

/** The exception a server wrote into an answer it had begun. */
export function exceptionIn(fault: string): Exception | undefined {
  const [, code, message, name] = /Code: (\d+)\. DB::Exception: ([\s\S]+?)\(([A-Z][A-Z0-9_]+)\)(?: \(version|\s|$)/.exec(fault) ?? []
  return code === undefined || message === undefined || name === undefined ? undefined : { code: Number(code), name, message }
}

/** The exception an error of the driver stands for; undefined: the server did not answer, or is none. */
export function exceptionOf(error: unknown): Exception | undefined {
  if (!(error instanceof ClickHouseError)) return undefined
  return { code: Number(error.code), name: error.type ?? 'UNKNOWN', message: error.message }
}

/** True when the user’s profile says `readonly = 2`: it may read and choose settings, all but that one. */
export const isReadonlyTwo = (exception: Exception | undefined): boolean => exception?.code === 164 && exception.message.includes("'readonly'")

/** An error of a statement, in words for a model. */
export function statementFailure(error: unknown, context: FailureContext): HubError {
  if (error instanceof HubError) return error
  const exception = exceptionOf(error)
  return exception ? exceptionFailure(exception, context) : unanswered(error as Error, context)
}

/** The words for an answer that broke off: what the server wrote at its end, or that the connection was lost. */
export function brokenFailure(fault: string, error: Error | undefined, context: FailureContext): HubError {
  const exception = exceptionIn(fault)
  if (exception) return exceptionFailure(exception, context)
  if (fault !== '') return new HubError('HUB_UPSTREAM_FAILED', 'what answered is not ClickHouse, or something in between changed its answer')
  return unanswered(error ?? new Error('ended'), context)
}

/** An exception of the server, in words for a model. */
export function exceptionFailure(exception: Exception, context: FailureContext): HubError {
  const { code, name } = exception
  const facts = { exception: code, name }
  switch (code) {
    case 159:
    case 160:
      return new HubError(
        'HUB_TIMEOUT',
        `ClickHouse ended the statement: it would take, or took, longer than ${context.statementTimeoutMs} ms; ask for less: a shorter window, fewer columns`,
        { ...facts, timeoutMs: context.statementTimeoutMs },
      )
    case 394:
    case 734:
    case 735:
      return new HubError('HUB_QUERY_FAILED', 'someone cancelled the statement on the server', facts)
    case 241:
      return new HubError(
        'HUB_QUERY_FAILED',
        'the statement needs more memory than ClickHouse may give it; read fewer rows or columns, or group by less',
        facts,
      )
    case 158:
    case 307:
    case 396:
      return new HubError(
        'HUB_QUERY_FAILED',
        `the statement reads more than it may: ${told(exception)}; filter by the sorting key, or ask for a shorter window`,
        facts,
      )
    case 164:
      return readonlyFailure(exception, facts)
    case 497:
      return new HubError('HUB_DENIED', `the hub’s user in ClickHouse may not do this: ${told(exception)}`, facts)
    case 192:
    case 193:
    case 194:
    case 516:
      return new HubError('HUB_CONNECTOR_DOWN', `ClickHouse refuses the hub’s login (${name}); its operator has to mend that`, {
        ...facts,
        retryAfterMs: loginRetryAfterMs,
      })
    case 252:
      if (exception.message.includes('partitions')) return refused(exception, facts)
      return busy(name, facts)
    case 202:
      return busy(name, facts)
    case 236:
    case 242:
    case 999:
      return new HubError('HUB_CONNECTOR_DOWN', `ClickHouse cannot do this now (${name})`, { ...facts, retryAfterMs: soonMs })
    case 457:
      return new HubError('HUB_ARGS_INVALID', told(exception), facts)
    default:
      return refused(exception, facts)
  }
}

const refused = (exception: Exception, facts: object): HubError =>
  new HubError('HUB_QUERY_FAILED', `ClickHouse refused the statement: ${told(exception)} (${exception.name}, code ${exception.code})`, { ...facts })

const busy = (name: string, facts: object): HubError =>
  new HubError('HUB_LIMITED', `ClickHouse has too much to do (${name}); try again in a second`, { ...facts, retryAfterMs: soonMs })

function readonlyFailure(exception: Exception, facts: object): HubError {
  const setting = /Cannot modify '(\w+)' setting/.exec(exception.message)?.[1]
  if (setting === undefined) return new HubError('HUB_DENIED', 'the statement writes, and this one may only read', { ...facts })
  const words = `ClickHouse does not let the hub’s user choose ${setting}: under readonly = 1 no limit can be set; its operator gives that user readonly = 2`
  return new HubError('HUB_QUERY_FAILED', words, { ...facts })
}

/** What the server said, without its version, addresses and account. */
function told({ message }: Exception): string {
  const text = message
    .replace(/Stack trace:[\s\S]*$/, '')
    .replace(/\s*\(version [^()]*(?:\([^)]*\))?\)/g, '')
    .replace(/\[[^\]\s]*:\d+\]/g, '[a server]')
    .replace(/^[\w.-]+: (?=Not enough privileges|Cannot execute)/, '')
    .trim()
    .replace(/\.$/, '')
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text
}

function unanswered(error: Error, { canWrite, statementTimeoutMs }: FailureContext): HubError {
  const reason = reasonOf(error)
  if (reason === undefined) return new HubError('HUB_UPSTREAM_FAILED', 'what answered is not ClickHouse, or something in between answered for it')
  if (reason === 'timeout') {
    return new HubError('HUB_TIMEOUT', `ClickHouse said nothing for longer than ${statementTimeoutMs} ms${canWrite ? `; ${doubt}` : ''}`, {
      timeoutMs: statementTimeoutMs,
    })
  }
  // Nothing was sent where there was no connection. No retryAfterMs after what may have been written: trying again might write twice.
  if (!canWrite || unreachable.has(reason)) return new HubError('HUB_CONNECTOR_DOWN', `ClickHouse does not answer (${reason})`, { retryAfterMs: soonMs })
  return new HubError('HUB_CONNECTOR_DOWN', `the connection was lost while ClickHouse wrote (${reason}); ${doubt}`, { outcome: 'unknown' })
}

const doubt = 'whether the write was done is not known, so look before trying again'
const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'the connector is closed'])

// The driver's own messages may hold what the server or a proxy answered; only a code, or words known to name nothing, are passed on.
function reasonOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && /^[A-Z_]+$/.test(code)) return code
  if (error.message === 'the connector is closed') return error.message
  if (/^Timeout error/i.test(error.message)) return 'timeout'
  return /abort|socket hang up|ended|closed|premature/i.test(error.message) && error.message.length < 80 ? 'connection lost' : undefined
}
