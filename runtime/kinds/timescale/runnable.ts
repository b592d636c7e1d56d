import type { Row } from './collector.ts'
import type { Pace } from './pace.ts'

/** A statement ready to run. */
export interface Runnable {
  /** Under which the server keeps it prepared; empty: it is not kept. */
  readonly name: string
  readonly text: string
  readonly canWrite: boolean
  readonly statementTimeoutMs: number
  readonly needs?: 'timescaledb'
  /** Runs for as long as its caller waits; only where `canWrite`. */
  readonly isLong?: true
  /** Present where calls of it may share a round trip; never where `canWrite`. */
  readonly pace?: Pace
}

/** What a statement gave. */
export interface Outcome {
  readonly rows: readonly Row[]
  /** INSERT, UPDATE, SELECT, …; undefined when the result was cut. */
  readonly command?: string
  /** Rows the command wrote or gave. */
  readonly count?: number
  readonly cut?: 'rows' | 'bytes'
}

/** Which wait a call may give up. */
export interface Waiting {
  readonly signal: AbortSignal
  readonly deadline: number
}
