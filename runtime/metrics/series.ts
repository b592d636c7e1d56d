import type { Metric } from 'prom-client'
import type { ErrorCode } from '../contract/errors.ts'

/** Upper bounds in seconds: a cached answer, a query, a slow upstream. */
const bounds: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** How a call ended, as the label `status` has it. */
export type CallStatus = 'ok' | ErrorCode

/** The counters of one tool. Made once; each act is a few additions. */
export interface ToolMetrics {
  /** A call ended, so many seconds after it came. */
  observe(status: CallStatus, seconds: number): void
  /** A call was answered from the cache. */
  hit(): void
  /** A call was refused by a limit. */
  limited(): void
}

interface Sample {
  readonly labels: Record<string, string | number>
  readonly value: number
  readonly metricName?: string
}

/**
 * Plain numbers of one tool, read when Prometheus asks.
 * prom-client hashes the labels at every observation, which costs more than a cached answer may.
 */
export class ToolCounters implements ToolMetrics {
  readonly labels: { readonly server: string; readonly tool: string }
  readonly #buckets = Array.from({ length: bounds.length + 1 }, () => 0)
  readonly #errors = new Map<ErrorCode, number>()
  #ok = 0
  #seconds = 0
  #hits = 0
  #limited = 0

  constructor(server: string, tool: string) {
    this.labels = { server, tool }
  }

  observe(status: CallStatus, seconds: number): void {
    if (status === 'ok') this.#ok++
    else this.#errors.set(status, (this.#errors.get(status) ?? 0) + 1)
    let index = 0
    while (index < bounds.length && seconds > (bounds[index] ?? Infinity)) index++
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1
    this.#seconds += seconds
  }

  hit(): void {
    this.#hits++
  }

  limited(): void {
    this.#limited++
  }

  requests(): readonly Sample[] {
    const failed = [...this.#errors].map(([status, value]) => ({ labels: { ...this.labels, status }, value }))
    return this.#ok === 0 ? failed : [{ labels: { ...this.labels, status: 'ok' }, value: this.#ok }, ...failed]
  }

  hits(): readonly Sample[] {
    return [{ labels: this.labels, value: this.#hits }]
  }

  refusals(): readonly Sample[] {
    return [{ labels: this.labels, value: this.#limited }]
  }

  errors(): ReadonlyMap<ErrorCode, number> {
    return this.#errors
  }

  duration(name: string): readonly Sample[] {
    let count = 0
    const buckets = this.#buckets.map((calls, index) => {
      count += calls
      return { metricName: `${name}_bucket`, labels: { le: bounds[index] ?? '+Inf', ...this.labels }, value: count }
    })
    if (count === 0) return []
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: this.labels, value: this.#seconds },
      { metricName: `${name}_count`, labels: this.labels, value: count },
    ]
  }
}

/** A metric whose values are read at scrape time, in the shape prom-client's registry prints. */
export function readAtScrape(name: string, help: string, type: 'counter' | 'histogram', values: () => readonly Sample[]): Metric {
  const read = () => ({ name, help, type, aggregator: 'sum', values: values() })
  // The registry asks a metric for no more than this; its declared type names a class that is not exported.
  return { name, help, get: async () => read(), reset: () => undefined } as unknown as Metric
}
