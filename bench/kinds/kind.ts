import type { JsonObject } from '../../runtime/contract/json.ts'

/** A kind measured against the bare driver doing the same work. */
export interface KindBench {
  readonly kind: string
  /** What is asked, in a few words: `10 rows of a million by key`. */
  readonly what: string
  /** Starts the real system with its data; resolves with why not where the machine lacks it. */
  start(say: (line: string) => void): Promise<KindGround | { readonly missing: string }>
}

/** A system that runs, and the same work in two ways. */
export interface KindGround {
  /** A manifest, YAML, whose connector is named `bench`. */
  readonly manifest: string
  /** What the manifest's `${NAME}` and secrets stand for. */
  readonly env: Readonly<Record<string, string>>
  /** The tool's full name: `bench_latest_candles`. It has no cache. */
  readonly tool: string
  /** The arguments of call number n. */
  args(n: number): JsonObject
  /** Call number n by the driver alone, decoded and read to its end; resolves with what it read. */
  bare(n: number): Promise<unknown>
  /** A call that reads far more than it may answer, for the memory it takes. */
  readonly bulk?: { readonly what: string; readonly tool: string; readonly args: JsonObject }
  stop(): Promise<void>
}
