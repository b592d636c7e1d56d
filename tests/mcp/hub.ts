import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthenticator } from '../../runtime/auth/authenticate.ts'
import { issueKey } from '../../runtime/auth/keys.ts'
import { createFlights } from '../../runtime/cache/flight.ts'
import { createMemoryCache } from '../../runtime/cache/memory.ts'
import type { Handler } from '../../runtime/contract/call.ts'
import type { JsonObject, JsonSchema } from '../../runtime/contract/json.ts'
import { defineKind, type Definitions, type Extras, type KindTools } from '../../runtime/contract/kind.ts'
import type { HubConfig, Plan, ToolsetSpec } from '../../runtime/contract/manifest.ts'
import type { Role } from '../../runtime/contract/principal.ts'
import type { ApiKeyRecord, ApiKeyStore, AuditLine, AuditStore } from '../../runtime/contract/store.ts'
import type { Logger } from '../../runtime/contract/telemetry.ts'
import type { PromptSpec, ToolPolicy, ToolSpec } from '../../runtime/contract/tool.ts'
import { createSecrets } from '../../runtime/guards/content.ts'
import { createLimits } from '../../runtime/limits/limits.ts'
import { createHttpEdge, type EdgeParts, type HttpEdge } from '../../runtime/mcp/http.ts'
import { createMetrics } from '../../runtime/metrics/metrics.ts'
import { createDrive } from '../../runtime/pipeline/drive.ts'
import { createRegistryManager, type RegistryManager } from '../../runtime/registry/manager.ts'
import { connector, hubConfig, plan, tool } from '../fixtures/plan.ts'

/** One tool of a test connector: what a manifest says of it, and what it does. */
export interface TestTool {
  readonly handler: Handler
  readonly input?: JsonSchema
  readonly output?: JsonSchema
  readonly effect?: ToolSpec['effect']
  readonly role?: Role
  readonly policy?: Partial<ToolPolicy>
  readonly meta?: JsonObject
  readonly description?: string
}

/** A connector whose handlers are functions of the test; everything above it is the hub's own. */
export interface TestConnector {
  readonly name: string
  readonly tools?: Readonly<Record<string, TestTool>>
  /** Declared resources: address or template, and the handler of its read. */
  readonly resources?: Readonly<Record<string, TestTool>>
  readonly prompts?: readonly Pick<PromptSpec, 'local' | 'summary' | 'arguments' | 'messages'>[]
  /** What an upstream offers besides tools. */
  readonly extras?: Extras
  readonly definitions?: Definitions
}

export interface TestHubOptions {
  readonly connectors: readonly TestConnector[]
  readonly toolsets?: readonly Omit<ToolsetSpec, 'place'>[]
  readonly config?: Partial<HubConfig>
  readonly hotPath?: boolean
  readonly sessions?: EdgeParts['sessions']
  readonly routes?: EdgeParts['routes']
  readonly now?: () => number
  /** Roles to issue a key for; the keys are in `keys` of the answer. Switches to auth.mode keys. */
  readonly keys?: readonly { readonly name: string; readonly role: Role; readonly scopes?: readonly string[] }[]
}

export interface TestHub {
  readonly url: string
  readonly keys: Readonly<Record<string, string>>
  readonly edge: HttpEdge
  readonly parts: EdgeParts
  readonly manager: RegistryManager
  readonly metrics: ReturnType<typeof createMetrics>
  readonly audit: readonly AuditLine[]
  readonly errors: readonly { readonly message: string; readonly fields: unknown }[]
  /** Serves other connectors from now on. */
  replace(connectors: readonly TestConnector[]): void
  close(): Promise<void>
}

