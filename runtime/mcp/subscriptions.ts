import type { Logger } from '../contract/telemetry.ts'
import type { RegistrySource } from '../registry/types.ts'
import { logLevels } from './protocol.ts'

/** Which upstream resources clients watch. An upstream is subscribed to once, by the first who watches, and let go by the last. */
export interface Subscriptions {
  /** Watches an upstream's resource by its own URI; the returned function lets it go. */
  watch(connector: string, uri: string): () => void
  /** Asks an upstream for log messages from this level on; a level less verbose than one asked for before changes nothing, since the upstream is shared. */
  listen(connector: string, level: string): void
}

const mostWatched = 10_000

/** The subscriptions of this process. */
export function createSubscriptions(source: RegistrySource, log: Logger): Subscriptions {
  const watchers = new Map<string, number>()
  const levels = new Map<string, string>()

  const tell = (connector: string, act: 'subscribe' | 'unsubscribe', uri: string): void => {
    const extras = source.current().connectors.get(connector)?.extras()
    extras?.[act](uri).catch((error: unknown) => log.warn('upstream subscription failed', { connector, act, error }))
  }

  return {
    watch(connector, uri) {
      const key = `${connector}\n${uri}`
      const before = watchers.get(key) ?? 0
      if (before === 0 && watchers.size >= mostWatched) return () => undefined
      watchers.set(key, before + 1)
      if (before === 0) tell(connector, 'subscribe', uri)
      let watching = true
      return () => {
        if (!watching) return
        watching = false
        const left = (watchers.get(key) ?? 1) - 1
        if (left > 0) return void watchers.set(key, left)
        watchers.delete(key)
        tell(connector, 'unsubscribe', uri)
      }
    },
    listen(connector, level) {
      const before = levels.get(connector)
      if (before !== undefined && logLevels.indexOf(before) <= logLevels.indexOf(level)) return
      levels.set(connector, level)
      const extras = source.current().connectors.get(connector)?.extras()
      extras?.setLogLevel(level).catch((error: unknown) => log.warn('upstream log level was not set', { connector, error }))
    },
  }
}
