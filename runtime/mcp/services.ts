import type { HubConfig } from '../contract/manifest.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { Drive } from '../pipeline/call.ts'
import type { ErrorCode, HubError } from '../contract/errors.ts'
import type { Endpoint, RegistrySource } from '../registry/types.ts'
import type { Reader } from './answer.ts'
import type { Era } from './protocol.ts'
import { createParking, type Parking } from './parked.ts'
import { createStateSeal, type StateSeal } from './state.ts'
import { createSubscriptions, type Subscriptions } from './subscriptions.ts'
import type { Vigil } from './vigil.ts'

const questionLifetimeMs = 10 * 60_000
const parkingBounds = { most: 1_000, mostOfOne: 100, expiryMs: questionLifetimeMs }

/** The parts every method works with, whatever way a request came in. */
export interface Services {
  readonly source: RegistrySource
  readonly drive: Drive
  readonly config: HubConfig
  readonly parking: Parking
  readonly seal: StateSeal
  readonly subscriptions: Subscriptions
  readonly log: Logger
  readonly now: () => number
}

/** What the ways through the HTTP edge share. */
export interface EdgeTools {
  readonly services: Services
  readonly reader: (endpoint: Endpoint, era: Era) => Reader
  /** Counts a session or stream of an endpoint until the answer is called. */
  readonly connected: (server: string) => () => void
  /** Counts an error that belongs to no tool. */
  readonly failed: (code: ErrorCode) => void
  /** The WWW-Authenticate value for a caller that needs another, or a stronger, credential. */
  readonly challenge: (error: HubError, url: string) => string
  readonly vigil: Vigil
}

/** What services are made from. */
export interface ServiceParts extends Pick<Services, 'source' | 'drive' | 'config' | 'log'> {
  /** Signs the state that modern callers bring back; random unless given. At least 32 bytes. */
  readonly stateKey?: Buffer | undefined
  readonly now?: (() => number) | undefined
}

/** The parts every method works with, made from those of an edge. */
export function createServices({ source, drive, config, log, stateKey, now = Date.now }: ServiceParts): Services {
  return {
    source,
    drive,
    config,
    log,
    now,
    parking: createParking(parkingBounds),
    seal: createStateSeal({ key: stateKey, lifetimeMs: questionLifetimeMs, now }),
    subscriptions: createSubscriptions(source, log),
  }
}
