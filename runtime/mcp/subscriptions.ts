import type { Principal } from '../contract/principal.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { RegistrySource } from '../registry/types.ts'
import { logLevels } from './protocol.ts'

/** Which resources of upstreams and live connectors clients watch. An upstream is subscribed to once, by the first who watches, and let go by the last; a connector that is opened anew is asked again. */
export interface Subscriptions {
  /** Watches a connector's resource by its own URI; the returned function lets it go. */
  watch(connector: string, uri: string, principal: Principal): () => void
  /** Asks an upstream for log messages from this level on; a level less verbose than one asked for before changes nothing, since the upstream is shared. */
  listen(connector: string, level: string): void
  close(): void
}

interface Watcher {
  readonly uri: string
  readonly principal: Principal
  count: number
}

const mostWatched = 10_000

/** The subscriptions of this process. */
export function createSubscriptions(source: RegistrySource, log: Logger): Subscriptions {
  const watchers = new Map<string, Map<string, Watcher>>()
  const levels = new Map<string, string>()
  let watched = 0

  const connectorOf = (name: string): ReturnType<ReturnType<RegistrySource['current']>['connectors']['get']> => source.current().connectors.get(name)

  // Upstream MCP servers know no callers of ours; what a kind of the hub offers may be another thing to each.
  const keyOf = (name: string, uri: string, principal: Principal): string =>
    connectorOf(name)?.spec.definitions === undefined ? JSON.stringify([uri, principal.organisation, principal.id]) : uri

  function tell(name: string, act: 'subscribe' | 'unsubscribe', { uri, principal }: Watcher): void {
    const extras = connectorOf(name)?.extras()
    extras?.[act](uri, principal).catch((error: unknown) => log.warn('resource subscription failed', { connector: name, act, error }))
  }

  /** Asks for everything watched at a connector; opens it where it must be, which comes back here. */
  function renew(name: string): void {
    const wanted = watchers.get(name)
    const connector = connectorOf(name)
    if (wanted === undefined || connector === undefined) return
    if (connector.extras() !== undefined) for (const watcher of wanted.values()) tell(name, 'subscribe', watcher)
    else connector.open().catch((error: unknown) => log.warn('a watched connector did not open', { connector: name, error }))
  }

  const forget = source.onEvent((event) => {
    if (event.type === 'renewed') renew(event.connector)
  })

  return {
    watch(name, uri, principal) {
      const key = keyOf(name, uri, principal)
      const here = watchers.get(name) ?? new Map<string, Watcher>()
      const known = here.get(key)
      if (known === undefined && watched >= mostWatched) return () => undefined
      const watcher = known ?? { uri, principal, count: 0 }
      watcher.count += 1
      if (known === undefined) {
        watched += 1
        here.set(key, watcher)
        watchers.set(name, here)
        if (connectorOf(name)?.extras() === undefined) renew(name)
        else tell(name, 'subscribe', watcher)
      }
      let watching = true
      return () => {
        if (!watching) return
        watching = false
        watcher.count -= 1
        if (watcher.count > 0) return
        watched -= 1
        here.delete(key)
        if (here.size === 0) watchers.delete(name)
        tell(name, 'unsubscribe', watcher)
      }
    },
    listen(connector, level) {
      const before = levels.get(connector)
      if (before !== undefined && logLevels.indexOf(before) <= logLevels.indexOf(level)) return
      levels.set(connector, level)
      const extras = connectorOf(connector)?.extras()
      extras?.setLogLevel(level).catch((error: unknown) => log.warn('upstream log level was not set', { connector, error }))
    },
    close: forget,
  }
}
