import type { Run } from './call.ts'
import { HubError } from './errors.ts'
import type { JsonObject } from './json.ts'
import type { Extras, ExtrasEvent } from './kind.ts'
import type { Principal } from './principal.ts'

/** Resources a kind makes of its own system, some of which change while they are watched. */
export interface LiveResources {
  /** MCP resource templates: `{ uriTemplate, name, description, mimeType }`. */
  readonly templates?: readonly JsonObject[]
  /** MCP resource definitions this caller may see, bounded. */
  resources?(principal: Principal): Promise<readonly JsonObject[]>
  /** The MCP `contents` of one address. Rejects HUB_RESOURCE_UNKNOWN for an address this kind does not have. */
  read(uri: string, run: Run): Promise<readonly JsonObject[]>
  /** Begins to watch one address until the returned function is called; calls `changed` whenever a read would answer something new, as often as it likes. Rejects for an address that cannot be watched. */
  watch?(uri: string, principal: Principal, changed: () => void): Promise<() => void>
  /** True when one address means something else to each caller: it is then watched for each of them. */
  readonly perCaller?: boolean
}

// Several times what one caller may watch, so that none can take all.
const mostWatched = 4_000
// Watchers read again when they are told: more often than this helps nobody.
const pauseMs = 250

/** The `extras` of a connector with live resources and nothing else; `close` ends every watch. News of one address are told at once, then at most four times a second, the last always. */
export function extrasOf(live: LiveResources): { readonly extras: Extras; close(): void } {
  const listeners = new Set<(event: ExtrasEvent) => void>()
  const watches = new Map<string, Watch>()
  let closed = false

  const keyOf = (uri: string, principal: Principal): string => (live.perCaller === true ? JSON.stringify([uri, principal.organisation, principal.id]) : uri)

  const extras: Extras = {
    capabilities: { resources: live.watch === undefined ? {} : { subscribe: true } },
    ...(live.perCaller === undefined ? {} : { perCaller: live.perCaller }),
    prompts: () => Promise.resolve([]),
    resources: (principal) => live.resources?.(principal) ?? Promise.resolve([]),
    templates: () => Promise.resolve(live.templates ?? []),
    getPrompt: () => Promise.reject(new HubError('HUB_PROMPT_UNKNOWN', 'this connector has no prompts of its own')),
    readResource: async (uri, run) => ({ contents: await live.read(uri, run) }),
    complete: () => Promise.resolve({ completion: { values: [] } }),
    async subscribe(uri, principal) {
      if (live.watch === undefined) throw new HubError('HUB_RESOURCE_UNKNOWN', 'the resources of this connector cannot be watched')
      const key = keyOf(uri, principal)
      if (closed) return
      const known = watches.get(key)
      if (known !== undefined) {
        known.watchers += 1
        return known.beginning
      }
      if (watches.size >= mostWatched) throw new HubError('HUB_LIMITED', `more than ${mostWatched} resources of this connector are watched`)
      const audience = live.perCaller === true ? { organisation: principal.organisation, principal: principal.id } : undefined
      const watch = new Watch(() => {
        for (const listener of listeners) listener({ type: 'updated', uri, ...(audience && { audience }) })
      })
      watches.set(key, watch)
      watch.beginning = begin(uri, principal, watch, key)
      return watch.beginning
    },
    async unsubscribe(uri, principal) {
      const key = keyOf(uri, principal)
      const watch = watches.get(key)
      if (watch === undefined) return
      watch.watchers -= 1
      if (watch.watchers > 0) return
      watches.delete(key)
      watch.end()
    },
    setLogLevel: () => Promise.resolve(),
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }

  async function begin(uri: string, principal: Principal, watch: Watch, key: string): Promise<void> {
    try {
      watch.begun(await live.watch?.(uri, principal, () => watch.changed()))
    } catch (error) {
      watch.end()
      if (watches.get(key) === watch) watches.delete(key)
      throw error
    }
  }

  return {
    extras,
    close() {
      closed = true
      for (const watch of watches.values()) watch.end()
      watches.clear()
    },
  }
}

/** One watched address. It may end before its beginning is done. */
class Watch {
  watchers = 1
  /** What all who watch wait for. */
  beginning: Promise<void> | undefined
  readonly #tell: () => void
  #stop: (() => void) | undefined
  #ended = false
  #timer: NodeJS.Timeout | undefined
  #isDue = false

  constructor(tell: () => void) {
    this.#tell = tell
  }

  begun(stop: (() => void) | undefined): void {
    this.#stop = stop
    if (this.#ended) stop?.()
  }

  changed(): void {
    if (this.#ended) return
    if (this.#timer !== undefined) {
      this.#isDue = true
      return
    }
    this.#tell()
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (!this.#isDue) return
      this.#isDue = false
      this.changed()
    }, pauseMs).unref()
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    this.#stop?.()
  }
}
