import { dirname, resolve } from 'node:path'
import type { Kind } from '../contract/kind.ts'
import type { ConnectorSpec, Plan } from '../contract/manifest.ts'
import type { Problem } from '../contract/place.ts'
import type { SecretStore } from '../contract/secret.ts'
import type { ToolSpec } from '../contract/tool.ts'
import { checkAcross } from './across.ts'
import { createChecker, type Checker } from './check.ts'
import { readConfig, type HubFrame } from './config.ts'
import { buildConnector, type Built, type Workshop } from './connector.ts'
import { deepFreeze, digestOf } from './digest.ts'
import { createLibrary, findManifests, readManifest, type Parsed } from './files.ts'
import { schemaCheck, type CheckSchema } from './json-schema.ts'
import { schemasOfKinds } from './kind-of.ts'
import { groundOf, keptConnectors, type KeptConnectors } from './kept.ts'
import { inOrder } from './problems.ts'
import type { TellIn } from './references.ts'
import { environmentStore, fileStore } from './secrets.ts'
import { fileName, parseSource, type Source } from './source.ts'
import { argumentsCheck } from './test-arguments.ts'

/** What a hub is compiled from. */
export interface CompileOptions {
  /** hub.config.yaml; places are told from its folder. */
  readonly configFile: string
  readonly kinds: readonly Kind[]
  /** What `${NAME}` and secrets are read from. HUB_DIRECTORY is the folder of hub.config.yaml unless it is given. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Besides the environment and files; one of the name `env` or `file` stands in for the hub's own. */
  readonly secretStores?: readonly SecretStore[]
  /** Of the hub, as its clients are told. */
  readonly version?: string
  /** Holds the arguments of tests to their tools' input schemas too; a hub that serves has no use for that. */
  readonly checkTests?: boolean
  /** For generated code, which is of no environment: what lacks a variable or secret is left out instead of told, and settings that only an environment can complete are not judged. */
  readonly withoutEnvironment?: boolean
}

/** A plan, or why there is none. Files and folders are given either way, so that a watcher sees the edit that mends it. */
export interface Compiled {
  /** There exactly when no problem is an error. */
  readonly plan?: Plan
  readonly problems: readonly Problem[]
  readonly files: readonly string[]
  readonly directories: readonly string[]
}

/** A compiler that keeps compiled schemas and parsed files from one run to the next. */
export type Compile = (options: CompileOptions) => Promise<Compiled>

interface Tools {
  readonly checker: Checker
  readonly checkSchema: CheckSchema
  readonly schemaOf: ReturnType<typeof schemasOfKinds>
  readonly parsed: Parsed
  /** Shared files, as `parsed` is of manifests. */
  readonly shared: Parsed
  readonly kept: KeptConnectors
  /** Of connectors, by themselves: one that was kept is hashed once. */
  readonly digests: WeakMap<ConnectorSpec, string>
}

/** Makes a compiler. A hub that compiles on every edit keeps one. */
export function createCompiler(): Compile {
  let tools: Tools | undefined
  return (options) => {
    tools ??= {
      checker: createChecker(),
      checkSchema: schemaCheck(),
      schemaOf: schemasOfKinds(),
      parsed: new Map(),
      shared: new Map(),
      kept: keptConnectors(),
      digests: new WeakMap(),
    }
    return run(options, tools)
  }
}

/** Compiles once: hub.config.yaml, its overlay and every manifest into a frozen plan, or the full list of problems. Never throws for what the files say. */
export const compile: Compile = (options) => createCompiler()(options)

