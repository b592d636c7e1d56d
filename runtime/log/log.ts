import { type DestinationStream, pino, type Logger as Pino } from 'pino'
import type { Logger } from '../contract/telemetry.ts'
import { renderPretty } from './pretty.ts'

/** How much is logged: a level leaves out what is below it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const maxDepth = 6
const maxTextLength = 4_000

/** A logger that writes one JSON line (or, `pretty`, one line for people) to stderr: stdout belongs to MCP over stdio. Every line passes `scrub` before it leaves; a `Secret` prints as `[secret]`. */
export function createLogger(options: {
  readonly level: LogLevel
  readonly pretty?: boolean
  readonly destination?: { write(line: string): void }
  readonly scrub?: (text: string) => string
}): Logger {
  const scrub = options.scrub ?? ((text: string) => text)
  const out = options.destination ?? pino.destination({ fd: 2, sync: true })
  const render = options.pretty === true ? renderPretty : (line: string): string => line
  const stream: DestinationStream = { write: (line) => out.write(scrub(render(line))) }
  return wrap(
    pino(
      {
        level: options.level,
        base: undefined,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        depthLimit: maxDepth,
        edgeLimit: 100,
      },
      stream,
    ),
  )
}

function wrap(log: Pino): Logger {
  return {
    debug: (message, fields) => (fields === undefined ? log.debug(message) : log.debug(plain(fields), message)),
    info: (message, fields) => (fields === undefined ? log.info(message) : log.info(plain(fields), message)),
    warn: (message, fields) => (fields === undefined ? log.warn(message) : log.warn(plain(fields), message)),
    error: (message, fields) => (fields === undefined ? log.error(message) : log.error(plain(fields), message)),
    child: (fields) => wrap(log.child(plain(fields))),
  }
}

/** Errors become data with code and causes, under whatever field they stand. */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) result[name] = value instanceof Error ? describe(value, 0) : value
  return result
}

function describe(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    message: error.message.slice(0, maxTextLength),
    ...('code' in error && { code: error.code }),
    ...(error.name !== 'HubError' && { stack: error.stack?.slice(0, maxTextLength) }),
    ...(error.cause instanceof Error && depth < maxDepth && { cause: describe(error.cause, depth + 1) }),
  }
}
