import { HubError } from '../../runtime/contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import type { ImportTarget } from '../import-mcp/connect.ts'
import { oneLine } from '../import-source/text.ts'
import { argumentsOf } from './arguments.ts'
import type { ServerDocument } from './document.ts'
import { inputOf, type Environment, type Input, type InputVariable } from './inputs.ts'

/** How a server can be had. */
export const sources = ['npm', 'pypi', 'oci', 'remote'] as const
/** One of `sources`. */
export type ServerSource = (typeof sources)[number]

/** One way to a server: what the manifest says of it, and how to reach it now. */
export interface Way {
  readonly source: ServerSource
  readonly config: JsonObject
  readonly target: ImportTarget
  readonly transport: 'stdio' | 'http' | 'sse'
  readonly env: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** Variables that must be set before it can be reached. */
  readonly missing: readonly string[]
  readonly variables: readonly InputVariable[]
  readonly notes: readonly string[]
}

/** Picks the way to a server: the one wanted, or the first the kind mcp can go. Throws HUB_CONFIG_VALUE where there is none. */
export function wayTo(document: ServerDocument, connector: string, wanted: ServerSource | undefined, env: Environment): Way {
  const ways = [...document.packages.flatMap((one) => packageWays(one)), ...document.remotes.flatMap((one) => remoteWays(one))]
  const offered = sources.filter((source) => ways.some((way) => way.source === source))
  const source = wanted ?? offered[0]
  const way = ways.find((one) => one.source === source)
  if (way === undefined) throw new HubError('HUB_CONFIG_VALUE', noWay(document, wanted, offered))
  const others = offered.filter((one) => one !== source)
  const made = way.source === 'remote' ? remoteWay(way.entry, connector, env) : packageWay(way.source, way.entry, connector, env)
  return { ...made, notes: [...made.notes, ...(others.length > 0 ? [`the server can also be had from ${others.join(', ')}: --from ${others[0]}`] : [])] }
}

interface Offer {
  readonly source: ServerSource
  readonly entry: JsonObject
}

function packageWays(entry: JsonObject): readonly Offer[] {
  const { registryType, identifier, transport } = entry
  const isStdio = !isObject(transport) || transport['type'] === undefined || transport['type'] === 'stdio'
  const source = sources.find((one) => one === registryType && one !== 'remote')
  return source !== undefined && isStdio && typeof identifier === 'string' && identifier !== '' ? [{ source, entry }] : []
}

function remoteWays(entry: JsonObject): readonly Offer[] {
  const known = entry['type'] === 'streamable-http' || entry['type'] === 'streamable' || entry['type'] === 'sse'
  return known && typeof entry['url'] === 'string' ? [{ source: 'remote', entry }] : []
}

function noWay({ packages, remotes }: ServerDocument, wanted: ServerSource | undefined, offered: readonly ServerSource[]): string {
  const named = [
    ...packages.map(({ registryType, transport }) => {
      const over = isObject(transport) && typeof transport['type'] === 'string' ? transport['type'] : 'stdio'
      return over === 'stdio' ? `a package of ${String(registryType)}` : `a package of ${String(registryType)} that listens on ${over}`
    }),
    ...remotes.map(({ type }) => `a remote of type ${String(type)}`),
  ]
  const list = [...new Set(named)].join(', ')
  if (wanted !== undefined && offered.length > 0) return `the server cannot be had from ${wanted}: it names ${list}; try --from ${offered.join(' or --from ')}`
  return `the server names ${list}; the hub starts packages of npm, pypi and oci that speak on standard input and output, and reaches remotes over streamable-http and sse. Start it yourself and give its address to hub import mcp`
}

const objects = (value: Json | undefined): readonly JsonObject[] => (Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : [])

