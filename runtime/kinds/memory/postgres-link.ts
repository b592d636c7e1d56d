import { createHash } from 'node:crypto'
import pg from 'pg'
import { HubError } from '../../contract/errors.ts'
import type { Logger } from '../../contract/telemetry.ts'
import { isFatal, isStale, isWithoutSchema, storeFailure } from './postgres-failures.ts'
import { schemaSql, schemaVersion } from './postgres-schema.ts'
import type { Waiting } from './store.ts'
import { abandoned, waitedFor } from './waiting.ts'

/** A row as pg hands it over: big integers are texts. */
export type Row = Readonly<Record<string, unknown>>

/** One statement of the store. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  readonly isWrite: boolean
}

/** How to reach the server. */
export interface Reach {
  readonly client: pg.ClientConfig
  readonly schema: string
  readonly pool: number
}

const mostWaiting = 1_024
const cancelMs = 3_000
const closeMs = 5_000
const statementMs = 60_000

/** The connections of one store; its tables are made at the first use. */
export class PostgresLink {
  readonly #schema: string
  readonly #log: Logger
  readonly #pool: pg.Pool
  readonly #config: pg.ClientConfig
  readonly #clients = new Set<pg.PoolClient>()
  #cancelling: pg.Pool | undefined
  #ensured: Promise<void> | undefined
  #isEnsured = false
  #closing: Promise<void> | undefined

  constructor({ client, schema, pool }: Reach, log: Logger) {
    this.#schema = schema
    this.#log = log
    this.#config = client
    this.#pool = new pg.Pool({ ...client, max: pool, idleTimeoutMillis: 30_000, statement_timeout: statementMs } as pg.PoolConfig)
    this.#pool.on('error', () => log.debug('idle database connection lost'))
    this.#pool.on('connect', (one) => {
      one.on('error', () => undefined)
      this.#clients.add(one as pg.PoolClient)
    })
    this.#pool.on('remove', (one) => this.#clients.delete(one))
  }

  /** Runs one statement; ends it on the server when its caller leaves. Rejects with HubErrors. */
  async rows(statement: Statement, waiting: Waiting): Promise<readonly Row[]> {
    if (waiting.signal.aborted) throw abandoned(waiting, 'nothing')
    if (this.#closing) throw new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 })
    if (this.#pool.waitingCount >= mostWaiting) throw new HubError('HUB_LIMITED', 'too many calls wait for this database', { retryAfterMs: 1_000 })
    if (!this.#isEnsured) await waitedFor(this.#ensure(), waiting, 'nothing')
    try {
      return await this.#perform(statement, waiting, true)
    } catch (error) {
      if (error instanceof HubError || !(isStale(error) || isWithoutSchema(error))) throw asFailure(error, statement.isWrite)
      // Nothing ran. Either a pooler in between changed the session, or someone dropped the tables.
      if (isWithoutSchema(error)) {
        this.#isEnsured = false
        await waitedFor(this.#ensure(), waiting, 'nothing')
      }
    }
    try {
      return await this.#perform(statement, waiting, false)
    } catch (error) {
      throw asFailure(error, statement.isWrite)
    }
  }

  async #perform({ text, values, isWrite }: Statement, waiting: Waiting, isNamed: boolean): Promise<readonly Row[]> {
    const client = await this.#take(waiting)
    const work = client.query<Row>({ text, values: values as unknown[], ...(isNamed && { name: nameOf(text) }) })
    let ending: Promise<void> | undefined
    const leave = (): void => void (ending = this.#cancel(client))
    waiting.signal.addEventListener('abort', leave, { once: true })
    // The connection goes back when the statement has ended and a cancel was taken, so that none meets another's statement.
    const over = async (fault?: Error): Promise<void> => {
      waiting.signal.removeEventListener('abort', leave)
      await ending
      client.release(fault !== undefined && isFatal(fault))
    }
    work.then(
      () => over(),
      (error: unknown) => over(error as Error),
    )
    return (await waitedFor(work, waiting, isWrite ? 'unknown' : 'nothing')).rows
  }

  async #take(waiting: Waiting): Promise<pg.PoolClient> {
    const taking = this.#pool.connect()
    try {
      return await waitedFor(taking, waiting, 'nothing')
    } catch (error) {
      taking.then(
        (client) => client.release(),
        () => undefined,
      )
      throw error instanceof HubError ? error : storeFailure(error as Error, false)
    }
  }

  async #cancel(client: pg.PoolClient): Promise<void> {
    this.#cancelling ??= new pg.Pool({ ...this.#config, max: 1, connectionTimeoutMillis: cancelMs, query_timeout: cancelMs, idleTimeoutMillis: 1_000 })
    this.#cancelling.on('error', () => undefined)
    try {
      await this.#cancelling.query('SELECT pg_cancel_backend($1)', [(client as unknown as { readonly processID: number }).processID])
    } catch {
      this.#log.warn('a statement could not be cancelled on the server')
      destroy(client)
    }
  }

  #ensure(): Promise<void> {
    this.#ensured ??= this.#makeTables().finally(() => (this.#ensured = undefined))
    return this.#ensured
  }

  async #makeTables(): Promise<void> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw storeFailure(error as Error, false)
    })
    let fault: Error | undefined
    try {
      if (!(await this.#isThere(client))) {
        await client.query('BEGIN')
        // Hubs that start together take turns.
        await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`agent memory ${this.#schema}`])
        if (!(await this.#isThere(client))) await client.query(schemaSql(this.#schema))
        await client.query('COMMIT')
      }
      this.#isEnsured = true
    } catch (error) {
      fault = error as Error
      throw storeFailure(fault, false)
    } finally {
      client.release(fault !== undefined)
    }
  }

  async #isThere(client: pg.PoolClient): Promise<boolean> {
    const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [`${this.#schema}.about`])
    if (rows[0]?.there !== true) return false
    const about = await client.query<{ version: number }>(`SELECT version FROM ${this.#schema}.about`)
    return (about.rows[0]?.version ?? 0) >= schemaVersion
  }

  /** Closes all, waiting a bounded time for statements under way. */
  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    const timer = setTimeout(() => {
      for (const client of this.#clients) destroy(client)
    }, closeMs)
    const sockets = [...this.#clients].map((client) => new Promise((resolve) => client.once('end', resolve)))
    await Promise.all([this.#pool.end(), this.#cancelling?.end(), ...sockets])
    clearTimeout(timer)
  }
}

const destroy = (client: pg.PoolClient): void =>
  (client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream.destroy()

const asFailure = (error: unknown, isWrite: boolean): HubError => (error instanceof HubError ? error : storeFailure(error as Error, isWrite))

const names = new Map<string, string>()

/** Statements are few and written here, so each keeps its name. */
function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  const name = `hub_memory_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
  names.set(text, name)
  return name
}
