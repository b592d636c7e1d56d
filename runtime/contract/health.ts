/** up: answers; degraded: answers, not as it should; down: configured but does not answer; off: lacks a setting or is switched off; unknown: not probed yet. */
export type HealthState = 'up' | 'degraded' | 'down' | 'off' | 'unknown'

/** What a probe of one system found. */
export interface Health {
  readonly state: HealthState
  /** One sentence: what was seen, and for down and off what to do. */
  readonly detail?: string
  readonly latencyMs?: number
  /** Product and version, when the system says so. */
  readonly version?: string
  /** ISO 8601. */
  readonly checkedAt?: string
}