function packageWay(source: Exclude<ServerSource, 'remote'>, entry: JsonObject, connector: string, env: Environment): Way {
  const { version } = entry
  const identifier = entry['identifier'] as string
  const runtime = argumentsOf(objects(entry['runtimeArguments']), connector, env)
  const own = argumentsOf(objects(entry['packageArguments']), connector, env)
  const variables = objects(entry['environmentVariables']).flatMap((input): readonly (readonly [string, Input])[] =>
    typeof input['name'] === 'string' ? [[input['name'], inputOf(input, { connector, name: input['name'], isVariable: true, takesSecret: true, env })]] : [],
  )
  const written = Object.fromEntries(variables.flatMap(([name, input]) => (input.written === undefined ? [] : [[name, input.written]])))
  const all = [...runtime.inputs, ...own.inputs, ...variables.map(([, input]) => input)]
  const base = typeof entry['registryBaseUrl'] === 'string' ? entry['registryBaseUrl'] : ''
  const notes = [
    ...runtime.notes,
    ...own.notes,
    ...idle('env', variables),
    ...(base !== '' && !usualRegistry.test(base) ? [`its registry is ${oneLine(base)}: set it up where the hub runs`] : []),
  ]
  const named = source === 'oci' ? image(identifier, version) : exact(source, identifier, version)
  const launch = source === 'oci' ? ociLaunch(named, Object.keys(written), runtime.written) : undefined
  const actualLaunch = source === 'oci' ? ociLaunch(named, Object.keys(written), runtime.actual) : packageLaunch(source, identifier, named)
  // What npx and uvx are told besides the package is theirs to know already.
  const unsaid = source === 'oci' ? [] : runtime.written.filter((arg) => !/^(-y|--yes|-q|--quiet)$/.test(arg))
  return {
    source,
    config: {
      ...(launch === undefined ? { package: { registry: source, name: identifier, version: named } } : { command: launch.command }),
      ...((launch?.args.length ?? 0) + own.written.length > 0 && { args: [...(launch?.args ?? []), ...own.written] }),
      ...(Object.keys(written).length > 0 && { env: written }),
    },
    target: { command: actualLaunch.command, args: [...actualLaunch.args, ...own.actual] },
    transport: 'stdio',
    env: Object.fromEntries(variables.flatMap(([name, { actual }]) => (actual === undefined ? [] : [[name, actual]]))),
    headers: {},
    missing: [...new Set(all.flatMap((input) => input.missing))],
    variables: usedBy(all),
    notes: unsaid.length === 0 ? notes : [...notes, `arguments for ${source === 'npm' ? 'npx' : 'uvx'} are left out: ${unsaid.map(oneLine).join(' ')}`],
  }
}

const usualRegistry = /^https:\/\/(registry\.npmjs\.org|pypi\.org|docker\.io|ghcr\.io)\/?/

function exact(source: string, identifier: string, version: Json | undefined): string {
  if (typeof version === 'string' && /^\d[^\s^~*<>=|]*$/.test(version)) return version
  throw new HubError(
    'HUB_CONFIG_VALUE',
    `the server.json gives ${JSON.stringify(version ?? null)} as version of ${source}:${identifier}: the hub starts exact versions only; write one into a copy of the file, such as 1.2.3`,
  )
}

const image = (identifier: string, version: Json | undefined): string =>
  typeof version === 'string' && version !== '' && !/:[^/]+$|@sha256:/.test(identifier) ? `${identifier}:${version}` : identifier

function packageLaunch(source: string, identifier: string, version: string): { readonly command: string; readonly args: readonly string[] } {
  return source === 'npm' ? { command: 'npx', args: ['-y', `${identifier}@${version}`] } : { command: 'uvx', args: [`${identifier}==${version}`] }
}

/** What nobody must give and nothing gives a value to: told, so that a person can add it. */
const idle = (part: string, inputs: readonly (readonly [string, Input])[]): readonly string[] =>
  inputs.flatMap(
    ([
      name,
      {
        written,
        variables: [variable],
      },
    ]) => (written === undefined ? [`${oneLine(name)} may be added to ${part}${variable?.meaning ? `: ${oneLine(variable.meaning)}` : ''}`] : []),
  )

const usedBy = (inputs: readonly Input[]): readonly InputVariable[] => inputs.flatMap(({ written, variables }) => (written === undefined ? [] : variables))

/** Docker hands on the variables that are named without a value. */
function ociLaunch(named: string, variables: readonly string[], runtime: readonly string[]): { readonly command: string; readonly args: readonly string[] } {
  return { command: 'docker', args: ['run', '--interactive', '--rm', ...variables.flatMap((name) => ['--env', name]), ...runtime, named] }
}

function remoteWay(entry: JsonObject, connector: string, env: Environment): Way {
  const url = inputOf(
    { value: entry['url'] as string, variables: entry['variables'] ?? {} },
    { connector, name: 'url', isVariable: false, takesSecret: true, env },
  )
  const headers = objects(entry['headers']).flatMap((input): readonly (readonly [string, Input])[] =>
    typeof input['name'] === 'string' ? [[input['name'], inputOf(input, { connector, name: input['name'], isVariable: false, takesSecret: true, env })]] : [],
  )
  const written = Object.fromEntries(headers.flatMap(([name, input]) => (input.written === undefined ? [] : [[name, input.written]])))
  const inputs = [url, ...headers.map(([, input]) => input)]
  const transport = entry['type'] === 'sse' ? 'sse' : 'http'
  return {
    source: 'remote',
    config: { url: url.written as string, ...(transport === 'sse' && { transport }), ...(Object.keys(written).length > 0 && { headers: written }) },
    target: { url: url.actual ?? '' },
    transport,
    env: {},
    headers: Object.fromEntries(headers.flatMap(([name, { actual }]) => (actual === undefined ? [] : [[name, actual]]))),
    missing: [...new Set(inputs.flatMap((input) => input.missing))],
    variables: usedBy(inputs),
    notes: idle('headers', headers),
  }
}