/** A whole hub from registry to socket, with real parts; its connectors alone are made by the test. */
export async function startTestHub(options: TestHubOptions): Promise<TestHub> {
  const handlers = new Map<string, Handler>()
  const extras = new Map<string, Extras>()
  const now = options.now ?? Date.now
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const config = hubConfig({
    publicUrl: url,
    ...(options.keys ? { auth: { mode: 'keys', issuers: [], cors: [], hosts: [] } } : {}),
    ...options.config,
  })

  const errors: { message: string; fields: unknown }[] = []
  const log = collectingLogger(errors)
  const kind = defineKind({
    kind: 'test',
    summary: 'Handlers of a test.',
    config: true,
    operation: true,
    open: async (config: { readonly name: string }, _lent: KindTools) => {
      const offered = extras.get(config.name)
      return {
        bind: (spec: ToolSpec) => handlers.get(spec.name) as Handler,
        check: async () => ({ state: 'up' as const }),
        close: async () => undefined,
        ...(offered ? { extras: offered } : {}),
      }
    },
  })

  const manager = createRegistryManager({ plan: toPlan(options.connectors), kinds: [kind], lend: () => ({}) as KindTools, log, now })
  for (const held of manager.current().connectors.values()) await held.open()
  const metrics = createMetrics()
  const audit: AuditLine[] = []
  const secrets = createSecrets()
  const drive = createDrive({
    limits: createLimits(config.limits),
    cache: createMemoryCache({ maxBytes: 1e7, now }),
    flights: createFlights(),
    audit: keepAudit(audit),
    secrets,
    metrics,
    log,
    now,
  })
  const store = memoryKeys()
  const keys: Record<string, string> = {}
  for (const { name, role, scopes = [] } of options.keys ?? []) {
    const { key, record } = issueKey({ name, role, scopes, organisation: 'default', now })
    keys[name] = key
    await store.insert(record)
  }
  const authenticator = createAuthenticator({
    mode: config.auth.mode,
    issuers: config.auth.issuers,
    publicUrl: url,
    keys: store,
    now,
    onFailure: metrics.authenticationFailed,
  })
  const parts: EdgeParts = {
    source: manager,
    drive,
    authenticator,
    config,
    metrics,
    log,
    routes: options.routes,
    hotPath: options.hotPath,
    sessions: options.sessions,
    now,
  }
  const edge = createHttpEdge(parts)
  server.on('request', edge.handler)

  function toPlan(connectors: readonly TestConnector[]): Plan {
    handlers.clear()
    const specs = connectors.map((made) => {
      const { name, tools = {}, resources = {}, prompts = [] } = made
      if (made.extras) extras.set(name, made.extras)
      const toSpec = (local: string, { handler, input, output, effect, role, policy, meta, description }: TestTool): ToolSpec => {
        handlers.set(`${name}_${local}`, handler)
        const given = { input, output, effect, role, policy, meta, description }
        return tool(name, local, Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
      }
      return connector(name, {
        config: { name },
        tools: Object.entries(tools).map(([local, made]) => toSpec(local, made)),
        resources: Object.entries(resources).map(([uri, made], index) => ({
          uri,
          template: uri.includes('{'),
          tool: toSpec(`resource${index}`, made),
          mimeType: 'application/json',
        })),
        prompts: prompts.map((prompt) => ({ ...prompt, name: `${name}_${prompt.local}`, connector: name, place: { file: 'test.yaml', line: 1, column: 1 } })),
        ...(made.extras
          ? {
              definitions: made.definitions ?? {
                server: {},
                capabilities: made.extras.capabilities,
                tools: [],
                prompts: [],
                resources: [],
                resourceTemplates: [],
              },
            }
          : {}),
      })
    })
    return { ...plan(specs, options.toolsets), hub: config }
  }

  return {
    url,
    keys,
    edge,
    parts,
    manager,
    metrics,
    audit,
    errors,
    replace: (connectors) => void manager.replace(toPlan(connectors)),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      await edge.close()
      server.closeAllConnections()
      await closed
      await manager.close()
    },
  }
}

function collectingLogger(errors: { message: string; fields: unknown }[]): Logger {
  const quiet = (): void => undefined
  const log: Logger = { debug: quiet, info: quiet, warn: quiet, error: (message, fields) => void errors.push({ message, fields }), child: () => log }
  return log
}

function keepAudit(lines: AuditLine[]): AuditStore {
  return {
    write: async (line) => void lines.push(line),
    append: (line) => void lines.push(line),
    flush: async () => undefined,
  }
}

function memoryKeys(): ApiKeyStore {
  const records = new Map<string, ApiKeyRecord>()
  return {
    insert: async (record) => void records.set(record.id, record),
    find: async (id) => records.get(id),
    list: async () => [...records.values()],
    revoke: async (id, at) => {
      const record = records.get(id)
      if (record) records.set(id, { ...record, revokedAt: at })
      return record !== undefined
    },
    touch: () => undefined,
  }
}
