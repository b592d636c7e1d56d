import type { Catalogue } from '../contract/catalogue.ts'
import type { Health } from '../contract/health.ts'
import type { Egress, KindTools } from '../contract/kind.ts'
import type { ConnectorSpec } from '../contract/manifest.ts'
import type { Secrets } from '../contract/secret.ts'
import type { KeyedStore } from '../contract/store.ts'
import type { Logger, Meter } from '../contract/telemetry.ts'

/** What the hub owns and lends out. */
export interface Lender {
  readonly log: Logger
  readonly secrets: Secrets
  readonly egress: Egress
  readonly catalogue: Catalogue
  meter(connector: string): Meter
  store(connector: string): KeyedStore
}

/** Lends one connector what it may reach, in its own name. */
export const lend =
  (lender: Lender) =>
  (spec: ConnectorSpec, healthChanged: (health: Health) => void): KindTools => ({
    connector: spec.name,
    directory: spec.directory,
    start: spec.start,
    log: lender.log.child({ connector: spec.name }),
    secrets: lender.secrets,
    egress: lender.egress,
    meter: lender.meter(spec.name),
    store: lender.store(spec.name),
    definitions: spec.definitions,
    healthChanged,
    hub: { catalogue: lender.catalogue },
  })
