import { dirname } from 'node:path'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { Kind } from '../contract/kind.ts'
import type { ConnectorSpec } from '../contract/manifest.ts'
import type { Problem } from '../contract/place.ts'
import type { SecretStore } from '../contract/secret.ts'
import type { Checker } from './check.ts'
import type { HubFrame } from './config.ts'
import { definitionsPath, readDefinitions, type Pinned } from './definitions.ts'
import { digestOf } from './digest.ts'
import { isKeptPlace, malformedRemarks, putEnvironment, type Environed } from './environment.ts'
import type { CheckSchema } from './json-schema.ts'
import { findKind, withClashes } from './kind-of.ts'
import { under, type Manifest } from './manifest.ts'
import { connectorNameFault } from './names.ts'
import { tellLeftOut, tellNeeds } from './needs.ts'
import { policyFaults } from './policy.ts'
import type { Remark } from './problems.ts'
import { buildPrompts } from './prompts.ts'
import { expandReferences, type Library, type TellIn } from './references.ts'
import { buildResources } from './resources.ts'
import { anyConnectorSchema } from './schemas.ts'
import { findReferences, readSecrets } from './secrets.ts'
import { settle, startsWith } from './settle.ts'
import type { Path, Source } from './source.ts'
import { listed, suggest } from './suggest.ts'
import type { CheckArguments } from './test-arguments.ts'
import { buildTools } from './tools.ts'

