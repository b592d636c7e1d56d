import type { JsonObject } from './json.ts'

/** One record of a stream: a candle, a message, a tick. Decimals and integers beyond 2^53 are strings; times are ISO 8601 in UTC. */
export type Row = JsonObject

/** Where a source stands, as its own kind writes it: plain data a flow keeps and hands back unread. */
export type Position = JsonObject

/** Rows that were read together. */
export interface Batch {
  readonly rows: readonly Row[]
  /** Where to go on after these rows; absent where the system keeps no past to return to. */
  readonly position?: Position
  /** How many rows were lost since the batch before, where the system says so: a stream that was faster than its reader, a gap over a reconnection. */
  readonly lost?: number
}

/** What a flow reads from. Opened by `Connector.source`, read by one reader at a time. */
export interface Source {
  /**
   * Batches in order, from a position or (without one) from where the spec says. Ends when the signal aborts or the system has no more; loses no row it can find again: a lost connection is
   * mended inside, and what cannot be mended throws a HubError. The next batch is fetched when it is asked for, so a slow reader slows the source; what a system pushes is kept up to a bound, then counted as `lost`.
   */
  read(from: Position | undefined, signal: AbortSignal): AsyncIterable<Batch>
}

/** What became of rows that were written. */
export interface Written {
  readonly rows: number
  /** Rows the system refused one by one, by their index, with why; the others are written. */
  readonly refused?: readonly { readonly index: number; readonly reason: string }[]
}

/** What a flow writes to. Writing the same rows again leaves the system as it was, wherever the spec names a key. */
export interface Sink {
  /** Resolves when the rows are durable. Rejects HUB_CONNECTOR_DOWN when the system is away (try again), another HubError when trying again is of no use. */
  write(rows: readonly Row[], signal: AbortSignal): Promise<Written>
  close(): Promise<void>
}
