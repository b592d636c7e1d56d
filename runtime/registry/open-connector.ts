import { asHubError, HubError } from '../contract/errors.ts'
import type { Health } from '../contract/health.ts'
import type { Connector, Extras, Kind, KindTools } from '../contract/kind.ts'
import type { ConnectorSpec } from '../contract/manifest.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { OpenConnector } from './types.ts'

const firstPauseMs = 250
const longestPauseMs = 30_000

/** What an open connector is made of; `lend` is asked once, when it opens. */
export interface OpenConnectorParts {
  readonly spec: ConnectorSpec
  readonly kind: Kind
  readonly lend: (spec: ConnectorSpec, healthChanged: (health: Health) => void) => KindTools
  readonly log: Logger
  readonly now: () => number
  /** Called once it opened, with what the upstream offers besides tools. */
  readonly onOpened: (extras: Extras | undefined) => void
}

/** An open connector with the means to end it. Holders are counted, since registries share it. */
export interface HeldConnector extends OpenConnector {
  /** Lets go again when called; the last to let go closes it and resolves when it is closed. */
  hold(): () => Promise<void>
}

/** Opens a connector at first use, once for all who wait; a failed opening is tried again after a growing pause, never in between. */
export function createOpenConnector(parts: OpenConnectorParts): HeldConnector {
  const { spec, log, now } = parts
  let connector: Connector | undefined
  let opening: Promise<Connector> | undefined
  let closed = false
  let failures = 0
  let retryAt = 0
  let holders = 0
  let health: Health = spec.off ? { state: 'off', detail: spec.off.reason } : { state: 'unknown', detail: 'not probed yet' }

  const healthChanged = (next: Health): void => {
    if (next.state !== health.state) log.info('connector health changed', { connector: spec.name, from: health.state, to: next.state, detail: next.detail })
    health = { checkedAt: new Date(now()).toISOString(), ...next }
  }

  async function openOnce(): Promise<Connector> {
    try {
      const opened = await parts.kind.open(spec.config, parts.lend(spec, healthChanged))
      if (closed) {
        await opened.close()
        throw new HubError('HUB_CONNECTOR_DOWN', `connector "${spec.name}" was closed while it opened`, { retryAfterMs: firstPauseMs })
      }
      connector = opened
      failures = 0
      parts.onOpened(opened.extras)
      return opened
    } catch (error) {
      const pauseMs = Math.min(firstPauseMs * 2 ** failures, longestPauseMs)
      failures += 1
      retryAt = now() + pauseMs
      const reason = error instanceof HubError ? error.message : 'its driver could not be started'
      log.warn('connector did not open', { connector: spec.name, attempt: failures, retryAfterMs: pauseMs, error })
      healthChanged({ state: 'down', detail: reason })
      throw new HubError(
        'HUB_CONNECTOR_DOWN',
        `connector "${spec.name}" cannot be opened: ${reason}`,
        { ...asHubError(error).details, retryAfterMs: pauseMs },
        error,
      )
    } finally {
      opening = undefined
    }
  }

  function open(): Promise<Connector> {
    if (connector) return Promise.resolve(connector)
    if (spec.off) return Promise.reject(new HubError('HUB_CONNECTOR_OFF', `connector "${spec.name}" is off: ${spec.off.reason}`, { needs: spec.off.needs }))
    if (closed) return Promise.reject(new HubError('HUB_CONNECTOR_DOWN', `connector "${spec.name}" was closed`))
    const waitMs = retryAt - now()
    if (!opening && waitMs > 0)
      return Promise.reject(
        new HubError('HUB_CONNECTOR_DOWN', `connector "${spec.name}" is down: ${health.detail ?? 'it could not be opened'}`, { retryAfterMs: waitMs }),
      )
    opening ??= openOnce()
    return opening
  }

  async function probe(signal: AbortSignal): Promise<Health> {
    if (spec.off) return health
    const startedAt = now()
    try {
      const found = await (await open()).check(signal)
      healthChanged(found.latencyMs === undefined && found.state !== 'unknown' ? { ...found, latencyMs: now() - startedAt } : found)
    } catch (error) {
      healthChanged({ state: 'down', detail: asHubError(error).message })
    }
    return health
  }

  async function close(): Promise<void> {
    if (closed) return
    closed = true
    const open = connector ?? (await opening?.catch(() => undefined))
    connector = undefined
    await open?.close().catch((error: unknown) => log.warn('connector did not close cleanly', { connector: spec.name, error }))
  }

  return {
    spec,
    perCaller: parts.kind.perCaller?.(spec.config) ?? false,
    open,
    extras: () => connector?.extras,
    health: () => health,
    probe,
    hold() {
      holders += 1
      let held = true
      return async () => {
        if (!held) return
        held = false
        holders -= 1
        if (holders === 0) await close()
      }
    },
  }
}
