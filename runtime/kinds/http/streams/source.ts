import { HubError } from '../../../contract/errors.ts'
import type { Batch, Position, Row, Source } from '../../../contract/flow.ts'
import { isObject, isRawNumber, type Json, type JsonObject } from '../../../contract/json.ts'
import type { Logger } from '../../../contract/telemetry.ts'
import type { Backfill } from './backfill.ts'
import { Feed, type KeyPosition } from './feed.ts'
import type { Entry } from './rows.ts'
import type { Stream } from './stream.ts'

const rowsInBatch = 500
const identitiesKept = 64

/** Reads keys of a stream as a flow does. A position holds the time of each key's last row; from one, what came meanwhile is fetched where the stream has a backfill. */
export function createSource(stream: Stream, keys: readonly string[], backfill: Backfill | undefined, log: Logger): Source {
  return {
    async *read(from, signal) {
      const reader = new Reader(stream, keys, from, backfill, log)
      const wake = (): void => reader.wake()
      signal.addEventListener('abort', wake)
      try {
        reader.begin()
        while (!signal.aborted) {
          const batch = reader.take()
          if (batch !== undefined) yield batch
          else await reader.waiting()
        }
      } finally {
        signal.removeEventListener('abort', wake)
        reader.close()
      }
    },
  }
}

/** One reading of a source: what came and was not asked for yet, bounded. */
class Reader {
  readonly #stream: Stream
  readonly #feeds: ReadonlyMap<string, Feed>
  readonly #positions: Map<string, { ms: number; seen: string[] }>
  readonly #holds: (() => void)[] = []
  readonly #rows: Entry[] = []
  #lost = 0
  #error: HubError | undefined
  #wake: (() => void) | undefined

  constructor(stream: Stream, keys: readonly string[], from: Position | undefined, backfill: Backfill | undefined, log: Logger) {
    const { buffer, config } = stream.settings
    const positions = positionsIn(from)
    this.#stream = stream
    this.#positions = new Map([...positions].map(([key, { ms, seen }]) => [key, { ms, seen: [...seen] }]))
    const feedOf = (key: string): Feed => {
      const start = positions.get(key)
      return new Feed({
        key,
        ...(start && { from: start }),
        backfill,
        isMapped: config.backfill?.as !== undefined,
        most: buffer,
        log,
        now: () => stream.now(),
        emit: (entries) => this.#take(entries),
        lost: (rows) => this.#lose(rows),
      })
    }
    this.#feeds = new Map(keys.map((key) => [key, feedOf(key)]))
  }

  begin(): void {
    for (const [key, feed] of this.#feeds)
      this.#holds.push(
        this.#stream.hold(key, {
          row: (entry) => feed.row(entry),
          gap: () => feed.gap(),
          live: () => feed.live(),
          refused: (_key, error) => this.#fail(error),
        }),
      )
  }

  wake(): void {
    this.#wake?.()
  }

  waiting(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      if (this.#rows.length > 0 || this.#lost > 0 || this.#error !== undefined) resolve()
    })
  }

  /** What is there to read; undefined: nothing yet. Throws what the service refuses. */
  take(): Batch | undefined {
    if (this.#rows.length === 0 && this.#lost === 0) {
      if (this.#error !== undefined) throw this.#error
      return undefined
    }
    const taken = this.#rows.splice(0, rowsInBatch)
    const lost = this.#lost
    this.#lost = 0
    for (const entry of taken) this.#advance(entry)
    return { rows: taken.map(({ row }) => flowRow(row)), ...this.#position(), ...(lost > 0 && { lost }) }
  }

  close(): void {
    for (const release of this.#holds) release()
    for (const feed of this.#feeds.values()) feed.close()
  }

  #take(entries: readonly Entry[]): void {
    for (const entry of entries) this.#rows.push(entry)
    const over = this.#rows.length - this.#stream.settings.buffer
    if (over > 0) {
      this.#rows.splice(0, over)
      this.#lose(over)
    }
    this.#wake?.()
  }

  #lose(rows: number): void {
    this.#lost += rows
    this.#wake?.()
  }

  #fail(error: HubError): void {
    this.#error = error
    this.#wake?.()
  }

  #advance({ key, ms, identity }: Entry): void {
    if (ms === undefined) return
    const known = this.#positions.get(key)
    if (known === undefined || ms > known.ms) this.#positions.set(key, { ms, seen: [identity] })
    else if (ms === known.ms) known.seen = [...known.seen, identity].slice(-identitiesKept)
  }

  /** Where the service keeps no past, there is nothing to return to. */
  #position(): Pick<Batch, 'position'> {
    if (this.#stream.settings.config.time === undefined) return {}
    return { position: { keys: Object.fromEntries([...this.#positions].map(([key, { ms, seen }]) => [key, { ms, seen }])) } }
  }
}

function positionsIn(from: Position | undefined): ReadonlyMap<string, KeyPosition> {
  const keys = isObject(from?.['keys']) ? from['keys'] : {}
  return new Map(
    Object.entries(keys).flatMap(([key, value]) => {
      if (!isObject(value) || typeof value['ms'] !== 'number') throw new HubError('HUB_CONFIG_VALUE', 'this position is not one of a stream')
      return [[key, { ms: value['ms'], seen: (Array.isArray(value['seen']) ? value['seen'] : []).map(String) }] as const]
    }),
  )
}

/** Rows of flows hold big numbers as text. */
function flowRow(row: JsonObject): Row {
  return plain(row) as Row
}

function plain(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (isRawNumber(value)) return value.rawJSON
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
