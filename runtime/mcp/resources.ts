import { HubError } from '../contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { CallRequest, Exchange, Outcome } from '../pipeline/call.ts'
import type { BoundResource, BoundTool, Upstream } from '../registry/types.ts'
import { actResult, finish, freshnessJson, inputRequired, rpcError, type Reader } from './answer.ts'
import type { Caller } from './caller.ts'
import { interact, type Interaction } from './interact.ts'
import { exposeContents, exposedUri, exposeMeta, ownUri } from './names.ts'
import { codes, hubMeta, RpcError } from './protocol.ts'
import type { Services } from './services.ts'
import { listOf, sortedBy, takes } from './upstreams.ts'

/** Answers `resources/list`: declared resources without holes, and every upstream's. */
export async function listResources(services: Services, caller: Caller, reader: Reader): Promise<string> {
  const declared = caller.view.resources.filter(({ spec }) => !spec.template).map((resource) => definitionOf(resource, 'uri'))
  const lists = await Promise.all(
    caller.view.upstreams.map(async (upstream) =>
      exposeAll(await listOf(upstream, (extras) => extras.resources(caller.principal), 'resources', services.log), upstream, 'uri', caller),
    ),
  )
  return finish({ resources: sortedBy([...declared, ...lists.flat()], 'uri') }, reader, true)
}

/** Answers `resources/templates/list`. */
export async function listTemplates(services: Services, caller: Caller, reader: Reader): Promise<string> {
  const declared = caller.view.resources.filter(({ spec }) => spec.template).map((resource) => definitionOf(resource, 'uriTemplate'))
  const lists = await Promise.all(
    caller.view.upstreams.map(async (upstream) =>
      exposeAll(await listOf(upstream, (extras) => extras.templates(), 'resourceTemplates', services.log), upstream, 'uriTemplate', caller),
    ),
  )
  return finish({ resourceTemplates: sortedBy([...declared, ...lists.flat()], 'uriTemplate') }, reader, true)
}

function definitionOf({ spec }: BoundResource, address: 'uri' | 'uriTemplate'): JsonObject {
  const { title, summary, local, connector } = spec.tool
  return {
    [address]: spec.uri,
    name: local === '' ? connector : local,
    ...(title === undefined ? {} : { title }),
    description: summary,
    mimeType: spec.mimeType,
  }
}

function exposeAll(definitions: readonly JsonObject[], { connector }: Upstream, address: 'uri' | 'uriTemplate', caller: Caller): readonly JsonObject[] {
  if (!caller.endpoint.prefixed) return definitions
  const { name } = connector.spec
  return definitions
    .map((definition): JsonObject => ({
      ...definition,
      [address]: exposedUri(name, String(definition[address])),
      ...(definition['_meta'] === undefined ? {} : { _meta: exposeMeta(definition['_meta'], name) as Json }),
    }))
    .filter((definition) => takes(caller, 'resources', definition[address] as string))
}

/** The upstream an address belongs to, and its own form of it. */
export function findUpstream(uri: string, caller: Caller): { readonly upstream: Upstream; readonly uri: string } | undefined {
  const { upstreams, endpoint } = caller.view
  if (!endpoint.prefixed) return upstreams[0] && { upstream: upstreams[0], uri }
  const own = ownUri(uri)
  const upstream = own && upstreams.find(({ connector }) => connector.spec.name === own.connector)
  return own && upstream && takes(caller, 'resources', uri) ? { upstream, uri: own.uri } : undefined
}

/** Answers `resources/read`. */
export async function readResource(services: Services, params: JsonObject, caller: Caller, reader: Reader): Promise<string> {
  const { uri } = params
  if (typeof uri !== 'string') throw new RpcError(codes.invalidParams, 'Invalid params: resources/read needs the uri of a resource, a string')
  for (const resource of caller.view.resources) {
    const args = resource.match(uri)
    if (args !== undefined) return readDeclared(services, resource, args, uri, params, caller, reader)
  }
  const found = findUpstream(uri, caller)
  if (!found) throw notFound(uri)
  const interaction = await walk(services, found.upstream.readResource, { uri: found.uri }, uri, params, caller)
  if ('requests' in interaction) return inputRequired(interaction.requests, interaction.state, reader)
  if (interaction.outcome.error?.code === 'HUB_RESOURCE_UNKNOWN') throw notFound(uri)
  const result = actResult(interaction.outcome)
  const { contents } = result
  if (!reader.prefixed || !Array.isArray(contents)) return finish(result, reader, true)
  const { name } = found.upstream.connector.spec
  return finish({ ...result, contents: contents.map((element: Json) => (isObject(element) ? exposeContents(element, name) : element)) }, reader, true)
}

async function readDeclared(
  services: Services,
  resource: BoundResource,
  args: JsonObject,
  uri: string,
  params: JsonObject,
  caller: Caller,
  reader: Reader,
): Promise<string> {
  const interaction = await walk(services, resource.tool, args, uri, params, caller)
  if ('requests' in interaction) return inputRequired(interaction.requests, interaction.state, reader)
  const { outcome } = interaction
  if (outcome.error) throw rpcError(outcome.error, outcome.callId)
  const contents = [{ uri, mimeType: resource.spec.mimeType, text: textOf(outcome) }]
  const { freshness } = outcome
  const meta: JsonObject =
    freshness === undefined ? {} : { _meta: { [hubMeta.freshness]: JSON.parse(freshnessJson(freshness, outcome.callId, services.now())) as Json } }
  return finish({ contents, ...meta }, reader, true)
}

function walk(services: Services, tool: BoundTool, args: JsonObject, uri: string, params: JsonObject, caller: Caller): Promise<Interaction> {
  const { registry, view, principal, trace, capabilities, endpoint } = caller
  return interact(
    services,
    caller,
    `${endpoint.key} resources/read ${uri}`,
    params,
    (exchange: Exchange, signal: AbortSignal, resumed: CallRequest['resumed']) =>
      services.drive({ registry, view, tool, args, principal, signal, trace, capabilities, exchange, ...(resumed === undefined ? {} : { resumed }) }),
  )
}

function textOf({ polished }: Outcome): string {
  const answer = polished?.answer
  if (answer?.type === 'data') return typeof answer.data === 'string' ? answer.data : (polished?.json ?? JSON.stringify(answer.data))
  if (answer?.type === 'content') return answer.content.map(({ text }) => (typeof text === 'string' ? text : '')).join('\n')
  return ''
}

/** The error of an address nobody here has, as both eras tell it. */
export const notFound = (uri: string): RpcError => rpcError(new HubError('HUB_RESOURCE_UNKNOWN', 'no resource of that address here', { uri }))
