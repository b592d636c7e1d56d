import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthenticator, type Authenticator } from './auth/authenticate.ts'
import { createFlights } from './cache/flight.ts'
import { createMemoryCache } from './cache/memory.ts'
import { HubError } from './contract/errors.ts'
import type { Args } from './contract/call.ts'
import type { Kind } from './contract/kind.ts'
import type { HubConfig, Plan } from './contract/manifest.ts'
import type { Problem } from './contract/place.ts'
import type { Principal } from './contract/principal.ts'
import type { ApiKeyStore } from './contract/store.ts'
import type { Catalogue } from './contract/catalogue.ts'
import type { Logger } from './contract/telemetry.ts'
import { createSecrets } from './guards/content.ts'
import { createEgress } from './guards/egress.ts'
import { createProber, type Target } from './health/prober.ts'
import { kinds as shippedKinds } from './kinds/index.ts'
import { createLimits } from './limits/limits.ts'
import { createHttpEdge, type EdgeParts } from './mcp/http.ts'
import { createMetrics } from './metrics/metrics.ts'
import type { Drive, Outcome } from './pipeline/call.ts'
import { createDrive } from './pipeline/drive.ts'
import { upstreamActs } from './registry/bind.ts'
import { createCatalogue } from './registry/catalogue.ts'
import { createRegistryManager } from './registry/manager.ts'
import type { Registry, RegistrySource } from './registry/types.ts'
import { createKeyedStores } from './store/keyed.ts'
import { createRecompile, planOrThrow } from './wiring/compile-plan.ts'
import { lend } from './wiring/lend.ts'
import { reloadOnChange } from './wiring/reload.ts'
import { createRoutes } from './wiring/routes.ts'
import { openPostgres, openStores } from './wiring/stores.ts'

const cacheBytes = 64 * 1024 * 1024
const keyedBytes = 16 * 1024 * 1024
const probeEveryMs = 30_000
const drainMs = 10_000

/** What a hub is started with. */
export interface HubOptions {
  /** Absolute path of hub.config.yaml. */
  readonly configFile: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** Told to clients and in /health. */
  readonly version?: string
  /** The kinds a manifest may name; those of this hub unless given. */
  readonly kinds?: readonly Kind[]
  readonly onProgress?: (message: string) => void
  /** False sends every method through the SDK's path; for comparing the two. */
  readonly hotPath?: boolean
}

/** What a hub that listens is started with. */
export interface ServeOptions extends HubOptions {
  /** Overrides the configuration's; 0 takes a free one. */
  readonly port?: number
  /** Follow edits of the manifests. Default true. */
  readonly watch?: boolean
  readonly onProblems?: (problems: readonly Problem[]) => void
  readonly onReload?: (registry: Registry) => void
}

/** A hub in this process: everything but the listening socket. */
export interface OpenHub {
  readonly config: HubConfig
  readonly source: RegistrySource
  readonly catalogue: Catalogue
  readonly drive: Drive
  readonly keys: ApiKeyStore
  readonly authenticator: Authenticator
  readonly edge: EdgeParts
  /** Calls one tool by its full name as a principal. Never rejects for what the tool did; HUB_TOOL_UNKNOWN when it is not visible. */
  callTool(name: string, args: Args, principal: Principal, signal?: AbortSignal): Promise<Outcome>
  close(): Promise<void>
}

/** A hub that listens. */
export interface Hub extends OpenHub {
  readonly url: string
}

/** Compiles the manifests, opens the stores and connectors, and wires every part to the ones it needs. */
export async function openHub(options: HubOptions): Promise<OpenHub> {
  return (await wire(options)).hub
}

