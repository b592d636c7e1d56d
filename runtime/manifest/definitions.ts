import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { Definitions } from '../contract/kind.ts'
import type { Problem } from '../contract/place.ts'
import { definitionBytes, readText } from './read.ts'
import { parseSource, type Source } from './source.ts'

/** `<manifest>.tools.json` as it was read. */
export interface Pinned {
  readonly path: string
  readonly definitions?: Definitions
  readonly problems: readonly Problem[]
  /** Positions in `definitions.tools`, by name. */
  readonly byName: ReadonlyMap<string, number>
  /** The file's places; worked out when a problem needs them. */
  source(): Source
}

const deepest = 100

/** `connectors/redis.yaml` has its definitions in `connectors/redis.tools.json`. */
export const definitionsPath = (manifest: string): string => `${manifest.replace(/\.ya?ml$/, '')}.tools.json`

/** Reads the pinned definitions beside a manifest; undefined when there are none. */
export async function readDefinitions(path: string, file: string): Promise<Pinned | undefined> {
  const { text, finding, absent } = await readText(path, definitionBytes)
  if (text === undefined && absent) return undefined
  let source: Source | undefined
  const places = (): Source => (source ??= parseSource(file, path, text ?? ''))
  if (text === undefined) return { path, problems: finding ? [places().problem(finding)] : [], byName: new Map(), source: places }
  const value = parsed(text)
  if (value === undefined) return { path, problems: [syntaxProblem(places())], byName: new Map(), source: places }
  const definitions = shaped(value)
  if (definitions === undefined) {
    const message = 'pinned definitions are a map with server, capabilities and a list of tools, each with a name'
    return {
      path,
      problems: [places().problem({ code: 'HUB_CONFIG_TYPE', message, hint: 'write it anew: hub import mcp', path: [] })],
      byName: new Map(),
      source: places,
    }
  }
  return { path, definitions, problems: [], byName: new Map(definitions.tools.map((tool, index) => [String(tool['name']), index])), source: places }
}

function parsed(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json
    return depth(value) > deepest ? undefined : value
  } catch {
    return undefined
  }
}

function depth(value: Json, level = 0): number {
  if (value === null || typeof value !== 'object' || level > deepest) return level
  return Object.values(value).reduce((most: number, inner: Json) => Math.max(most, depth(inner, level + 1)), level)
}

function syntaxProblem(source: Source): Problem {
  const [first] = source.problems
  const message = 'the file is not JSON the hub can read'
  return first ?? source.problem({ code: 'HUB_CONFIG_SYNTAX', message, hint: 'write it anew: hub import mcp', path: [] })
}

function shaped(value: Json): Definitions | undefined {
  if (!isObject(value)) return undefined
  const { server = {}, instructions, capabilities = {}, tools = [], prompts = [], resources = [], resourceTemplates = [] } = value
  const lists = [tools, prompts, resources, resourceTemplates]
  if (!isObject(server) || !isObject(capabilities) || !lists.every((list) => Array.isArray(list) && list.every(isObject))) return undefined
  if (!(tools as JsonObject[]).every((tool) => typeof tool['name'] === 'string')) return undefined
  const [pinnedTools, pinnedPrompts, pinnedResources, pinnedTemplates] = lists as [JsonObject[], JsonObject[], JsonObject[], JsonObject[]]
  return {
    server,
    ...(typeof instructions === 'string' && { instructions }),
    capabilities,
    tools: pinnedTools,
    prompts: pinnedPrompts,
    resources: pinnedResources,
    resourceTemplates: pinnedTemplates,
  }
}
