import { dirname, join } from 'node:path'
import { HubError } from '../runtime/contract/errors.ts'
import type { ConnectorSpec, Plan } from '../runtime/contract/manifest.ts'
import { codeDigest } from '../runtime/manifest/code-digest.ts'
import { createCompiler, type Compiled } from '../runtime/manifest/compile.ts'
import { compileForCode, type CodeSource } from './compile.ts'
import {
  filesOf,
  generatorOf,
  hashOf,
  hubDigest,
  isOutputPath,
  manifestDigest,
  readRecord,
  recordPath,
  recordText,
  type GenerationRecord,
  type Hashes,
} from './digest.ts'
import { readOutput, type Output } from './emit.ts'
import type { Emitter, Generation, Language } from './emitter.ts'
import { emitters as shippedEmitters } from './emitters.ts'
import { readTemplates, userTemplates, type Templates } from './templates.ts'

/** What is generated, from what, and where to. */
export interface GenerateSource extends CodeSource {
  /** Absolute path of the folder that is generated into. */
  readonly out: string
  /** Those of this hub unless given. */
  readonly emitters?: readonly Emitter[]
}

/** What of it to make. */
export interface GenerateOptions {
  /** Those of the last time unless given; TypeScript at first. */
  readonly languages?: readonly Language[]
  /** Make all files, also those that the record says are as they should be. */
  readonly fresh?: boolean
  /** Make the files over all connectors in any case, and those of one connector, so that the next run finds their parts made: for who waits for edits. */
  readonly warm?: boolean
}

/** What generating came to. */
export interface Generated {
  readonly compiled: Compiled
  /** There exactly when the manifests have no errors. */
  readonly made?: Made
}

/** Files as they should be. */
export interface Made {
  readonly plan: Plan
  /** The record of all files, and those that were made this time with their texts; the record itself is the last. */
  readonly outputs: readonly Output[]
  readonly record: GenerationRecord
  /** Connectors that were made anew. */
  readonly connectors: readonly string[]
  /** Files generated before, whether or not they still are. */
  readonly former: readonly string[]
  /** The manifest a file is made from. */
  origin(path: string): string
}

/** Generates again and again from the same manifests, keeping what did not change between runs. */
export type Generate = (options?: GenerateOptions) => Promise<Generated>

/** Makes a generator; it writes nothing. Rejects for templates that cannot be used. */
export function createGenerate(source: GenerateSource): Generate {
  const compile = createCompiler()
  const digests: Digests = new WeakMap()
  let templates: Templates | undefined
  return async (options = {}) => {
    const compiled = await compileForCode(compile, source)
    if (compiled.plan === undefined) return { compiled }
    const found = await readTemplates(join(dirname(source.configFile), userTemplates))
    // Compiled templates are kept for as long as their texts are the same.
    if (found.digest !== templates?.digest) templates = found
    return { compiled, made: await make(source, { plan: compiled.plan, kinds: source.kinds, templates }, digests, options) }
  }
}

/** Of connectors, each worked out once: the compiler gives those that did not change again. */
type Digests = WeakMap<ConnectorSpec, { readonly code: string; readonly manifest: string }>

function digestsOf(connector: ConnectorSpec, digests: Digests): { readonly code: string; readonly manifest: string } {
  const known = digests.get(connector) ?? { code: codeDigest(connector), manifest: manifestDigest(connector) }
  digests.set(connector, known)
  return known
}

