import type { CacheStore, AuditStore } from '../contract/store.ts'
import type { Secrets } from '../contract/secret.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { UnderWay } from '../contract/under-way.ts'
import type { Flights } from '../cache/flight.ts'
import type { Limits } from '../limits/limits.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { execute, type MakeRun } from './execute.ts'
import { limit } from './limit.ts'
import { permit } from './permit.ts'
import { place } from './place.ts'
import { polish } from './polish.ts'
import { recall } from './recall.ts'
import { record } from './record.ts'
import { release } from './release.ts'
import { remember } from './remember.ts'
import { validate } from './validate.ts'
import type { Flown, Remembered, Stage, Walk } from './walk.ts'

/** The services the stages stand on. */
export interface PipelineParts {
  readonly limits: Limits
  readonly cache: CacheStore<Remembered>
  readonly flights: Flights<Flown>
  readonly audit: AuditStore
  readonly secrets: Secrets
  readonly metrics: Metrics
  readonly log: Logger
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Takes in the calls that have not left the corridor. */
  readonly underWay?: UnderWay<Walk>
}

/** One stage and where in the corridor it stands: gates may refuse, work is skipped by a hit or a refusal, exits always run. */
export interface Station {
  readonly name: string
  readonly part: 'gate' | 'work' | 'exit'
  readonly stage: Stage
}

/** The life of one call, in order. Authentication (1) happens at the door, before there is a call. */
export const createOrder = (parts: PipelineParts, makeRun: MakeRun, refresh: (walk: Walk) => void): readonly Station[] => [
  { name: 'limit', part: 'gate', stage: limit(parts.limits) },
  { name: 'validate', part: 'gate', stage: validate },
  { name: 'permit', part: 'gate', stage: permit(parts) },
  { name: 'recall', part: 'gate', stage: recall(parts, refresh) },
  { name: 'place', part: 'work', stage: place },
  { name: 'execute', part: 'work', stage: execute(makeRun) },
  { name: 'polish', part: 'work', stage: polish(parts.secrets, parts.now) },
  { name: 'remember', part: 'exit', stage: remember(parts.cache, parts.now) },
  { name: 'record', part: 'exit', stage: record(parts) },
  { name: 'release', part: 'exit', stage: release },
]
