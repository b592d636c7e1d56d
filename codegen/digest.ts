import { hash } from 'node:crypto'
import { isObject, type Json } from '../runtime/contract/json.ts'
import type { ConnectorSpec, Plan } from '../runtime/contract/manifest.ts'
import type { ToolSpec } from '../runtime/contract/tool.ts'
import { languages, type Language } from './emitter.ts'

/** Files by path, each with the SHA-256 of its text. */
export type Hashes = Readonly<Record<string, string>>

/** What one connector gave. */
export interface ConnectorRecord {
  /** `codeDigest`: what code of it depends on, the same in every environment. */
  readonly code: string
  /** Of everything its manifest says. */
  readonly manifest: string
  readonly files: Hashes
}

/** What was generated, and from what: the content of digest.json. */
export interface GenerationRecord {
  readonly generator: string
  readonly languages: readonly Language[]
  readonly templates: string
  /** Of what hub.config.yaml says of endpoints. */
  readonly hub: string
  readonly connectors: Readonly<Record<string, ConnectorRecord>>
  /** Files over all connectors. */
  readonly files: Hashes
}

/** Where the record lies, among the files it tells of. */
export const recordPath = 'digest.json'

/** What a record is made by: generated files of another version count as changed. */
export const generatorOf = (version: string): string => `mcp-integration-hub ${version}`

/** SHA-256 of a text, in hex. */
export const hashOf = (text: string): string => hash('sha256', text)

/** Of everything one manifest says, as it is compiled without an environment. Values of secrets are not in it. */
export function manifestDigest(connector: ConnectorSpec): string {
  const { name, kind, summary, tier, start, config, tools, resources, prompts, fallback, definitions, place } = connector
  return hashOf(
    JSON.stringify([
      [name, kind, summary, tier, start, config, fallback, definitions, place.file],
      tools.map(sayings),
      resources.map((resource) => ({ ...resource, tool: sayings(resource.tool) })),
      prompts.map(({ place: _place, ...prompt }) => prompt),
    ]),
  )
}

// Lines move when something is written above, and tests are no part of what is served.
const sayings = ({ place: _place, digest: _digest, tests: _tests, ...tool }: ToolSpec): object => tool

/** Of what hub.config.yaml says, as far as generated files tell it. */
export const hubDigest = ({ hub, toolsets }: Plan): string =>
  hashOf(JSON.stringify([hub.name, hub.publicUrl, hub.auth.mode, toolsets.map(({ place: _place, ...toolset }) => toolset)]))

/** digest.json as text: sorted, one line a fact. */
export function recordText(record: GenerationRecord): string {
  const connectors = sorted(record.connectors, ({ code, manifest, files }) => ({ code, manifest, files: sorted(files, String) }))
  const { generator, templates, hub } = record
  return `${JSON.stringify({ generator, languages: record.languages, templates, hub, connectors, files: sorted(record.files, String) }, null, 2)}\n`
}

function sorted<Value, Kept>(values: Readonly<Record<string, Value>>, keep: (value: Value) => Kept): Record<string, Kept> {
  const entries = Object.entries(values).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, value]) => [key, keep(value)]))
}

/** A record from its text; undefined for anything that is none. Paths that lead out of the folder are left out, so that a forged record removes nothing elsewhere. */
export function readRecord(text: string | undefined): GenerationRecord | undefined {
  const value = parsed(text)
  if (!isObject(value) || typeof value['generator'] !== 'string' || typeof value['templates'] !== 'string' || typeof value['hub'] !== 'string') return undefined
  const { generator, templates, hub } = value
  const known = Array.isArray(value['languages']) ? languages.filter((one) => (value['languages'] as readonly Json[]).includes(one)) : []
  const connectors = Object.entries(isObject(value['connectors']) ? value['connectors'] : {}).flatMap(([name, one]) =>
    isObject(one) && typeof one['code'] === 'string' && typeof one['manifest'] === 'string'
      ? [[name, { code: one['code'], manifest: one['manifest'], files: hashes(one['files']) }] as const]
      : [],
  )
  return { generator, templates, hub, languages: known, connectors: Object.fromEntries(connectors), files: hashes(value['files']) }
}

function parsed(text: string | undefined): Json | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Json)
  } catch {
    return undefined
  }
}

const hashes = (value: Json | undefined): Hashes =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && isOutputPath(entry[0])),
  )

/** True for a path that stays in the folder it starts from, on every system. */
export const isOutputPath = (path: string): boolean => path.length < 300 && /^(?!\.)[\w.-]+(?:\/(?!\.)[\w.-]+)*$/.test(path)

/** Every file a record tells of, and the connector it is of. */
export function filesOf(record: GenerationRecord | undefined): ReadonlyMap<string, { readonly hash: string; readonly connector?: string }> {
  if (record === undefined) return new Map()
  const of = Object.entries(record.connectors).flatMap(([connector, { files }]) =>
    Object.entries(files).map(([path, hash]) => [path, { hash, connector }] as const),
  )
  return new Map([...Object.entries(record.files).map(([path, hash]) => [path, { hash }] as const), ...of])
}
