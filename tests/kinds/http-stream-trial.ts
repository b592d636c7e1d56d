import type { Batch, Position } from '../../runtime/contract/flow.ts'
import type { Health } from '../../runtime/contract/health.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector, Extras } from '../../runtime/contract/kind.ts'
import { until } from './conformance.ts'
import { lendHttp, openHttp, type HttpLent } from './http-service.ts'
import { startStreamService, streamOf, type StreamService } from './http-stream-service.ts'

/** A stream service, a connector to it, and what reads from it. */
export interface StreamTrial {
  readonly service: StreamService
  lent: HttpLent
  connector: Connector | undefined
  /** What the connector told of its health by itself. */
  readonly told: Health[]
  readonly readers: AbortController[]
  end(): Promise<void>
}

/** Starts the service; `end` stops everything and waits until no connection is left. */
export async function startTrial(allow?: readonly string[]): Promise<StreamTrial> {
  const service = await startStreamService()
  const told: Health[] = []
  const trial: StreamTrial = {
    service,
    lent: lendHttp(allow, { healthChanged: (health) => void told.push(health) }),
    connector: undefined,
    told,
    readers: [],
    async end() {
      for (const reader of trial.readers) reader.abort()
      await trial.connector?.close()
      await until(async () => service.clients.size === 0)
      await trial.lent.close()
      await service.stop()
    },
  }
  return trial
}

/** What a test does with its trial. */
export function trials(current: () => StreamTrial) {
  return {
    /** Opens a connector with one stream, `prices`. */
    async open(over: JsonObject = {}, config: JsonObject = {}): Promise<Connector> {
      const { service, lent } = current()
      const opened = await openHttp({ base: service.url, streams: { prices: streamOf(service, over) }, ...config }, lent)
      current().connector = opened
      return opened
    },
    /** Reads a source in the background; what it read is there at once. */
    read(keys: readonly string[], from?: Position) {
      const { connector, readers } = current()
      const reader = new AbortController()
      readers.push(reader)
      const batches: Batch[] = []
      const ended = (async () => {
        for await (const batch of connector?.source?.({ stream: 'prices', keys }).read(from, reader.signal) ?? []) batches.push(batch)
      })()
      ended.catch(() => undefined)
      const rows = () => batches.flatMap((batch) => batch.rows)
      return {
        batches,
        ended,
        stop: () => reader.abort(),
        rows,
        prices: () => rows().map(({ price }) => price),
        lost: () => batches.reduce((sum, { lost = 0 }) => sum + lost, 0),
      }
    },
    /** The resources of the connector that was opened. */
    extras(): Extras {
      const { connector } = current()
      if (connector?.extras === undefined) throw new Error('no connector with resources is open')
      return connector.extras
    },
    /** Waits until so many clients are subscribed to a key. */
    subscribed: (key: string, clients = 1) => until(async () => [...current().service.clients].filter(({ keys }) => keys.has(key)).length === clients),
  }
}