async function make(source: GenerateSource, generation: Generation, digests: Digests, options: GenerateOptions): Promise<Made> {
  const { plan, templates } = generation
  const { emitters = shippedEmitters } = source
  const before = recordIn(source.out, options)
  const languages = options.languages ?? (before && before.languages.length > 0 ? before.languages : ['typescript' as const])
  const wanted = emitters.filter(({ language }) => language === undefined || languages.includes(language))
  const ground = { generator: generatorOf(source.version), languages, templates: templates.digest, hub: hubDigest(plan) }

  const isSameGround = before?.generator === ground.generator && before.templates === ground.templates && String(before.languages) === String(languages)
  const kept = isSameGround && options.fresh !== true ? before : undefined
  const outputs: Output[] = []
  const made: string[] = []
  const connectors: Record<string, GenerationRecord['connectors'][string]> = {}
  for (const connector of plan.connectors) {
    const { code, manifest } = digestsOf(connector, digests)
    const known = kept?.connectors[connector.name]
    if (known?.manifest === manifest && isIntact(source.out, known.files)) {
      connectors[connector.name] = known
      continue
    }
    const own = await connectorOutputs(wanted, connector, generation)
    connectors[connector.name] = { code, manifest, files: hashed(own) }
    outputs.push(...own)
    made.push(connector.name)
  }

  const [first] = plan.connectors
  if (options.warm === true && made.length === 0 && first !== undefined) await connectorOutputs(wanted, first, generation)
  const isWhole =
    options.warm !== true &&
    kept !== undefined &&
    made.length === 0 &&
    kept.hub === ground.hub &&
    Object.keys(kept.connectors).length === plan.connectors.length &&
    isIntact(source.out, kept.files)
  const whole = isWhole ? [] : await wholeOutputs(wanted, generation)
  const record = { ...ground, connectors, files: isWhole ? kept.files : hashed(whole) }
  const all = [...outputs, ...whole]
  checkPaths(record, all)
  const manifests = new Map(plan.connectors.map(({ name, place }) => [name, place.file]))
  const owners = new Map([...filesOf(before), ...filesOf(record)])
  return {
    plan,
    outputs: [...all, { path: recordPath, content: recordText(record) }],
    record,
    connectors: made,
    former: before ? [...filesOf(before).keys()] : [],
    origin: (path) => {
      const owner = owners.get(path)?.connector
      return owner === undefined ? 'hub.config.yaml' : (manifests.get(owner) ?? `the connector ${owner}`)
    },
  }
}

async function connectorOutputs(emitters: readonly Emitter[], connector: ConnectorSpec, generation: Generation): Promise<readonly Output[]> {
  const outputs: Output[] = []
  for (const emitter of emitters) outputs.push(...((await emitter.connector?.(connector, generation)) ?? []))
  return outputs
}

async function wholeOutputs(emitters: readonly Emitter[], generation: Generation): Promise<readonly Output[]> {
  const outputs: Output[] = []
  for (const emitter of emitters) outputs.push(...((await emitter.whole?.(generation)) ?? []))
  return outputs
}

const hashed = (outputs: readonly Output[]): Hashes => Object.fromEntries(outputs.map(({ path, content }) => [path, hashOf(content)]))

/** True when every file is on disk as it was written. */
function isIntact(root: string, files: Hashes): boolean {
  return Object.entries(files).every(([path, hash]) => {
    const text = readOutput(root, path)
    return text !== undefined && hashOf(text) === hash
  })
}

/** The record of the last time. One that cannot be read hides which languages were wanted, and their files would be forgotten. */
function recordIn(out: string, { languages }: GenerateOptions): GenerationRecord | undefined {
  const text = readOutput(out, recordPath)
  const record = readRecord(text)
  if (text === undefined || record !== undefined || languages !== undefined) return record
  const way = 'say which languages are wanted (--lang typescript,python), or take the file from version control'
  throw new HubError('HUB_SETUP', `${join(out, recordPath)} is no record of what was generated, perhaps after a merge; ${way}`)
}

/** Two files of one path would overwrite each other, on some systems also where they differ in case only. */
function checkPaths(record: GenerationRecord, outputs: readonly Output[]): void {
  const counted = Object.values(record.connectors).reduce((sum, { files }) => sum + Object.keys(files).length, Object.keys(record.files).length)
  const paths = new Set([...filesOf(record).keys(), recordPath].map((path) => path.toLowerCase()))
  const wrong = outputs.find(({ path }) => !isOutputPath(path))
  if (wrong) throw new HubError('HUB_INTERNAL', `an emitter gave the path ${wrong.path}, which leads out of its folder`)
  if (paths.size === counted + 1) return
  const owners = new Map<string, string>()
  for (const [connector, { files }] of Object.entries(record.connectors)) {
    for (const path of Object.keys(files)) {
      const other = owners.get(path.toLowerCase())
      const message = `the connectors ${other} and ${connector} both give the file ${path}; give one of them a name that differs in letters or digits`
      if (other !== undefined) throw new HubError('HUB_CONFIG_NAME', message)
      owners.set(path.toLowerCase(), connector)
    }
  }
  throw new HubError('HUB_INTERNAL', 'two emitters gave one path')
}
