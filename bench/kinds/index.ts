import type { KindBench } from './kind.ts'

/** A kind that can be measured; its driver is loaded when it is. */
export interface KindEntry {
  readonly kind: string
  load(): Promise<KindBench>
}

/** Every kind that is measured against its bare driver. A new one is a file here and a line. */
export const kindBenches: readonly KindEntry[] = [
  { kind: 'ccxt', load: async () => (await import('./ccxt.ts')).ccxtBench },
  { kind: 'clickhouse', load: async () => (await import('./clickhouse.ts')).clickhouseBench },
  { kind: 'files', load: async () => (await import('./files.ts')).filesBench },
  { kind: 'http', load: async () => (await import('./http.ts')).httpBench },
  { kind: 'indicators', load: async () => (await import('./indicators.ts')).indicatorsBench },
  { kind: 'memory', load: async () => (await import('./memory.ts')).memoryBench },
  { kind: 'redpanda', load: async () => (await import('./redpanda.ts')).redpandaBench },
  { kind: 'redpanda-produce', load: async () => (await import('./redpanda.ts')).redpandaProduceBench },
  { kind: 'timescale', load: async () => (await import('./timescale.ts')).timescaleBench },
]
