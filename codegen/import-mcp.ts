import { HubError } from '../runtime/contract/errors.ts'
import type { JsonObject } from '../runtime/contract/json.ts'
import type { Definitions } from '../runtime/contract/kind.ts'
import { withServer, type ImportTarget } from './import-mcp/connect.ts'
import { writeManifest } from './import-mcp/manifest.ts'
import { recognisePackage, type PackageReference } from './import-mcp/package.ts'
import { readDefinitions } from './import-mcp/read.ts'
import { environmentReferences, headerReferences, secretsIn } from './import-mcp/references.ts'
import { pinnable } from './import-mcp/unfit.ts'
import { checkName } from './import-source/name.ts'
import { namedLoopback } from './import-source/read.ts'

/** Which server to import, and as what. */
export interface ImportOptions {
  readonly target: ImportTarget
  /** The connector's name. */
  readonly name: string
  /** What to write instead of the command: the package the target was started from. */
  readonly package?: PackageReference
  readonly env?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly transport?: 'http' | 'sse' | 'stdio'
  /** Where editors find the manifest schema, seen from the manifest. */
  readonly schema?: string
  /** `egress.allow` of hub.config.yaml: which private addresses may be reached, beside a loopback named as the target. */
  readonly allow?: readonly string[]
  /** For everything; 60 s when absent. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** A manifest of kind mcp, the definitions to pin beside it as `<name>.tools.json`, and what its reviewer should know. */
export interface Imported {
  readonly manifest: string
  readonly definitions: Definitions
  readonly notes: readonly string[]
}

const defaultTimeoutMs = 60_000

/**
 * Connects to an MCP server of either era, reads all it says of itself and writes a manifest for it. Values of secrets are never written. Rejects HUB_CONFIG_NAME or
 * HUB_CONFIG_VALUE for options that cannot be, HUB_SETUP for a command that is not there, HUB_EGRESS_DENIED for an address that may not be reached, HUB_CONNECTOR_DOWN, HUB_TIMEOUT or HUB_UPSTREAM_FAILED for a target that is no working MCP server.
 */
export async function importMcp(options: ImportOptions): Promise<Imported> {
  const { target, name, env = {}, headers = {}, timeoutMs = defaultTimeoutMs, signal } = options
  checkName(name)
  const transport = transportOf(target, options.transport)
  const allow = [...(options.allow ?? []), ...('url' in target ? namedLoopback(target.url) : [])]
  const definitions = await withServer({ target, transport, env, headers, allow, timeoutMs, signal }, readDefinitions)
  const config = configOf(options, transport)
  const { manifest, notes } = writeManifest({
    name,
    config,
    definitions,
    schema: options.schema ?? 'node_modules/mcp-integration-hub/generated/schemas/connector.json',
  })
  return { manifest, definitions: pinnable(definitions), notes: [...notes, ...secretNotes(config), ...unpinned(config)] }
}

/** The text of `<name>.tools.json`: the same for the same definitions. */
export function definitionsText(definitions: Definitions): string {
  return `${JSON.stringify(definitions, null, 2)}\n`
}

function transportOf(target: ImportTarget, wanted: ImportOptions['transport']): 'http' | 'sse' | 'stdio' {
  const remote = 'url' in target
  if (wanted !== undefined && (wanted === 'stdio') === remote) {
    throw new HubError('HUB_CONFIG_VALUE', remote ? 'a url is reached over http or sse, not over stdio' : `a command speaks over stdio, not over ${wanted}`)
  }
  return wanted ?? (remote ? 'http' : 'stdio')
}

function configOf({ target, name, env = {}, headers = {}, package: given }: ImportOptions, transport: 'http' | 'sse' | 'stdio'): JsonObject {
  if ('url' in target) {
    return {
      url: target.url,
      ...(transport === 'sse' ? { transport } : {}),
      ...(Object.keys(headers).length === 0 ? {} : { headers: headerReferences(name, headers) }),
    }
  }
  const recognised = given === undefined ? recognisePackage(target.command, target.args) : { package: given, args: target.args }
  const args = recognised?.args ?? target.args
  return {
    ...(recognised === undefined ? { command: target.command } : { package: { ...recognised.package } }),
    ...(args.length === 0 ? {} : { args: [...args] }),
    ...(Object.keys(env).length === 0 ? {} : { env: environmentReferences(env) }),
  }
}

function secretNotes(config: JsonObject): string[] {
  const names = [config.env, config.headers].flatMap((references) => (references === undefined ? [] : secretsIn(references as JsonObject)))
  return names.length === 0 ? [] : [`the manifest refers to the secrets ${names.join(', ')}; their values were not written: set them where the hub runs`]
}

function unpinned({ command }: JsonObject): string[] {
  if (command !== 'npx' && command !== 'uvx') return []
  return ['the command names no exact version, so what runs may change under the pinned definitions: import it as in npx -y name@1.2.3']
}
