import { createRequire } from 'node:module'
import type prometheus from 'prom-client'

// By file: the package's index also loads https, a push gateway and a tracing API, at ten times the cost.
const load = createRequire(import.meta.url)

/** Holds metrics and prints them. */
export const Registry = load('prom-client/lib/registry') as typeof prometheus.Registry
/** Only grows. */
export const Counter = load('prom-client/lib/counter') as typeof prometheus.Counter
/** Goes up and down. */
export const Gauge = load('prom-client/lib/gauge') as typeof prometheus.Gauge
/** Counts by size. */
export const Histogram = load('prom-client/lib/histogram') as typeof prometheus.Histogram

/** Adds what Node tells of its process: CPU, memory, event loop, collections. Loaded when called. */
export function collectProcess(registry: prometheus.Registry): void {
  const collect = load('prom-client/lib/defaultMetrics') as typeof prometheus.collectDefaultMetrics
  collect({ register: registry })
}
