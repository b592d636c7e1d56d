import { basename, dirname, resolve } from 'node:path'
import { durationMs } from '../contract/duration.ts'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { HubConfig, ToolsetSpec } from '../contract/manifest.ts'
import type { Problem } from '../contract/place.ts'
import type { SecretStore } from '../contract/secret.ts'
import type { Checker } from './check.ts'
import { putEnvironment, valueAt, malformedRemarks, withValueAt, type Environed } from './environment.ts'
import { hubConfig } from './hub-config.ts'
import { layOver, mergedSource } from './overlay.ts'
import { groundLifetimes, policyFaults, type Lifetimes } from './policy.ts'
import type { Remark, Tell } from './problems.ts'
import { manifestBytes, readText } from './read.ts'
import { parseDuration } from './scalars.ts'
import { hubConfigSchema } from './hub-schema.ts'
import { findReferences, readSecrets } from './secrets.ts'
import { settle, unansweredRemark } from './settle.ts'
import { parseSource, type Source } from './source.ts'
import { listed, suggest } from './suggest.ts'

/** What connectors are built on: the hub's defaults and names. */
export interface HubFrame {
  readonly config: HubConfig
  readonly source: Source
  /** Globs and paths, from the hub's folder. */
  readonly manifests: readonly string[]
  readonly defaults: JsonObject
  readonly lifetimes: Lifetimes
  readonly tiers: ReadonlyMap<string, { readonly start?: string; readonly policy: JsonObject }>
  readonly toolsets: readonly ToolsetSpec[]
}

/** What became of hub.config.yaml. `frame` is there whenever the file could be read at all, so that manifests are checked too. */
export interface ReadConfig {
  readonly frame?: HubFrame
  readonly problems: readonly Problem[]
  readonly files: readonly string[]
}

/** Reads hub.config.yaml with the overlay that HUB_ENV names. */
export async function readConfig(
  configFile: string,
  env: Readonly<Record<string, string | undefined>>,
  stores: readonly SecretStore[],
  checker: Checker,
  { version = '0.0.0', withoutEnvironment = false }: { readonly version?: string; readonly withoutEnvironment?: boolean } = {},
): Promise<ReadConfig> {
  const path = resolve(configFile)
  const base = await readSource(path, basename(path))
  const files = [path]
  if (base.problems.length > 0) return { problems: base.problems, files }
  const problems: Problem[] = []
  const { path: overlayFile, source: overlay } = await readOverlay(base, env, (remark) => problems.push(base.problem(remark)))
  if (overlayFile !== undefined) files.push(overlayFile)
  if (overlay) problems.push(...overlay.problems, ...notMap(overlay))
  if (hasError(problems)) return { problems, files }
  const value = overlay && isObject(overlay.value) ? layOver(base.value, overlay.value) : base.value
  const source = overlay ? mergedSource(base, overlay, value) : base
  const tell: Tell = (remark) => problems.push(source.problem(remark))
  if (!isObject(value) && value !== null) {
    tell({ code: 'HUB_CONFIG_TYPE', message: 'the file is not a map', hint: 'it has fields such as hub, manifests and auth', path: [] })
    return { problems, files }
  }

  const written = putEnvironment(value ?? {}, env, () => false)
  const environed = withoutEnvironment ? withoutMissing(written) : written
  for (const remark of malformedRemarks(environed)) tell(remark)
  for (const { path: at, names } of environed.missing) {
    const message = `the variable ${names.join(', ')} has no value`
    tell({ code: 'HUB_CONFIG_ENVIRONMENT', message, hint: `set ${names.join(', ')}, or write a default: \${${names[0] ?? ''}:-…}`, path: at })
  }
  const references = isObject(environed.value) ? findReferences(environed.value['stores'] ?? null, ['stores']) : []
  const found = await readSecrets(references, stores)
  const withGround = { ...environed, value: { hub: {}, stores: {}, auth: {}, limits: {}, ...(environed.value as JsonObject) } }
  const settled = settle({ ...source, value: value ?? {} }, withGround, found, hubConfigSchema, checker)
  for (const remark of settled.remarks) tell(remark)
  if (!withoutEnvironment) for (const one of settled.unanswered) tell(unansweredRemark(one, 'the hub cannot start without it'))
  const tellHub: Tell = withoutEnvironment ? () => undefined : tell
  const frame = frameOf(settled.value, source, dirname(path), version, tell, tellHub)
  return { frame, problems, files }
}

async function readSource(path: string, file: string): Promise<Source> {
  const { text, finding } = await readText(path, manifestBytes)
  const source = parseSource(file, path, text ?? '')
  if (text !== undefined) return source
  return { ...source, problems: finding ? [source.problem({ ...finding, hint: finding.hint ?? 'a hub is described by hub.config.yaml' })] : [] }
}

interface Overlay {
  /** There also when the file is not: it may come. */
  readonly path?: string
  readonly source?: Source
}

