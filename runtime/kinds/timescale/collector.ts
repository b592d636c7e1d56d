import type { Json } from '../../contract/json.ts'
import { noColumns, rowOf, type Shape } from './shape.ts'

/** How much of a result is kept. */
export interface Caps {
  readonly rows: number
  /** As they come from the server. */
  readonly bytes: number
}

/** One row of an answer. */
export type Row = { readonly [column: string]: Json }

/** The rows of one result as they arrive, up to its caps. */
export class Collector {
  rows: Row[] = []
  /** Which cap was met. */
  cut: 'rows' | 'bytes' | undefined
  /** A value that could not be read. */
  fault: Error | undefined
  /** Received, those of rows that were not kept included. */
  bytes = 0
  readonly #caps: Caps

  constructor(caps: Caps) {
    this.#caps = caps
  }

  take(shape: Shape | undefined, fields: readonly (string | null)[], length: number): void {
    this.bytes += length
    if (this.cut !== undefined || this.fault) return
    if (this.rows.length === this.#caps.rows) this.cut = 'rows'
    else if (this.bytes > this.#caps.bytes) this.cut = 'bytes'
    else this.#keep(shape ?? noColumns, fields)
  }

  // A throw here would meet the socket, not the caller.
  #keep(shape: Shape, fields: readonly (string | null)[]): void {
    try {
      this.rows.push(rowOf(shape, fields))
    } catch (error) {
      this.fault = error as Error
    }
  }
}
