import pg from 'pg'
import { HubError } from '../../contract/errors.ts'
import type { Logger } from '../../contract/telemetry.ts'
import { Topics } from './topics.ts'

const firstPauseMs = 50
const longestPauseMs = 5_000

/** What PostgreSQL notifies of changes, over one connection that is there while something is watched. After a loss it comes back by itself, and everyone is told to look again. */
export class PostgresNews {
  readonly #topics = new Topics()
  readonly #config: pg.ClientConfig
  readonly #schema: string
  readonly #log: Logger
  #client: pg.Client | undefined
  #opening: Promise<boolean> | undefined
  #timer: NodeJS.Timeout | undefined
  #pauseMs = firstPauseMs
  #isClosed = false
  readonly #ending = new Set<Promise<void>>()

  constructor(config: pg.ClientConfig, schema: string, log: Logger) {
    this.#config = config
    this.#schema = schema
    this.#log = log
  }

  /** Resolves when changes are listened to; a server that is away is listened to when it is back. */
  async watch(topic: string, changed: () => void): Promise<() => void> {
    if (this.#isClosed) throw new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 })
    this.#topics.add(topic, changed)
    if (!this.#client && !this.#timer) await this.#listen()
    return () => {
      this.#topics.remove(topic, changed)
      if (this.#topics.names().length === 0) this.#stop()
    }
  }

  #listen(): Promise<boolean> {
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined))
    return this.#opening
  }

  async #open(): Promise<boolean> {
    const client = new pg.Client(this.#config)
    client.on('error', () => undefined)
    client.on('notification', ({ payload }) => this.#topics.tell(payload ?? ''))
    client.on('end', () => this.#lost(client))
    try {
      await client.connect()
      await client.query(`LISTEN ${this.#schema}`)
    } catch (error) {
      this.#log.debug('database news connection failed', { code: (error as { code?: unknown }).code })
      this.#end(client)
      this.#later()
      return false
    }
    if (this.#isClosed || this.#topics.names().length === 0) {
      this.#end(client)
      return false
    }
    this.#client = client
    this.#pauseMs = firstPauseMs
    return true
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    this.#later()
  }

  #later(): void {
    if (this.#isClosed || this.#timer || this.#topics.names().length === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      // Between the loss and now anything may have happened.
      void this.#listen().then((isListening) => isListening && this.#topics.tellAll())
    }, this.#pauseMs).unref()
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const client = this.#client
    this.#client = undefined
    if (client) this.#end(client)
  }

  #end(client: pg.Client): void {
    const ending = client.end().catch(() => undefined)
    this.#ending.add(ending)
    void ending.then(() => this.#ending.delete(ending))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#opening
    this.#stop()
    await Promise.all(this.#ending)
  }
}
