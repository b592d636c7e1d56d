import type { Readable, Writable } from 'node:stream'
import type { JSONRPCMessage, Server } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { HubError } from '../contract/errors.ts'
import { isObject, type JsonObject } from '../contract/json.ts'
import type { HubConfig } from '../contract/manifest.ts'
import type { Principal } from '../contract/principal.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { Drive } from '../pipeline/call.ts'
import type { Endpoint, RegistryEvent, RegistrySource } from '../registry/types.ts'
import type { CallerSession } from './caller.ts'
import { connectionLabel, createReaders } from './describe.ts'
import { longestUri, ownUri } from './names.ts'
import { concerns, exposedUpdate } from './news.ts'
import { isWanted } from './protocol.ts'
import { createSdkServer } from './sdk-server.ts'
import { createServices, type Services } from './services.ts'
import type { Release } from './subscriptions.ts'
import { createStdioWire } from './stdio-wire.ts'

const mostWatched = 1_000

/** What the edge over stdio is made of. */
export interface StdioParts {
  readonly source: RegistrySource
  readonly drive: Drive
  readonly config: HubConfig
  readonly log: Logger
  /** Whoever started the process. */
  readonly principal: Principal
  readonly metrics?: { connected(server: string): () => void }
}

/** A hub that serves one client over stdio. */
export interface StdioEdge {
  /** Resolves when the client has gone or the edge was closed. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Serves one endpoint to one client over a pair of streams, in whichever era it opens with. Throws HUB_SETUP when there is no such endpoint. */
export function serveStdioEdge(
  parts: StdioParts,
  wanted: { readonly kind: Endpoint['kind']; readonly name?: string },
  streams: { readonly stdin: Readable; readonly stdout: Writable },
): StdioEdge {
  const { source, principal, config, log } = parts
  const endpoint = source.current().endpoint(wanted.kind, wanted.name)
  if (!endpoint) throw new HubError('HUB_SETUP', `there is no ${wanted.kind} "${wanted.name ?? ''}"; hub list tells what there is`)
  const services = createServices(parts)
  const readers = createReaders(config)
  const memory = createMemory(services, endpoint, principal)
  const disconnected = parts.metrics?.connected(connectionLabel(endpoint))
  const audience = { organisation: principal.organisation, principal: principal.id }
  let server: Server | undefined
  let end!: () => void
  const closed = new Promise<void>((resolve) => (end = resolve))

  const wire = createStdioWire(streams.stdin, streams.stdout, (message) => memory.overhear(message))
  const handle = serveStdio(
    ({ era }) => {
      server = createSdkServer(services, { endpoint, principal, era, reader: readers(endpoint, era), session: memory, answers: true })
      return server
    },
    { transport: wire, onerror: (error) => log.debug('the sdk refused or failed', { error }) },
  )
  const afterwards = wire.onclose
  const forget = source.onEvent((event) => event.type !== 'renewed' && announce(event))
  wire.onclose = () => {
    afterwards?.()
    forget()
    services.parking.close()
    services.subscriptions.close()
    memory.forget()
    disconnected?.()
    end()
  }

  function announce(event: RegistryEvent): void {
    if (!server?.transport || !concerns(event, endpoint as Endpoint, audience)) return
    tell(server, event).catch((error: unknown) => log.debug('a notification was not sent', { error }))
  }

  async function tell(to: Server, event: RegistryEvent): Promise<void> {
    if (event.type === 'tools') return to.sendToolListChanged()
    if (event.type === 'prompts') return to.sendPromptListChanged()
    if (event.type === 'resources') return to.sendResourceListChanged()
    if (event.type === 'updated') {
      const uri = exposedUpdate(event, endpoint as Endpoint)
      return memory.isWatching(uri) ? to.sendResourceUpdated({ uri }) : undefined
    }
    if (event.type === 'log' && memory.logLevel !== undefined && isWanted(String(event.params['level']), memory.logLevel))
      await to.notification({ method: 'notifications/message', params: event.params as never })
  }

  return { closed, close: () => handle.close().then(() => wire.close()) }
}

interface Memory extends CallerSession {
  readonly logLevel: string | undefined
  isWatching(uri: string): boolean
  /** Looks at what comes in for what the SDK keeps to itself: which resources a modern client listens to. */
  overhear(message: JSONRPCMessage): void
  forget(): void
}

function createMemory({ subscriptions }: Services, endpoint: Endpoint, principal: Principal): Memory {
  const watched = new Map<string, Release>()
  const listening = new Map<string, readonly string[]>()
  let logLevel: string | undefined

  function watch(uri: string): void {
    const own = endpoint.prefixed ? ownUri(uri) : { connector: endpoint.name, uri }
    if (own && !watched.has(uri) && watched.size < mostWatched) watched.set(uri, subscriptions.watch(own.connector, own.uri, principal))
  }
  /** Asked for by the client, who is told what the upstream says to it. */
  async function subscribe(uri: string): Promise<void> {
    watch(uri)
    try {
      await watched.get(uri)?.begun
    } catch (error) {
      unwatch(uri)
      throw error
    }
  }
  function unwatch(uri: string): void {
    watched.get(uri)?.()
    watched.delete(uri)
  }
  function listen(id: string, params: JsonObject): void {
    const filter = params['notifications']
    const uris =
      isObject(filter) && Array.isArray(filter['resourceSubscriptions'])
        ? filter['resourceSubscriptions'].filter((uri): uri is string => typeof uri === 'string' && uri.length <= longestUri)
        : []
    listening.set(id, uris)
    for (const uri of uris) watch(uri)
  }
  function unlisten(id: string): void {
    const uris = listening.get(id) ?? []
    listening.delete(id)
    const others = new Set([...listening.values()].flat())
    for (const uri of uris) if (!others.has(uri)) unwatch(uri)
  }

  return {
    get logLevel() {
      return logLevel
    },
    setLogLevel: (level) => void (logLevel = level),
    subscribe,
    unsubscribe: unwatch,
    isWatching: (uri) => watched.has(uri),
    overhear(message) {
      if (!('method' in message) || !isObject(message.params)) return
      if (message.method === 'subscriptions/listen' && 'id' in message) listen(JSON.stringify(message.id), message.params)
      if (message.method === 'notifications/cancelled') unlisten(JSON.stringify(message.params['requestId']))
    },
    forget() {
      for (const release of watched.values()) release()
      watched.clear()
    },
  }
}