async function readOverlay(base: Source, env: Readonly<Record<string, string | undefined>>, tell: (remark: Remark) => void): Promise<Overlay> {
  const wanted = env['HUB_ENV']
  const overlays = valueAt(base.value, ['overlays'])
  if (wanted === undefined || wanted === '') return {}
  if (!isObject(overlays)) {
    const message = `HUB_ENV says "${wanted}", and there are no overlays`
    const hint = `name its file: overlays: { ${wanted}: hub.${wanted}.yaml }`
    if (overlays === undefined) tell({ code: 'HUB_CONFIG_REFERENCE', severity: 'warning', message, hint, path: [] })
    return {}
  }
  const file = Object.hasOwn(overlays, wanted) ? overlays[wanted] : undefined
  if (typeof file !== 'string') {
    const names = Object.keys(overlays)
    const hint = suggest(wanted, names) ?? `overlays: ${listed(names)}`
    tell({
      code: 'HUB_CONFIG_REFERENCE',
      severity: 'warning',
      message: `HUB_ENV says "${wanted}", and no overlay has that name`,
      hint,
      path: ['overlays'],
      part: 'key',
    })
    return {}
  }
  const path = resolve(dirname(base.path), file)
  const { text, finding } = await readText(path, manifestBytes)
  if (text !== undefined) return { path, source: parseSource(file, path, text) }
  if (finding) tell({ ...finding, message: `${file}: ${finding.message}`, path: ['overlays', wanted] })
  return { path }
}

/** An empty overlay lays nothing; a list laid over the rest would leave nothing of it. */
function notMap(overlay: Source): readonly Problem[] {
  if (overlay.problems.length > 0 || overlay.value === null || isObject(overlay.value)) return []
  return [
    overlay.problem({ code: 'HUB_CONFIG_TYPE', message: 'the overlay is not a map', hint: 'it has the fields of hub.config.yaml that it changes', path: [] }),
  ]
}

/** The same values without those that wait for a variable; from the last to the first, so that an item taken out of a list does not move those still to come. */
function withoutMissing(environed: Environed): Environed {
  const value = environed.missing.toReversed().reduce((rest, { path }) => withValueAt(rest, path, undefined), environed.value)
  return { ...environed, value, missing: [] }
}

const hasError = (problems: readonly Problem[]): boolean => problems.some(({ severity }) => severity === 'error')

function frameOf(value: JsonObject, source: Source, directory: string, version: string, tell: Tell, tellHub: Tell): HubFrame {
  const lifetimes = lifetimesOf(value['cache'], tell)
  const defaults = isObject(value['defaults']) ? value['defaults'] : {}
  tellPolicy(defaults, ['defaults'], lifetimes, tell)
  const tiers = new Map<string, { readonly start?: string; readonly policy: JsonObject }>()
  for (const [name, tier] of Object.entries(isObject(value['tiers']) ? value['tiers'] : {})) {
    const { start, ...policy } = isObject(tier) ? tier : {}
    tellPolicy(policy, ['tiers', name], lifetimes, tell)
    tiers.set(name, { ...(typeof start === 'string' && { start }), policy })
  }
  return {
    config: hubConfig(value, directory, version, tellHub),
    source,
    manifests: textsOf(value['manifests']),
    defaults,
    lifetimes,
    tiers,
    toolsets: Object.entries(isObject(value['toolsets']) ? value['toolsets'] : {}).map(([name, toolset]) => toolsetOf(name, toolset, source, tell)),
  }
}

function tellPolicy(policy: JsonObject, path: readonly string[], lifetimes: Lifetimes, tell: Tell): void {
  for (const fault of policyFaults(policy, lifetimes)) tell({ ...fault, path: [...path, ...fault.path] })
}

function lifetimesOf(cache: Json | undefined, tell: Tell): Lifetimes {
  const named = { ...groundLifetimes, ...(isObject(cache) ? cache : {}) }
  const lifetimes = new Map<string, { ttlMs: number; staleMs: number }>()
  for (const [name, value] of Object.entries(named)) {
    const { ttl, stale = '0s' } = isObject(value) ? value : { ttl: value }
    const ttlMs = parseDuration(String(ttl))
    if (!ttlMs && typeof ttl === 'string' && /^\d/.test(ttl))
      tell({ code: 'HUB_CONFIG_VALUE', message: `the lifetime "${name}" cannot be ${ttl}`, hint: 'to cache nothing, leave cache away', path: ['cache', name] })
    const staleMs = parseDuration(String(stale))
    if (staleMs === undefined && !Number.isNaN(durationMs(String(stale))))
      tell({ code: 'HUB_CONFIG_VALUE', message: `"stale" cannot be ${String(stale)}`, hint: 'give one that can be counted', path: ['cache', name, 'stale'] })
    lifetimes.set(name, { ttlMs: ttlMs ?? 0, staleMs: staleMs ?? 0 })
  }
  return lifetimes
}

function toolsetOf(name: string, toolset: Json, source: Source, tell: Tell): ToolsetSpec {
  if (!/^[a-zA-Z][a-zA-Z0-9_-]{0,59}$/.test(name)) {
    tell({
      code: 'HUB_CONFIG_NAME',
      message: `"${name}" cannot be a toolset’s name`,
      hint: 'letters, digits, _ and -, beginning with a letter',
      path: ['toolsets', name],
      part: 'key',
    })
  }
  const { tools, prompts, resources } = isObject(toolset) ? toolset : {}
  return { name, tools: textsOf(tools), prompts: textsOf(prompts), resources: textsOf(resources), place: source.place(['toolsets', name]) }
}

/** The texts of a list; what is no text was told of already. */
export const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? (value as Json[]).filter((item): item is string => typeof item === 'string') : []