/** What every connector of one compilation is built with. */
export interface Workshop {
  readonly kinds: readonly Kind[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stores: readonly SecretStore[]
  readonly frame: HubFrame
  readonly library: Library
  readonly checker: Checker
  readonly checkSchema: CheckSchema
  /** Absent: arguments of tests are not looked at. */
  readonly checkArguments?: CheckArguments
  /** See CompileOptions. */
  readonly withoutEnvironment: boolean
  /** Schemas of manifests, each made once. */
  readonly schemaOf: (kind: Kind) => JsonObject
}

/** What became of one connector's file. */
export interface Built {
  readonly source: Source
  /** Undefined when the file does not even say a name. */
  readonly name?: string
  readonly spec?: ConnectorSpec
  readonly pinned?: Pinned
  readonly isPinnedKind: boolean
  readonly problems: readonly Problem[]
  /** Files that secrets were read from. */
  readonly secretFiles: readonly string[]
}

/** Checks one manifest and builds its connector. Problems of every part are told, whatever else is wrong. */
export async function buildConnector(source: Source, workshop: Workshop): Promise<Built> {
  const problems: Problem[] = [...source.problems]
  const unsound: Path[] = []
  const tellIn: TellIn = (where, remark) => {
    problems.push(where.problem(remark))
    if (where === source && remark.severity !== 'warning') unsound.push(remark.path)
  }
  const tell = (remark: Remark): void => tellIn(source, remark)
  const { value: written } = source
  if (problems.some(({ severity }) => severity === 'error')) return { source, problems, isPinnedKind: false, secretFiles: [] }
  if (!isObject(written)) {
    const message = written === null ? 'the file is empty' : 'the file is not a map'
    tell({ code: 'HUB_CONFIG_TYPE', message, hint: 'a connector begins with connector: <name> and kind: <kind>', path: [] })
    return { source, problems, isPinnedKind: false, secretFiles: [] }
  }

  const kind = findKind(written, workshop.kinds, tell)
  const whole = await withReferences(written, source, workshop.library, tellIn)
  const environed = putEnvironment(whole, workshop.env, isKeptPlace)
  const config = isObject(environed.value) ? (environed.value['config'] ?? null) : null
  const isOn = isObject(environed.value) && environed.value['enabled'] !== false
  const references = kind ? findReferences(config, ['config']) : []
  const found = isOn ? await readSecrets(references, workshop.stores) : references.map((reference) => ({ reference }))
  const settled = settle(source, withConfig(environed), found, kind ? workshop.schemaOf(kind) : anyConnectorSchema, workshop.checker)
  for (const remark of [...withClashes(settled.remarks, kind), ...malformedRemarks(environed)]) tell(remark)

  const { value } = settled
  const name = typeof value['connector'] === 'string' ? value['connector'] : undefined
  const nameFault = name === undefined ? undefined : connectorNameFault(name, ['connector'])
  if (nameFault) tell(nameFault)
  const needsTeller = workshop.withoutEnvironment ? tellLeftOut : tellNeeds
  const off = isOn ? needsTeller(environed, settled.unanswered, name ?? 'the connector', tell) : { reason: 'switched off in its manifest', needs: [] }
  const secretFiles = found.filter(({ reference }) => reference.store === 'file').map(({ reference }) => reference.key)
  if (name === undefined || kind === undefined || nameFault) return { source, ...(name !== undefined && { name }), problems, isPinnedKind: false, secretFiles }

  const pinned = kind.pinned ? await readPinned(source) : undefined
  if (pinned) problems.push(...pinned.problems)
  const waiting = environed.missing.map(({ path }) => path)
  tellConfigLint(kind, config, tell, { unsound, waiting })
  const tier = value['tier'] === undefined ? undefined : String(value['tier'])
  const layers = layersOf(value, tier, workshop.frame, tell)
  const settledConfig = isObject(value['config']) ? value['config'] : {}
  const configDigest = digestOf([kind.kind, written['config'] ?? null, settledConfig])
  const manifest: Manifest = {
    source,
    name,
    kind,
    written,
    value,
    layers,
    lifetimes: workshop.frame.lifetimes,
    ...(pinned && { pinned }),
    configDigest,
    library: workshop.library,
    checkSchema: workshop.checkSchema,
    ...(workshop.checkArguments && { checkArguments: workshop.checkArguments }),
    tell,
    tellIn,
    isUnsound: (path) => [...unsound, ...waiting].some((one) => startsWith(one, path)),
  }
  const tools = await buildTools(manifest)
  const resources = await buildResources(manifest)
  const prompts = buildPrompts(manifest)
  const start = (value['start'] ?? workshop.frame.tiers.get(tier ?? '')?.start ?? 'lazy') as ConnectorSpec['start']
  const directory = dirname(source.path)
  const spec: ConnectorSpec = {
    name,
    kind: kind.kind,
    summary: String(value['summary']),
    ...(tier !== undefined && { tier }),
    start,
    config: settledConfig,
    ...(off && { off }),
    tools,
    resources,
    prompts,
    fallback: (value['fallback'] ?? []) as readonly string[],
    ...(pinned?.definitions && { definitions: pinned.definitions }),
    digest: digestOf([name, configDigest, start, directory, off ?? null, pinned?.definitions ?? null]),
    directory,
    place: source.place(['connector']),
  }
  return { source, name, spec, ...(pinned && { pinned }), problems, isPinnedKind: kind.pinned === true, secretFiles }
}

/** `{ $ref: … }` inside `config:` is put in place before anything else, so that what stands in a shared file gets the environment as the rest does. */
async function withReferences(written: JsonObject, source: Source, library: Library, tellIn: TellIn): Promise<JsonObject> {
  const { config } = written
  if (config === undefined) return written
  const expanded = await expandReferences(config, source, ['config'], library, tellIn, false)
  return { ...written, config: expanded?.value ?? {} }
}

/** A connector without `config:` has an empty one, so that the schema's defaults are laid; where fields are needed, their absence is told of `config` itself. */
function withConfig(environed: Environed): Environed {
  if (!isObject(environed.value) || environed.value['config'] !== undefined) return environed
  return { ...environed, value: { ...environed.value, config: {} } }
}

async function readPinned(source: Source): Promise<Pinned | undefined> {
  const path = definitionsPath(source.path)
  return readDefinitions(path, definitionsPath(source.file))
}

function tellConfigLint(
  kind: Kind,
  config: Json,
  tell: (remark: Remark) => void,
  { unsound, waiting }: { readonly unsound: readonly Path[]; readonly waiting: readonly Path[] },
): void {
  if (unsound.some(([first]) => first === 'config')) return
  for (const finding of kind.lintConfig?.(isObject(config) ? config : {}) ?? []) {
    const remark: Remark = { ...under(['config'], finding), part: finding.within ? 'value' : 'key' }
    // What waits for a variable reads as empty, and is nobody's mistake.
    if (!waiting.some((path) => startsWith(path, remark.path) || startsWith(remark.path, path))) tell(remark)
  }
}

function layersOf(value: JsonObject, tier: string | undefined, frame: HubFrame, tell: (remark: Remark) => void): readonly JsonObject[] {
  const defaults = isObject(value['defaults']) ? value['defaults'] : {}
  for (const fault of policyFaults(defaults, frame.lifetimes)) tell(under(['defaults'], fault))
  // An empty one stands for a variable without a value, which was told.
  if (!tier) return [frame.defaults, defaults]
  const found = frame.tiers.get(tier)
  if (found) return [frame.defaults, found.policy, defaults]
  const names = [...frame.tiers.keys()]
  const hint = suggest(tier, names) ?? (names.length === 0 ? 'hub.config.yaml has no tiers' : `tiers: ${listed(names)}`)
  tell({ code: 'HUB_CONFIG_REFERENCE', message: `there is no tier "${tier}"`, hint, path: ['tier'] })
  return [frame.defaults, defaults]
}
