import { HubError } from '../contract/errors.ts'
import type { Principal } from '../contract/principal.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { RegistrySource } from '../registry/types.ts'
import { logLevels } from './protocol.ts'

/** Lets a watched resource go. */
export interface Release {
  (): void
  /** Settles when the upstream has answered; rejects with why it refused, or HUB_LIMITED. Nobody needs to wait for it. */
  readonly begun: Promise<void>
}

/** Which resources of upstreams and live connectors clients watch. An upstream is subscribed to once, by the first who watches, and let go by the last; a connector that is opened anew is asked again. */
export interface Subscriptions {
  /** Watches a connector's resource by its own URI, until what it returns is called. One that was refused is asked for again by the next who watches it. */
  watch(connector: string, uri: string, principal: Principal): Release
  /** How many resources more a caller may watch. */
  room(principal: Principal): number
  /** Asks an upstream for log messages from this level on; a level less verbose than one asked for before changes nothing, since the upstream is shared. */
  listen(connector: string, level: string): void
  close(): void
}

interface Watcher {
  readonly uri: string
  readonly principal: Principal
  count: number
  /** What came of asking the connector last; absent before that. */
  asked: Promise<void> | undefined
  isRefused: boolean
}

const mostWatched = 10_000
/** Of one caller, so that none can take all. */
const mostOfOne = 1_000

/** Watches nothing: for what never changes. */
export const unwatched: Release = Object.assign(() => undefined, { begun: Promise.resolve() })

/** The subscriptions of this process. */
export function createSubscriptions(source: RegistrySource, log: Logger): Subscriptions {
  const watchers = new Map<string, Map<string, Watcher>>()
  const ofOne = new Map<string, number>()
  const levels = new Map<string, string>()
  let watched = 0

  const connectorOf = (name: string): ReturnType<ReturnType<RegistrySource['current']>['connectors']['get']> => source.current().connectors.get(name)

  // Upstream MCP servers know no callers of ours; what a kind of the hub offers may be another thing to each.
  const keyOf = (name: string, uri: string, principal: Principal): string =>
    connectorOf(name)?.spec.definitions === undefined ? JSON.stringify([uri, principal.organisation, principal.id]) : uri

  function ask(name: string, watcher: Watcher): void {
    const asked = connectorOf(name)?.extras()?.subscribe(watcher.uri, watcher.principal)
    if (asked === undefined) return
    watcher.asked = asked
    watcher.isRefused = false
    asked.catch((error: unknown) => {
      log.warn('resource subscription failed', { connector: name, act: 'subscribe', error })
      if (watcher.asked === asked) watcher.isRefused = true
    })
  }

  /** Lets a connector go on without an address, if it was ever asked for it: what it refused it must not hear of again. */
  function dismiss(name: string, { uri, principal, asked, isRefused }: Watcher): void {
    if (asked === undefined || isRefused) return
    const extras = connectorOf(name)?.extras()
    extras?.unsubscribe(uri, principal).catch((error: unknown) => log.warn('resource subscription failed', { connector: name, act: 'unsubscribe', error }))
  }

  /** Asks for everything watched at a connector; opens it where it must be, which comes back here. */
  async function renew(name: string): Promise<void> {
    const wanted = watchers.get(name)
    const connector = connectorOf(name)
    if (wanted === undefined || connector === undefined) return
    if (connector.extras() !== undefined) for (const watcher of wanted.values()) ask(name, watcher)
    else {
      await connector.open().catch((error: unknown) => {
        log.warn('a watched connector did not open', { connector: name, error })
        throw error
      })
    }
  }

  /** Sees to it that a connector is asked for an address; one that refused is asked again. */
  function begin(name: string, watcher: Watcher): Promise<void> {
    if (watcher.asked !== undefined && !watcher.isRefused) return watcher.asked
    if (connectorOf(name)?.extras() === undefined) return renew(name).then(() => watcher.asked)
    ask(name, watcher)
    return watcher.asked ?? Promise.resolve()
  }

  const forget = source.onEvent((event) => {
    if (event.type === 'renewed') renew(event.connector).catch(ignore)
  })

  return {
    watch(name, uri, principal) {
      const owner = ownerOf(principal)
      const own = ofOne.get(owner) ?? 0
      if (own >= mostOfOne) return refused(`this caller watches ${mostOfOne} resources, the most one may; let some go first`)
      const key = keyOf(name, uri, principal)
      const here = watchers.get(name) ?? new Map<string, Watcher>()
      const known = here.get(key)
      if (known === undefined && watched >= mostWatched) return refused(`${mostWatched} resources are watched here, the most that may be; try again later`)
      const watcher = known ?? { uri, principal, count: 0, asked: undefined, isRefused: false }
      watcher.count += 1
      ofOne.set(owner, own + 1)
      if (known === undefined) {
        watched += 1
        here.set(key, watcher)
        watchers.set(name, here)
      }
      let watching = true
      const release = (): void => {
        if (!watching) return
        watching = false
        const left = (ofOne.get(owner) ?? 1) - 1
        if (left > 0) ofOne.set(owner, left)
        else ofOne.delete(owner)
        watcher.count -= 1
        if (watcher.count > 0) return
        watched -= 1
        here.delete(key)
        if (here.size === 0) watchers.delete(name)
        dismiss(name, watcher)
      }
      return releaseOf(release, begin(name, watcher))
    },
    room: (principal) => Math.min(mostOfOne - (ofOne.get(ownerOf(principal)) ?? 0), mostWatched - watched),
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

const ownerOf = ({ organisation, id }: Principal): string => JSON.stringify([organisation, id])

// What was refused is in the log, and told to those who wait for it.
const ignore = (): void => undefined

function releaseOf(release: () => void, begun: Promise<void>): Release {
  begun.catch(ignore)
  return Object.assign(release, { begun })
}

const refused = (why: string): Release => releaseOf(ignore, Promise.reject(new HubError('HUB_LIMITED', why)))
