/** One MCP request, and what its answer must hold. */
export interface Exchange {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  /** Pieces of the answer's bytes, in the order they must stand there. */
  readonly holds: readonly string[]
  /** A piece that must stand there exactly so many times. */
  readonly times?: { readonly piece: string; readonly count: number }
}

/**
 * How a server is spoken to.
 * modern: revision 2026-07-28, each request on its own; stateless: 2025 without a session;
 * session: 2025 with initialize and Mcp-Session-Id; sse: 2024-11-05, posts answered on one event stream.
 */
export type Dialect = 'modern' | 'stateless' | 'session' | 'sse'

/** One server to load. Plain data: it crosses into the driver's process. */
export interface HttpTarget {
  readonly type: 'http'
  readonly dialect: Dialect
  /** Lanes take these in turn; more than one when several processes serve together. */
  readonly urls: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly exchanges: readonly Exchange[]
}

/** The database itself, asked through a bare pool in the driver's own process. */
export interface PoolTarget {
  readonly type: 'pool'
  readonly url: string
  readonly poolSize: number
  readonly statement: string
  readonly asks: readonly { readonly values: readonly unknown[]; readonly holds: readonly string[] }[]
}

/** Anything the driver can load. */
export type Target = HttpTarget | PoolTarget

/** What one stretch of load found. */
export interface Sample {
  readonly seconds: number
  readonly answers: number
  /** Answers that did not hold what they must; a run with any measures nothing. */
  readonly wrong: number
  /** The first wrong answer, shortened. */
  readonly firstWrong?: string
  readonly p50Ms: number
  readonly p99Ms: number
  /** User and system time of the server's process tree; undefined where /proc is not there. */
  readonly serverCpuMs?: number
  /** Resident memory of that tree at the end. */
  readonly serverBytes?: number
  /** The share of one core the driver itself took. */
  readonly driverShare: number
  /** Mean size of an answer's body. */
  readonly answerBytes: number
}

/** One stretch of load to put on a target. */
export interface Load {
  readonly target: Target
  readonly concurrency: number
  /** Unmeasured load before the measured. */
  readonly settleMs: number
  readonly measureMs: number
  /** The roots of the server's process trees; empty: the driver's own process is what is measured. */
  readonly pids: readonly number[]
}
