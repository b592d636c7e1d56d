import { isObject, type Json, type JsonObject, type JsonSchema } from '../contract/json.ts'
import type { BoundTool, View } from '../registry/types.ts'
import { inputRequired, toolResult, type Reader } from './answer.ts'
import type { Caller } from './caller.ts'
import { findHeaderParameters, type HeaderParameter } from './headers.ts'
import { interact, type Interaction } from './interact.ts'
import { exposeMeta } from './names.ts'
import { codes, RpcError, type Era } from './protocol.ts'
import type { Services } from './services.ts'

/** The tool a `tools/call` names, in this view; throws -32602 with names that are close. */
export function findTool(params: JsonObject, view: View): BoundTool {
  const { name } = params
  if (typeof name !== 'string') throw new RpcError(codes.invalidParams, 'Invalid params: tools/call needs the name of a tool, a string')
  const tool = view.find(name)
  if (tool) return tool
  const suggestions = view.suggest(name)
  const way = suggestions.length === 0 ? 'list the tools to see what there is' : `did you mean ${suggestions.map((close) => `"${close}"`).join(', ')}?`
  throw new RpcError(codes.invalidParams, `HUB_TOOL_UNKNOWN: no tool "${name.slice(0, 128)}" here; ${way}`, { code: 'HUB_TOOL_UNKNOWN', suggestions })
}

/** Answers `tools/call` with the text of its result. Throws an RpcError for what is not told in a result. */
export function callTool(services: Services, params: JsonObject, caller: Caller, reader: Reader): Promise<string> {
  const tool = findTool(params, caller.view)
  const args = params['arguments'] ?? {}
  if (!isObject(args)) throw new RpcError(codes.invalidParams, 'Invalid params: the arguments of tools/call must be an object')
  const { registry, view, principal, trace, capabilities, endpoint } = caller
  return interact(services, caller, `${endpoint.key} tools/call ${tool.spec.name}`, params, (exchange, signal, resumed) =>
    services.drive({ registry, view, tool, args, principal, signal, trace, capabilities, exchange, ...(resumed === undefined ? {} : { resumed }) }),
  ).then((interaction) => tellTool(services, interaction, reader))
}

function tellTool(services: Services, interaction: Interaction, reader: Reader): string {
  if ('requests' in interaction) return inputRequired(interaction.requests, interaction.state, reader)
  return toolResult(interaction.outcome, reader, services.now())
}

const parameters = new WeakMap<BoundTool, readonly HeaderParameter[]>()

/** The arguments of a tool that modern callers repeat in headers. */
export function headerParametersOf(tool: BoundTool): readonly HeaderParameter[] {
  let found = parameters.get(tool)
  if (!found) {
    found = findHeaderParameters(tool.spec.input)
    parameters.set(tool, found)
  }
  return found
}

interface ServedLists {
  legacy?: Buffer
  modern?: Buffer
}

const served = new WeakMap<View, ServedLists>()

/** The result of `tools/list` and the brace that ends the message, as bytes made once per view and era. */
export function toolsListBytes(view: View, reader: Reader): Buffer {
  let lists = served.get(view)
  if (!lists) {
    lists = {}
    served.set(view, lists)
  }
  return (lists[reader.era] ??= Buffer.from(`${toolsList(view, reader)}}`))
}

/** The text of the result of `tools/list`: whole, by exposed name. */
export function toolsList(view: View, reader: Reader): string {
  const tools = JSON.stringify(view.tools.map(({ name, tool }) => definitionOf(name, tool, reader)))
  if (reader.era === 'legacy') return `{"tools":${tools}}`
  return `{"tools":${tools},"resultType":"complete","ttlMs":0,"cacheScope":"private","_meta":{${reader.serverMember}}}`
}

function definitionOf(name: string, { spec }: BoundTool, { era, prefixed }: Reader): JsonObject {
  const { title, annotations, meta } = spec
  const served = isObject(meta) ? meta : {}
  const inner = prefixed ? exposeMeta(served['_meta'], spec.connector) : served['_meta']
  return {
    name,
    ...(title === undefined ? {} : { title }),
    description: describe(spec),
    inputSchema: inputSchemaOf(spec.input),
    ...(spec.output === undefined ? {} : { outputSchema: outputSchemaOf(spec.output, era) }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: annotations as JsonObject }),
    ...(served['icons'] === undefined ? {} : { icons: served['icons'] }),
    ...(inner === undefined ? {} : { _meta: inner }),
  }
}

function describe({ summary, description, deprecated }: BoundTool['spec']): string {
  const whole = description === undefined || description === summary ? summary : `${summary}\n\n${description}`
  return deprecated === undefined ? whole : `${whole}\n\nDeprecated: ${deprecated}`
}

// Clients insist on an object schema with its type said.
function inputSchemaOf(schema: JsonSchema): JsonObject {
  if (!isObject(schema)) return { type: 'object' }
  return schema['type'] === 'object' ? schema : { ...schema, type: 'object' }
}

function outputSchemaOf(schema: JsonSchema, era: Era): Json {
  if (!isObject(schema)) return era === 'modern' ? {} : { type: 'object', properties: { result: {} }, required: ['result'] }
  if (era === 'modern' || schema['type'] === 'object') return schema
  const { $schema, ...natural } = schema
  return { ...($schema === undefined ? {} : { $schema }), type: 'object', properties: { result: moved(natural, false) }, required: ['result'] }
}

const nameMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const values = new Set(['const', 'enum', 'default', 'examples'])

/** A schema one level deeper: references to its own root are moved along; an inner `$id` starts a root of its own. */
function moved(schema: Json, isNameMap: boolean): Json {
  if (Array.isArray(schema)) return schema.map((inner: Json) => moved(inner, false))
  if (!isObject(schema) || (!isNameMap && typeof schema['$id'] === 'string' && !schema['$id'].startsWith('#'))) return schema
  return Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, movedMember(key, inner, isNameMap)]))
}

function movedMember(key: string, inner: Json, isNameMap: boolean): Json {
  if (isNameMap) return moved(inner, false)
  if ((key === '$ref' || key === '$dynamicRef') && typeof inner === 'string' && (inner === '#' || inner.startsWith('#/')))
    return `#/properties/result${inner.slice(1)}`
  return values.has(key) ? inner : moved(inner, nameMaps.has(key))
}
