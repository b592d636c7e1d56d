import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { roleOfEffect, type Effect, type Role } from '../contract/principal.ts'
import type { StandardTool, ToolAnnotations, ToolDraft, ToolSpec } from '../contract/tool.ts'
import type { ToolTest } from '../contract/tool-test.ts'
import { tellDefaults } from './default-values.ts'
import { digestOf } from './digest.ts'
import { givenSchema, pinnedSchema, takesMap, writtenSchema, type Interface } from './interfaces.ts'
import { under, type Manifest } from './manifest.ts'
import { localNameFault, longestName } from './names.ts'
import { layPolicies, ownPolicyFaults, policyFaults } from './policy.ts'
import type { Path } from './source.ts'
import { suggest } from './suggest.ts'
import { buildTests, withoutTests } from './tool-tests.ts'

/** Every sound tool of a manifest: those it declares, then the standard ones of its kind. */
export async function buildTools(manifest: Manifest): Promise<readonly ToolSpec[]> {
  const declared = isObject(manifest.value['tools']) ? manifest.value['tools'] : {}
  const standard = manifest.kind.standardTools ?? []
  const tools: ToolSpec[] = []
  for (const name of Object.keys(declared)) {
    if (standard.some((one) => one.name === name)) continue
    const tool = await buildDeclared(manifest, name)
    if (tool) tools.push(tool)
  }
  for (const one of standard) {
    const tool = buildStandard(manifest, one, Object.hasOwn(declared, one.name))
    if (tool) tools.push(tool)
  }
  return tools
}

async function buildDeclared(manifest: Manifest, name: string): Promise<ToolSpec | undefined> {
  const path = ['tools', name]
  const entry = (manifest.value['tools'] as JsonObject)[name] as JsonObject
  if (tellNames(manifest, name, entry, path) || !isObject(entry) || manifest.isUnsound(path)) return undefined
  const pinned = manifest.kind.pinned ? findPinned(manifest, name, entry, path) : {}
  const input = pinned && (await inputOf(manifest, name, pinned))
  const output = pinned && (await outputOf(manifest, name, pinned))
  if (pinned === undefined || input === undefined || output === undefined || !takesMap(manifest, input)) return undefined
  const { definition } = pinned
  const effect = entry['effect'] as Effect
  const policy = (entry['policy'] ?? {}) as JsonObject
  if (tellPolicy(manifest, policy, effect, input, path)) return undefined
  const draft: ToolDraft = {
    name,
    ...wordsOf(entry, definition, name),
    effect,
    input: input.schema,
    ...(output !== null && { output: output.schema }),
    operation: entry['operation'] ?? { tool: name },
    aliases: (entry['aliases'] ?? []) as readonly string[],
    ...(typeof entry['deprecated'] === 'string' && { deprecated: entry['deprecated'] }),
    policy,
    ...(typeof entry['role'] === 'string' && { role: entry['role'] as Role }),
    annotations: {
      ...(manifest.value['trustAnnotations'] === true && isObject(definition?.['annotations']) ? definition['annotations'] : {}),
      ...(entry['annotations'] as ToolAnnotations | undefined),
    },
    ...(definition && metaOf(definition)),
  }
  if (entry['enabled'] === false || (await tellLint(manifest, draft, input, path))) return undefined
  const tests = buildTests(manifest, entry, { input, hasOutput: output !== null }, path)
  return tests && finish(manifest, draft, { own: [policy], path, written: (manifest.written['tools'] as JsonObject)[name], tests })
}

interface FromDefinition {
  readonly definition?: JsonObject
  readonly index?: number
}

function findPinned({ pinned, tell }: Manifest, name: string, entry: JsonObject, path: Path): FromDefinition | undefined {
  const upstream = isObject(entry['operation']) && typeof entry['operation']['tool'] === 'string' ? entry['operation']['tool'] : name
  const index = pinned?.byName.get(upstream)
  if (index !== undefined) return { definition: pinned?.definitions?.tools[index], index }
  if (entry['input'] !== undefined && entry['summary'] !== undefined) return {}
  if (pinned !== undefined && pinned.definitions === undefined) return undefined
  const known = [...(pinned?.byName.keys() ?? [])]
  const message = pinned
    ? `"${upstream}" is not among the pinned definitions of this server`
    : `there are no pinned definitions beside this manifest to serve "${upstream}" from`
  const isNamed = upstream !== name
  const hint = suggest(upstream, known) ?? 'run hub import mcp, or write summary and input here'
  tell({ code: 'HUB_CONFIG_REFERENCE', message, hint, path: isNamed ? [...path, 'operation', 'tool'] : path, part: isNamed ? 'value' : 'key' })
  return undefined
}

