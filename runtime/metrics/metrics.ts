import type { ErrorCode } from '../contract/errors.ts'
import type { HealthState } from '../contract/health.ts'
import type { Meter } from '../contract/telemetry.ts'
import { createMeters } from './meter.ts'
import { collectProcess, Counter, Gauge, Registry } from './prometheus.ts'
import { ToolCounters, readAtScrape, type ToolMetrics } from './series.ts'

const unknown = 'unknown'
const maxReasons = 20

/** What the hub counts of itself. Every label's values are bounded: by the manifests, the error table, or a number. */
export interface Metrics {
  /** Names the tools that exist, and the endpoints besides connectors; series of others end, and calls of others count under `unknown`. */
  declare(tools: Iterable<{ readonly server: string; readonly tool: string }>, endpoints?: Iterable<string>): void
  /** The counters of one tool: ask once, keep, and use on every call. */
  forTool(server: string, tool: string): ToolMetrics
  /** A client stream or session of an endpoint or connector opened; call the answer once when it closes. */
  connected(server: string): () => void
  authenticationFailed(reason: string): void
  connectorState(connector: string, state: HealthState): void
  /** An error that belongs to no tool: refused at the door, unknown tool. Those of tools are counted by `observe`. */
  failed(code: ErrorCode): void
  meter(connector: string): Meter
  /** The exposition format of Prometheus. */
  text(): Promise<string>
  readonly contentType: string
}

/** Makes an independent set of metrics with a registry of its own. */
export function createMetrics(options: { readonly version?: string } = {}): Metrics {
  const registry = new Registry()
  const register = [registry]

  const stray = new ToolCounters(unknown, unknown)
  let tools: ReadonlyMap<string, ToolCounters> = new Map()
  let servers: ReadonlySet<string> = new Set()
  const all = (): readonly ToolCounters[] => [...tools.values(), stray]
  // Errors of tools that are no longer declared: a counter must not fall.
  const errors = new Map<ErrorCode, number>()
  const addErrors = (sum: Map<ErrorCode, number>, counters: ToolCounters): void => {
    for (const [code, count] of counters.errors()) sum.set(code, (sum.get(code) ?? 0) + count)
  }
  const errorSamples = () => {
    const sum = new Map(errors)
    for (const counters of all()) addErrors(sum, counters)
    return [...sum].map(([code, value]) => ({ labels: { code }, value }))
  }

  const duration = 'mcp_request_duration_seconds'
  for (const metric of [
    readAtScrape('mcp_requests_total', 'Tool calls by connector, tool and outcome.', 'counter', () => all().flatMap((counters) => counters.requests())),
    readAtScrape(duration, 'Time from a tool call to its answer.', 'histogram', () => all().flatMap((counters) => counters.duration(duration))),
    readAtScrape('mcp_cache_hits_total', 'Tool calls answered from the cache.', 'counter', () => all().flatMap((counters) => counters.hits())),
    readAtScrape('mcp_rate_limit_exceeded_total', 'Tool calls refused by a limit.', 'counter', () => all().flatMap((counters) => counters.refusals())),
    readAtScrape('mcp_error_total', 'Errors by code.', 'counter', errorSamples),
  ])
    registry.registerMetric(metric)

  const connections = new Gauge({ name: 'mcp_active_connections', help: 'Open client streams and sessions.', labelNames: ['server'], registers: register })
  const refusals = new Counter({
    name: 'mcp_authentication_failures_total',
    help: 'Requests without a valid credential.',
    labelNames: ['reason'],
    registers: register,
  })
  const up = new Gauge({
    name: 'mcp_connector_up',
    help: '1 when the connector answered its last probe, 0 when it did not.',
    labelNames: ['server'],
    registers: register,
  })
  new Gauge({ name: 'mcp_build_info', help: 'The version of the hub and of its Node.', labelNames: ['version', 'node'], registers: register }).set(
    { version: options.version ?? unknown, node: process.version },
    1,
  )
  const reasons = new Set<string>()
  let collecting = false
  const meters = createMeters(registry)

  return {
    declare(declared, endpoints = []) {
      const next = new Map<string, ToolCounters>()
      const names = new Set<string>(endpoints)
      for (const { server, tool } of declared) {
        names.add(server)
        next.set(`${server} ${tool}`, tools.get(`${server} ${tool}`) ?? new ToolCounters(server, tool))
      }
      for (const [key, counters] of tools) if (!next.has(key)) addErrors(errors, counters)
      for (const server of servers) if (!names.has(server)) up.remove({ server })
      tools = next
      servers = names
    },
    forTool: (server, tool) => tools.get(`${server} ${tool}`) ?? stray,
    connected(server) {
      const labels = { server: servers.has(server) || server === 'all' ? server : unknown }
      connections.inc(labels)
      let open = true
      return () => {
        if (open) connections.dec(labels)
        open = false
      }
    },
    authenticationFailed(reason) {
      if (reasons.size < maxReasons) reasons.add(reason)
      refusals.inc({ reason: reasons.has(reason) ? reason : 'other' })
    },
    connectorState(connector, state) {
      if (state === 'off' || state === 'unknown') up.remove({ server: connector })
      else up.set({ server: connector }, state === 'down' ? 0 : 1)
    },
    failed: (code) => void errors.set(code, (errors.get(code) ?? 0) + 1),
    meter: (connector) => meters.meter(connector),
    text() {
      // What the process tells of itself begins with the first scrape: before it nobody reads it, and its monitors cost a start 30 ms.
      if (!collecting) collectProcess(registry)
      collecting = true
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}
