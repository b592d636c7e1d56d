import { dirname } from 'node:path'
import { localPrincipal } from '../auth/local.ts'
import type { Problem } from '../contract/place.ts'
import type { Secrets } from '../contract/secret.ts'
import type { Logger } from '../contract/telemetry.ts'
import { HubError } from '../contract/errors.ts'
import { parseJson, type JsonObject } from '../contract/json.ts'
import { createSecrets } from '../guards/content.ts'
import { openHub, type HubOptions, type OpenHub } from '../hub.ts'
import { formatProblems } from '../manifest/problems.ts'
import { toolResult } from '../mcp/answer.ts'
import { metaKeys, RpcError } from '../mcp/protocol.ts'
import { refused, type Access } from './access.ts'
import { createLogger, type LogLevel } from '../log/log.ts'
import { version } from './package.ts'
import { quickStart } from './quick-start.ts'
import { quiet } from './style.ts'

const levels: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent'] satisfies LogLevel[]

/** The log of a command (JSON lines, or lines for people on a terminal; HUB_LOG sets the level), and the secrets it keeps out of every line. */
export function createCommandLog(usual: LogLevel, secrets: Secrets = createSecrets()): { readonly log: Logger; readonly secrets: Secrets } {
  const wanted = process.env.HUB_LOG ?? ''
  const log = createLogger({ level: levels.includes(wanted) ? (wanted as LogLevel) : usual, pretty: process.stderr.isTTY, scrub: secrets.scrub })
  return { log, secrets }
}

/** Progress of what takes a while, on the error stream so that answers stay alone on standard output. */
export const tellProgress = (message: string): void => void process.stderr.write(`${quiet(`${message} …`)}\n`)

/** What is wrong with an edit, on the error stream; the plan before it keeps serving. */
export const tellProblems = (problems: readonly Problem[]): void => void process.stderr.write(`${formatProblems(problems)}\n`)

/** A hub in this process, with the quick start's data where that applies. `watch` follows edits of the manifests, for a hub that stays. */
export async function openLocalHub(
  configFile: string,
  { secrets: given, ...options }: Pick<HubOptions, 'watch' | 'admit' | 'generated' | 'secrets'>,
): Promise<OpenHub> {
  const { log, secrets } = createCommandLog('error', given)
  const prepared = await quickStart({ directory: dirname(configFile), env: process.env, log, onProgress: tellProgress })
  try {
    const hub = await openHub({ configFile, env: prepared.env, log, secrets, version, ...options, onProgress: tellProgress, onProblems: tellProblems })
    return {
      ...hub,
      async close() {
        await hub.close()
        await prepared.close()
      },
    }
  } catch (error) {
    await prepared.close()
    throw error
  }
}

const probeMs = 5_000
const reader = { era: 'modern', prefixed: true, serverMember: `"${metaKeys.server}":{}` } as const

/** A hub opened for one command, as that command sees it. */
export async function openLocalAccess(configFile: string): Promise<Access> {
  const hub = await openLocalHub(configFile, { watch: false })
  return {
    async callTool(name, args) {
      // What the hub tells of itself is what was probed; nothing was yet.
      if (hub.source.current().tools.get(name)?.connector.spec.kind === 'hub') await probeAll(hub)
      return callTool(hub, name, args)
    },
    listTools: () => Promise.resolve(listTools(hub)),
    async listConnectors() {
      await probeAll(hub)
      return hub.catalogue.connectors(localPrincipal)
    },
    close: () => hub.close(),
  }
}

async function probeAll(hub: OpenHub): Promise<void> {
  const opened = [...hub.source.current().connectors.values()].filter(({ spec }) => !spec.off)
  await Promise.allSettled(opened.map((connector) => connector.probe(AbortSignal.timeout(probeMs))))
}

async function callTool(hub: OpenHub, name: string, args: JsonObject): Promise<JsonObject> {
  const outcome = await hub.callTool(name, args, localPrincipal).catch((error: unknown) => {
    throw error instanceof HubError ? refused(`${error.code}: ${error.message}`, error.details.suggestions) : error
  })
  try {
    return parseJson(toolResult(outcome, reader, Date.now())) as JsonObject
  } catch (error) {
    // What the protocol keeps from callers, the operator at this terminal may read.
    if (error instanceof RpcError) throw refused(outcome.error ? `${outcome.error.code}: ${outcome.error.message}` : error.message, undefined)
    throw error
  }
}

function listTools(hub: OpenHub): readonly JsonObject[] {
  const registry = hub.source.current()
  const endpoint = registry.endpoint('all')
  const tools = endpoint === undefined ? [] : registry.view(endpoint, localPrincipal).tools
  return tools.map(({ name, tool: { spec } }) => ({
    name,
    description: spec.description === undefined ? spec.summary : `${spec.summary}\n${spec.description}`,
    inputSchema: spec.input,
    ...(spec.output === undefined ? {} : { outputSchema: spec.output }),
    annotations: { ...spec.annotations },
  }))
}
