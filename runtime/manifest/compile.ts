import { dirname, resolve } from 'node:path'
import type { Kind } from '../contract/kind.ts'
import type { ConnectorSpec, Plan } from '../contract/manifest.ts'
import type { Problem } from '../contract/place.ts'
import type { SecretStore } from '../contract/secret.ts'
import { checkAcross } from './across.ts'
import { createChecker, type Checker } from './check.ts'
import { readConfig, type HubFrame } from './config.ts'
import { buildConnector, type Built } from './connector.ts'
import { deepFreeze, digestOf } from './digest.ts'
import { createLibrary, findManifests, readManifest, type Parsed } from './files.ts'
import { schemaCheck, type CheckSchema } from './json-schema.ts'
import { schemasOfKinds } from './kind-of.ts'
import { inOrder } from './problems.ts'
import type { TellIn } from './references.ts'
import { environmentStore, fileStore } from './secrets.ts'
import { fileName, parseSource } from './source.ts'

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
}

/** Makes a compiler. A hub that compiles on every edit keeps one. */
export function createCompiler(): Compile {
  let tools: Tools | undefined
  return (options) => {
    tools ??= { checker: createChecker(), checkSchema: schemaCheck(), schemaOf: schemasOfKinds(), parsed: new Map() }
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
  const { frame, problems: configProblems, files: configFiles } = await readConfig(configFile, env, stores, tools.checker, options.version ?? '0.0.0')
  if (frame === undefined) return { problems: inOrder(configProblems), files: configFiles, directories: [directory] }

  const problems: Problem[] = [...configProblems]
  const tellIn: TellIn = (source, remark) => problems.push(source.problem(remark))
  const found = await findManifests(frame.manifests, directory, configFiles)
  for (const index of found.missing) {
    tellIn(frame.source, {
      code: 'HUB_CONFIG_FILE',
      message: `${String(frame.manifests[index])} does not exist`,
      hint: 'a pattern with * may match nothing; a path may not',
      path: ['manifests', index],
    })
  }
  const library = createLibrary(directory)
  const workshop = { kinds: options.kinds, env, stores, frame, library, ...tools }
  const built: Built[] = []
  for (const path of found.files) {
    const one = await guarded(path, directory, async () => buildConnector(await readManifest(path, directory, tools.parsed), workshop))
    problems.push(...one.problems)
    built.push(one)
  }
  for (const path of tools.parsed.keys()) if (!found.files.includes(path)) tools.parsed.delete(path)
  checkAcross(frame, built, tellIn)

  const secretFiles = built.flatMap((one) => one.secretFiles.map((path) => resolve(directory, path)))
  const pinnedFiles = built.flatMap(({ pinned }) => (pinned ? [pinned.path] : []))
  const files = [...new Set([...configFiles, ...found.files, ...pinnedFiles, ...library.files(), ...secretFiles])]
  const directories = [...new Set([...found.directories, ...files.map((path) => dirname(path))])].toSorted()
  const sorted = inOrder(problems)
  if (sorted.some(({ severity }) => severity === 'error')) return { problems: sorted, files, directories }
  return { plan: planOf(frame, built, sorted, files), problems: sorted, files, directories }
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

function planOf(frame: HubFrame, built: readonly Built[], warnings: readonly Problem[], files: readonly string[]): Plan {
  const connectors = built.flatMap(({ spec }) => (spec ? [spec] : [])).toSorted(byName) as readonly ConnectorSpec[]
  const { config: hub, toolsets } = frame
  const digest = digestOf([hub, toolsets, connectors.map(({ place: _place, definitions: _definitions, ...spec }) => spec)])
  return deepFreeze({ digest, hub, connectors, toolsets, warnings, files })
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)
