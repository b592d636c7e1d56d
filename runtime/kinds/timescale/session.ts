import type { Duplex } from 'node:stream'
import pg from 'pg'
import { measured } from './measure.ts'
import type { Shape } from './shape.ts'

/** What a connection is opened with: address and TLS from the URL, and how the session is to behave. */
export interface SessionConfig {
  readonly client: pg.ClientConfig
  readonly isReadOnly: boolean
  readonly statementTimeoutMs: number
}

/** The parts of pg's connection that a statement speaks to. */
export interface Wire {
  readonly stream: { cork(): void; uncork(): void; destroy(): void }
  /** Statements the server holds on this connection, by name. */
  readonly parsedStatements: Record<string, string>
  parse(statement: { readonly name: string; readonly text: string }): void
  bind(values: { readonly statement: string; readonly values: readonly (string | null)[] }): void
  describe(what: { readonly type: 'P' | 'S'; readonly name: string }): void
  execute(portal: { readonly rows: number }): void
  close(what: { readonly type: 'S'; readonly name: string }): void
  flush(): void
  sync(): void
  on(event: 'parameterStatus', listener: (message: { readonly parameterName: string; readonly parameterValue: string }) => void): void
  once(event: 'parameterDescription', listener: (message: { readonly dataTypeIDs: readonly number[] }) => void): void
  off(event: 'parameterDescription', listener: (message: { readonly dataTypeIDs: readonly number[] }) => void): void
}

/** The settings every session runs under, so that values always print in one way, and a reading session cannot write. */
export function settingsOfSession({
  isReadOnly,
  statementTimeoutMs,
}: Pick<SessionConfig, 'isReadOnly' | 'statementTimeoutMs'>): Readonly<Record<string, string>> {
  return {
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    IntervalStyle: 'iso_8601',
    bytea_output: 'hex',
    standard_conforming_strings: 'on',
    statement_timeout: String(statementTimeoutMs),
    ...(isReadOnly && { default_transaction_read_only: 'on' }),
  }
}

/** One connection: pg's client, with the shapes of the results it has seen and an eye on the settings the server reports. */
export class Session extends pg.Client {
  /** Of prepared statements by name, so that the server need not describe them again. */
  readonly shapes = new Map<string, Shape>()
  /** True once a setting is not what it was at the start: a function changed it, and the next caller must not inherit that. */
  isTainted = false
  readonly #wanted: Readonly<Record<string, string>>
  readonly #reported = new Map<string, string>()
  #isSettled = false

  constructor(config: SessionConfig) {
    const wanted = settingsOfSession(config)
    super({
      ...config.client,
      options: [config.client.options, ...Object.entries(wanted).map(([name, value]) => `-c ${name}=${value}`)].filter(Boolean).join(' '),
    })
    this.#wanted = wanted
    // Faults of a connection in use reach the statement it runs; without a listener they would also end the process.
    this.on('error', () => {})
    const connection = this.connection as unknown as { attachListeners(stream: Duplex): void }
    const attach = connection.attachListeners.bind(connection)
    connection.attachListeners = (stream) => attach(measured(stream))
    this.wire.on('parameterStatus', ({ parameterName, parameterValue }) => {
      this.#reported.set(parameterName, parameterValue)
      if (this.#isSettled && !this.#isAsWanted(parameterName)) this.isTainted = true
    })
  }

  get wire(): Wire {
    return this.connection as unknown as Wire
  }

  /** The server's number of this session. */
  get pid(): number {
    return (this as unknown as { readonly processID: number }).processID
  }

  /** Makes sure of the settings once connected. Servers report most of them on their own; a round trip is spent only where one does not, or took no settings at the start. */
  async settle(): Promise<void> {
    if (!reportedAlways.every((name) => this.#isAsWanted(name))) await this.#set()
    this.#isSettled = true
  }

  async #set(): Promise<void> {
    await this.query(
      Object.entries(this.#wanted)
        .map(([name, value]) => `SET ${name} TO '${value}'`)
        .join('; '),
    )
    if (this.#wanted['default_transaction_read_only'] === undefined) return
    const { rows } = await this.query<{ transaction_read_only: string }>('SHOW transaction_read_only')
    if (rows[0]?.transaction_read_only !== 'on') throw new Error('the server does not keep a session read-only')
  }

  #isAsWanted(name: string): boolean {
    const wanted = this.#wanted[name]
    return wanted === undefined || this.#reported.get(name)?.split(',')[0] === wanted
  }
}

const reportedAlways = ['default_transaction_read_only', 'TimeZone', 'DateStyle', 'IntervalStyle', 'standard_conforming_strings']
