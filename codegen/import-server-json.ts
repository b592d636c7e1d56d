import { HubError } from '../runtime/contract/errors.ts'
import type { Definitions } from '../runtime/contract/kind.ts'
import { withServer } from './import-mcp/connect.ts'
import { writeManifest } from './import-mcp/manifest.ts'
import { readDefinitions } from './import-mcp/read.ts'
import { pinnable } from './import-mcp/unfit.ts'
import { serverDocument, type ServerDocument } from './import-server-json/document.ts'
import type { Environment } from './import-server-json/inputs.ts'
import { wayTo, type ServerSource, type Way } from './import-server-json/way.ts'
import { parseSourceDocument } from './import-source/document.ts'
import { checkName, nameFrom } from './import-source/name.ts'
import { namedLoopback, readLocation, type Reach } from './import-source/read.ts'
import { block, brief, flow, literal, oneLine } from './import-source/text.ts'

/** Which server.json to import, and how. */
export interface ServerJsonImport extends Reach {
  /** A path or an address. */
  readonly location: string
  /** The connector's name; absent: the last part of the server's. */
  readonly name?: string
  /** Which of its packages or remotes; absent: the first that can be had. */
  readonly from?: ServerSource
  /** True: the server is not started or reached, and nothing is pinned. */
  readonly offline?: boolean
  /** Values for its variables while it is imported. */
  readonly env: Environment
  readonly schema?: string
}

/** A manifest of kind mcp, the definitions to pin beside it unless offline, and what its reviewer should know. */
export interface ImportedServer {
  readonly name: string
  readonly manifest: string
  readonly definitions?: Definitions
  readonly notes: readonly string[]
}

const readTimeoutMs = 60_000

/** Writes a manifest of kind mcp for a server that the MCP registry describes. Rejects HUB_CONFIG_… for a file that is no such description or offers nothing the hub can reach, HUB_CONFIG_ENVIRONMENT for variables that must be set first, and what `importMcp` rejects. */
export async function importServerJson(options: ServerJsonImport): Promise<ImportedServer> {
  const { location, env, signal } = options
  if (options.name !== undefined) checkName(options.name)
  const document = serverDocument(parseSourceDocument(await readLocation(location, options), location).value, location)
  const name = options.name ?? nameFrom(document.name.split('/').at(-1) ?? document.name)
  const way = wayTo(document, name, options.from, env)
  const remarks = remarksOf(document, way)
  const schema = options.schema ?? 'node_modules/mcp-integration-hub/generated/schemas/connector.json'
  const summary = summaryOf(document)
  const set = way.variables
    .filter((variable) => variable.required)
    .map((variable) => `set ${variable.name} where the hub runs${variable.meaning === '' ? '' : `: ${oneLine(variable.meaning)}`}`)
  if (options.offline === true) {
    const wait = `its tools are not known yet: set what it needs, then run hub import server-json again without --offline`
    return { name, manifest: unpinned(name, summary, way, [...remarks, wait], schema), notes: [...way.notes, ...set, wait] }
  }

  if (way.missing.length > 0) {
    throw new HubError(
      'HUB_CONFIG_ENVIRONMENT',
      `the server cannot be asked for its tools before ${way.missing.join(', ')} ${way.missing.length === 1 ? 'is' : 'are'} set: set ${way.missing.length === 1 ? 'it' : 'them'} for this command, or give --offline`,
    )
  }
  const { target, transport, headers } = way
  // The document names the server: what it says opens no address that the command line does not.
  const allow = [...(options.allow ?? []), ...namedLoopback(location)]
  const definitions = await withServer({ target, transport, env: way.env, headers, allow, timeoutMs: readTimeoutMs, signal }, readDefinitions)
  const { manifest, notes } = writeManifest({ name, config: way.config, definitions, schema, summary, remarks })
  return { name, manifest, definitions: pinnable(definitions), notes: [...way.notes, ...set, ...notes] }
}

function summaryOf({ description, title, name }: ServerDocument): string {
  const text = oneLine(description ?? '')
  return text === '' ? `Tools of ${oneLine(title ?? name)}.` : brief(text, 200)
}

function remarksOf({ name, version }: ServerDocument, { variables, notes }: Way): readonly string[] {
  return [
    `From the server.json of ${name}${version === undefined ? '' : ` ${version}`}.`,
    ...variables.map(
      (one) => `${one.secret ? 'Secret' : 'Variable'} ${one.name}${one.required ? '' : ' (optional)'}${one.meaning === '' ? '' : `: ${one.meaning}`}`,
    ),
    ...notes,
  ]
}

function unpinned(name: string, summary: string, { config }: Way, remarks: readonly string[], schema: string): string {
  return `${[
    `# yaml-language-server: $schema=${schema}`,
    ...remarks.map((remark) => `# ${oneLine(remark)}`),
    `connector: ${flow(name)}`,
    'kind: mcp',
    `summary: ${flow(literal(summary))}`,
    'config:',
    block(config, 2),
    'tools: {}',
  ].join('\n')}\n`
}
