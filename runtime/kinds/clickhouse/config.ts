import type { JsonObject } from '../../contract/json.ts'
import type { Secret } from '../../contract/secret.ts'
import { durationMs, durationPattern, timerMs } from '../../contract/duration.ts'

/** `config:` of a connector of this kind, as the compiler hands it over. */
export interface ClickHouseConfig {
  readonly url: Secret
  readonly pool?: number
  readonly statementTimeout?: string
  readonly maxMemory?: string
  readonly maxRowsRead?: number
  readonly settings?: Readonly<Record<string, string | number | boolean>>
  readonly tableFunctions?: readonly string[]
  readonly asyncInserts?: boolean
  readonly compression?: boolean
  readonly readOnly?: boolean
  readonly migrations?: boolean
  readonly adHoc?: boolean
}

/** The config with its defaults. */
export interface Settings {
  readonly pool: number
  readonly statementTimeoutMs: number
  /** Sent with every statement, as ClickHouse names them. */
  readonly server: Readonly<Record<string, string>>
  readonly tableFunctions: ReadonlySet<string>
  readonly asyncInserts: boolean
  readonly compression: boolean
  readonly readOnly: boolean
  readonly migrations: boolean
}

const defaults = { pool: 10, statementTimeout: '30s' }

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
      description:
        'http://user:password@host:8123/database, or https:// on 8443. Best a user whose profile says readonly = 2 where nothing is to be written; readonly = 1 takes no limits from a client and is refused.',
    },
    pool: { type: 'integer', minimum: 1, maximum: 50, default: defaults.pool, description: 'Requests at one time at most; further ones wait.' },
    statementTimeout: {
      type: 'string',
      pattern: durationPattern,
      default: defaults.statementTimeout,
      description: 'The server ends a statement after this long (max_execution_time), whatever became of its caller.',
      examples: ['30s'],
    },
    maxMemory: {
      type: 'string',
      pattern: '^\\d+(\\.\\d+)?(mb|gb)$',
      title: 'size such as 4gb',
      description: 'What one statement may take of the server’s memory (max_memory_usage); absent: what the user’s profile allows.',
      examples: ['4gb'],
    },
    maxRowsRead: {
      type: 'integer',
      minimum: 1,
      description: 'A statement that would read more rows than this is refused (max_rows_to_read); absent: what the user’s profile allows.',
      examples: [1_000_000_000],
    },
    settings: {
      type: 'object',
      propertyNames: { pattern: '^[a-z][a-z0-9_]*$' },
      additionalProperties: { type: ['string', 'number', 'boolean'] },
      description: 'Further settings of ClickHouse for every statement. What the hub itself sets cannot be named.',
      examples: [{ max_threads: 4 }],
    },
    tableFunctions: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      uniqueItems: true,
      default: [],
      description: 'Table functions that reach outside this server (url, s3, file, remote, mysql, …) and that statements may use all the same.',
      examples: [['s3']],
    },
    asyncInserts: {
      type: 'boolean',
      default: true,
      description: 'The server gathers inserts of many callers into one part and answers when it is written; switch off where every insert is large.',
    },
    compression: { type: 'boolean', default: false, description: 'Answers and inserts travel as gzip: for servers far away.' },
    readOnly: { type: 'boolean', default: false, description: 'Refuse every tool that writes, whatever its manifest says.' },
    migrations: {
      type: 'boolean',
      default: false,
      description:
        'The hub’s own market tables (ohlcv, ticks, order_books, signals, analyses) live in this database: hub migrate makes them and brings them up to date.',
    },
    adHoc: { type: 'boolean', default: false, description: 'Offer the standard tools query (any one read-only statement, capped) and explain.' },
  },
}

/** Config as it is used. */
export function settingsOf(config: ClickHouseConfig): Settings {
  const server = Object.entries(config.settings ?? {}).map(([name, value]) => [name, typeof value === 'boolean' ? String(Number(value)) : String(value)])
  return {
    pool: config.pool ?? defaults.pool,
    statementTimeoutMs: timerMs(durationMs(config.statementTimeout ?? defaults.statementTimeout)),
    server: {
      ...Object.fromEntries(server),
      ...(config.maxMemory !== undefined && { max_memory_usage: String(bytesOf(config.maxMemory)) }),
      ...(config.maxRowsRead !== undefined && { max_rows_to_read: String(config.maxRowsRead) }),
    },
    tableFunctions: new Set((config.tableFunctions ?? []).map((name) => name.toLowerCase())),
    asyncInserts: config.asyncInserts ?? true,
    compression: config.compression ?? false,
    readOnly: config.readOnly ?? false,
    migrations: config.migrations ?? false,
  }
}

function bytesOf(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(mb|gb)$/.exec(text) ?? []
  return Math.round(Number(amount) * (unit === 'gb' ? 1_073_741_824 : 1_048_576))
}
