import type { Health } from './health.ts'
import type { JsonObject } from './json.ts'
import type { Principal } from './principal.ts'

/** One connector as `hub_list_connectors` and `hub list` tell it. */
export interface ConnectorSummary {
  readonly name: string
  readonly kind: string
  readonly summary: string
  readonly state: Health['state']
  readonly detail?: string
  readonly tools: number
}

/** What of the hub itself the built-in tools may see: only what this principal may see. */
export interface Catalogue {
  connectors(principal: Principal): readonly ConnectorSummary[]
  /** Name, summary, effect, schemas, policy and example of one tool; undefined when there is none visible. */
  describe(tool: string, principal: Principal): JsonObject | undefined
  /** Names close to a name that is not there. */
  suggest(tool: string, principal: Principal): readonly string[]
  health(principal: Principal): JsonObject
}
