import type { JsonObject } from '../../contract/json.ts'
import type { Secret } from '../../contract/secret.ts'
import { durationMs, durationPattern, timerMs } from '../../contract/duration.ts'

/** `config:` of a connector of this kind, as the compiler hands it over. */
export interface TimescaleConfig {
  readonly url: Secret
  readonly pool?: number
  readonly statementTimeout?: string
  readonly connectTimeout?: string
  readonly idleTimeout?: string
  readonly readOnly?: boolean
  readonly adHoc?: boolean
  readonly manage?: boolean
  readonly migrations?: boolean
  readonly keepDaily?: boolean
}

/** The config with its defaults, in milliseconds. */
export interface Settings {
  readonly pool: number
  readonly statementTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly readOnly: boolean
  readonly migrations: boolean
  readonly keepDaily: boolean
}

const defaults = {
  pool: 10,
  statementTimeout: '30s',
  connectTimeout: '5s',
  idleTimeout: '30s',
  readOnly: false,
  adHoc: false,
  manage: false,
  migrations: false,
  keepDaily: true,
}

const duration = (description: string, value: string): JsonObject => ({
  type: 'string',
  pattern: durationPattern,
  default: value,
  description,
  examples: [value],
})

/** The schema of `config:`. */
export const configSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  properties: {
    url: {
      type: 'string',
      minLength: 1,
      'x-secret': true,
      description: 'postgres://user:password@host:port/database; sslmode=verify-full or no-verify in its query asks for TLS. Best a role that may only read.',
    },
    pool: { type: 'integer', minimum: 1, maximum: 50, default: defaults.pool, description: 'Connections at most; tools that write have as many of their own.' },
    statementTimeout: duration('The server ends a statement after this long, whatever became of its caller.', defaults.statementTimeout),
    connectTimeout: duration('How long a new connection may take.', defaults.connectTimeout),
    idleTimeout: duration('An unused connection is closed after this long.', defaults.idleTimeout),
    readOnly: { type: 'boolean', default: defaults.readOnly, description: 'Refuse every tool that writes, whatever its manifest says.' },
    adHoc: { type: 'boolean', default: defaults.adHoc, description: 'Offer the standard tools query (any one read-only statement, capped) and explain.' },
    manage: {
      type: 'boolean',
      default: defaults.manage,
      description: 'Offer operators the standard tools that look after hypertables: policies, jobs, refreshing, compressing and dropping.',
    },
    migrations: {
      type: 'boolean',
      default: defaults.migrations,
      description:
        'The hub’s own market tables (ohlcv, ticks, order_books, signals, analyses) live in this database: hub migrate makes them and brings them up to date.',
    },
    keepDaily: {
      type: 'boolean',
      default: defaults.keepDaily,
      description:
        'Of those tables ohlcv keeps candles of a day and longer for ever, and lets the shorter ones go after 30 days; false lets all of them go. Takes effect with hub migrate, on TimescaleDB.',
    },
  },
}

/** Config as it is used. */
export function settingsOf(config: TimescaleConfig): Settings {
  return {
    pool: config.pool ?? defaults.pool,
    statementTimeoutMs: timerMs(durationMs(config.statementTimeout ?? defaults.statementTimeout)),
    connectTimeoutMs: timerMs(durationMs(config.connectTimeout ?? defaults.connectTimeout)),
    idleTimeoutMs: timerMs(durationMs(config.idleTimeout ?? defaults.idleTimeout)),
    readOnly: config.readOnly ?? defaults.readOnly,
    migrations: config.migrations ?? defaults.migrations,
    keepDaily: config.keepDaily ?? defaults.keepDaily,
  }
}