async function wire(options: HubOptions) {
  const { log, configFile, env, version } = options
  const kinds = options.kinds ?? shippedKinds
  const startedAt = Date.now()
  const recompile = createRecompile({ configFile, kinds, env, version })
  const plan = await planOrThrow(recompile)
  const config = plan.hub
  const metrics = createMetrics({ version: config.version })
  const postgres = await openPostgres(config, log, options.onProgress)
  const stores = await openStores(postgres, log, (lines) => log.error('audit lines lost', { lines }))
  const secrets = createSecrets()
  const egress = createEgress({ allow: config.egress.allow })
  const keyed = createKeyedStores({ maxBytes: keyedBytes })

  const source: RegistrySource = { current: () => manager.current(), onEvent: (listener) => manager.onEvent(listener) }
  const catalogue = createCatalogue(() => source, startedAt, Date.now)
  const lender = { log, secrets, egress, catalogue, meter: metrics.meter, store: keyed.namespace }
  const manager = createRegistryManager({ plan, kinds, lend: lend(lender), log, now: Date.now })

  const limits = createLimits(config.limits)
  const drive = createDrive({
    limits,
    cache: createMemoryCache({ maxBytes: cacheBytes }),
    flights: createFlights(),
    audit: stores.audit,
    secrets,
    metrics,
    log,
    now: Date.now,
  })
  const authenticator = createAuthenticator({
    mode: config.auth.mode,
    issuers: config.auth.issuers,
    publicUrl: config.publicUrl,
    keys: stores.keys,
    fetch: egress.fetch as typeof fetch,
    onFailure: metrics.authenticationFailed,
  })
  const prober = createProber({
    everyMs: probeEveryMs,
    targets: () => targetsOf(manager.current()),
    onChange: (connector, health) => metrics.connectorState(connector, health.state),
  })
  const declare = (plan: Plan): void => metrics.declare(measured(plan), [...plan.connectors, ...plan.toolsets].map(({ name }) => name))
  declare(plan)

  let serving = true
  const routes = createRoutes({ config, catalogue, prober, metrics, authenticator, isServing: () => serving, storeIsReady: stores.isReady })
  const edge: EdgeParts = { source, drive, authenticator, config, metrics, log, routes, hotPath: options.hotPath }

  const hub: OpenHub = {
    config,
    source,
    catalogue,
    drive,
    keys: stores.keys,
    authenticator,
    edge,
    callTool: (name, args, principal, signal) => callTool(source, drive, name, args, principal, signal),
    async close() {
      serving = false
      await prober.stop()
      await manager.close()
      await stores.close()
      await postgres.close()
    },
  }
  const reloaded = (registry: Registry): void => declare(registry.plan)
  return { hub, recompile, manager, prober, reloaded, stopServing: () => void (serving = false) }
}

/** Each connector that may be asked how it is. */
const targetsOf = (registry: Registry): readonly Target[] => [...registry.connectors.values()].map((connector) => ({ name: connector.spec.name, probe: connector.probe, health: connector.health }))

/** Every pair of labels a call can be counted under: what the manifests declare, and nothing a caller says. */
const measured = (plan: Plan): readonly { readonly server: string; readonly tool: string }[] =>
  plan.connectors.flatMap(({ name, tools, resources, definitions }) =>
    [...tools.map((tool) => tool.name), ...resources.map(({ tool }) => tool.name), ...(definitions ? upstreamActs.map((act) => `${name}:${act}`) : [])].map((tool) => ({ server: name, tool })),
  )

/** Opens a hub and listens. Resolves when it answers. */
export async function startHub(options: ServeOptions): Promise<Hub> {
  const { hub, recompile, manager, prober, reloaded, stopServing } = await wire(options)
  const edge = createHttpEdge(hub.edge)
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 }, edge.handler)
  let url: string
  try {
    url = await listen(server, hub.config, options.port)
  } catch (error) {
    await hub.close()
    throw error
  }
  const onReload = (registry: Registry): void => {
    reloaded(registry)
    options.onReload?.(registry)
  }
  const reload = options.watch === false ? undefined : reloadOnChange({ recompile, manager, log: options.log, onProblems: options.onProblems, onReload })
  prober.start()
  let ending: Promise<void> | undefined

  async function end(): Promise<void> {
    stopServing()
    await reload?.close()
    await drain(server, edge.close)
    await hub.close()
  }

  return { ...hub, url, close: () => (ending ??= end()) }
}

async function listen(server: Server, config: HubConfig, port: number | undefined): Promise<string> {
  const { host } = config.listen
  const wanted = port ?? config.listen.port
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const way = error.code === 'EADDRINUSE' ? `port ${wanted} is taken; give another with --port or HUB_LISTEN` : error.message
      reject(new HubError('HUB_SETUP', `cannot listen on ${host}:${wanted}: ${way}`, { code: error.code }, error))
    })
    server.listen(wanted, host, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`
}

/** Takes no new connection, lets calls in flight end within bounds, then ends streams and sockets. */
async function drain(server: Server, closeEdge: () => Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), drainMs)
  await closeEdge()
  server.closeIdleConnections()
  await closed
  clearTimeout(timer)
}

async function callTool(source: RegistrySource, drive: Drive, name: string, args: Args, principal: Principal, signal = new AbortController().signal): Promise<Outcome> {
  const registry = source.current()
  const endpoint = registry.endpoint('all')
  const view = endpoint && registry.view(endpoint, principal)
  const tool = view?.find(name)
  if (!view || !tool) throw new HubError('HUB_TOOL_UNKNOWN', `no tool "${name}" is visible to this caller`, { suggestions: view?.suggest(name) ?? [] })
  return drive({ registry, view, tool, args, principal, signal, trace: {}, capabilities: {}, exchange: {} })
}