async function inputOf(manifest: Manifest, name: string, { definition, index }: FromDefinition): Promise<Interface | undefined> {
  const path = ['tools', name, 'input']
  const written = ((manifest.written['tools'] as JsonObject)[name] as JsonObject)['input']
  if (written !== undefined) {
    const input = await writtenSchema(manifest, written, path)
    if (input) tellDefaults(manifest, input)
    return input
  }
  const { inputSchema } = definition ?? {}
  if (inputSchema !== undefined) return pinnedSchema(manifest, inputSchema, ['tools', index as number, 'inputSchema'])
  return givenSchema(manifest, { type: 'object', properties: {}, additionalProperties: false }, ['tools', name])
}

/** Null when the tool says nothing of its answer; undefined when what it says is wrong. */
async function outputOf(manifest: Manifest, name: string, { definition, index }: FromDefinition): Promise<Interface | null | undefined> {
  const written = ((manifest.written['tools'] as JsonObject)[name] as JsonObject)['output']
  if (written !== undefined) return writtenSchema(manifest, written, ['tools', name, 'output'])
  const { outputSchema } = definition ?? {}
  return outputSchema === undefined ? null : pinnedSchema(manifest, outputSchema, ['tools', index as number, 'outputSchema'])
}

/** The manifest's words, and those of the pinned definition where it has none. An operator's summary replaces the whole text of the definition. */
function wordsOf(entry: JsonObject, definition: JsonObject | undefined, name: string): Pick<ToolDraft, 'title' | 'summary' | 'description'> {
  const text = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
  const title = text(entry['title']) ?? text(definition?.['title'])
  const description = text(entry['description'])
  const summary = text(entry['summary']) ?? text(definition?.['description']) ?? title ?? name
  return { ...(title !== undefined && { title }), summary, ...(description !== undefined && { description }) }
}

function metaOf({ _meta: meta, icons }: JsonObject): Pick<ToolDraft, 'meta'> {
  const kept = { ...(isObject(meta) && { _meta: meta }), ...(Array.isArray(icons) && { icons }) }
  return Object.keys(kept).length === 0 ? {} : { meta: kept }
}

function tellNames(manifest: Manifest, name: string, entry: Json, path: Path): boolean {
  const aliases = isObject(entry) && Array.isArray(entry['aliases']) ? (entry['aliases'] as Json[]) : []
  const faults = [
    localNameFault(manifest.name, name, 'a tool', path),
    ...aliases.map((alias, index) =>
      typeof alias === 'string' ? localNameFault(manifest.name, alias, 'a tool', [...path, 'aliases', index], 'value') : undefined,
    ),
  ].filter((fault) => fault !== undefined)
  for (const fault of faults) manifest.tell(fault)
  return faults.length > 0
}

function tellPolicy(manifest: Manifest, policy: JsonObject, effect: Effect, input: Interface, path: Path): boolean {
  const faults = [...policyFaults(policy, manifest.lifetimes), ...ownPolicyFaults(policy, effect, input.schema)]
  for (const fault of faults) manifest.tell(under([...path, 'policy'], fault))
  return faults.length > 0
}

/** What the kind knows without a connection, at its places; true when there was an error. */
export async function tellLint(manifest: Manifest, draft: ToolDraft, input: Interface, path: Path): Promise<boolean> {
  const { config } = manifest.value
  const findings = (await manifest.kind.lint?.(draft, isObject(config) ? config : undefined)) ?? []
  for (const finding of findings) {
    const [first, ...rest] = finding.path
    const { source, path: place } = first === 'input' ? input.placeOf(rest) : { source: manifest.source, path: [...path, ...finding.path] }
    manifest.tellIn(source, { ...finding, path: place, part: finding.within || first === 'operation' ? 'value' : 'key' })
  }
  return findings.some(({ severity }) => severity !== 'warning')
}

