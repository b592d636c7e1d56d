import { join } from 'node:path'
import { createAuthenticator } from './auth/authenticate.ts'
import { createFlights } from './cache/flight.ts'
import { createMemoryCache } from './cache/memory.ts'
import type { Args } from './contract/call.ts'
import type { Catalogue } from './contract/catalogue.ts'
import { HubError } from './contract/errors.ts'
import type { Kind } from './contract/kind.ts'
import type { HubConfig } from './contract/manifest.ts'
import type { Problem } from './contract/place.ts'
import type { Principal } from './contract/principal.ts'
import type { Secrets } from './contract/secret.ts'
import type { ApiKeyStore } from './contract/store.ts'
import type { Logger } from './contract/telemetry.ts'
import { UnderWay } from './contract/under-way.ts'
import { createSecrets } from './guards/content.ts'
import { createEgress } from './guards/egress.ts'
import { createProber } from './health/prober.ts'
import { kinds as shippedKinds } from './kinds/index.ts'
import { createLimits } from './limits/limits.ts'
import type { EdgeParts } from './mcp/http.ts'
import { createMetrics } from './metrics/metrics.ts'
import type { Drive, Outcome } from './pipeline/call.ts'
import { createDrive } from './pipeline/drive.ts'
import type { Walk } from './pipeline/walk.ts'
import { createCatalogue } from './registry/catalogue.ts'
import { createGeneratedChecks } from './registry/generated.ts'
import { createRegistryManager } from './registry/manager.ts'
import type { Registry, RegistrySource } from './registry/types.ts'
import { createKeyedStores } from './store/keyed.ts'
import { createRecompile, planOrThrow, type Admit } from './wiring/compile-plan.ts'
import { createHandling } from './wiring/handler.ts'
import { lend } from './wiring/lend.ts'
import { drain, listen } from './wiring/listen.ts'
import { declareMetrics } from './wiring/measured.ts'
import { reloadOnChange } from './wiring/reload.ts'
import { createRoutes } from './wiring/routes.ts'
import { openPostgres, openStores, type PostgresStore } from './wiring/stores.ts'

// Imported, node:http names everything it exports and with that loads fetch and WebSocket: 45 ms and 13 MB for nothing.
const { createServer } = process.getBuiltinModule('node:http')

const cacheBytes = 64 * 1024 * 1024
const keyedBytes = 16 * 1024 * 1024
// For calls that were cut off to be recorded.
const lastWordsMs = 2_000
const probeEveryMs = 30_000
// A probe opens its connector, and what that loads would stand in the way of the first callers.
const firstProbeMs = 100
// For a request to arrive whole; how long an answer takes is the deadline's affair.
const requestTimeoutMs = 60_000

/** What a hub is opened with. */
export interface HubOptions {
  /** Absolute path of hub.config.yaml. */
  readonly configFile: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** What must not be printed; handed in where the log scrubs by it too. */
  readonly secrets?: Secrets
  /** Told to clients and in /health. */
  readonly version?: string
  /** The kinds a manifest may name; those of this hub unless given. */
  readonly kinds?: readonly Kind[]
  /** Follow edits of the manifests and probe connectors: for a hub that stays. startHub does unless told not to, openHub only when told to. */
  readonly watch?: boolean
  /** Says why a plan must not be served; asked at the start and before every reload. */
  readonly admit?: Admit
  /** Where `hub generate` wrote; `generated/` beside hub.config.yaml unless given. */
  readonly generated?: string
  readonly onProgress?: (message: string) => void
  readonly onProblems?: (problems: readonly Problem[]) => void
  readonly onReload?: (registry: Registry) => void
  /** False sends every method through the SDK's path; for comparing the two. */
  readonly hotPath?: boolean
}

/** A hub in this process: everything but the listening socket. */
export interface OpenHub {
  readonly config: HubConfig
  readonly source: RegistrySource
  readonly catalogue: Catalogue
  readonly keys: ApiKeyStore
  /** What a protocol edge is made of. */
  readonly edge: EdgeParts
  /** Calls one tool by its full name as a principal. Rejects HUB_TOOL_UNKNOWN when it is not visible, and for nothing the tool did. */
  callTool(name: string, args: Args, principal: Principal, signal?: AbortSignal): Promise<Outcome>
  /** From now on /readyz says that the hub is stopping. */
  stopServing(): void
  close(): Promise<void>
}

/** A hub that listens. */
export interface Hub extends OpenHub {
  readonly url: string
}

/** Compiles the manifests, opens the stores and connectors, and wires every part to the ones it needs. */
export async function openHub(options: HubOptions): Promise<OpenHub> {
  const { configFile, env, version, log, kinds = shippedKinds } = options
  const recompile = createRecompile({ configFile, kinds, env, version })
  const plan = await planOrThrow(recompile, options.admit)
  const postgres = await openPostgres(plan.hub, log, options.onProgress)
  try {
    return await wire(options, recompile, plan, kinds, postgres)
  } catch (error) {
    await postgres.close()
    throw error
  }
}

