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
    scrub,
  )
}

type Scrub = (text: string) => string

function wrap(log: Pino, scrub: Scrub): Logger {
  return {
    debug: (message, fields) => (fields === undefined ? log.debug(message) : log.debug(plain(fields, scrub), message)),
    info: (message, fields) => (fields === undefined ? log.info(message) : log.info(plain(fields, scrub), message)),
    warn: (message, fields) => (fields === undefined ? log.warn(message) : log.warn(plain(fields, scrub), message)),
    error: (message, fields) => (fields === undefined ? log.error(message) : log.error(plain(fields, scrub), message)),
    child: (fields) => wrap(log.child(plain(fields, scrub)), scrub),
  }
}

/** Errors become data with code and causes, under whatever field they stand. */
function plain(fields: Readonly<Record<string, unknown>>, scrub: Scrub): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) result[name] = value instanceof Error ? describe(value, 0, scrub) : value
  return result
}

// Scrubbed before it is cut: half a secret at the cut would not be known in the line.
function describe(error: Error, depth: number, scrub: Scrub): Record<string, unknown> {
  return {
    name: error.name,
    message: scrub(error.message).slice(0, maxTextLength),
    ...('code' in error && { code: error.code }),
    ...(error.name !== 'HubError' && { stack: error.stack && scrub(error.stack).slice(0, maxTextLength) }),
    ...(error.cause instanceof Error && depth < maxDepth && { cause: describe(error.cause, depth + 1, scrub) }),
  }
}