function buildStandard(manifest: Manifest, standard: StandardTool, isAdjusted: boolean): ToolSpec | undefined {
  const path = ['tools', standard.name]
  const { optIn, ...draft } = structuredClone(standard)
  const config = isObject(manifest.value['config']) ? manifest.value['config'] : {}
  const isOn = optIn === undefined || config[optIn] === true
  const entry = (isAdjusted ? ((manifest.value['tools'] as JsonObject)[standard.name] ?? {}) : {}) as JsonObject
  if (isAdjusted && !isOn && isObject(entry)) {
    const message = `the standard tool "${standard.name}" is not there: config does not say ${optIn}: true`
    manifest.tell({ code: 'HUB_CONFIG_VALUE', severity: 'warning', message, hint: `say ${optIn}: true, or remove this`, path, part: 'key' })
  }
  if (!isOn || tellStandardName(manifest, standard.name) || tellNames(manifest, standard.name, entry, path)) return undefined
  if (!isObject(entry) || manifest.isUnsound(path) || entry['enabled'] === false) return undefined
  const own = (entry['policy'] ?? {}) as JsonObject
  if (tellPolicy(manifest, own, draft.effect, givenSchema(manifest, draft.input, path), path)) return undefined
  const tests = buildTests(manifest, entry, { input: givenSchema(manifest, draft.input, path), hasOutput: draft.output !== undefined }, path)
  if (tests === undefined) return undefined
  const { policy: _policy, enabled: _enabled, tests: _tests, annotations, ...words } = entry
  const adjusted = { ...draft, ...words, annotations: { ...draft.annotations, ...(annotations as ToolAnnotations | undefined) } } as ToolDraft
  return finish(manifest, adjusted, { own: [draft.policy ?? {}, own], path: isAdjusted ? path : ['connector'], written: entry, tests })
}

/** A standard tool's name is given, so a connector's that leaves no room for it must be shorter. */
function tellStandardName({ name, tell }: Manifest, local: string): boolean {
  const fault = localNameFault(name, local, 'a tool', ['connector'], 'value')
  if (fault) tell({ ...fault, hint: `shorten "${name}" by ${name.length + 1 + local.length - longestName}` })
  return fault !== undefined
}

/** What a draft is finished with. */
export interface Finishing {
  /** Policies of its own, over those of every layer. */
  readonly own: readonly JsonObject[]
  readonly path: Path
  readonly written: Json | undefined
  readonly tests: readonly ToolTest[]
}

/** The whole of a tool: names, role, annotations, and the policies of every layer under its own. */
export function finish(manifest: Manifest, draft: ToolDraft, { own, path, written, tests }: Finishing): ToolSpec {
  const { name: local, title, summary, description, effect, input, output, operation, aliases = [], deprecated, role, annotations, meta } = draft
  const policy = layPolicies(effect, [...manifest.layers, ...own], manifest.lifetimes)
  const { result } = policy
  const digest = digestOf([
    manifest.kind.kind,
    manifest.name,
    local,
    manifest.configDigest,
    withoutTests(written),
    effect,
    input,
    output ?? null,
    operation,
    result,
  ])
  return {
    name: `${manifest.name}_${local}`,
    local,
    connector: manifest.name,
    ...(title !== undefined && { title }),
    summary,
    ...(description !== undefined && { description }),
    input,
    ...(output !== undefined && { output }),
    effect,
    role: role ?? roleOfEffect[effect],
    operation,
    policy,
    aliases,
    ...(deprecated !== undefined && { deprecated }),
    annotations: { ...annotationsOf(effect, policy.idempotencyKey !== undefined), ...(title !== undefined && { title }), ...annotations },
    ...(meta && { meta }),
    tests,
    digest,
    place: manifest.source.place(path),
  }
}

/** What an effect says in MCP's words. */
export function annotationsOf(effect: Effect, isKeyed: boolean): ToolAnnotations {
  return { readOnlyHint: effect === 'read', destructiveHint: effect === 'destroy', idempotentHint: effect === 'read' || isKeyed }
}
