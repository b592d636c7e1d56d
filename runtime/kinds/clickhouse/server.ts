import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { ClickHouseLogLevel, createClient, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client'
import { HubError } from '../../contract/errors.ts'
import type { Logger } from '../../contract/telemetry.ts'
import type { Address } from './address.ts'
import type { Settings } from './config.ts'

/** A statement on its way. */
export interface Request {
  readonly text: string
  readonly parameters: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, string>>
  readonly queryId: string
  /** Aborted when nobody waits for it any more, and when the connector closes. */
  readonly controller: AbortController
  /** Rows of an insert, one JSON object a line. */
  readonly body?: string
}

/** The requests of one connector to its server. */
export interface Server {
  readonly settings: Settings
  /** Resolves with what the server says when it begins to answer. Rejects with the driver's errors. */
  send(request: Request): Promise<Readable>
  /** Ends a statement on the server, over a connection of its own; bounded in time, never rejects. */
  kill(queryId: string): Promise<void>
  /** How far a statement is, as rows read and rows to read; undefined: the server does not say. */
  progress(queryId: string): Promise<readonly [done: number, total: number] | undefined>
  /** True while every connection of the pool is taken. */
  isBusy(): boolean
  /** Lets go of every connection; kills under way get their bounded time. */
  close(): Promise<void>
}

const asideTimeoutMs = 3_000
const mostWaiting = 1_024
const pausesMs = [0, 20, 50, 100]
// Above this a URL may be too long for what stands between.
const longestUrl = 4_096
const leeway = 5_000

/** Makes the client; nothing connects yet. */
export function openServer(address: Address, settings: Settings, connector: string, log: Logger): Server {
  const common = { url: address.origin, username: address.username, password: address.password, database: address.database, application: `hub:${connector}` }
  const quiet = { level: ClickHouseLogLevel.OFF }
  const client = createClient({
    ...common,
    log: quiet,
    max_open_connections: settings.pool,
    request_timeout: settings.statementTimeoutMs + leeway,
    keep_alive: { eagerly_destroy_stale_sockets: true },
    compression: { response: settings.compression, request: settings.compression },
  })
  let aside: ClickHouseClient | undefined
  let isToldOnce = false
  let isClosed = false
  const killing = new Set<Promise<void>>()
  const live = new Set<AbortController>()
  const beside = (): ClickHouseClient => (aside ??= createClient({ ...common, log: quiet, max_open_connections: 2, request_timeout: asideTimeoutMs }))

  async function send(request: Request): Promise<Readable> {
    const { controller } = request
    if (isClosed) throw new Error('the connector is closed')
    if (live.size >= settings.pool + mostWaiting) throw new HubError('HUB_LIMITED', 'too many calls wait for ClickHouse', { retryAfterMs: 1_000 })
    live.add(controller)
    try {
      const stream = await exec(request)
      stream.once('close', () => live.delete(controller))
      return stream
    } catch (error) {
      live.delete(controller)
      throw error
    }
  }

  async function exec({ text, parameters, settings: own, queryId, controller, body }: Request): Promise<Readable> {
    const isLong = body === undefined && lengthOf(parameters) > longestUrl
    // The driver's query_params know no types: a decimal inside an array would be put in quotes. Texts that fit their types go beside the settings, unchanged.
    const clickhouse_settings = { ...settings.server, ...own, ...(isLong ? {} : parameters) } as ClickHouseSettings
    const form = isLong ? formOf(parameters) : undefined
    const values = body ?? form?.body
    const { stream } = await client.exec({
      query: text,
      query_id: queryId,
      clickhouse_settings,
      abort_signal: controller.signal,
      ...(values !== undefined && { values: Readable.from([Buffer.from(values)], { objectMode: false }) }),
      ...(form && { http_headers: { 'Content-Type': form.type } }),
    })
    return stream
  }

  // A server that has not begun a statement yet knows nothing of it: it is told again, a few times.
  async function tell(queryId: string): Promise<void> {
    try {
      for (const pauseMs of pausesMs) {
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
        const ended = await beside().query({ query: 'KILL QUERY WHERE query_id = {id:String} ASYNC', query_params: { id: queryId }, format: 'JSONEachRow' })
        if ((await ended.json()).length > 0) return
      }
    } catch (error) {
      // A server that is away has ended its statements by itself; one that refuses is told of once.
      if (!isToldOnce) log.warn('a statement could not be ended on the server', { connector, code: (error as { code?: unknown }).code })
      isToldOnce = true
    }
  }

  async function progress(queryId: string): Promise<readonly [number, number] | undefined> {
    try {
      const answer = await beside().query({
        query: 'SELECT toFloat64(read_rows) AS done, toFloat64(total_rows_approx) AS total FROM system.processes WHERE query_id = {id:String}',
        query_params: { id: queryId },
        format: 'JSONEachRow',
      })
      const [row] = await answer.json<{ readonly done: number; readonly total: number }>()
      return row && [row.done, row.total]
    } catch {
      return undefined
    }
  }

  function kill(queryId: string): Promise<void> {
    const told = tell(queryId).finally(() => killing.delete(told))
    killing.add(told)
    return told
  }

  async function close(): Promise<void> {
    isClosed = true
    for (const controller of live) controller.abort()
    await Promise.all(killing)
    await Promise.all([client.close(), aside?.close()])
  }

  return { settings, send, kill, progress, isBusy: () => live.size >= settings.pool, close }
}

/** A name for a statement that nothing else has. */
export const newQueryId = (): string => `hub-${randomUUID()}`

const lengthOf = (parameters: Readonly<Record<string, string>>): number =>
  Object.entries(parameters).reduce((sum, [name, value]) => sum + name.length + value.length * 3, 0)

function formOf(parameters: Readonly<Record<string, string>>): { readonly type: string; readonly body: string } {
  const boundary = `hub${randomUUID()}`
  const fields = Object.entries(parameters).map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  return { type: `multipart/form-data; boundary=${boundary}`, body: `${fields.join('')}--${boundary}--\r\n` }
}