async function wire(
  options: HubOptions,
  recompile: ReturnType<typeof createRecompile>,
  plan: Registry['plan'],
  kinds: readonly Kind[],
  postgres: PostgresStore,
): Promise<OpenHub> {
  const { log, secrets = createSecrets() } = options
  const config = plan.hub
  secrets.protect(postgres.url())
  const metrics = createMetrics({ version: config.version })
  declareMetrics(metrics, plan)
  const stores = await openStores(postgres, log, (lines) => log.error('audit lines lost', { lines }))
  const egress = createEgress({ allow: config.egress.allow })
  const keyed = createKeyedStores({ maxBytes: keyedBytes })

  const source: RegistrySource = { current: () => manager.current(), onEvent: (listener) => manager.onEvent(listener) }
  const catalogue = createCatalogue(() => source, Date.now(), Date.now)
  const lender = { log, secrets, egress, catalogue, meter: metrics.meter, store: keyed.namespace }
  const generated = createGeneratedChecks(join(options.generated ?? join(config.directory, 'generated'), 'validators'), log)
  const manager = createRegistryManager({ plan, kinds, lend: lend(lender), log, now: Date.now, generated })

  const underWay = new UnderWay<Walk>()
  const drive = createDrive({
    limits: createLimits(config.limits),
    cache: createMemoryCache({ maxBytes: cacheBytes }),
    flights: createFlights(),
    audit: stores.audit,
    secrets,
    metrics,
    log,
    now: Date.now,
    underWay,
  })
  const authenticator = createAuthenticator({
    mode: config.auth.mode,
    issuers: config.auth.issuers,
    publicUrl: config.publicUrl,
    keys: stores.keys,
    fetch: egress.fetch as typeof fetch,
    onFailure: metrics.authenticationFailed,
    log,
  })
  const prober = createProber({
    everyMs: probeEveryMs,
    targets: () =>
      [...manager.current().connectors.values()].map((connector) => ({ name: connector.spec.name, probe: connector.probe, health: connector.health })),
    onChange: (connector, health) => metrics.connectorState(connector, health.state),
  })

  let serving = true
  const routes = createRoutes({ config, catalogue, prober, metrics, authenticator, isServing: () => serving, storeIsReady: stores.isReady })
  const edge: EdgeParts = { source, drive, authenticator, config, metrics, log, routes, hotPath: options.hotPath }

  const onReload = (registry: Registry): void => {
    declareMetrics(metrics, registry.plan)
    options.onReload?.(registry)
  }
  const reload =
    options.watch === true ? reloadOnChange({ recompile, manager, log, admit: options.admit, onProblems: options.onProblems, onReload }) : undefined
  const beginning = options.watch === true ? setTimeout(() => prober.start(), firstProbeMs).unref() : undefined
  let ending: Promise<void> | undefined

  async function end(): Promise<void> {
    serving = false
    await reload?.close()
    clearTimeout(beginning)
    await prober.stop()
    await manager.close()
    await egress.close()
    await underWay.none(lastWordsMs)
    await stores.close()
    await postgres.close()
  }

  return {
    config,
    source,
    catalogue,
    keys: stores.keys,
    edge,
    callTool: (name, args, principal, signal) => callTool(source, drive, name, args, principal, signal),
    stopServing: () => void (serving = false),
    close: () => (ending ??= end()),
  }
}

/** Opens a hub and listens, on the configured port unless given (0 takes a free one). Resolves when it answers. */
export async function startHub(options: HubOptions & { readonly port?: number }): Promise<Hub> {
  const hub = await openHub({ watch: true, ...options })
  const edge = createHandling(hub.edge)
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: requestTimeoutMs }, edge.handler)
  try {
    const url = await listen(server, hub.config.listen.host, options.port ?? hub.config.listen.port)
    let ending: Promise<void> | undefined
    const end = async (): Promise<void> => {
      hub.stopServing()
      await drain(server, edge.close)
      await hub.close()
    }
    return { ...hub, url, close: () => (ending ??= end()) }
  } catch (error) {
    await hub.close()
    throw error
  }
}

async function callTool(
  source: RegistrySource,
  drive: Drive,
  name: string,
  args: Args,
  principal: Principal,
  signal = new AbortController().signal,
): Promise<Outcome> {
  const registry = source.current()
  const endpoint = registry.endpoint('all')
  const view = endpoint && registry.view(endpoint, principal)
  const tool = view?.find(name)
  if (!view || !tool) throw new HubError('HUB_TOOL_UNKNOWN', `no tool "${name}" is visible to this caller`, { suggestions: view?.suggest(name) ?? [] })
  return drive({ registry, view, tool, args, principal, signal, trace: {}, capabilities: {}, exchange: {} })
}
