import { createFlights } from '../cache/flight.ts'
import { createMemoryCache } from '../cache/memory.ts'
import type { Kind } from '../contract/kind.ts'
import type { ConnectorSpec, Plan } from '../contract/manifest.ts'
import type { AuditStore } from '../contract/store.ts'
import type { Logger } from '../contract/telemetry.ts'
import { createSecrets } from '../guards/content.ts'
import { createEgress } from '../guards/egress.ts'
import { createLimits } from '../limits/limits.ts'
import { createMetrics } from '../metrics/metrics.ts'
import type { Drive } from '../pipeline/call.ts'
import { createDrive } from '../pipeline/drive.ts'
import { createCatalogue } from '../registry/catalogue.ts'
import { createRegistryManager } from '../registry/manager.ts'
import type { RegistrySource } from '../registry/types.ts'
import { createKeyedStores } from '../store/keyed.ts'
import { lend } from './lend.ts'
import { declareMetrics } from './measured.ts'

/** The pipeline over a plan none of whose connectors is opened. */
export interface Replay {
  readonly source: RegistrySource
  readonly drive: Drive
  close(): Promise<void>
}

const bytes = 16 * 1024 * 1024
const boundless = { calls: Number.MAX_SAFE_INTEGER, perMs: 60_000 } as const

// Nothing happens in a replay, so there is nothing to audit.
const noAudit: AuditStore = { write: () => Promise.resolve(), append: () => undefined, flush: () => Promise.resolve() }

/** The plan as a replay takes it: what lacks a setting needs none, nothing is opened at the start, and nobody stands in for what is down. */
export const forReplay = (plan: Plan): Plan => ({ ...plan, connectors: plan.connectors.map(unopened) })

function unopened({ off, ...spec }: ConnectorSpec): ConnectorSpec {
  const isMeant = off !== undefined && off.needs.length === 0
  return { ...spec, ...(isMeant && { off }), start: 'lazy', fallback: [] }
}

/** A whole pipeline in this process, without stores, listeners and backends. Tools are called with handlers of the caller's. */
export function openReplay(plan: Plan, kinds: readonly Kind[], log: Logger): Replay {
  const { hub } = plan
  const secrets = createSecrets()
  const metrics = createMetrics({ version: hub.version })
  declareMetrics(metrics, plan)
  const source: RegistrySource = { current: () => manager.current(), onEvent: (listener) => manager.onEvent(listener) }
  const catalogue = createCatalogue(() => source, Date.now(), Date.now)
  const egress = createEgress({ allow: hub.egress.allow })
  const lender = { log, secrets, egress, catalogue, meter: metrics.meter, store: createKeyedStores({ maxBytes: bytes }).namespace }
  const manager = createRegistryManager({ plan, kinds, lend: lend(lender), log, now: Date.now })
  const drive = createDrive({
    limits: createLimits({ ...hub.limits, principal: boundless, organisation: boundless }),
    cache: createMemoryCache({ maxBytes: bytes }),
    flights: createFlights(),
    audit: noAudit,
    secrets,
    metrics,
    log,
    now: Date.now,
  })
  return { source, drive, close: () => manager.close() }
}