async function run(options: CompileOptions, tools: Tools): Promise<Compiled> {
  const configFile = resolve(options.configFile)
  const directory = dirname(configFile)
  const env = { HUB_DIRECTORY: directory, ...options.env }
  const own = [environmentStore(env), fileStore(directory)]
  const given = options.secretStores ?? []
  const stores = [...given, ...own.filter(({ name }) => !given.some((store) => store.name === name))]
  const { frame, problems: configProblems, files: configFiles } = await readConfig(configFile, env, stores, tools.checker, options)
  if (frame === undefined) return { problems: inOrder(configProblems), files: configFiles, directories: [directory] }

  const problems: Problem[] = [...configProblems]
  const tellIn: TellIn = (source, remark) => problems.push(source.problem(remark))
  const found = await findManifests(frame.manifests, directory, configFiles)
  for (const { index, ...fault } of found.faults) {
    const path = ['manifests', index]
    // Of the default pattern nobody said anything.
    if (frame.source.has(path)) tellIn(frame.source, { code: 'HUB_CONFIG_FILE', ...fault, path })
  }
  const library = createLibrary(directory, tools.shared)
  const workshop: Workshop = {
    kinds: options.kinds,
    env,
    stores,
    frame,
    library,
    withoutEnvironment: options.withoutEnvironment === true,
    ...tools,
    ...(options.checkTests && { checkArguments: argumentsCheck() }),
  }
  const ground = groundOf(workshop)
  const build = (source: Source): Promise<Built> =>
    workshop.withoutEnvironment ? tools.kept.build(source, workshop, ground) : buildConnector(source, workshop)
  const built: Built[] = []
  for (const path of found.files) {
    const one = await guarded(path, directory, async () => build(await readManifest(path, directory, tools.parsed)))
    problems.push(...one.problems)
    built.push(one)
  }
  forget(tools, found.files, library.files())
  checkAcross(frame, built, tellIn)

  const secretFiles = built.flatMap((one) => one.secretFiles.map((path) => resolve(directory, path)))
  const pinnedFiles = built.flatMap(({ pinned }) => (pinned ? [pinned.path] : []))
  const files = [...new Set([...configFiles, ...found.files, ...pinnedFiles, ...library.files(), ...secretFiles])]
  const directories = [...new Set([...found.directories, ...files.map((path) => dirname(path))])].toSorted()
  const sorted = inOrder(problems)
  if (sorted.some(({ severity }) => severity === 'error')) return { problems: sorted, files, directories }
  return { plan: planOf(frame, built, tools.digests, sorted, files), problems: sorted, files, directories }
}

/** A fault of the compiler itself, or of a kind's checks, is a problem of that file and never a crash of the hub. */
async function guarded(path: string, directory: string, build: () => Promise<Built>): Promise<Built> {
  try {
    return await build()
  } catch (error) {
    const source = parseSource(fileName(directory, path), path, '')
    const isDeep = error instanceof RangeError
    const message = isDeep ? 'values lie too deep in one another' : 'this file could not be checked'
    return {
      source,
      problems: [source.problem({ code: isDeep ? 'HUB_CONFIG_FILE' : 'HUB_INTERNAL', message, path: [] })],
      isPinnedKind: false,
      secretFiles: [],
    }
  }
}

/** Drops what was kept of files that are not there any more. */
function forget({ parsed, shared, kept }: Tools, manifests: readonly string[], sharedFiles: readonly string[]): void {
  const [wanted, wantedShared] = [new Set(manifests), new Set(sharedFiles)]
  for (const path of parsed.keys()) if (!wanted.has(path)) parsed.delete(path)
  for (const path of shared.keys()) if (!wantedShared.has(path)) shared.delete(path)
  kept.keep(manifests)
}

function planOf(frame: HubFrame, built: readonly Built[], digests: Tools['digests'], warnings: readonly Problem[], files: readonly string[]): Plan {
  const connectors = built.flatMap(({ spec }) => (spec ? [spec] : [])).toSorted(byName) as readonly ConnectorSpec[]
  const { config: hub, toolsets } = frame
  const digest = digestOf([hub, toolsets, connectors.map((connector) => digestIn(digests, connector))])
  return deepFreeze({ digest, hub, connectors, toolsets, warnings, files })
}

function digestIn(digests: Tools['digests'], connector: ConnectorSpec): string {
  const known = digests.get(connector) ?? digestOf(digested(connector))
  digests.set(connector, known)
  return known
}

/** What a plan's digest is of: tests change nothing that is served. */
function digested({ place: _place, definitions: _definitions, ...spec }: ConnectorSpec): object {
  const untested = (tool: ToolSpec): ToolSpec => ({ ...tool, tests: [] })
  return { ...spec, tools: spec.tools.map(untested), resources: spec.resources.map((resource) => ({ ...resource, tool: untested(resource.tool) })) }
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)
