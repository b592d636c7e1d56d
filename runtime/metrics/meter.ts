import type { Registry } from 'prom-client'
import type { Meter } from '../contract/telemetry.ts'
import { Counter, Histogram } from './prometheus.ts'

const maxNames = 200
const maxSeriesPerName = 1_000

type Labels = Readonly<Record<string, string>>
interface Series {
  readonly labelNames: readonly string[]
  readonly add: (labels: Record<string, string>, value: number) => void
  readonly known: Set<string>
}

/** Meters for kinds: `count('queries')` in connector `market` becomes `mcp_connector_queries_total{server="market"}`. A name's label names are those of its first use; names and label values beyond a bound are counted as dropped. */
export function createMeters(registry: Registry): { meter(connector: string): Meter } {
  const registers = [registry]
  const dropped = new Counter({ name: 'mcp_connector_series_dropped_total', help: 'Values of kinds left out because there were too many series.', registers })
  const all = new Map<string, Series>()

  const record = (make: typeof counter, name: string, server: string, labels: Labels, value: number): void => {
    const series = all.get(name) ?? begin(make, name, labels)
    if (series === undefined) return dropped.inc()
    const full: Record<string, string> = { server }
    for (const label of series.labelNames) full[label] = labels[label] ?? ''
    const key = Object.values(full).join('\0')
    if (!series.known.has(key) && series.known.size >= maxSeriesPerName) return dropped.inc()
    series.known.add(key)
    series.add(full, value)
  }

  const begin = (make: typeof counter, name: string, labels: Labels): Series | undefined => {
    if (all.size >= maxNames) return undefined
    const labelNames = Object.keys(labels).filter((label) => /^[a-zA-Z_]\w*$/.test(label) && label !== 'server' && label !== 'le')
    const series = { labelNames, add: make(name, ['server', ...labelNames]), known: new Set<string>() }
    all.set(name, series)
    return series
  }

  const counter = (name: string, labelNames: string[]): Series['add'] => {
    const metric = new Counter({ name, help: 'Counted by a kind of connector.', labelNames, registers })
    return (labels, value) => metric.inc(labels, value)
  }
  const histogram = (name: string, labelNames: string[]): Series['add'] => {
    const metric = new Histogram({ name, help: 'Measured by a kind of connector.', labelNames, registers })
    return (labels, value) => metric.observe(labels, value)
  }

  return {
    meter: (connector) => ({
      count: (name, labels = {}, by = 1) => record(counter, `mcp_connector_${safeName(name)}_total`, connector, labels, by),
      observe: (name, value, labels = {}) => record(histogram, `mcp_connector_${safeName(name)}`, connector, labels, value),
    }),
  }
}

const safeName = (name: string): string => name.replace(/\W/g, '_').replace(/_total$/, '')
